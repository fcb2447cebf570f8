"""What the archive can prove, and to whom: sealing its log, verifying all of it, handing out evidence, removals."""
