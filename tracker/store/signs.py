"""Scripts that are written without spaces between words, as full-text search has to see them."""

from __future__ import annotations

import json
import re
from functools import cache

# Chinese, Japanese, Korean, Thai, Lao, Burmese, Khmer: written without spaces, or with them only between phrases.
SIGNS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003134f"
)


@cache
def _sign() -> re.Pattern[str]:
    return re.compile(f"([{SIGNS}])")  # where it is needed: it takes longer than to open an archive


def spread(text: str) -> str:
    """A text as it is indexed: a space on either side of every sign of a script without spaces.

    >>> spread("AI训练")
    'AI 训  练 '
    """
    return text if text.isascii() else _sign().sub(r" \1 ", text)


def indexed(text: str, heading: str, lead_in: str) -> tuple[str, str]:
    """What is indexed of a clause as its row has it: its words, and those around it."""
    around = " ".join([*json.loads(heading), lead_in])
    return _storable(spread(text)), _storable(spread(around))


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
