"""What a piece of Markdown says, and the hashes by which clauses and texts are told apart: read once and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from tracker.model import Clause
from tracker.text import wording
from tracker.text.wording import REMEMBERED, label, read, substance


def clause_key(text: str) -> str:
    """The key of a clause by the plain text without its numbering: 16 hexadecimal digits, equal for equal substance."""
    return _key_again(text) if len(text) <= REMEMBERED else _key_once(text)


def _key_once(text: str) -> str:
    return hashlib.blake2b(substance(text).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


_key_again = lru_cache(maxsize=32768)(_key_once)


def identity(clause: Clause, language: str | None) -> bytes:
    """What a clause is judged by, as a hash: its words, its place under headings, its lead-in and its language."""
    parts = clause.kind, clause.text, "\x1e".join(clause.heading), clause.lead_in, language or ""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).digest()


def substance_hash(clauses: Iterable[Clause]) -> str:
    """The hash of a whole text's substance: SHA-256 over the keys of its clauses in order, 64 hexadecimal digits.

    Two texts with the same hash differ in form at most, so the later one is no new version.
    """
    return hashlib.sha256("\n".join([clause.key for clause in clauses]).encode()).hexdigest()


def read_piece(markdown: str) -> tuple[str, str, tuple[str, ...]]:
    """Text, label and link targets of a piece of Markdown: neighbours in time share nearly all pieces."""
    return _read_again(markdown) if len(markdown) <= REMEMBERED else _read_once(markdown)


def _read_once(markdown: str) -> tuple[str, str, tuple[str, ...]]:
    whole, links = read(markdown)
    numbering, text = label(whole)
    return text, numbering, links


_read_again = lru_cache(maxsize=32768)(_read_once)


def words_of(markdown: str) -> str:
    """The words of a piece of Markdown, without numbering."""
    return read_piece(markdown)[0]


def forget() -> None:
    """Forget what was read."""
    wording.forget()
    _read_again.cache_clear()
    _key_again.cache_clear()
