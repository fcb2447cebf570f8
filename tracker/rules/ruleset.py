"""A rule set: the files of `data/rules/`, named by their hash, and understood when they are used first.

Rules are data: `vocabulary/<language>.toml` names words, the other files combine them (data/rules/README.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.errors import RuleError
from tracker.rules.tomlfile import RuleFile, open_file

if TYPE_CHECKING:
    from tracker.rules.contents import Contents, Shelves
    from tracker.rules.gate import Gate
    from tracker.rules.matching import Lexicon
    from tracker.rules.rulebook import Cue, Rule

ENGINE = "4"  # raise it when the same rules come to judge otherwise


class RuleSet:
    """All rules and vocabularies. `version` is a hash of every file; the files are understood when a clause is weighed
    first, for most rounds of checks weigh none. `complain` is told what is wrong with them, then.
    """

    def __init__(
        self, version: str, files: Sequence[RuleFile], complain: Callable[[RuleError], None] = lambda problem: None
    ) -> None:
        self.version = version
        self._files, self._complain = files, complain

    def __reduce__(self) -> tuple:
        return _understood, (self.version, self._contents)

    @cached_property
    def _contents(self) -> Contents:
        from tracker.rules import remembered

        if known := remembered.load(self.version):
            return known

        from tracker.rules.contents import understand

        found = understand(self._files)
        if not found.problems:
            remembered.keep(self.version, found)
        for problem in found.problems:
            self._complain(problem)
        return found

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule that can be used."""
        return self._contents.rules

    @property
    def cues(self) -> tuple[Cue, ...]:
        """The cues of stance, highest rank first."""
        return self._contents.cues

    @property
    def problems(self) -> tuple[RuleError, ...]:
        """What cannot be used, with file, line and remedy; the rest works."""
        return self._contents.problems

    @property
    def lexicons(self) -> Mapping[str, Lexicon]:
        """The words of each language; "" is the shared one."""
        return self._contents.lexicons

    @property
    def signs(self) -> Mapping[str, frozenset[str]]:
        """Everyday words that tell a language."""
        return self._contents.signs

    @property
    def gate(self) -> Gate:
        """Turns away clauses for which no rule can hold."""
        return self._contents.gate

    @property
    def shelves(self) -> Mapping[str, Shelves]:
        """The rules of each language."""
        return self._contents.shelves

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages with a vocabulary of their own; clauses in others are weighed by the shared one."""
        return tuple(sorted(language for language in self.lexicons if language))


def load(directory: Path, complain: Callable[[RuleError], None] = lambda problem: None) -> RuleSet:
    """The rules of a folder, as its files are now. Never raises: what cannot be used is in `problems`."""
    paths = sorted(directory.rglob("*.toml"), key=lambda path: path.relative_to(directory).as_posix())
    files = [open_file(path, directory) for path in paths]
    digest = sha256(ENGINE.encode())
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.raw + b"\0")
    if not paths:
        trouble = RuleError("There are no rules here.", str(directory), "Name a folder with *.toml rules.")
        files = [RuleFile(str(directory), b"", trouble)]
    return RuleSet(digest.hexdigest(), files, complain)


def _understood(version: str, contents: Contents) -> RuleSet:
    """A rule set that was understood elsewhere."""
    found = RuleSet(version, ())
    found.__dict__["_contents"] = contents
    return found
