"""Tables of a page: which are data and which are layout, and their cells in a grid."""

from __future__ import annotations

from collections.abc import Collection

from bs4.element import Tag

LONGEST_CELL = 600  # characters; a table with longer cells is text in columns, and each cell a paragraph
MOST = 2_000_000  # characters of a whole table with its spans filled in; a bomb has more


def rows_of(table: Tag, skip: Collection[int]) -> list[list[Tag]]:
    """The cells of a table without tables inside, row by row."""
    return [
        [cell for cell in row.contents if isinstance(cell, Tag) and cell.name in ("td", "th") and id(cell) not in skip]
        for row in table.find_all("tr")
        if id(row) not in skip
    ]


def is_data(rows: list[list[Tag]]) -> bool:
    """Whether a table is one, and not a frame for text: several columns, cells that are neither essays nor lists."""
    if max(map(len, rows), default=0) < 2:
        return False
    cells = [cell for row in rows for cell in row]
    lengths = [len(cell.get_text()) for cell in cells]
    if (
        sum((length + 4) * _span(cell) * _span(cell, "rowspan") for cell, length in zip(cells, lengths, strict=True))
        > MOST
    ):
        return False
    return max(lengths) <= LONGEST_CELL and not any(
        len(cell.find_all("li")) > 1 or len(cell.find_all("p")) > 2 for cell in cells
    )


def _span(cell: Tag, name: str = "colspan") -> int:
    value = str(cell.get(name) or "1")
    return min(max(int(value), 1), 50) if value.isascii() and value.isdigit() and len(value) < 5 else 1


def grid_of(rows: list[list[tuple[Tag, str]]]) -> list[list[str]]:
    """Rows of equal width: a cell over several rows is repeated in each, so that every row reads alone.

    Columns without a word are only space between others and are left out.
    """
    grid: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}  # column -> (rows left, text)
    for row in rows:
        line: list[str] = []
        waiting: dict[int, tuple[int, str]] = {}
        for cell, text in row:
            _hang(line, hanging)
            if (down := _span(cell, "rowspan")) > 1:
                waiting[len(line)] = (down - 1, text)
            line += [text] + [""] * (_span(cell) - 1)
        _hang(line, hanging)
        hanging |= waiting
        grid.append(line)
    width = max(map(len, grid))
    full = [line + [""] * (width - len(line)) for line in grid]
    spoken = [column for column in range(width) if any(line[column] for line in full)]
    return [[line[column] for column in spoken] for line in full]


def _hang(line: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    """Fill the next columns of a row with the cells that reach down into it."""
    while len(line) in hanging:
        column = len(line)
        left, text = hanging.pop(column)
        line.append(text)
        if left > 1:
            hanging[column] = (left - 1, text)
