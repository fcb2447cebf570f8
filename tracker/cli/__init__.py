"""The command line: a thin translation of the Python interface."""

from tracker.cli import (  # noqa: F401 - each brings its commands
    alerting,
    exchange,
    finding,
    judging,
    keeping,
    looking,
    past,
    publishing,
    reading,
    watching,
)
from tracker.cli.root import cli, main

__all__ = ["cli", "main"]
