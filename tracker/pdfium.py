"""The C library that opens PDF files, in a process of its own with bounded memory and time.

A file that makes it crash, hang or swell costs that process and nothing else. Run as a program it reads a PDF file
from standard input and writes its printed lines as JSON.
"""

from __future__ import annotations

import ctypes
import json
import re
import resource
import subprocess
import sys
from typing import Any

MOST_PAGES = 400
MOST_CHARACTERS = 3_000_000
MEMORY = 1 << 30  # bytes
SECONDS = 20  # of CPU: the longest real policies take one or two


def printed_lines(body: bytes) -> dict[str, Any]:
    """What a PDF file prints: {"title", "pages", "lines": [[text, size, bold, page], …], "signals"}.

    Never raises: signals are "binary" (no PDF after all), "locked", "too-large", or "unreadable" where the library
    crashed or met its bounds.
    """
    program = [sys.executable, "-m", "tracker.pdfium"]
    done = subprocess.run(program, input=body, capture_output=True, check=False)
    try:
        return json.loads(done.stdout) if done.returncode == 0 else _nothing("empty", "unreadable")
    except ValueError:
        return _nothing("empty", "unreadable")


def _nothing(*signals: str) -> dict[str, Any]:
    return {"title": "", "pages": 0, "lines": [], "signals": list(signals)}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.write(json.dumps(_opened(sys.stdin.buffer.read())))


def _opened(body: bytes) -> dict[str, Any]:
    import pypdfium2

    try:
        file = pypdfium2.PdfDocument(body)
    except (pypdfium2.PdfiumError, ValueError, OSError) as error:
        return _nothing("locked" if "password" in str(error).lower() else "binary")
    try:
        title = str(file.get_metadata_dict().get("Title") or "")
        lines, signals = _lines(file)
        return {"title": title[:300], "pages": len(file), "lines": lines, "signals": signals}
    except (pypdfium2.PdfiumError, ValueError, OSError):
        return _nothing("binary")
    finally:
        file.close()


def _lines(file: Any) -> tuple[list[list[Any]], list[str]]:
    lines: list[list[Any]] = []
    size = 0
    for number in range(min(len(file), MOST_PAGES)):
        page = file[number]
        text = page.get_textpage()
        fresh = _lines_of(text, number)
        text.close()
        page.close()
        size += sum(len(line[0]) for line in fresh)
        lines += fresh
        if size > MOST_CHARACTERS:
            return lines, ["too-large"]
    return lines, ["too-large"] if len(file) > MOST_PAGES else []


def _lines_of(page: Any, number: int) -> list[list[Any]]:
    import pypdfium2.raw as pdfium

    raw = page.get_text_range()[:MOST_CHARACTERS]
    lines: list[list[Any]] = []
    position = 0
    for piece in re.split(r"(\r\n|\r|\n)", raw):
        if piece.strip():
            middle = position + len(piece) // 2
            size = round(pdfium.FPDFText_GetFontSize(page, middle), 1)
            lines.append([piece, size, _is_bold(pdfium, page, middle), number])
        position += len(piece)
    return lines


def _is_bold(pdfium: Any, page: Any, index: int) -> bool:
    if pdfium.FPDFText_GetFontWeight(page, index) >= 600:
        return True
    flags = ctypes.c_int()
    length = pdfium.FPDFText_GetFontInfo(page, index, None, 0, flags)
    if not 0 < length < 200:
        return False
    name = ctypes.create_string_buffer(length)
    pdfium.FPDFText_GetFontInfo(page, index, name, length, flags)
    return b"bold" in name.value.lower()


if __name__ == "__main__":
    main()
