"""What `search` and `since` print for people."""

from __future__ import annotations

from rich.text import Text

from tracker.cli.printing import line, when
from tracker.cli.terminal import out, printable
from tracker.search import Found, Hit


def found(result: Found, everything: bool) -> None:
    """The hits of a search, best first; none says what to try."""
    if not result.hits:
        line("No clause holds these words." if everything else "No clause in force holds these words.")
        wider = "" if everything else "`--all` looks through all versions there ever were; "
        line((f"  {wider}`tracker since` also finds what is worded nearly so.", "dim"))
        return
    for hit in result.hits:
        _hit(hit)
    line("")
    clauses = "clause" if result.total == 1 else "clauses"
    documents = "document" if result.documents == 1 else "documents"
    more = "; --limit shows more" if result.total > len(result.hits) else ""
    line((f"{result.total:,} {clauses} in {result.documents} {documents}{more}.", "dim"))


def _hit(hit: Hit) -> None:
    stances = ", ".join(f"{topic}: {stance}" if stance else topic for topic, stance in hit.stances.items())
    line("")
    line((hit.document.title, "bold"), (f"  {' › '.join(hit.heading)}" if hit.heading else "", "dim"))
    out.print(Text("  ").append_text(marked(*hit.snippet)), soft_wrap=True)
    state = "" if hit.in_view else f"no more in view; last in version {hit.version}  "
    came = f"came {when(hit.since)}" if hit.since.start else f"there since the first copy, {hit.since.end:%-d %b %Y}"
    line(("  " + (f"{stances}  " if stances else ""), "magenta"), (f"{state}{came}", "dim"))
    line((f"  tracker since {hit.document.id}#{hit.key}", "dim"))


def marked(text: str, marks: tuple[tuple[int, int], ...]) -> Text:
    """A text with the words that were looked for marked; in a pipe they stand between « and »."""
    pieces, place = [], 0
    opening, closing = ("", "") if out.is_terminal else ("«", "»")
    for start, end in marks:
        pieces += [printable(text[place:start]), (f"{opening}{printable(text[start:end])}{closing}", "bold yellow")]
        place = end
    return Text.assemble(*pieces, printable(text[place:]))
