"""Keeping the archive: `reanalyse`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracker.cli.root import as_json, cli
from tracker.cli.workplace import Workplace, chosen, refresh
from tracker.errors import RuleError

if TYPE_CHECKING:
    from tracker.timeline import Refreshed

LISTED = 40  # differences listed for people; --json lists all
WORDS = {
    ("version", "appeared"): "is a version now",
    ("version", "disappeared"): "is no version any more",
    ("version", "text"): "reads otherwise",
    ("change", "appeared"): "is a change now",
    ("change", "disappeared"): "is no change any more",
    ("change", "verdict"): "means something else",
}

on_cores = click.option(
    "--workers", type=click.IntRange(1), metavar="N", help="Processes that work at the same time; else one a core."
)


@cli.command()
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@on_cores
@as_json
@click.pass_obj
def reanalyse(place: Workplace, documents: tuple[str, ...], workers: int | None, as_json: bool) -> None:
    """Derive versions, changes and flags again from the captures, by the present code, declarations and rules.

    Says what is different then; none of it is news from a platform, so nobody is alerted. Interrupted, it goes on
    where it stood when it is run again. --json writes a line for each version or change that differs.
    """
    from dataclasses import asdict, replace

    from tracker.cli import terminal

    catalogue, ruleset = place.catalogue(), place.rules()
    if documents:
        wanted = {one.document.id: one for one in chosen(catalogue, documents)}
        catalogue = replace(catalogue, declarations=wanted)
    place.read().close()  # there must be an archive: this command makes none
    with place.write() as store:
        found = refresh(store, catalogue, ruleset, everything=True, workers=workers)
    if as_json:
        for difference in found.differences:
            terminal.write_json(asdict(difference))
    else:
        _say_refreshed(found)
    if ruleset.problems:
        what = "The rules could not be read completely, so what was judged before was left as it is."
        raise RuleError(what, remedy="Mend the rules (`tracker rules test`) and run it again.")
    if found.faults:
        raise SystemExit(1)


def _say_refreshed(found: Refreshed) -> None:
    from tracker.cli.printing import line

    line(f"{found.read} document{'s' * (found.read != 1)} read again from their captures.")
    if not found.differences:
        line("Versions, changes and verdicts are what they were.")
        return
    line(f"{len(found.differences)} differ, because of the program, the rules or the declarations:")
    for one in found.differences[:LISTED]:
        line(f"  {one.name} ", (WORDS[one.what, one.happened], "bold"))
        if one.what == "change":
            for mark, said in (("-", one.before), ("+", one.after)):
                if said:
                    line(f"    {mark} {said}")
    if len(found.differences) > LISTED:
        line((f"  … and {len(found.differences) - LISTED} more: --json lists all.", "dim"))
