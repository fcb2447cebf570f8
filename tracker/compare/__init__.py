"""Two texts, clause by clause, and word by word inside a reworded clause."""

from tracker.compare.comparison import REWRITTEN, Past, compare, rebuild
from tracker.compare.summary import summarise

__all__ = ["REWRITTEN", "Past", "compare", "rebuild", "summarise"]
