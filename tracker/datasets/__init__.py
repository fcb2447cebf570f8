"""Datasets: the archive as others read it. `tables` says what stands in which column, `package` writes the formats of
researchers with their description; `ota` writes a git history, `warc` the captures as web archives do."""
