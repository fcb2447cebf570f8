"""What each command prints for people; `records.py` has the same for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tracker.adding import Added
from tracker.cli import terminal
from tracker.cli.printing_looked import looked, one_line
from tracker.cli.terminal import line
from tracker.compare import summarise
from tracker.errors import RuleError
from tracker.extract.relatives import same_page
from tracker.judge import Answer
from tracker.judge.questions import QUESTIONS, SILENT, WORDS
from tracker.model import (
    Change,
    ChangeJudgement,
    ChangeRecord,
    Clause,
    Comparison,
    Flag,
    Judgement,
    Relative,
    Version,
    Window,
)
from tracker.repairing import Repair
from tracker.rules import Explanation, FailedExample, RuleSet
from tracker.views.phrases import attested

MANY = 12  # documents that were never checked are counted, not listed, above this
SAID = 3  # clauses shown for each answer


def when(window: Window) -> str:
    """The window in words."""
    end = f"{window.end:%-d %b %Y %H:%M} UTC"
    return f"between {window.start:%-d %b %Y %H:%M} and {end}" if window.start else f"by {end}"


def dates(version: Version) -> list[str]:
    """The dates that a text gives for itself, in words."""
    stated, effective = version.stated_date, version.effective_date
    found = [f"was last changed on {stated:%-d %B %Y}"] if stated else []
    return [*found, f"applies from {effective:%-d %B %Y}"] if effective else found


# ---- checks ------------------------------------------------------------------------------------------------------


def added(found: Added) -> None:
    """What a newcomer gets for an address: what the page is, and what it says on AI now."""
    reading, proposal, document = found.standing, found.proposal, found.declaration.document
    line((f"{document.platform} · {document.terms_type}", "bold"), (f"  {document.id}", "dim"))
    line(f"Declared in {found.path}")
    if reading is None:
        looked(found.looked)
        line(("No version yet: the page did not give a text that can be trusted.", "yellow"))
        line(f"If this is the wrong page, delete {found.path} and add the right address.")
        return
    version = reading.version
    line(
        f"{version.words:,} words, {version.clauses} clauses, language {version.language or 'unknown'}, "
        f"read by {version.method}, confidence {version.confidence:.2f}"
    )
    for warning in version.warnings:
        line((warning, "yellow"))
    if version.stated_date:
        line(f"The document says that it was last updated on {version.stated_date:%-d %B %Y}.")
    line((f"Kept {proposal.kept_words:,} words; dropped: {'; '.join(proposal.dropped[:6]) or 'nothing'}", "dim"))
    if found.priors:
        many = "a former text" if len(found.priors) == 1 else f"{len(found.priors)} former texts"
        line(f"The page links to {many} of its own. To take what it states into the history:")
        line((f"  tracker backfill {document.id} --source published --discover", "dim"))
    if proposal.documents:
        said = f"The page seems to hold {len(proposal.documents)} documents: {', '.join(proposal.documents[:6])}."
        line((f"{said} Declare the part that you mean with --select.", "yellow"))
    pairs = [(c, j) for c, j in zip(reading.clauses, reading.judgements, strict=True) if j.mentions_ai]
    line("")
    line((f"{len(pairs)} clauses speak of AI now." if pairs else "It does not speak of AI now.", "bold"))
    for clause, judged in pairs:
        flagged(clause, judged)
    line("")
    line(f"Next: `tracker check {document.id}` looks again; `tracker changes` lists what changed.")


def discovered(found: Sequence[Relative], declared: Mapping[str, str]) -> None:
    """The legal texts that a page links to; `declared` maps the addresses of those that are watched to their ids."""
    if not found:
        line(
            "No link on this page seems to lead to a legal text. Try the site's home page, or its page of legal texts."
        )
    for one in found:
        watched = declared.get(same_page(one.url))
        line(f"{one.terms_type:30}", (one.text or one.url, "bold"))
        line((f"{'':30}{'watched as ' + watched if watched else 'tracker add ' + one.url}", "dim"))


def repair(document: str, found: Repair, written: str) -> None:
    """What is wrong with a document's selection, and what would mend it."""
    line((document, "bold"))
    line(
        f"Declared: {found.declared or 'no selection: the text is found by itself'}  →  {found.declared_words:,} words"
    )
    line(f"Proposed: {found.proposed or 'no selection: the text is found by itself'}  →  {found.words:,} words")
    line(f"It holds {found.kept:.0%} of the sentences of the last version.")
    if written:
        line(("Written: " + written, "bold"))
        line(f"Next: `tracker check {document}`, then commit the declaration if you keep it in version control.")
    else:
        line(("Nothing is written yet. Write it with --write.", "yellow"))


# ---- lists -------------------------------------------------------------------------------------------------------


def status(rows: Sequence[Mapping[str, Any]]) -> None:
    """Every document's health, troubled ones first."""
    if not rows:
        line("Nothing to list: every document was seen at its last check.")
        return
    order = {"failed": 0, "blocked": 0, "suspect": 1, "never checked": 2}
    waiting = [row for row in rows if row["outcome"] == "never checked"]
    if len(waiting) > MANY:
        rows = [row for row in rows if row["outcome"] != "never checked"]
    listed = sorted(rows, key=lambda row: (order.get(row["outcome"], 3), row["document"]))
    terminal.table(
        {"DOCUMENT": "left", "LAST GOOD": "left", "NOW": "left", "CHECKS": "right", "VERSIONS": "right", "": "left"},
        (
            (
                row["document"],
                (row["last_good"] or "never")[:16].replace("T", " "),
                row["outcome"],
                str(row["checks"]),
                str(row["versions"]),
                " ".join(filter(None, (row["message"] or "; ".join(row["warnings"]), row["note"]))),
            )
            for row in listed
        ),
    )
    if len(waiting) > MANY:
        line((f"{len(waiting)} more documents are declared and were never checked: `tracker check` does.", "dim"))


def beat(found: Mapping[str, Any] | None) -> None:
    """Whether a watch runs, and when it last said so."""
    if found is None:
        line(("No watch runs now: `tracker run` keeps looking.", "dim"))
    else:
        said = f"A watch runs (process {found.get('pid')}), last sign of life {found.get('beat')}"
        trouble = {"offline": ", without connection", "quiet": ", nothing seen for a day"}.get(found.get("status"), "")
        line((f"{said}{trouble}.", "dim" if not trouble else "red"))


def undelivered(count: int, off: int) -> None:
    """How many alerts were given up and how many of their receivers are switched off, where any were."""
    if count:
        line((f"{count} alerts could not be delivered and were given up: `tracker alerts list`.", "red"))
    if off:
        said = "1 receiver of alerts is" if off == 1 else f"{off} receivers of alerts are"
        line((f"{said} switched off, because it said that it is gone: `tracker alerts list`.", "red"))


def changes(found: Sequence[ChangeRecord], narrowed: bool, total: int) -> None:
    """Changes, newest first; an empty list says what to do next. `total` is how many there are without narrowing."""
    if not found and total:
        line(f"No such change; the archive holds {total} in all: `tracker changes` lists them.")
    elif not found:
        line("No change yet." if not narrowed else "No such change yet.")
        line("The first check of a document takes the first copy; changes show from the second on: `tracker check`.")
    for change in found:
        mark = ("AI ", "bold magenta") if change.ai_change else "   "
        line(mark, f"{change.at:%Y-%m-%d %H:%M}  ", (change.document.title, "bold"))
        line("     ", (one_line(change), "" if change.ai_change else "dim"))
        line((f"     tracker show {change.id}", "dim"))


# ---- changes and clauses -----------------------------------------------------------------------------------------


def change(found: Change, full: bool, hashes: tuple[str, str]) -> None:
    """One change: verdict, window, dates, clauses, proof. `hashes` are those of the raw bytes before and after."""
    record = found.record
    line((record.document.title, "bold"), f"  first seen {when(record.window)}")
    if said := attested(record.before.source, record.after.source):
        line((said, "yellow"))
    if record.silent:
        line((f"Silent: the text still says that it {'; '.join(dates(record.after))}.", "yellow"))
    elif dates(record.after):
        line(f"The text says that it {'; '.join(dates(record.after))}.")
    if record.reverts_to:
        line(f"Back to the text of {record.reverts_to.at:%-d %B %Y}.")
    judged(found.comparison, found.judgement, full)
    line("")
    for name, version, digest in zip(("Before", "After "), (record.before, record.after), hashes, strict=True):
        how = "stated for" if version.source == "published" else "captured"
        line((f"{name}  {how} {version.at:%Y-%m-%d %H:%M:%S} UTC, SHA-256 of the raw bytes {digest}", "dim"))
    line(("This text permits or promises; it does not show what was done.", "dim"))


def judged(compared: Comparison, judgement: ChangeJudgement, full: bool) -> None:
    """Two texts: the verdict in words, the counts, then clause by clause."""
    if judgement.verdict:
        line((judgement.verdict, "bold magenta"))
    line(summarise(compared, judgement.flagged))
    important = set(judgement.flagged)
    others = [n for n in range(len(compared.changes)) if n not in important]
    shown = [n for n in others if full or compared.changes[n].kind.value not in terminal.FOLDED]
    for title, numbers in (("AI CLAUSES", sorted(important)), ("OTHER CHANGES", shown)):
        if numbers:
            line("")
            line((title, "bold"))
        for number in numbers:
            terminal.show_clause(compared.changes[number], _reasons(judgement, number), full)
    if len(others) > len(shown):
        line("")
        line(
            (
                f"{len(others) - len(shown)} more only moved, split, merged, were repeated or changed in form: --full",
                "dim",
            )
        )
    if not compared.changes:
        line("No clause changed.")


def _reasons(judgement: ChangeJudgement, number: int) -> str:
    sides = (side[number] for side in (judgement.after, judgement.before) if number < len(side))
    flags = [flag for side in sides for one in side for flag in one.flags]
    return "; ".join(dict.fromkeys(_why(flag) for flag in flags))


def _why(flag: Flag) -> str:
    stance = f", {flag.stance}" if flag.stance else ""
    return f"{flag.rule} ({flag.topic}{stance})"


def flagged(clause: Clause, found: Judgement) -> None:
    """A clause that speaks of AI, with what the rules say of it."""
    stances = ", ".join(f"{topic}: {stance}" for topic, stance in found.stance.items())
    line("")
    line((stances or ", ".join(found.topics) or "possibly", "magenta"), ("  " + " › ".join(clause.heading), "dim"))
    terminal.paragraph(clause.text)
    for flag in found.flags:
        terminal.paragraph(f"Why: {flag.rule}: “{flag.quote}”", "dim")


def stance(platform: str, answers: Sequence[Answer]) -> None:
    """What one platform says on AI, question by question, with the clauses that say so."""
    line((platform, "bold"))
    for answer in answers:
        fresh = "  (stale)" if answer.stale else ""
        line("")
        line((answer.title, "bold"), f" {WORDS[answer.answer].capitalize()}.{fresh}")
        if answer.contradicts:
            line(("  Its texts contradict each other here.", "yellow"))
        for said in answer.said[:SAID]:
            terminal.paragraph(f"“{said.quote}”")
            since = f", {_since(said.since)}" if said.since else ""
            line((f"    {WORDS[said.answer]}: {said.document}{since}", "dim"))
        if len(answer.said) > SAID:
            line((f"  and {len(answer.said) - SAID} clauses more: --json gives them all", "dim"))


def _since(window: Window) -> str:
    """When a clause came."""
    return f"came {when(window)}" if window.start else f"since the first copy, {window.end:%-d %b %Y}"


def stances(rows: Sequence[tuple[str, Sequence[Answer]]]) -> None:
    """Every platform by every question."""
    if not rows:
        line("No text was read yet: `tracker check` looks at all that is declared.")
        return
    columns = {"PLATFORM": "left"} | {question.short.upper(): "left" for question in QUESTIONS}
    terminal.table(columns, ((name, *(_cell(answer) for answer in answers)) for name, answers in rows))
    line(("! two texts contradict each other   ? stale   · silent; `tracker stance PLATFORM` has the words", "dim"))


def _cell(answer: Answer) -> str:
    word = "·" if answer.answer == SILENT else WORDS[answer.answer].removesuffix(" with your consent")
    return word + "!" * answer.contradicts + "?" * answer.stale


# ---- rules -------------------------------------------------------------------------------------------------------


def rules(found: RuleSet) -> None:
    """Every rule in words."""
    rows = ((rule.id, rule.topic, rule.title, str(len(rule.examples))) for rule in found.rules)
    terminal.table({"RULE": "left", "TOPIC": "left", "IT HOLDS WHEN": "left", "EXAMPLES": "right"}, rows)
    line(
        (
            "`tracker rules test` runs their examples; `tracker rules explain TEXT` shows how a verdict comes about.",
            "dim",
        )
    )


def examples(found: RuleSet, failed: Sequence[FailedExample]) -> None:
    """How the rules' own examples came out."""
    total = sum(len(rule.examples) for rule in found.rules)
    for one in failed:
        terminal.complain(
            RuleError(one.what, one.rule, "Change the rule or its example; `tracker rules explain` helps.")
        )
    line(f"{len(found.rules)} rules, {total} examples, {len(failed)} failed.")


def deciders(found: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
    """The vocabularies that decided in the examples of each rule, with the words found."""
    for rule, named in found.items():
        said = "; ".join(f"{name}: {', '.join(words)}" for name, words in named.items())
        line((rule, "bold"), f"  {said or 'no words: it holds by what is absent or found before'}")


def unknown_languages(languages: Iterable[str]) -> None:
    """That there are no rules for some languages."""
    for language in sorted(languages):
        what = f"There is no vocabulary for the language {language!r}: it was judged by the words that all share."
        line((f"{what} A file data/rules/vocabulary/{language}.toml adds it.", "yellow"))


def explanation(found: Explanation) -> None:
    """How a verdict came about."""
    stances = ", ".join(f"{topic}: {stance}" for topic, stance in found.stances.items())
    line(
        ("Concerns AI" if found.concerns_ai else "Does not concern AI", "bold"),
        f"  (read as {found.language or 'a language without a vocabulary: shared words only'})",
    )
    line("Topics: ", ", ".join(found.topics) or "none", f"   Stance: {stances or 'none'}")
    _listed("Words found", (f"{name}: {', '.join(words)}" for name, words in found.vocabulary.items() if words))
    for title, holds in (("Rules that hold", True), ("Rules that came near", False)):
        near = (one for one in found.reasons if one.holds is holds)
        _listed(title, (f"{one.rule}: {one.because} [{', '.join(one.words)}]" for one in near))


def _listed(title: str, rows: Iterable[str]) -> None:
    line((title, "bold"))
    for row in list(rows) or ["none"]:
        line(f"  {row}")
