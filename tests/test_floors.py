"""A file imports only from floors below it: the order of the rooms is the order of the data."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "tracker"
FLOORS = [
    {"__init__", "errors", "model"},
    {"text", "settings", "secrets", "pdfium", "card", "conflicts"},
    {"declarations", "rules", "fetch", "extract", "compare", "log", "lineage"},
    {"judge", "store"},
    {"recipes", "history", "search", "derivation", "engine"},
    {"since", "timeline", "cluster", "reader"},
    {"pipeline", "past"},
    {"watch", "witness"},
    {"records", "datasets"},
    {"overview", "adding", "repairing", "views"},
    {"pages"},
    {"render"},
    {"feeds"},
    {"site", "server", "alerts"},
    {"evidence"},
    {"demo"},
    {"cli"},
    {"__main__"},
]
FLOOR = {name: height for height, names in enumerate(FLOORS) for name in names}
FILES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The file at the top, or the folder, that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The modules of ours that a file imports, as dotted names without "tracker."."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "tracker":
            within = node.module.removeprefix("tracker").strip(".")
            below = PACKAGE / within.replace(".", "/")
            names = {alias.name for alias in node.names}
            inside = {name for name in names if (below / f"{name}.py").exists() or (below / name).is_dir()}
            found |= {f"{within}.{name}".strip(".") for name in inside} | ({within} if names - inside else set())
        elif isinstance(node, ast.Import):
            found |= {alias.name.removeprefix("tracker.") for alias in node.names if alias.name.startswith("tracker.")}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_file_imports_only_from_floors_below_its_own(path):
    own = room(path)
    assert own in FLOOR, f"{own} stands on no floor: add it to FLOORS where it belongs"
    rooms = {name.split(".")[0] or "__init__" for name in imported(path)} - {own}
    assert not {name for name in rooms if FLOOR[name] >= FLOOR[own]}


@pytest.mark.parametrize("folder", sorted(path.parent for path in PACKAGE.glob("*/__init__.py")), ids=lambda p: p.name)
def test_a_room_has_no_circles_inside(folder):
    graph = {
        f"{folder.name}.{path.stem}": {name for name in imported(path) if name.startswith(f"{folder.name}.")}
        for path in folder.glob("*.py")
        if path.stem != "__init__"
    }
    list(TopologicalSorter(graph).static_order())
    entrance = [path.name for path in folder.glob("*.py") if path.stem != "__init__" and folder.name in imported(path)]
    assert not entrance, "a file inside a room imports the room's own entrance"
