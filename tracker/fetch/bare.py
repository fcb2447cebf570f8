"""httpx without what it looks for in vain: a command line of its own, which would load all that draws on terminals, at
every start; and, several times a request, a package that tells kinds of event loops apart."""

import sys
from importlib.util import find_spec

sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] - as where its command line is not installed
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment] - known to be missing, not sought on every path again

import httpx  # noqa: E402

__all__ = ["httpx"]
