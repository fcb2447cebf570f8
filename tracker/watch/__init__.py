"""Keeping a watch: `due` says when to look, `watch` looks, `heart` shows that it lives, `events` what it says."""

from tracker.watch.watch import Watch

__all__ = ["Watch"]
