"""The static site: every page with its JSON twin, links that work from any folder, only changed files written."""

from tracker.site.build import build
from tracker.site.folder import MARKER, Built
from tracker.site.look import serve

__all__ = ["MARKER", "Built", "build", "serve"]
