"""The command line: a thin translation of the Python interface."""

from tracker.cli.commands import cli, main

__all__ = ["cli", "main"]
