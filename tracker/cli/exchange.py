"""In and out: `import` and `export`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tracker.cli.root import Commands, as_json, cli, embargoed
from tracker.cli.workplace import Moment, Workplace, crew, now, on_cluster, on_cores

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
names = click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")


@cli.group(name="import", cls=Commands)
def import_() -> None:
    """Take in histories that others kept: git repositories of versions, WARC files."""


@cli.group(cls=Commands)
def export() -> None:
    """Give the archive to others: WARC, git, CSV, JSON Lines, Parquet, SQLite."""


@import_.command("ota")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--document", "wanted", multiple=True, help="Only this document or platform; can be given repeatedly.")
@click.option("--undeclared", is_flag=True, help="Also texts that no declaration names.")
@on_cores
@on_cluster
@as_json
@click.pass_obj
def import_ota(
    place: Workplace,
    path: Path,
    wanted: tuple[str, ...],
    undeclared: bool,
    workers: int | None,
    cluster: str | None,
    as_json: bool,
) -> None:
    """Import a clone of an Open Terms Archive repository of versions.

    \b
      git clone --bare https://github.com/OpenTermsArchive/contrib-versions.git
      tracker import ota contrib-versions.git --document soundcloud

    Each file is a document, by its path; each commit a version, at its author's date. Commits that only read a page
    anew are no changes. It can be repeated: what is held already is not kept again.
    """
    from tracker import settings
    from tracker.cli import terminal
    from tracker.cli.workplace import chosen
    from tracker.past.taking import Taker

    declared = {one.document.id: one for one in chosen(place.catalogue(), wanted)}
    with crew(workers, cluster) as hands, terminal.progress("Importing", None) as bar:
        taker = Taker(place.archive, place.rules(), now, settings.load().max_bytes, hands)
        found, strangers = taker.ota(
            path, declared, undeclared and not wanted, lambda done, of, what: bar(what, done, of)
        )
    place.seal()
    _said(found, as_json)
    if strangers and not wanted and not as_json:
        listed = ", ".join(strangers[:5]) + (", …" if len(strangers) > 5 else "")
        terminal.paragraph(f"{len(strangers)} texts are of no declared document and were left: {listed}")
        terminal.paragraph("Declare them (--declarations FOLDER before the command), or take all: --undeclared.")


@import_.command("warc")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--document", "wanted", multiple=True, help="Only this document or platform; can be given repeatedly.")
@on_cores
@on_cluster
@as_json
@click.pass_obj
def import_warc(
    place: Workplace,
    files: tuple[Path, ...],
    wanted: tuple[str, ...],
    workers: int | None,
    cluster: str | None,
    as_json: bool,
) -> None:
    """Import captures from WARC files.

    \b
      tracker import warc crawl-2024.warc.gz

    A record belongs to the document that is declared with its address, now or formerly. Records that are broken or have
    another digest than they say are named and left out.
    """
    from tracker import settings
    from tracker.cli import terminal
    from tracker.cli.workplace import chosen
    from tracker.errors import ExtractionError
    from tracker.past.taking import Taker

    declared = chosen(place.catalogue(), wanted)
    with crew(workers, cluster) as hands, terminal.progress("Importing", None) as bar:
        taker = Taker(place.archive, place.rules(), now, settings.load().max_bytes, hands)
        found, broken, strange = taker.warc(files, declared, lambda done, of, what: bar(what, done))
    place.seal()
    for one in broken:
        remedy = "It was left out; the rest of the file was read."
        terminal.complain(ExtractionError(one.reason, f"{one.file}, byte {one.offset}", remedy))
    _said(found, as_json)
    if not as_json:
        terminal.paragraph(f"{strange} records are of no declared document, {len(broken)} broken.")
    if broken and not found:
        raise SystemExit(1)


def _said(found, as_json: bool) -> None:
    from tracker.cli import printing_past, terminal

    for one in found:
        if as_json:
            terminal.write_json(printing_past.record(one))
        else:
            printing_past.backfilled(one)
    if not as_json:
        printing_past.totals(found)


@export.command("warc")
@names
@click.option("--out", type=FILE, required=True, help="The file; packed where its name ends in .gz.")
@embargoed
@click.pass_obj
def export_warc(place: Workplace, documents: tuple[str, ...], out: Path, embargoed: bool) -> None:
    """Export the raw captures as a WARC 1.1 file.

    \b
      tracker export warc soundcloud --out soundcloud.warc.gz
    """
    from tracker.cli import terminal
    from tracker.datasets import warc

    with place.published(embargoed) as store, terminal.progress("Exporting", None) as bar:
        count = warc.write(store, _held(store, documents), out, lambda done, of, what: bar(what, done, of))
    terminal.paragraph(f"{count} captures: {out} ({out.stat().st_size:,} bytes)")


@export.command("ota")
@names
@click.option("--out", type=FOLDER, required=True, help="A new folder.")
@embargoed
@click.pass_obj
def export_ota(place: Workplace, documents: tuple[str, ...], out: Path, embargoed: bool) -> None:
    """Export the versions as a git repository in Open Terms Archive's layout.

    \b
      tracker export ota --out versions
      git -C versions log --stat
    """
    from tracker.cli import terminal
    from tracker.datasets import ota

    with place.published(embargoed) as store, terminal.progress("Exporting", None) as bar:
        count = ota.write(store, _held(store, documents), out, lambda done, of, what: bar(what, done, of))
    terminal.paragraph(f"{count} versions, a commit for each: {out}")


def _dataset(form: str, title: str) -> None:
    @export.command(form, help=f"Export the dataset as {title}, described by datapackage.json.")
    @names
    @click.option("--out", type=FOLDER, required=True, help="A new folder.")
    @click.option("--since", type=Moment(), help="Leave out what is older.")
    @embargoed
    @click.pass_obj
    def command(
        place: Workplace, documents: tuple[str, ...], out: Path, since: datetime | None, embargoed: bool
    ) -> None:
        from tracker.cli import terminal
        from tracker.datasets import package

        with place.published(embargoed) as store, terminal.progress("Exporting", None) as bar:
            wanted = [one.id for one in _held(store, documents)]
            counts = package.write(store, form, wanted, since, out, lambda done, of, what: bar(what, done, of))
        terminal.paragraph(", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items()))
        terminal.paragraph(f"In {out}; datapackage.json says what stands in each column.")


for _form, _title in {
    "csv": "CSV files",
    "jsonl": "JSON Lines",
    "parquet": "Parquet files",
    "sqlite": "one SQLite file",
}.items():
    _dataset(_form, _title)


def _held(store, documents: tuple[str, ...]):
    """The documents and platforms named that the archive holds; all where none is named. Raises NotFound."""
    from tracker.errors import NotFound

    held = store.documents()
    if not documents:
        return held
    for name in documents:
        if not any(name in (one.id, one.platform_id) for one in held):
            raise NotFound("The archive holds no such document.", name, "`tracker status` lists what it holds.")
    return [one for one in held if one.id in documents or one.platform_id in documents]


@cli.command()
@names
@as_json
@click.pass_obj
def witness(place: Workplace, documents: tuple[str, ...], as_json: bool) -> None:
    """Ask the Wayback Machine to keep pages that changed: a copy in other hands.

    \b
      TRACKER_WAYBACK_KEYS=access:secret tracker witness

    Pages are asked for whose text changed in the last three days, one every nine seconds (`witness_pause`). What came
    of it is kept with the capture: the address of the copy, or why there is none.
    """
    import asyncio

    from tracker import secrets, settings
    from tracker.cli import terminal
    from tracker.fetch import Fetcher
    from tracker.model import stamp
    from tracker.store import Store
    from tracker.witness import SavePageNow
    from tracker.witness import witness as ask

    options = settings.load()
    with Store.write(place.archive):  # makes or migrates it where needed
        pass
    with place.read() as store:
        wanted = [one.id for one in _held(store, documents)]

    async def run(bar):
        async with Fetcher(options, now) as fetcher:
            keys = secrets.load().get("TRACKER_WAYBACK_KEYS", "")
            machine = SavePageNow(options.wayback_url, keys, fetcher, options.witness_pause)
            return await ask(place.archive, wanted, machine, now, lambda done, of, what: bar(what, done, of))

    with terminal.progress("Asking", None) as bar:
        found = asyncio.run(run(bar))
    for url, said in found:
        if as_json:
            record = {"url": url, "state": said.state, "copy": said.url, "reason": said.reason}
            terminal.write_json(record | {"asked_at": stamp(said.asked_at)})
        else:
            terminal.paragraph(f"{url}  {said}")
    if not found and not as_json:
        terminal.paragraph("No page changed in the last three days that was not asked for already.")
