"""Reading pages: from bytes to the legal text, the whole of it and nothing else; and is it the document at all?

`skim` tells, for next to nothing, that a page must read as it did before. What reads is opened when it is asked for: a
round of checks without news reads nothing.
"""

from importlib import import_module

_HOMES = {
    "Proposal": "proposal",
    "assess": "quality",
    "decode": "decode",
    "join": "reading",
    "propose": "proposal",
    "read": "reading",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"tracker.extract.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
