"""Keeping the archive: `reanalyse`."""

from __future__ import annotations

import click

from tracker.cli.root import cli
from tracker.cli.workplace import Workplace, chosen, refresh
from tracker.errors import RuleError


@cli.command()
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@click.pass_obj
def reanalyse(place: Workplace, documents: tuple[str, ...]) -> None:
    """Derive versions, changes and flags again from the captures, by the present code, declarations and rules."""
    from dataclasses import replace

    from tracker.cli import terminal

    catalogue, ruleset = place.catalogue(), place.rules()
    if documents:
        wanted = {one.document.id: one for one in chosen(catalogue, documents)}
        catalogue = replace(catalogue, declarations=wanted)
    place.read().close()  # there must be an archive: this command makes none
    with place.write() as store:
        count = refresh(store, catalogue, ruleset, everything=True)
    terminal.out.print(f"{count} documents read again from their captures.")
    if ruleset.problems:
        what = "The rules could not be read completely, so what was judged before was left as it is."
        raise RuleError(what, remedy="Mend the rules (`tracker rules test`) and run it again.")
