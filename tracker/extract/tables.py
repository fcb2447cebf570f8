"""Tables of a page: which are data and which are layout, and their cells in a grid."""

from __future__ import annotations

from collections.abc import Collection

from bs4.element import Tag

LONGEST_CELL = 600  # characters; a table with longer cells is text in columns, and each cell a paragraph
MOST = 2_000_000  # characters of all tables of a page with their spans and short rows filled in; a bomb has more


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
    return not any(
        len(cell.get_text()) > LONGEST_CELL or len(cell.find_all("li")) > 1 or len(cell.find_all("p")) > 2
        for row in rows
        for cell in row
    )


def size_of(rows: list[list[Tag]]) -> int:
    """The most characters that the grid of a table may have: found without laying it out."""
    said, width = 0, 0
    ending = [0] * (len(rows) + 1)  # cells from above that reach no further than the row before
    hanging = 0
    for number, row in enumerate(rows):
        hanging -= ending[number]
        width = max(width, hanging + sum(_span(cell) for cell in row))
        for cell in row:
            down = min(_span(cell, "rowspan"), len(rows) - number)
            said += len(cell.get_text()) * down
            if down > 1:
                hanging += 1
                ending[number + down] += 1
    return said + 3 * width * (len(rows) + 1)


def _span(cell: Tag, name: str = "colspan") -> int:
    value = str(cell.get(name) or "1")
    return min(max(int(value), 1), 50) if value.isascii() and value.isdigit() and len(value) < 5 else 1


def grid_of(rows: list[list[tuple[Tag, str]]]) -> list[list[str]]:
    """Rows of equal width: a cell over several rows is repeated in each, so that every row reads alone.

    Columns without a word are only space between others and are left out.
    """
    grid: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}  # column -> (number of its last row, text)
    for number, row in enumerate(rows):
        line: list[str] = []
        waiting: dict[int, tuple[int, str]] = {}
        for cell, text in row:
            _hang(line, hanging, number)
            if (down := _span(cell, "rowspan")) > 1:
                waiting[len(line)] = (number + down - 1, text)
            line += [text] + [""] * (_span(cell) - 1)
        _hang(line, hanging, number)
        hanging |= waiting
        grid.append(line)
    width = max(map(len, grid))
    full = [line + [""] * (width - len(line)) for line in grid]
    spoken = [column for column in range(width) if any(line[column] for line in full)]
    return [[line[column] for column in spoken] for line in full]


def _hang(line: list[str], hanging: dict[int, tuple[int, str]], number: int) -> None:
    """Fill the next columns of a row with the cells that reach down into it."""
    while (cell := hanging.get(len(line))) and cell[0] >= number:
        line.append(cell[1])
