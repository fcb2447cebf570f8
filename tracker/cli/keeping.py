"""Keeping the archive: `reanalyse`, `verify`, `evidence`, `backup` and `expunge`."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.root import as_json, cli
from tracker.cli.workplace import Workplace, chosen, crew, now, on_cluster, on_cores, refresh
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


@cli.command()
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@on_cores
@on_cluster
@as_json
@click.pass_obj
def reanalyse(
    place: Workplace, documents: tuple[str, ...], workers: int | None, cluster: str | None, as_json: bool
) -> None:
    """Derive versions, changes and flags again from the captures, by the present code, declarations and rules.

    Says what is different then; none of it is news from a platform, so nobody is alerted. Whoever got an alert that
    does not hold by the new reading is sent a correction. Interrupted, it goes on where it stood when it is run again.
    --json writes a line for each version or change that differs.
    """
    from tracker.alerts.correcting import correct
    from tracker.cli import printing, terminal

    catalogue, ruleset = place.catalogue(), place.rules()
    if documents:
        wanted = {one.document.id: one for one in chosen(catalogue, documents)}
        catalogue = replace(catalogue, declarations=wanted)
    place.read().close()  # there must be an archive: this command makes none
    with crew(workers, cluster) as hands, place.write() as store:
        found = refresh(store, catalogue, ruleset, everything=True, crew=hands)
    wrong = correct(place.archive, now())
    if as_json:
        for difference in found.differences:
            terminal.write_json(asdict(difference))
    else:
        _say_refreshed(found)
        if wrong:
            printing.line((f"{wrong} alerts prove wrong: whoever got one is told (`tracker alerts send`).", "yellow"))
    if ruleset.problems:
        what = "The rules could not be read completely, so what was judged before was left as it is."
        raise RuleError(what, remedy="Mend the rules (`tracker rules test`) and run it again.")
    if found.faults:
        raise SystemExit(1)


@cli.command()
@on_cores
@on_cluster
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A checkpoint kept elsewhere: the log must go on from it.",
)
@as_json
@click.pass_obj
def verify(place: Workplace, workers: int | None, cluster: str | None, against: Path | None, as_json: bool) -> None:
    """Recompute everything that can be: is the archive whole, and what it was?

    The file's structure, every chain of stored bytes, every hash, every record against the log, the log against every
    signed checkpoint, time-stamps, texts and clauses. Names what does not agree, first things first, and ends with 1.

    Who can write the archive and has its key can make a new log. A copy of a checkpoint that others hold (the site
    publishes the newest) shows that: give it with --against. docs/evidence.md says more.
    """
    from tracker.cli import terminal
    from tracker.evidence.verify import verify as verified

    with crew(workers, cluster) as hands, place.read() as store, terminal.progress("Verifying", None) as step:
        note = against.read_text("utf-8", "replace") if against else ""
        found = verified(store, lambda done, of, what: step(what, done, of), hands, note)
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
    late = sum(one.what == "change" and _is_on_ai(one.after) and not _is_on_ai(one.before) for one in found.differences)
    if late:
        said, them = ("change concerns", "it") if late == 1 else ("changes concern", "them")
        line(f"{late} {said} AI only by the new reading: nobody is alerted to {them}.")


def _is_on_ai(told: str) -> bool:
    """Whether what is told of a change begins with what it does to AI, not with a summary."""
    return told.partition(":")[0] in ("added", "removed", "strengthened", "weakened", "reworded", "moved")


@cli.command()
@click.argument("change")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="PATH", help="A new folder, or a file that ends with .zip."
)
@click.pass_obj
def evidence(place: Workplace, change: str, out: Path | None) -> None:
    """Write the evidence of a CHANGE: files that prove what was captured without this program.

    Both raw captures and texts, the page of the change, what was put on record, proofs that it is in the log, the
    signed checkpoint, a time-stamp where there is one, and verify.sh, which checks all of it.
    """
    from tracker import settings
    from tracker.cli.printing import line
    from tracker.evidence import bundle, files

    target = out or Path(f"evidence-{change.strip('/').replace('/', '-')}.zip")
    with place.read() as store:
        found = bundle.bundle(store, change, place.rules(), settings.load().site_url)
    files.write(found, target)
    line(f"{len(found)} files in {target}. Whoever gets it runs: sh verify.sh")


@cli.command()
@click.argument("path", type=click.Path(path_type=Path))
@on_cores
@click.option("--no-verify", is_flag=True, help="Do not verify the copy; for archives that are verified otherwise.")
@click.pass_obj
def backup(place: Workplace, path: Path, workers: int | None, no_verify: bool) -> None:
    """Copy the archive to the file PATH, also while another tracker writes to it.

    The copy is consistent, is verified, and takes its place whole or not at all. The key that signs the log is a file
    of its own beside the archive: keep a copy of it too, in another place.
    """
    from tracker.cli import terminal
    from tracker.cli.printing import line
    from tracker.evidence.key import key_file
    from tracker.evidence.verify import verify as verified
    from tracker.store import Store
    from tracker.store.backup import backup as copied

    def proved(copy: Path) -> None:
        with (
            crew(workers, None) as hands,
            Store.read(copy) as store,
            terminal.progress("Verifying the copy", None) as step,
        ):
            found = verified(store, lambda done, of, what: step(what, done, of), hands)
        if found.damages:
            remedy = "Run `tracker verify`: the archive itself is damaged. What was at the target is still there."
            raise Corrupt("The copy does not agree.", f"first: {found.damages[0]}", remedy)

    with place.read() as store:
        size = copied(store, path, (lambda copy: None) if no_verify else proved)
    line(f"{size:,} bytes in {path}{'' if no_verify else ', verified'}.")
    if key_file(place.archive).exists():
        line((f"The key is not in it: keep a copy of {key_file(place.archive)} too.", "dim"))


@cli.command()
@click.argument("capture", type=int)
@click.option("--by", required=True, metavar="WHO", help="Who decided it.")
@click.option("--why", required=True, metavar="TEXT", help="Why; it is kept, and shown in place of the bytes.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def expunge(place: Workplace, capture: int, by: str, why: str, yes: bool) -> None:
    """Take the bytes of a CAPTURE out of the archive for good, for a take-down.

    The texts and changes that were read from them go too. The capture's record and the hash of its bytes stay, so that
    the log and the proofs of all other captures stay true; who took them out and why is put on record as well.
    """
    from tracker.cli.printing import line
    from tracker.evidence.expunge import expunge as expunged
    from tracker.store import removal

    with place.read() as store:
        shared = removal.sharing(store, capture)
    line(f"The bytes of capture {capture} go, and all that was read from them:")
    for number, document in shared:
        line(f"  capture {number} of {document}")
    if not yes:
        click.confirm("They cannot be brought back from this archive. Go on?", abort=True)
    catalogue, rules = place.catalogue(), place.rules()
    with place.write() as store:
        found = expunged(store, capture, catalogue.declarations, rules, at=now(), by=by, why=why)
    line(f"Done. {len(found.differences)} versions and changes differ:" if found.differences else "Done.")
    for one in found.differences[:LISTED]:
        line(f"  {one.name} ", (WORDS[one.what, one.happened], "bold"))
    for name in found.documents:
        if name not in catalogue.declarations:
            line((f"{name} is declared no more: it has no versions until it is declared again.", "yellow"))
    line(("Backups and a published site still hold them: make both anew.", "yellow"))
