"""The root of the command line: the group that all commands join, and how a run of it ends.

The commands stand in files by what they are for: `looking`, `reading`, `judging`, `publishing`, `keeping`. Each file is
loaded for its own commands only, and rooms are opened inside the commands that need them: a round of checks from cron
is a start every time.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from tracker import __version__
from tracker.cli.workplace import Part, Workplace
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from tracker.declarations import Shard

# What `tracker --help` lists, in the order in which a newcomer meets it, and the file where each stands.
SECTIONS = {
    "Watch": {
        "demo": "publishing",
        "add": "looking",
        "check": "looking",
        "run": "watching",
        "status": "looking",
        "repair": "watching",
    },
    "Read": {
        "stance": "judging",
        "changes": "reading",
        "show": "reading",
        "compare": "reading",
        "history": "reading",
        "since": "finding",
        "search": "finding",
    },
    "The past": {
        "backfill": "past",
    },
    "Judge": {
        "flag": "judging",
        "rules": "judging",
    },
    "Publish": {
        "build": "publishing",
        "serve": "publishing",
        "alerts": "alerting",
    },
    "Keep": {
        "reanalyse": "keeping",
        "import": "exchange",
        "export": "exchange",
        "witness": "exchange",
        "verify": "keeping",
        "evidence": "keeping",
        "backup": "keeping",
        "expunge": "keeping",
    },
}
HOMES = {name: home for names in SECTIONS.values() for name, home in names.items()}


class Commands(click.Group):
    """Lists its commands in the order of their making."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


class Root(Commands):
    """Lists the commands by what they are for; the file of a command is loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(HOMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        # What is no command is answered with the nearest one: for that all must be known.
        for home in [HOMES[cmd_name]] if cmd_name in HOMES else HOMES.values():
            import_module(f"tracker.cli.{home}")
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = formatter.width - 6 - max(map(len, HOMES))
        for title, names in SECTIONS.items():
            found = {name: self.get_command(ctx, name) for name in names}
            with formatter.section(title):
                formatter.write_dl([(name, one.get_short_help_str(width)) for name, one in found.items() if one])


embargoed = click.option(
    "--embargoed", is_flag=True, help="Also what `publish_after` still holds back: for those who may see it."
)
as_json = click.option("--json", "as_json", is_flag=True, help="JSON (JSON Lines for lists) with stable keys.")


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
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
@click.option(
    "--shard",
    type=Part(),
    envvar="TRACKER_SHARD",
    metavar="PART/OF",
    help="Only this part of the documents, as 2/5: for several watches, each with its archive (docs/cluster.md).",
)
@click.pass_context
def cli(context: click.Context, archive: Path, declarations: Path | None, shard: Shard | None) -> None:
    """Sees when platforms change their terms, and what they say on AI.

    \b
    See it work, offline:         tracker demo
    Watch a page of your own:     tracker add https://example.com/terms
    Look again, now:              tracker check
    Read what changed:            tracker changes --flagged
    Publish it:                   tracker build --out site
    """
    context.obj = Workplace(archive, declarations, shard)


def main(arguments: Iterable[str] | None = None) -> NoReturn:
    """Runs a command; ends the process with 0, 1 (error), 2 (wrong use), 3 (`--exit-code`) or 130 (Ctrl-C)."""
    gc.set_threshold(50_000, 20, 20)  # a page's tree is thousands of objects: looked through in the making, all in vain
    for stream in (sys.stdout, sys.stderr):
        if stream.encoding.casefold().replace("-", "") != "utf8":  # what a terminal has no letters for is still told
            stream.reconfigure(errors="backslashreplace")
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
