"""Two texts, clause by clause, and word by word inside a reworded clause."""

from tracker.compare.comparison import REWRITTEN, Past, compare, rebuild, summarise

__all__ = ["REWRITTEN", "Past", "compare", "rebuild", "summarise"]
