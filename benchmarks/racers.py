"""Who races: each looks at all pages once a round, and says itself what it found."""

from __future__ import annotations

import compileall
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PEERS = Path(sys.prefix) / "peers"  # an environment of their own
WANTED = ("webchanges[html2text]", "urlwatch", "html2text", "setuptools<81")
SEEN = ("captured", "unchanged", "suspect")  # of a check, where the page came
SAID = re.compile(r"^\d+\. (NEW|CHANGED|ERROR)\b[^:]*: page (\d+)", re.M)  # a line of their summaries


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a round: CPU seconds of all processes; pages that were said to be new, changed, not seen, or to wait
    for a second look.

    `why` says why there was no round.
    """

    seconds: float
    new: frozenset[int] = frozenset()
    changed: frozenset[int] = frozenset()
    failed: frozenset[int] = frozenset()
    waiting: frozenset[int] = frozenset()
    why: str = ""


class Tracker:
    """`tracker check` as cron runs it."""

    name = "tracker"

    def __init__(self, place: Path, base: str, count: int) -> None:
        self.place = place
        (place / "declared").mkdir(parents=True)
        terms = {f"Terms {n}": {"fetch": f"{base}/{n}"} for n in range(count)}
        (place / "declared" / "Pages.json").write_text(json.dumps({"name": "Pages", "terms": terms}))
        (place / "tracker.toml").write_text("delay = 0\n")

    @property
    def environment(self) -> dict[str, str]:
        return {
            "TRACKER_ALLOW_LOOPBACK": "1",
            "TRACKER_DECLARATIONS": str(self.place / "declared"),
            "TRACKER_ARCHIVE": str(self.place / "t.db"),
            "PYTHONPATH": str(HERE.parent),
        }

    def round(self) -> Report:
        command = [sys.executable, "-m", "tracker", "check", "--json"]
        seconds, said = spent(command, self.place, self.environment, (0, 3))
        return report(seconds, said)

    def killed(self, after: float) -> Report:
        """A round that is killed after so many seconds; what stands in the archive is what it found."""
        kill([sys.executable, "-m", "tracker", "check", "--json"], self.place, self.environment, after)
        return self.recorded()

    def recorded(self) -> Report:
        """The pages with a change on record, each as often as it stands there."""
        command = [sys.executable, "-m", "tracker", "changes", "--json"]
        said = spent(command, self.place, self.environment)[1] if (self.place / "t.db").exists() else ""
        found = [number(json.loads(line)["document"]) for line in said.splitlines()]
        assert len(found) == len(set(found)), "a change is on record twice"
        return Report(0.0, changed=frozenset(found))

    def size(self) -> int:
        return sum(path.stat().st_size for path in self.place.glob("t.db*"))

    def close(self) -> None:
        pass


class Resident(Tracker):
    """The same, in a process that stays, as `tracker run` does: its start is not counted."""

    name = "tracker, resident"

    def __init__(self, place: Path, base: str, count: int) -> None:
        super().__init__(place, base, count)
        command = [sys.executable, str(HERE / "resident.py")]
        environment = {**os.environ, **self.environment}
        self._process = subprocess.Popen(
            command, cwd=place, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def round(self) -> Report:
        self._process.stdin.write("look\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        if not said:
            raise SystemExit("The resident tracker ended.")
        seconds, lines = json.loads(said)
        return report(seconds, "\n".join(lines))

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()


class Peer:
    """webchanges or urlwatch: the same pages, their text by the library html2text, a report to standard output."""

    def __init__(self, place: Path, base: str, count: int, name: str) -> None:
        self.name, self.place = name, place
        place.mkdir(parents=True)
        jobs = [f"name: page {n}\nurl: {base}/{n}\nfilter:\n  - html2text: pyhtml2text\n" for n in range(count)]
        (place / "jobs.yaml").write_text("---\n".join(jobs))
        (place / "config.yaml").write_text("report:\n  stdout:\n    enabled: true\n    color: false\n")
        cache, listed = ("--database", "--jobs") if name == "webchanges" else ("--cache", "--urls")
        program = str(PEERS / "bin" / name)
        self._command = [program, listed, "jobs.yaml", "--config", "config.yaml", cache, "cache.db"]
        self._environment = {"NO_PROXY": "*", "HOME": str(place)}

    def round(self) -> Report:
        return summed(*spent(self._command, self.place, self._environment))

    def killed(self, after: float) -> Report:
        """A round that is killed after so many seconds; what it printed is what anybody learns."""
        return summed(0.0, kill(self._command, self.place, self._environment, after))

    def size(self) -> int:
        return sum(path.stat().st_size for path in self.place.glob("cache.db*"))

    def close(self) -> None:
        pass


def report(seconds: float, said: str) -> Report:
    """What `tracker check --json` said."""
    found = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return Report(
        seconds,
        frozenset(number(one["document"]) for one in found if one["version"] and not one["change"]),
        frozenset(number(one["document"]) for one in found if one["change"]),
        frozenset(number(one["document"]) for one in found if one["outcome"] not in SEEN),
        frozenset(number(one["document"]) for one in found if one["outcome"] == "suspect"),
    )


def number(document: str) -> int:
    return int(document.rpartition("-")[2])


def summed(seconds: float, said: str) -> Report:
    """What the summary of a peer says."""
    kinds: dict[str, set[int]] = {"NEW": set(), "CHANGED": set(), "ERROR": set()}
    for kind, page in SAID.findall(said):
        kinds[kind].add(int(page))
    return Report(seconds, *map(frozenset, kinds.values()))


def spent(
    command: list[str], where: Path, environment: dict[str, str], good: tuple[int, ...] = (0,)
) -> tuple[float, str]:
    """CPU seconds of a process and its children, and what it said."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=where, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode not in good:
        raise SystemExit(f"{command} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def kill(command: list[str], where: Path, environment: dict[str, str], after: float) -> str:
    """What a process said until it was killed."""
    process = subprocess.Popen(
        command,
        cwd=where,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        return process.communicate(timeout=after)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.communicate()[0]


def install() -> dict[str, str]:
    """Puts the peers into their environment, once, and compiles our files as pip did theirs; their versions."""
    compileall.compile_dir(HERE.parent / "tracker", quiet=1)
    python = PEERS / "bin" / "python"
    if not (PEERS / ".ready").exists():
        shutil.rmtree(PEERS, ignore_errors=True)
        venv.create(PEERS, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *WANTED], check=True)
        (PEERS / ".ready").touch()
    asked = "import importlib.metadata as m; print(*(m.version(n) for n in ('webchanges', 'urlwatch')))"
    said = subprocess.run([str(python), "-c", asked], check=True, capture_output=True, text=True).stdout
    return dict(zip(("webchanges", "urlwatch"), said.split(), strict=True))
