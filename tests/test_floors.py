"""A file imports only from floors below it: the order of the rooms is the order of the data."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "tracker"
FLOORS = [
    {"__init__", "errors", "model", "places"},
    {"wording", "words", "runs", "phrases"},
    {"blocks", "likeness", "passages", "quotes"},
    {"parts"},
    {"text", "align", "settings", "language", "dates", "service"},
    {"characters", "decode", "links", "numbering", "inline", "tables", "walls", "selection"},
    {"markdown", "parse", "pdf", "quality"},
    {"measure"},
    {"noise"},
    {"content"},
    {"proposal"},
    {"matching", "page"},
    {"conditions"},
    {"rulebook"},
    {"declarations", "rules", "verdict", "questions", "fetch", "archive", "extract", "compare", "schema"},
    {"connection", "judge"},
    {"store"},
    {"derived"},
    {"history"},
    {"timeline"},
    {"pipeline"},
    {"records"},
    {"overview", "adding", "story"},
    {"entries"},
    {"views", "exhibit", "dossier"},
    {"pictures"},
    {"render"},
    {"feeds", "export", "alerts"},
    {"site", "server"},
    {"schedule", "demo"},
    {"terminal"},
    {"printing", "workplace"},
    {"cli"},
    {"__main__"},
]
FLOOR = {name: height for height, names in enumerate(FLOORS) for name in names}
FILES = sorted(PACKAGE.glob("*.py"))


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "tracker":
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("tracker.")}
    return {name for name in found if (PACKAGE / f"{name}.py").exists()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_imports_only_from_floors_below_it(path):
    assert path.stem in FLOOR, f"{path.name} stands on no floor: add it to FLOORS where it belongs"
    too_high = {name for name in imported(path) if FLOOR[name] >= FLOOR[path.stem]}

    assert not too_high
