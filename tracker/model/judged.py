"""Judgements: topics, stances and flags of clauses and of changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tracker.model.texts import Clause


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
class ClauseEffect:
    """What one clause change means for AI. `index` is that of the clause change; `before` and `after` are the clauses
    that it speaks of: those of the clause change, or one whose words stayed while the heading or list over it changed
    what it lets happen; `before_said` and `after_said` are their judgements, one each. `kind` is added, removed,
    strengthened, weakened or reworded; `verdict` is one line in words.
    """

    index: int
    kind: str
    verdict: str
    before: tuple[Clause, ...] = ()
    after: tuple[Clause, ...] = ()
    before_said: tuple[Judgement, ...] = ()
    after_said: tuple[Judgement, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeJudgement:
    """What a change means for AI.

    `ai_kind` is added, removed, strengthened, weakened, reworded, moved or None. `verdict` is one line in words for the
    top of the page ("Adds a right to train AI on uploaded content"). `before` and `after` hold, for each clause change
    in order, the judgements of its clauses before and after. `flagged` are the indexes of the clause changes that
    matter, `decisive` that of the one which the verdict speaks of (None where none does); `effects` say what each of
    them means, the decisive one first, then by weight.
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
    decisive: int | None = None
    effects: tuple[ClauseEffect, ...] = ()
    silent_on: tuple[str, ...] = ()  # "opt-out" where training is permitted and no way out was found in the text
