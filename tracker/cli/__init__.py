"""The command line: a thin translation of the Python interface."""

from tracker.cli.root import cli, main

__all__ = ["cli", "main"]
