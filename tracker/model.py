"""The values that travel between the rooms: frozen, plain, without behaviour that needs the world.

Times are aware `datetime`s in UTC. Hashes are lower-case hexadecimal SHA-256. Texts are `str`.
The words are those of README.md, section "Words": platform, document, declaration, check, capture, version,
clause, change, clause change, rule, flag, stance, window.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Protocol


def slug(name: str) -> str:
    """The identifier of a name: accents dropped, lower case, every run of other characters one hyphen.

    >>> slug("Mon Espace Santé")
    'mon-espace-sante'
    """
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(char for char in plain if not unicodedata.combining(char)).casefold()
    return re.sub(r"[\W_]+", "-", plain).strip("-")


def stamp(moment: datetime) -> str:
    """A moment as text: RFC 3339 in UTC, to the second, sortable."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def end_of(text: str) -> datetime:
    """The last second of the year, month, day, hour or minute that a text names, in UTC. Raises ValueError.

    >>> stamp(end_of("2024-02"))
    '2024-02-29T23:59:59Z'
    """
    parts = [int(part) for part in re.split(r"[-T: ]", text.strip().removesuffix("Z"))]
    if len(parts) >= 6:
        return moment(text)
    year, month, day, hour, minute = (*parts, *(None,) * 5)[:5]
    if month is None:
        return datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    if day is None:
        return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC) - timedelta(seconds=1)
    return datetime(year, month, day, 23 if hour is None else hour, 59 if minute is None else minute, 59, tzinfo=UTC)


def moment(text: str) -> datetime:
    """The moment that a stamp, or any ISO 8601 text, names; without an offset it is UTC. Raises ValueError."""
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


# ---- declarations: where a document is, and how to read it -------------------------------------------------------


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
    path: str = ""  # the file that it was read from

    def sources_at(self, moment: datetime) -> tuple[Source, ...]:
        """The sources in force at a moment: those of the first former declaration still valid, else the present."""
        return next((sources for until, sources in self.former if moment <= until), self.sources)


# ---- checks and captures: the truth ------------------------------------------------------------------------------


class Outcome(StrEnum):
    """What came of a check. Only `unchanged` and `captured` say that the document was seen."""

    UNCHANGED = "unchanged"  # 304, or the same bytes as before
    CAPTURED = "captured"  # new bytes were kept, and they hold the document
    SUSPECT = "suspect"  # new bytes were kept; whether they are the document, the next check decides
    BLOCKED = "blocked"  # a wall, an error page or something that is not the document
    FAILED = "failed"  # nothing came


@dataclass(frozen=True, slots=True)
class Response:
    """What one request brought: the whole body, decoded from its transfer coding, and where it really came from."""

    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime
    elapsed_ms: int = 0
    wire_bytes: int = 0
    redirects: tuple[tuple[int, str], ...] = ()  # (status, the address that answered it), in order
    address: str = ""  # the IP address that was dialled
    certificate: str = ""  # SHA-256 of the TLS certificate of the host, where there was one

    def header(self, name: str) -> str:
        """The last value of a header, "" where it is missing."""
        return next((value for key, value in reversed(self.headers) if key.lower() == name.lower()), "")

    @property
    def not_modified(self) -> bool:
        return self.status == 304


@dataclass(frozen=True, slots=True)
class Capture:
    """The raw bytes that a check brought, or that an archive gave, with all that proves where they came from."""

    id: int
    document: str
    source: str  # live, wayback, published, ota, warc
    at: datetime  # the moment that the bytes show
    fetched_at: datetime  # when we received them
    url: str
    final_url: str
    status: int
    content_type: str
    sha256: str
    size: int
    headers: tuple[tuple[str, str], ...] = ()
    redirects: tuple[tuple[int, str], ...] = ()
    elapsed_ms: int = 0
    address: str = ""
    certificate: str = ""
    declaration: str = ""  # hash of the declaration in force
    tool: str = ""  # name and version of the program that fetched


@dataclass(frozen=True, slots=True)
class Check:
    """One attempt to look, whatever came of it."""

    id: int
    document: str
    at: datetime
    outcome: Outcome
    reason: str = ""  # a short code: "http-403", "bot-wall", "selector-empty", …
    message: str = ""  # a sentence for people
    source: str = "live"
    captures: tuple[int, ...] = ()  # the captures in view, one for each source of the document
    elapsed_ms: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Bytes to be read: what `extract.read` needs to know of a capture. `url` is the base of relative links."""

    url: str
    content_type: str
    body: bytes


# ---- texts -------------------------------------------------------------------------------------------------------


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
    def unread(cls, kind: str, raw: str, level: int, heading: tuple[str, ...], lead_in: str, source: Unread) -> Clause:
        """A clause whose text, key, label and links are read when they are first asked for: most clauses of a new
        version are never asked. `source.read` gives them by name."""
        clause = cls.__new__(cls)
        _PUT_KIND(clause, kind)
        _PUT_RAW(clause, raw)
        _PUT_LEVEL(clause, level)
        _PUT_HEADING(clause, heading)
        _PUT_LEAD_IN(clause, lead_in)
        _PUT_SOURCE(clause, source)
        return clause

    def __getattr__(self, name: str) -> object:
        """What is not read yet. Reading gives the same whenever it happens, so the clause stays what it is."""
        if name not in ("text", "key", "label", "links"):
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

    @property
    def address(self) -> str:
        """The part of a page's address that names this version: stable under re-reading."""
        return self.at.strftime("%Y-%m-%d-%H%M%S")


# ---- comparison --------------------------------------------------------------------------------------------------


class Kind(StrEnum):
    """What happened to a clause between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    REWORDED = "reworded"
    MOVED = "moved"
    MOVED_REWORDED = "moved-reworded"
    SPLIT = "split"  # one paragraph broke into several
    MERGED = "merged"  # several became one
    REPEATED = "repeated"  # a clause that stood there already stands there once more
    RETURNED = "returned"  # it stood in an earlier version, was gone, and is back
    FORM = "form"  # only links, numbering, punctuation, case or emphasis
    REPLACED = "replaced"  # the whole document was swapped


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A clause before and after. `before` is empty for an added clause, `after` for a removed one; a split has
    several after, a merge several before.

    `words` are the pieces of the raw text in order, as (operation, text) with operation "=", "-" or "+": "=" and "-"
    joined give the raw text before, "=" and "+" the raw text after. `detail` says more in one word where it can:
    "links", "numbering", "punctuation", "case", "emphasis", "whitespace" for FORM.
    `until` is, for RETURNED, the index in the history given to `compare` of the last version that had it.
    """

    kind: Kind
    before: tuple[Clause, ...] = ()
    after: tuple[Clause, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    detail: str = ""
    similarity: float = 0.0
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts, clause by clause. Clauses that no change names are unchanged and in the same order on both sides."""

    before: tuple[Clause, ...]
    after: tuple[Clause, ...]
    changes: tuple[ClauseChange, ...]  # in reading order of the text after; removed ones where they stood
    unchanged: int = 0
    touched: float = 0.0  # share of the words of both texts in clauses added, removed, reworded or replaced, 0 to 1
    reverts_to: int | None = None  # index in the history given to `compare` of an earlier version with the same text

    @property
    def counts(self) -> dict[str, int]:
        """How many clause changes of each kind, kinds that do not occur left out."""
        found: dict[str, int] = {}
        for change in self.changes:
            found[change.kind.value] = found.get(change.kind.value, 0) + 1
        return found


# ---- rules, flags, stance ----------------------------------------------------------------------------------------


class Topic(StrEnum):
    """What an AI clause speaks of."""

    TRAINING = "training"
    THIRD_PARTY = "third-party"
    SCRAPING = "scraping"
    LIKENESS = "likeness"
    OUTPUT = "output"
    FEATURE = "feature"
    LABELLING = "labelling"
    AUTOMATED_DECISION = "automated-decision"
    AI_USE = "ai-use"


class Stance(StrEnum):
    """What a clause lets happen. Training and third parties: the first five; scraping: the last three."""

    PERMITS = "permits"
    OPT_OUT = "opt-out"
    OPT_IN = "opt-in"
    PROHIBITS = "prohibits"
    UNCLEAR = "unclear"
    FORBIDS = "forbids"
    ALLOWS = "allows"


@dataclass(frozen=True, slots=True)
class Flag:
    """A rule that holds for a clause, with the words that decided it.

    `quote` is a stretch of the clause's text; `spans` are the (start, end) positions in that text of the words that
    matched. `stance` is None for topics that have none.
    """

    rule: str
    topic: str
    stance: str | None
    quote: str
    spans: tuple[tuple[int, int], ...] = ()
    why: str = ""  # why it matters, one sentence out of the rule
    severity: int = 1  # 1 worth knowing, 2 important, 3 alarming


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a clause says on AI: judged once for each distinct clause and rule set."""

    mentions_ai: bool = False
    topics: tuple[str, ...] = ()
    stance: Mapping[str, str] = field(default_factory=dict)  # topic -> stance
    flags: tuple[Flag, ...] = ()
    possibly: tuple[str, ...] = ()  # euphemisms that may mean AI ("improve our services"), as quoted words
    traits: tuple[str, ...] = ()  # remarks that rules make: "retroactive", "perpetual", "object:content", …


@dataclass(frozen=True, slots=True)
class ChangeJudgement:
    """What a change means for AI.

    `ai_kind` is added, removed, strengthened, weakened, reworded, moved or None. `verdict` is one line in words for the
    top of the page ("Adds a right to train AI on uploaded content"). `before` and `after` hold, for each clause change
    in order, the judgements of its clauses before and after. `flagged` are the indexes of the clause changes that
    matter.
    """

    ai_change: bool
    ai_kind: str | None
    topics: tuple[str, ...] = ()
    stance_before: Mapping[str, str] = field(default_factory=dict)
    stance_after: Mapping[str, str] = field(default_factory=dict)
    verdict: str = ""
    flagged: tuple[int, ...] = ()
    before: tuple[tuple[Judgement, ...], ...] = ()
    after: tuple[tuple[Judgement, ...], ...] = ()
    silent_on: tuple[str, ...] = ()  # "opt-out" where training is permitted and no way out was found in the text


@dataclass(frozen=True, slots=True)
class Window:
    """When it happened, as far as we can honestly say: after `start` (None: never looked before) and by `end`."""

    start: datetime | None
    end: datetime


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A change as lists need it, without its clauses."""

    id: str  # "platform/document/YYYY-MM-DD-HHMMSS" of the version after
    document: Document
    at: datetime
    window: Window
    before: Version
    after: Version
    counts: Mapping[str, int]  # kind -> number of clause changes
    unchanged: int
    touched: float
    summary: str  # "2 clauses added; 3 reworded; 310 unchanged"
    verdict: str  # in words, "" where the change does not concern AI
    ai_change: bool
    ai_kind: str | None
    topics: tuple[str, ...]
    stance_before: Mapping[str, str]
    stance_after: Mapping[str, str]
    silent: bool  # wording changed under an unmoved date
    reverts_to: Version | None = None

    @property
    def substantive(self) -> bool:
        """Whether words changed: not only form, place or numbering."""
        return any(kind not in ("form", "moved", "split", "merged") for kind in self.counts)


@dataclass(frozen=True, slots=True)
class Change:
    """A version against the one before it, clause by clause."""

    record: ChangeRecord
    comparison: Comparison
    judgement: ChangeJudgement
