"""Finding words: `search` where they stand, `since` when they do."""

from __future__ import annotations

from datetime import datetime

import click

from tracker.cli.root import as_json, cli
from tracker.cli.workplace import Moment, Workplace
from tracker.model import Stance, Topic


@cli.command()
@click.argument("query", nargs=-1)
@click.option("--document", default="", metavar="ID", help="Only this document, or this platform.")
@click.option("--topic", type=click.Choice([one.value for one in Topic]), help="Only clauses flagged with it.")
@click.option("--stance", type=click.Choice([one.value for one in Stance]), help="Only clauses flagged so.")
@click.option("--lang", default="", help="Only texts in this language, such as en.")
@click.option("--at", type=Moment(), help="What was in view at this date, instead of now.")
@click.option("--all", "everything", is_flag=True, help="All versions there ever were.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@as_json
@click.pass_obj
def search(
    place: Workplace,
    query: tuple[str, ...],
    document: str,
    topic: str | None,
    stance: str | None,
    lang: str,
    at: datetime | None,
    everything: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Find clauses by their words, best first: in what is in force, or at any time.

    \b
      tracker search train models                   both words
      tracker search '"your content"' --all         the phrase, in all versions there ever were
      tracker search 'train* (model OR ki) -staff'  beginnings, alternatives, what must not stand there
      tracker search --topic training --stance permits
    """
    from tracker import overview, records
    from tracker.cli import printing_found, terminal
    from tracker.search import search as look

    with place.read() as store:
        overview.require(store, document)
        found = look(
            store,
            " ".join(query),
            document=document,
            topic=topic or "",
            stance=stance or "",
            language=lang,
            at=at,
            everything=everything,
            limit=limit,
        )
    if as_json:
        for hit in found.hits:
            terminal.write_json(records.hit(hit))
    else:
        printing_found.found(found, everything)


@cli.command()
@click.argument("words", required=False, default="")
@click.argument("document", required=False, default="")
@click.option("--topic", type=click.Choice([one.value for one in Topic]), help="In place of words: clauses flagged so.")
@click.option(
    "--stance", type=click.Choice([one.value for one in Stance]), help="Instead of words: clauses flagged so."
)
@click.option("--similar", is_flag=True, help="Also what is worded nearly so.")
@as_json
@click.pass_obj
def since(
    place: Workplace,
    words: str,
    document: str,
    topic: str | None,
    stance: str | None,
    similar: bool,
    as_json: bool,
) -> None:
    """Since when does it say that? WORDS are followed through all versions; who said it first comes first.

    \b
      tracker since "train our models"                    in all documents
      tracker since "train our models" soundcloud         in those of one platform
      tracker since github/terms-of-service#11ca6b71      one clause: all its wordings, out of `tracker search`
      tracker since --topic training --stance permits     instead of words, what flags say

    An answer is a window: after the last check that saw the text without the words, and by the first that saw it with
    them. Case, accents and punctuation do not count. Words that stand nowhere are looked for as worded nearly so.
    """
    from tracker import overview, records
    from tracker import since as past
    from tracker.cli import printing_since, terminal

    with place.read() as store:
        if past.is_name(words) and not document and not (topic or stance):
            told = past.clauses(store, words)
            for one in told if as_json else ():
                terminal.write_json(records.told(one))
            if not as_json:
                printing_since.clauses(told)
            return
        if (topic or stance) and words and not document and overview.holds(store, words):
            words, document = "", words
        overview.require(store, document)
        found = past.since(store, words, document=document, topic=topic or "", stance=stance or "", similar=similar)
    for one in found if as_json else ():
        terminal.write_json(records.standing(one))
    if not as_json:
        printing_since.found(found, words)
