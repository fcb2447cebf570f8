"""Judging what stands: `stance` of platforms, `flag` of any text, and the `rules` that decide."""

from __future__ import annotations

import click

from tracker.cli.root import Commands, as_json, cli
from tracker.cli.workplace import Workplace


@cli.command()
@click.argument("platform", required=False, default="")
@as_json
@click.pass_obj
def stance(place: Workplace, platform: str, as_json: bool) -> None:
    """What platforms say on AI now, question by question, with the words that say so and since when.

    \b
    PLATFORM is a name such as soundcloud; without it, every platform in one table.
      silent        its texts say nothing of it: neither yes nor no
      not tracked   none of its texts was ever read
      stale         its texts were not in view for two weeks: they may have changed
    """
    from tracker import overview, records
    from tracker.cli import printing, terminal
    from tracker.cli.workplace import now

    with place.read() as store:
        found = overview.stances(store, place.catalogue(), platform, now())
    if as_json:
        for name, answers, texts in found:
            terminal.write_json(records.stance(name, answers, texts))
    elif platform:
        with terminal.paged():
            printing.stance(found[0][0], found[0][1])
    else:
        printing.stances([(name, answers) for name, answers, _ in found])


@cli.command()
@click.argument("file", required=False, default="-")
@click.option("--lang", help="Language of the text, such as en; else it is detected.")
@as_json
@click.pass_obj
def flag(place: Workplace, file: str, lang: str | None, as_json: bool) -> None:
    """Judge any text by the rules; needs no archive.

    \b
    FILE is text, Markdown, HTML, PDF, or JSON Lines of clauses, one a line:
      {"id": "1", "text": "We may train our models on your content.", "heading": ["Licence"], "lang": "en"}
    Without FILE it reads standard input.
    """
    from tracker import overview
    from tracker.cli import printing, terminal

    ruleset = place.rules()
    judged = list(overview.flag(file, ruleset, lang))
    spoken = [(clause, found) for clause, found, _ in judged if found.mentions_ai or found.flags]
    for _, _, record in judged if as_json else ():
        terminal.write_json(record)
    for clause, found in () if as_json else spoken:
        printing.flagged(clause, found)
    if not as_json and not spoken:
        terminal.out.print(f"None of {len(judged)} clauses speaks of AI.")
    if not as_json:
        printing.unknown_languages({record["language"] for _, _, record in judged} - {*ruleset.languages, None})


@cli.group(invoke_without_command=True, cls=Commands)
@click.pass_context
def rules(context: click.Context) -> None:
    """List, explain and test the rules that flag clauses."""
    if context.invoked_subcommand is None:
        from tracker.cli import printing

        printing.rules(context.obj.rules())


@rules.command("test")
@click.option("--quiet", is_flag=True, help="Only what failed.")
@click.pass_obj
def test_rules(place: Workplace, quiet: bool) -> None:
    """Run every rule's own examples, and say which vocabularies decided; ends with 1 where an example fails."""
    from tracker import rules as ruleroom
    from tracker.cli import printing

    found = place.rules()
    if not quiet:
        printing.deciders(ruleroom.deciders(found))
    failed = ruleroom.run_examples(found)
    printing.examples(found, failed)
    if failed or found.problems:
        raise SystemExit(1)


@rules.command("explain")
@click.argument("text")
@click.option("--heading", multiple=True, help="A heading that the clause stands under, outermost first.")
@click.option("--lang", default="en", show_default=True)
@click.pass_obj
def explain_rules(place: Workplace, text: str, heading: tuple[str, ...], lang: str) -> None:
    """Show how the verdict on TEXT comes about: which words were found, which rules held, which did not and why."""
    from tracker import rules as ruleroom
    from tracker.cli import printing

    printing.explanation(ruleroom.explain(text, place.rules(), lang, heading))
