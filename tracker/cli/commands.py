"""The command line: a thin translation of the Python interface."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from tracker import __version__
from tracker.cli.workplace import Moment, Workplace
from tracker.errors import NotFound, RuleError, TrackerError

if TYPE_CHECKING:
    from tracker.declarations import Catalogue
    from tracker.model import Declaration
    from tracker.pipeline import Looked
    from tracker.rules import RuleSet
    from tracker.store import Store

# Rooms are opened inside the commands that need them, so that `tracker --help` answers at once.


class Commands(click.Group):
    """Lists the commands in the order in which a newcomer meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


as_json = click.option("--json", "as_json", is_flag=True, help="JSON (JSON Lines for lists) with stable keys.")
DOCUMENTS = "DOCUMENT is an id such as soundcloud/terms-of-service, or a platform such as soundcloud."


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tracker")
@click.option(
    "--archive",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="TRACKER_ARCHIVE",
    default=Path("data/tracker.db"),
    show_default=True,
    help="The archive file (or TRACKER_ARCHIVE).",
)
@click.option(
    "--declarations",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="TRACKER_DECLARATIONS",
    help="A folder of declarations, in place of the bundled catalogue and data/declarations.",
)
@click.pass_context
def cli(context: click.Context, archive: Path, declarations: Path | None) -> None:
    """Sees when platforms change their terms, and what they say on AI.

    \b
    See it work, offline:         tracker demo
    Watch a page of your own:     tracker add https://example.com/terms
    Look again, now:              tracker check
    Read what changed:            tracker changes --flagged
    Publish it:                   tracker build --out site
    """
    context.obj = Workplace(archive, declarations)


@cli.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), show_default=True)
@click.option("--no-serve", is_flag=True, help="Build the pages and stop.")
@click.option("--port", default=8000, show_default=True, help="Where to serve them on this machine; 0: any free one.")
def demo(out: Path, no_serve: bool, port: int) -> None:
    """Play a bundled history through the real program, offline, and show its pages.

    Invented platforms change their terms between 2023 and 2026: one gives itself the right to train AI on uploads
    and tells nobody. The archive and the pages are written to --out.
    """
    from tracker import demo as bundled_history
    from tracker import site
    from tracker.cli import terminal
    from tracker.store import Store

    archive = out / "tracker.db"
    with terminal.progress("Playing the history", None) as step:
        played = bundled_history.play(archive, lambda done, total, what: step(what, done, total))
    with Store.read(archive) as store:
        built = site.build(store, out / "site")
    terminal.out.print(
        f"{played.documents} documents, {played.checks} checks, {played.versions} versions, "
        f"{played.changes} changes, {played.flagged} on AI."
    )
    terminal.out.print(f"Pages: {built.pages}, from {out / 'site' / 'index.html'}")
    terminal.out.print(f"Look around in the archive: tracker --archive {archive} changes --flagged")
    if not no_serve:
        _serve(out / "site", port)


def _serve(folder: Path, port: int) -> None:
    from tracker import site
    from tracker.cli import terminal

    server = site.serve(folder, port)
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    terminal.out.print(f"Open [bold]{address}[/bold] in a browser. Ctrl-C ends it.")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        terminal.out.print("")
    finally:
        server.server_close()


@cli.command()
@click.argument("url")
@click.option("--platform", help="The platform's name; else what the page says.")
@click.option(
    "--terms", "terms_type", help='The kind of document, such as "Terms of Service"; else what the page says.'
)
@click.option("--select", help="CSS selector of the part to keep; else the main content is found by itself.")
@click.pass_obj
def add(place: Workplace, url: str, platform: str | None, terms_type: str | None, select: str | None) -> None:
    """Write a declaration for URL, take the first capture, and print what it says on AI now."""
    from tracker import adding
    from tracker.cli import printing, terminal

    target = place.declarations or Path("data/declarations")
    rules, declared = place.rules(), place.catalogue().declarations
    with place.write() as store, terminal.progress("Fetching", 1) as step:
        added = asyncio.run(
            adding.add(url, platform, terms_type, select, target, store, rules, declared=declared, now=_now)
        )
        step()
    printing.added(added)


@cli.command()
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@click.option("--exit-code", is_flag=True, help="End with 3 when a change that concerns AI was found.")
@as_json
@click.pass_obj
def check(place: Workplace, documents: tuple[str, ...], exit_code: bool, as_json: bool) -> None:
    """Look at documents once, now; at all that are declared if none is named.

    Every look is recorded with what came of it, also when nothing came. DOCUMENT is an id such as
    soundcloud/terms-of-service, or a platform such as soundcloud.

    Ends with 0, also where some documents could not be seen (`tracker status --problems` lists them); with 1 where
    none could; with 3 if --exit-code is given and a change that concerns AI was found.
    """
    from tracker import pipeline, settings
    from tracker.cli import printing, terminal
    from tracker.fetch import Fetcher

    catalogue, rules, options = place.catalogue(), place.rules(), settings.load()
    chosen = _chosen(catalogue, documents)
    looked: list[Looked] = []

    async def run(store: Store, step) -> None:
        async with Fetcher(options, _now) as fetcher:

            def done(one: Looked) -> None:
                looked.append(one)
                step(one.document.id)
                if as_json:
                    terminal.write_json(_looked_record(one))
                else:
                    printing.looked(one)

            await pipeline.check(chosen, store, rules, fetcher=fetcher, now=_now, done=done)

    with place.write() as store:
        _refresh(store, catalogue, rules)
        with terminal.progress("Checking", len(chosen)) as step:
            asyncio.run(run(store, step))
    if not as_json:
        printing.check_summary(looked, bool(options.contact))
    if exit_code and any(one.change and one.change.ai_change for one in looked):
        raise SystemExit(3)
    if looked and all(one.error or not one.check or one.check.outcome in ("failed", "blocked") for one in looked):
        raise SystemExit(1)


def _refresh(store: Store, catalogue: Catalogue, rules: RuleSet, everything: bool = False) -> int:
    from tracker import timeline
    from tracker.cli import terminal

    with terminal.progress("Reading the archive again", None) as step:

        def progress(done: int, total: int, what: str) -> None:
            step(what, done, total)

        count, faults = timeline.refresh(store, catalogue.declarations, rules, progress, everything)
    for fault in faults:
        terminal.complain(fault)
    return count


def _looked_record(one: Looked) -> dict[str, object]:
    return {
        "document": one.document.id,
        "outcome": one.check.outcome.value if one.check else "error",
        "reason": one.check.reason if one.check else type(one.error).__name__.lower(),
        "message": one.check.message if one.check else str(one.error),
        "version": one.version.address if one.version else None,
        "change": one.change.id if one.change else None,
        "ai_change": bool(one.change and one.change.ai_change),
    }


def _chosen(catalogue: Catalogue, names: Sequence[str]) -> list[Declaration]:
    from tracker import declarations

    if names:
        found = {one.document.id: one for name in names for one in declarations.find(catalogue, name)}
        return list(found.values())
    if not catalogue.declarations:
        raise NotFound("No document is declared.", remedy="Add one: `tracker add URL`.")
    return list(catalogue.declarations.values())


@cli.command()
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@click.option("--problems", is_flag=True, help="Only documents that cannot be trusted to be current.")
@as_json
@click.pass_obj
def status(place: Workplace, documents: tuple[str, ...], problems: bool, as_json: bool) -> None:
    """Every document: when it was last seen, what came of the last check, and its checks by outcome."""
    from tracker import overview
    from tracker.cli import printing, terminal

    catalogue = place.catalogue()
    with place.read() as store:
        rows = overview.status(store, catalogue)
    if documents:
        rows = [row for name in documents for row in overview.named(rows, name)]
    if problems:
        rows = [row for row in rows if row["outcome"] not in ("unchanged", "captured")]
    if as_json:
        for row in rows:
            terminal.write_json(row)
    else:
        printing.status(rows)


@cli.command()
@click.argument("document", required=False, default="")
@click.option("--flagged", is_flag=True, help="Only changes that concern AI.")
@click.option("--since", type=Moment(), help="Changes first seen at or after this date.")
@click.option("--until", type=Moment(), help="Changes first seen at or before this date.")
@as_json
@click.pass_obj
def changes(
    place: Workplace, document: str, flagged: bool, since: datetime | None, until: datetime | None, as_json: bool
) -> None:
    """List changes, newest first. DOCUMENT is a document or a platform."""
    from tracker import overview, records
    from tracker.cli import printing, terminal
    from tracker.store import derived

    with place.read() as store:
        overview.require(store, document)
        found = derived.changes(store, document.strip("/"), flagged, since, until)
        if as_json:
            for one in found:
                terminal.write_json(records.change(one, lambda version: overview.capture_hash(store, version)))
            return
        total = len(found) or len(derived.changes(store))
    printing.changes(found, bool(document or flagged or since or until), total)


@cli.command()
@click.argument("change")
@click.option("--full", is_flag=True, help="Also clauses that only moved or changed in form.")
@as_json
@click.pass_obj
def show(place: Workplace, change: str, full: bool, as_json: bool) -> None:
    """Show one change, clause by clause. CHANGE is an id out of `tracker changes`."""
    from tracker import history, overview, records
    from tracker.cli import printing, terminal

    with place.read() as store:
        found = history.change(store, change)
        if as_json:
            terminal.write_json(records.whole_change(found, lambda version: overview.capture_hash(store, version)))
        else:
            hashes = tuple(overview.capture_hash(store, one) for one in (found.record.before, found.record.after))
            with terminal.paged():
                printing.change(found, full, hashes)


@cli.command()
@click.argument("a")
@click.argument("b")
@click.option("--full", is_flag=True, help="Also clauses that only moved or changed in form.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page instead, one file.")
@as_json
@click.pass_obj
def compare(place: Workplace, a: str, b: str, full: bool, html: Path | None, as_json: bool) -> None:
    """Compare two versions of the archive, or two files, clause by clause.

    \b
    A and B are files (text, Markdown, HTML, PDF), or versions by date:
      tracker compare before.md after.md
      tracker compare soundcloud/terms-of-service@2024-01 soundcloud/terms-of-service@now
    """
    from tracker import overview, records, render
    from tracker.cli import printing, terminal
    from tracker.views import pair

    found = overview.compare(place.archive, place.rules(), a, b)
    if html:
        values = pair.page((a, b), found.languages, found.comparison, found.judgement)
        html.write_bytes(render.alone("pair", values))
        terminal.out.print(f"Written: {html}")
    elif as_json:
        terminal.write_json(records.comparison(found.comparison, found.judgement))
    else:
        with terminal.paged():
            printing.judged(found.comparison, found.judgement, full)


@cli.command()
@click.argument("document")
@as_json
@click.pass_obj
def history(place: Workplace, document: str, as_json: bool) -> None:
    """A document's versions, with the checks between them and the gaps."""
    from tracker import overview, records
    from tracker.cli import printing, terminal
    from tracker.store import derived

    with place.read() as store:
        overview.require(store, document)
        for name in [one.id for one in store.documents() if document.strip("/") in (one.id, one.platform_id)]:
            versions = derived.versions(store, name)
            if as_json:
                for one in versions:
                    terminal.write_json(records.version(one, overview.capture_hash(store, one)))
            else:
                printing.history(name, versions, store.checks(name))


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

    judged = list(overview.flag(file, place.rules(), lang))
    spoken = [(clause, found) for clause, found, _ in judged if found.mentions_ai or found.flags]
    for _, _, record in judged if as_json else ():
        terminal.write_json(record)
    for clause, found in () if as_json else spoken:
        printing.flagged(clause, found)
    if not as_json and not spoken:
        terminal.out.print(f"None of {len(judged)} clauses speaks of AI.")


@cli.group(invoke_without_command=True, cls=Commands)
@click.pass_context
def rules(context: click.Context) -> None:
    """List, explain and test the rules that flag clauses."""
    if context.invoked_subcommand is None:
        from tracker.cli import printing

        printing.rules(context.obj.rules())


@rules.command("test")
@click.pass_obj
def test_rules(place: Workplace) -> None:
    """Run every rule's own examples; ends with 1 where one fails."""
    from tracker import rules as ruleroom
    from tracker.cli import printing

    found = place.rules()
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


@cli.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("site"), show_default=True)
@click.option("--serve", is_flag=True, help="Serve it on this machine afterwards.")
@click.option("--port", default=8000, show_default=True, help="With --serve: where; 0: any free port.")
@click.pass_obj
def build(place: Workplace, out: Path, serve: bool, port: int) -> None:
    """Write the changelog as a static site; only files that changed are written again."""
    from tracker import settings, site
    from tracker.cli import terminal

    options = settings.load()
    with place.read() as store, terminal.progress("Building", None) as step:
        built = site.build(store, out, base_url=options.site_url, progress=lambda d, t, what: step(what, d, t))
    terminal.out.print(f"{built.pages} pages, {built.written} files written: {out / 'index.html'}")
    if serve:
        _serve(out, port)


@cli.command()
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@click.pass_obj
def reanalyse(place: Workplace, documents: tuple[str, ...]) -> None:
    """Derive versions, changes and flags again from the captures, by the present code, declarations and rules."""
    from dataclasses import replace

    from tracker.cli import terminal

    catalogue, ruleset = place.catalogue(), place.rules()
    if documents:
        chosen = {one.document.id: one for one in _chosen(catalogue, documents)}
        catalogue = replace(catalogue, declarations=chosen)
    place.read().close()  # there must be an archive: this command makes none
    with place.write() as store:
        count = _refresh(store, catalogue, ruleset, everything=True)
    terminal.out.print(f"{count} documents read again from their captures.")
    if ruleset.problems:
        what = "The rules could not be read completely, so what was judged before was left as it is."
        raise RuleError(what, remedy="Mend the rules (`tracker rules test`) and run it again.")


def _now() -> datetime:
    return datetime.now(UTC)


def main(arguments: Iterable[str] | None = None) -> NoReturn:
    """Runs a command; ends the process with 0, 1 (error), 2 (wrong use), 3 (`--exit-code`) or 130 (Ctrl-C)."""
    try:
        cli.main(list(arguments) if arguments is not None else None, prog_name="tracker", standalone_mode=False)
        sys.stdout.flush()
        code = 0
    except TrackerError as error:
        from tracker.cli import terminal

        terminal.complain(error)
        code = 1
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("Stopped. What was recorded before is kept.\n")
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    except Exception as error:
        if os.environ.get("TRACKER_DEBUG"):
            raise
        what = f"The program met something that it does not know: {type(error).__name__}: {error}"
        sys.stderr.write(f"{what}\n  This is a fault of ours. What was recorded before is kept.\n")
        sys.stderr.write("  Run it again with TRACKER_DEBUG=1 and report what it prints.\n")
        code = 1
    sys.exit(code)
