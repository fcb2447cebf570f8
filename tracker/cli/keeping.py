"""Keeping the archive: `reanalyse` and `verify`."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.root import as_json, cli
from tracker.cli.workplace import Workplace, chosen, cores, refresh
from tracker.errors import Corrupt, RuleError

if TYPE_CHECKING:
    from tracker.evidence.verify import Verified
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


@cli.command()
@on_cores
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A checkpoint kept elsewhere: the log must go on from it.",
)
@as_json
@click.pass_obj
def verify(place: Workplace, workers: int | None, against: Path | None, as_json: bool) -> None:
    """Recompute everything that can be: is the archive whole, and what it was?

    The file's structure, every chain of stored bytes, every hash, every record against the log, the log against every
    signed checkpoint, time-stamps, texts and clauses. Names what does not agree, first things first, and ends with 1.

    Who can write the archive and has its key can make a new log. A copy of a checkpoint that others hold (the site
    publishes the newest) shows that: give it with --against. docs/evidence.md says more.
    """
    from tracker import engine
    from tracker.cli import terminal
    from tracker.evidence.verify import verify as verified

    workers = workers or cores()
    with place.read() as store, terminal.progress("Verifying", None) as step:
        note = against.read_text("utf-8", "replace") if against else ""
        found = verified(
            store, lambda done, of, what: step(what, done, of), engine.processes(workers), 2 * workers, note
        )
    if as_json:
        terminal.write_json(asdict(found))
    else:
        _say_verified(found)
    if found.damages:
        raise SystemExit(1)


def _say_verified(found: Verified) -> None:
    from tracker.cli import terminal
    from tracker.cli.printing import line

    for notice in dict.fromkeys(found.notices):
        line((notice, "yellow"))
    seen = f"{found.contents} stored contents, {found.leaves} records, {found.checkpoints} checkpoints"
    gone = f", {found.removed} taken out" if found.removed else ""
    stamped = f", {found.stamped} time-stamps" if found.stamped else ""
    if not found.damages:
        line(("All agrees", "green"), f": {seen}{stamped}{gone}.")
        if found.unsealed:
            line((f"{found.unsealed} records are not signed yet: the next run signs them.", "dim"))
        return
    for damage in found.damages:
        terminal.err.print(terminal.printable(str(damage)), style="red", markup=False)
    count = len(found.damages)
    what = f"{count} thing{'s do' if count > 1 else ' does'} not agree; {seen} were looked at."
    raise Corrupt(
        what, f"first: {found.damages[0]}", "Nothing was changed. Restore a backup, or keep both and compare."
    )


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
