"""Publishing: `demo`, `build` and `serve`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from tracker.cli.root import cli, embargoed
from tracker.cli.workplace import Workplace


@cli.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), show_default=True)
@click.option("--no-serve", is_flag=True, help="Build the pages and stop.")
@click.option("--port", default=8000, show_default=True, help="Where to serve them on this machine; 0: any free one.")
@click.pass_obj
def demo(place: Workplace, out: Path, no_serve: bool, port: int) -> None:
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
        built = site.build(store, out / "site", place.rules(), raw=True)
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
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("site"), show_default=True)
@click.option("--raw", is_flag=True, help="Publish the raw bytes of every version as well, as text files.")
@click.option("--serve", is_flag=True, help="Serve it on this machine afterwards.")
@click.option("--port", default=8000, show_default=True, help="With --serve: where; 0: any free port.")
@embargoed
@click.pass_obj
def build(place: Workplace, out: Path, raw: bool, serve: bool, port: int, embargoed: bool) -> None:
    """Write the changelog as a static site; only files that changed are written again."""
    from tracker import settings, site
    from tracker.cli import terminal

    options = settings.load()
    with place.published(embargoed) as store, terminal.progress("Building", None) as step:
        built = site.build(
            store,
            out,
            place.rules(),
            base_url=options.site_url,
            raw=raw,
            progress=lambda done, total, what: step(what, done, total),
        )
    terminal.out.print(f"{built.pages} pages, {built.written} files written: {out / 'index.html'}")
    if serve:
        _serve(out, port)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to answer at; 0.0.0.0: to everybody.")
@click.option("--port", default=8000, show_default=True, help="0: any free port.")
@embargoed
@click.pass_obj
def serve(place: Workplace, host: str, port: int, embargoed: bool) -> None:
    """Answer the changelog live from the archive: the pages of `tracker build`, with search and comparison of any two
    versions. It only reads, so checks may run meanwhile; put a web server with TLS in front of it to publish it."""
    from tracker import server, settings
    from tracker.cli import terminal

    options = settings.load()
    embargo = timedelta() if embargoed else options.embargo
    running, opened = server.serve(place.archive, place.rules(), options.site_url, host, port, embargo)
    shown = f"[{host}]" if ":" in host else host
    terminal.out.print(f"Open [bold]http://{shown}:{opened.getsockname()[1]}/[/bold] in a browser. Ctrl-C ends it.")
    running.run(sockets=[opened])
