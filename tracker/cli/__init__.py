"""The command line: a thin translation of the Python interface."""

from tracker.cli import finding, judging, keeping, looking, publishing, reading, watching  # noqa: F401 - each brings its commands
from tracker.cli.root import cli, main

__all__ = ["cli", "main"]
