"""Fetching: `fetcher` asks politely, `gate` decides what may be dialled, `robots` reads what sites ask of machines."""

from tracker.fetch.fetcher import Fetcher
from tracker.fetch.gate import is_public
from tracker.fetch.robots import Robots

__all__ = ["Fetcher", "Robots", "is_public"]
