"""Declarations: where a document is, and how to read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of a page from the first match of one CSS selector to the first match of another."""

    start: str
    end: str
    after_start: bool  # True: begin after the start element; False: before it
    after_end: bool  # True: end after the end element; False: before it


Selector = str | Range


@dataclass(frozen=True, slots=True)
class Source:
    """One address that a document's text comes from, with the parts of the page to keep and to drop.

    `drop_parameters` are query parameters to cut from link targets (OTA's `removeQueryParams`); `unsupported` names
    filters that only run in JavaScript and that we therefore do not run.
    """

    url: str
    select: tuple[Selector, ...] = ()
    remove: tuple[Selector, ...] = ()
    needs_browser: bool = False
    drop_parameters: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PriorVersion:
    """A former text that the publisher hosts itself, with the date that the publisher states for it."""

    url: str
    stated: date | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One legal text of a platform; `id` is "platform-slug/terms-type-slug"."""

    id: str
    platform: str
    terms_type: str

    @property
    def platform_id(self) -> str:
        return self.id.partition("/")[0]

    @property
    def title(self) -> str:
        return f"{self.platform} {self.terms_type}"


@dataclass(frozen=True, slots=True)
class Declaration:
    """How to find and read a document, over all the time that it is known: the present sources and former ones."""

    document: Document
    sources: tuple[Source, ...]
    former: tuple[tuple[datetime, tuple[Source, ...]], ...] = ()  # (valid until, sources), oldest first
    published: tuple[PriorVersion, ...] = ()
    language: str | None = None  # where the declaration says it; else it is found on the page
    category: str = ""
    every: float | None = None  # hours between two checks, where the declaration says it
    path: str = ""  # the file that it was read from

    def sources_at(self, moment: datetime) -> tuple[Source, ...]:
        """The sources in force at a moment: those of the first former declaration still valid, else the present."""
        return next((sources for until, sources in self.former if moment <= until), self.sources)
