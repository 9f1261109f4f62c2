"""What is written on labelled pages: a truth.csv, read and checked."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zipread.errors import InputProblem, UsageProblem
from zipread.names import visible
from zipread.reading import Box
from zipread.settings import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NEEDED = ("file", "zip")
_BOX = ("x", "y", "w", "h")
_KNOWN = (*_NEEDED, "page", "zip4", "tags", *_BOX)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is on one page.

    ``zip`` is "" where no ZIP may be read. ``box`` is the ZIP's place (a ZIP+4 as a whole) in
    pixels of the page as opened, None where the file does not say; ``tags`` are the kinds of scan
    that it counts for. ``others`` are the cells of all other columns, by column: those named like a
    field of the layout say what is in it.
    """

    file: str
    page: int
    zip: str
    zip4: str = ""
    box: Box | None = None
    tags: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()


def load_truth(path: Path) -> list[Truth]:
    """The rows of a truth.csv: columns file and zip; page, zip4, tags and x, y, w, h if known.

    Columns beyond these are kept: a further field of a layout has one of its name.

    Raises
    ------
    InputProblem
        If the file cannot be read.
    UsageProblem
        If a column is missing, a value is none of its column's, or a page has two rows.
    """
    name = visible(str(path))
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file)
            columns, rows = table.fieldnames or (), list(table)
    except OSError as error:
        raise InputProblem(f"The truth {name} cannot be read: {error.strerror}.") from error
    except (ValueError, csv.Error) as error:
        raise UsageProblem(f"The truth {name} is no CSV file in UTF-8: {error}.") from error
    for needed in _NEEDED:
        if needed not in columns:
            hint = nearest(needed, columns)
            raise UsageProblem(f"The truth {name} has no column {needed!r}.{hint}")
    truths = [_truth(row, f"The truth {name}, line {n}") for n, row in enumerate(rows, 2)]
    if not truths:
        raise UsageProblem(f"The truth {name} has no rows.")
    seen: set[tuple[str, int]] = set()
    for truth in truths:
        if (truth.file, truth.page) in seen:
            text = f"The truth {name} has two rows for page {truth.page} of {visible(truth.file)}."
            raise UsageProblem(text)
        seen.add((truth.file, truth.page))
    return truths


def _truth(row: Mapping[str, str | None], where: str) -> Truth:
    cells = {key: (row.get(key) or "").strip() for key in _KNOWN}
    for key in ("zip", "zip4"):
        if cells[key] and not (cells[key].isascii() and cells[key].isdigit()):
            raise UsageProblem(f"{where}: {key} is digits, not {visible(cells[key])!r}.")
    page = cells["page"] or "1"
    if not (page.isascii() and page.isdigit() and int(page) > 0):
        raise UsageProblem(f"{where}: page is a number from 1 on, not {visible(page)!r}.")
    return Truth(
        cells["file"],
        int(page),
        cells["zip"],
        cells["zip4"],
        _box([cells[key] for key in _BOX], where),
        tuple(sorted(set(cells["tags"].split()))),
        tuple(
            (key, (cell or "").strip()) for key, cell in row.items() if key and key not in _KNOWN
        ),
    )


def _box(cells: list[str], where: str) -> Box | None:
    if not all(cells):
        return None
    try:
        return Box(*(round(float(cell)) for cell in cells))
    except (ValueError, OverflowError) as error:
        raise UsageProblem(f"{where}: x, y, w and h are numbers of pixels.") from error
