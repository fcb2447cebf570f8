"""Texts: what was read, its clauses, its versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

MARKDOWN = "markdown"  # the method of a text that another tool read: never compared with a page that we read


class Verdict(StrEnum):
    """Is this the document? Reading says so before anything becomes a version."""

    GOOD = "good"
    SUSPECT = "suspect"  # perhaps a real rewrite, perhaps a bad page: confirmed by a later check
    NOT_DOCUMENT = "not-document"  # a wall, an error page, an empty shell


@dataclass(frozen=True, slots=True)
class Reading:
    """The legal text found in a capture (or in the captures of several sources, joined).

    `text` is Markdown: headings, lists, tables, emphasis and link targets kept, one block a paragraph. It is what is
    hashed, compared and shown.
    """

    text: str
    title: str = ""
    language: str | None = None
    words: int = 0
    method: str = "main"  # "selectors", "main" (found by itself), "pdf" or "plain"
    confidence: float = 1.0
    warnings: tuple[str, ...] = ()  # sentences for people: "The selector … matched nothing; …"
    signals: tuple[str, ...] = ()  # codes that say that it may not be the document: "error-page", "shell", …


@dataclass(frozen=True, slots=True)
class Relative:
    """A link on a page that seems to lead to another legal text of its platform."""

    url: str
    text: str  # what the link says
    terms_type: str  # the kind of document, as far as its name tells


@dataclass(frozen=True, slots=True)
class Quality:
    """Whether a reading may become a version, and why not."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()  # codes, strongest first: "bot-wall", "collapse", "language", …
    message: str = ""  # a sentence for people


class Unread(Protocol):
    """Where a clause comes from, and so what it says."""

    def read(self, clause: Clause, name: str) -> Mapping[str, object]:
        """The attribute of that name, and those that come with it."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One heading, paragraph, list item, table row or code block of a text.

    The `raw` pieces of all clauses of a text, joined, give the text back to the last character. `text` is what a
    person reads: no Markdown marks, no link targets, no numbering, white space collapsed. `key` is a hash of the
    substance: the same under renumbering, moving, other quotes, dashes, emphasis or link targets.
    """

    kind: str  # "heading", "paragraph", "item", "row", "code"
    raw: str
    text: str
    key: str
    label: str = ""  # "1.2", "(a)", "-": form, not substance
    level: int = 0  # of a heading: 1 to 7; of a list item: its depth from 0
    heading: tuple[str, ...] = ()  # the headings that it stands under, outermost first
    lead_in: str = ""  # of a list item: the unfinished sentence that governs it ("You agree not to:")
    links: tuple[str, ...] = ()
    source: Unread | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def unread(cls, kind: str, raw: str, source: Unread) -> Clause:
        """A clause of which all else is read when it is first asked for: most clauses of a new version are never
        asked. `source.read` gives it by name."""
        clause = cls.__new__(cls)
        _PUT_KIND(clause, kind)
        _PUT_RAW(clause, raw)
        _PUT_SOURCE(clause, source)
        return clause

    def settle(self, level: int, heading: tuple[str, ...], lead_in: str) -> None:
        """What depends on the place of an unread clause, once that is known."""
        _PUT_LEVEL(self, level)
        _PUT_HEADING(self, heading)
        _PUT_LEAD_IN(self, lead_in)

    def __getattr__(self, name: str) -> object:
        """What is not read yet. Reading gives the same whenever it happens, so the clause stays what it is."""
        if name not in ("text", "key", "label", "links", "level", "heading", "lead_in"):
            raise AttributeError(name)
        for attribute, value in self.source.read(self, name).items():
            object.__setattr__(self, attribute, value)
        return getattr(self, name)

    def __reduce__(self) -> tuple[type, tuple]:
        return Clause, tuple(getattr(self, one.name) for one in fields(self) if one.init)


# A frozen clause is filled through its slots: a new version has many, and this is where their making takes time.
_PUT_KIND, _PUT_RAW, _PUT_LEVEL = Clause.kind.__set__, Clause.raw.__set__, Clause.level.__set__
_PUT_HEADING, _PUT_LEAD_IN, _PUT_SOURCE = Clause.heading.__set__, Clause.lead_in.__set__, Clause.source.__set__


@dataclass(frozen=True, slots=True)
class Version:
    """The legal text of a document as first seen at a check, where it differs from the version before."""

    id: int
    document: str
    at: datetime  # moment of the first check that showed it
    text_sha256: str
    substance_sha256: str  # hash of the clause keys in order: equal for texts that differ in form only
    words: int
    clauses: int
    title: str = ""
    language: str | None = None
    stated_date: date | None = None  # the date that the document states for itself
    effective_date: date | None = None  # the date from which it says that it applies
    method: str = ""
    confidence: float = 1.0
    warnings: tuple[str, ...] = ()
    check: int = 0
    captures: tuple[int, ...] = ()
    source: str = "live"  # who saw it first, as in Capture

    @property
    def address(self) -> str:
        """The part of a page's address that names this version: stable under re-reading."""
        return self.at.strftime("%Y-%m-%d-%H%M%S")
