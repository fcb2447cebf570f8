"""What is in deploy/ calls commands that exist, with options that they take; units and workflows are well formed."""

import json
import re
import shlex
import shutil
import subprocess
import textwrap
from pathlib import Path

import click
import pytest

from tracker.cli import cli
from tracker.cli.root import HOMES

DEPLOY = Path(__file__).parent.parent / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
CALL = re.compile(r"(?:^|[\s/`(])tracker((?: +(?!\|\|)[\w./:-]+)+)", re.M)


def calls(path: Path) -> list[str]:
    """The command lines of ours in a file, as people would type them."""
    text = path.read_text("utf-8")
    found = [match[1].strip() for match in CALL.finditer(text) if match[1].split()[0] in HOMES]
    for array in re.findall(r"^CMD (\[.*\])$", text, re.M):
        found.append(shlex.join(json.loads(array)[1:]))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_command_takes_what_it_is_given(path):
    for call in calls(path):
        name, *arguments = shlex.split(call)
        with click.Context(cli) as context:
            cli.get_command(context, name).make_context(name, arguments, parent=context)


def test_the_files_hold_commands_at_all():
    assert {call.split()[0] for path in FILES for call in calls(path)} >= {"run", "check", "build", "status"}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_the_unit_is_one(tmp_path):
    unit = tmp_path / "tracker.service"
    unit.write_text((DEPLOY / "tracker.service").read_text().replace("/opt/tracker/bin/tracker", "/bin/true"))
    found = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert "tracker.service" not in found.stderr, found.stderr


def test_an_archive_that_cannot_be_asked_for_is_not_begun_anew(tmp_path):
    """Else the next step would put an empty one in its place."""
    text = (DEPLOY / "github/watch.yml").read_text("utf-8")
    step = textwrap.dedent(
        text.partition("Take up the archive")[2].partition("run: |\n")[2].partition("      - name")[0]
    )
    program = tmp_path / "gh"
    program.write_text('#!/bin/sh\ncase "$*" in *--json*) exit 1;; esac\n')
    program.chmod(0o755)
    command = ["bash", "-e", "-c", textwrap.dedent(step)]
    found = subprocess.run(command, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, cwd=tmp_path, check=False)
    assert found.returncode != 0
