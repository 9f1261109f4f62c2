"""The CSV tables: one row a digit for each document, and documents.csv with one row a page.

A cell can do nothing in a spreadsheet: text that starts like a formula gets an apostrophe in front,
text with anything but plain characters is quoted, and control characters are written as escapes. A
ZIP such as ``02134`` is left as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zipread.names import visible
from zipread.reading import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from zipread.reading import DocumentReading, PageReading

PAGE_COLUMNS = (
    "document",
    "page",
    "status",
    "zip",
    "zip4",
    "confidence",
    "seconds",
    "message",
    "by",
    "zip4_confidence",
)
DIGIT_COLUMNS = (
    "page",
    "field",
    "position",
    "digit",
    "confidence",
    "runner_up",
    "runner_up_confidence",
    "x",
    "y",
    "width",
    "height",
)

_PLAIN = re.compile(r"[\w ./~@:#+()-]*", re.ASCII)
_FORMULA = re.compile(r"[\s'\"]*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212]")


@dataclass(frozen=True, slots=True)
class FieldCell:
    """What a page's further field reads, with the probability that it is right."""

    name: str
    code: str
    confidence: float


@dataclass(frozen=True, slots=True)
class PageRow:
    """A row of documents.csv, and what a summary counts.

    ``fields`` are the fields of a layout but for the main one, which is the ZIP.
    """

    document: str
    page: int
    status: Status
    zip: str
    zip4: str
    confidence: float
    seconds: float
    message: str
    error_kind: str = ""
    by: str = "machine"
    fields: tuple[FieldCell, ...] = ()
    zip4_confidence: float = 0.0


def page_row(document: str, page: PageReading) -> PageRow:
    """The row of one page."""
    return PageRow(
        document,
        page.page,
        page.status,
        page.zip,
        page.zip4,
        page.confidence,
        page.seconds,
        page.message,
        page.error_kind,
        "person" if page.person else "machine",
        tuple(FieldCell(f.name, f"{f.zip}{f.zip4}", f.confidence) for f in page.fields[1:]),
        _zip4_confidence(page),
    )


def _zip4_confidence(page: PageReading) -> float:
    """Probability that the page's ZIP+4 is right, 0 if it has none; what a person keyed is."""
    if page.zip4 and page.person:
        return 1.0
    return page.fields[0].zip4_confidence if page.zip4 and page.fields else 0.0


def page_rows(reading: DocumentReading) -> tuple[PageRow, ...]:
    """The rows of a document, in the order of its pages."""
    return tuple(page_row(reading.source.document, page) for page in reading.pages)


def documents_table(
    rows: Iterable[PageRow],
    bin_of: Callable[[PageRow], str] | None = None,
    fields: Sequence[str] = (),
) -> Iterator[str]:
    """The lines of documents.csv.

    ``bin_of`` adds the column ``bin``; each name of ``fields`` adds two at the end, what that
    field of a layout reads and its confidence.
    """
    extra = ("bin",) if bin_of else ()
    named = (column for name in fields for column in (name, f"{name}_confidence"))
    body = (
        [*_page_cells(row), *([bin_of(row)] if bin_of else []), *_field_cells(row, fields)]
        for row in rows
    )
    return _csv((*PAGE_COLUMNS, *extra, *named), body)


def _field_cells(row: PageRow, fields: Sequence[str]) -> Iterator[str]:
    found = {cell.name: cell for cell in row.fields}
    for name in fields:
        cell = found.get(name)
        yield from (cell.code, _fraction(cell.confidence)) if cell else ("", "")


def digits_table(reading: DocumentReading) -> Iterator[str]:
    """The lines of one document's CSV, a row a digit."""
    return _csv(DIGIT_COLUMNS, _digit_cells(reading.pages))


def _page_cells(row: PageRow) -> list[Any]:
    return [
        row.document,
        row.page,
        str(row.status),
        row.zip,
        row.zip4,
        _fraction(row.confidence),
        f"{row.seconds:.3f}",
        row.message,
        row.by,
        _fraction(row.zip4_confidence) if row.zip4 else "",
    ]


def _digit_cells(pages: Iterable[PageReading]) -> Iterator[list[Any]]:
    for page in pages:
        for field in page.fields:
            for digit in field.digits:
                box = digit.box
                yield [
                    page.page,
                    field.name,
                    digit.position,
                    digit.digit,
                    _fraction(digit.confidence),
                    digit.runner_up,
                    _fraction(digit.runner_up_confidence),
                    *(box.x, box.y, box.width, box.height),
                ]


def _fraction(value: float) -> str:
    return f"{value:.6f}"


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield ",".join(columns) + "\n"
    for row in rows:
        yield ",".join(map(_cell, row)) + "\n"


def _cell(value: Any) -> str:
    if not isinstance(value, str):
        return str(value)
    text = inert(value)
    return text if _PLAIN.fullmatch(text) else '"' + text.replace('"', '""') + '"'


def inert(text: str) -> str:
    """Text that a spreadsheet shows and does not run."""
    shown = visible(text)
    return f"'{shown}" if _FORMULA.match(text) else shown
