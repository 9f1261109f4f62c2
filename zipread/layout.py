"""A page with fixed places: a TOML file that names fields by where they are.

::

    unit = "mm"                # or "fraction" of the page's width and height, the default
    page = [148, 210]          # the page's size in mm; without it the scan's resolution counts

    [fields.zip]
    x = 42                     # left edge, then top edge, of the upright page
    y = 60.5
    width = 45
    height = 9
    boxes = 5                  # printed boxes, one a digit; the place is their outline
    us_zip = true              # five digits or five and four, the ZIP directory as a prior

    [fields.member]
    x = 42
    y = 102
    width = 60
    height = 9
    digits = "6..9"            # or a number, or a list of numbers
    optional = true            # may be left blank

The field named ``zip``, else the first, is the page's ZIP in ``documents.csv``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zipread.errors import DocumentError, ErrorKind, UsageProblem
from zipread.names import visible
from zipread.outputs.tables import PAGE_COLUMNS
from zipread.settings import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAIN = "zip"
FEWEST, MOST = 2, 15
"""Digits that a field may have."""
_UNITS = ("fraction", "mm")
_PAGE_KEYS = ("unit", "page", "fields")
_PLACE = ("x", "y", "width", "height")
_FIELD_KEYS = (*_PLACE, "digits", "boxes", "us_zip", "optional")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_TAKEN = frozenset({*PAGE_COLUMNS, "bin"} - {MAIN})
"""Columns that documents.csv has without a layout, but for the main field's."""
_RANGE = re.compile(r"\s*(\d{1,3})\s*\.\.\s*(\d{1,3})\s*", re.ASCII)
_MM_AN_INCH = 25.4


@dataclass(frozen=True, slots=True)
class Region:
    """A level rectangle of the upright page, in pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class FieldLayout:
    """A field: its place in the layout's unit, and what is written there.

    ``lengths`` are the counts of digits it may have, each in groups: (5, 4) for a ZIP with or
    without its +4. ``boxes`` is how many printed ones it has, 0 for none.
    """

    name: str
    x: float
    y: float
    width: float
    height: float
    lengths: tuple[tuple[int, ...], ...]
    boxes: int = 0
    us_zip: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields of a page, the main one first; ``page`` is its width and height in mm."""

    fields: tuple[FieldLayout, ...]
    unit: str = "fraction"
    page: tuple[float, float] | None = None

    def region(self, field: FieldLayout, width: int, height: int, dpi: float | None) -> Region:
        """Where a field is on an upright page of that many pixels.

        Raises
        ------
        DocumentError
            If the place is in millimetres and neither page size nor resolution is known.
        """
        across, down = self._scale(width, height, dpi)
        return Region(field.x * across, field.y * down, field.width * across, field.height * down)

    def _scale(self, width: int, height: int, dpi: float | None) -> tuple[float, float]:
        if self.unit == "fraction":
            return float(width), float(height)
        if self.page:
            return width / self.page[0], height / self.page[1]
        if not dpi:
            text = (
                "The layout is in millimetres and the file does not say its resolution: give the "
                "page's size in the layout (page = [210, 297]), or fractions."
            )
            raise DocumentError(ErrorKind.UNSUPPORTED, text)
        return dpi / _MM_AN_INCH, dpi / _MM_AN_INCH


def load_layout(path: Path) -> Layout:
    """Read a layout.

    Raises
    ------
    UsageProblem
        If the file cannot be read, or holds a key or a value that is none; the text names it.
    """
    name = f"The layout {visible(str(path))}"
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except OSError as error:
        raise UsageProblem(f"{name} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageProblem(f"{name} is no TOML: {error}.") from error
    return _layout(table, name)


def _layout(table: Mapping[str, Any], name: str) -> Layout:
    _refuse_unknown(table, _PAGE_KEYS, name)
    unit = table.get("unit", "fraction")
    if unit not in _UNITS:
        hint = nearest(str(unit), _UNITS)
        raise UsageProblem(f'{name}: unit is "fraction" or "mm", not {unit!r}.{hint}')
    named = table.get("fields")
    if not isinstance(named, dict) or not named:
        raise UsageProblem(f"{name} has no fields: give each a table [fields.NAME].")
    fields = [_field(key, value, f"{name}, field {visible(key)}") for key, value in named.items()]
    fields.sort(key=lambda field: field.name != MAIN)
    layout = Layout(tuple(fields), unit, _page(table, unit, name))
    for field in fields:
        _refuse_outside(field, layout, name)
    return layout


def _page(table: Mapping[str, Any], unit: str, name: str) -> tuple[float, float] | None:
    size = table.get("page")
    if size is None:
        return None
    if unit != "mm":
        raise UsageProblem(f'{name}: page is for unit = "mm" alone.')
    if not isinstance(size, list) or len(size) != 2 or not all(_is_length(v) for v in size):
        raise UsageProblem(f"{name}: page is [width, height] in mm, not {size!r}.")
    return float(size[0]), float(size[1])


def _field(key: str, table: Any, where: str) -> FieldLayout:
    if not _NAME.fullmatch(key) or key in _TAKEN:
        why = "a column of documents.csv" if key in _TAKEN else "no name: letters, digits, _ and -"
        raise UsageProblem(f"{where}: {visible(key)!r} is {why}.")
    if not isinstance(table, dict):
        raise UsageProblem(f"{where} is a table [fields.{key}], not {table!r}.")
    _refuse_unknown(table, _FIELD_KEYS, where)
    for name in _PLACE:
        if name not in table:
            raise UsageProblem(f"{where}: {name} is missing.")
        least = name in ("x", "y")
        if not (_is_length(table[name]) or (least and table[name] == 0)):
            raise UsageProblem(f"{where}: {name} is a number from 0 on, not {table[name]!r}.")
    boxes = table.get("boxes", 0)
    if type(boxes) is not int or not (boxes == 0 or FEWEST <= boxes <= MOST):
        text = f"{where}: boxes is how many there are, {FEWEST} to {MOST}, or 0, not {boxes!r}."
        raise UsageProblem(text)
    us_zip = _flag(table, "us_zip", where)
    lengths = _zip_lengths(table, where) if us_zip else _lengths(table, boxes, where)
    if boxes and min(sum(length[:1]) for length in lengths) > boxes:
        raise UsageProblem(f"{where}: {boxes} boxes do not hold its digits.")
    x, y, width, height = (float(table[name]) for name in _PLACE)
    optional = _flag(table, "optional", where)
    return FieldLayout(key, x, y, width, height, lengths, boxes, us_zip, optional)


def _zip_lengths(table: Mapping[str, Any], where: str) -> tuple[tuple[int, ...], ...]:
    digits = table.get("digits", 9)
    if digits not in (5, 9) or isinstance(digits, bool):
        text = f"{where}: a us_zip has digits = 5, or 9 for a ZIP+4 where there is one"
        raise UsageProblem(f"{text}, not {digits!r}.")
    with_plus4 = digits == 9 and table.get("boxes", 0) in (0, 9, 10)
    return ((5, 4),) if with_plus4 else ((5,),)


def _lengths(table: Mapping[str, Any], boxes: int, where: str) -> tuple[tuple[int, ...], ...]:
    """The counts of digits, as many as boxes where nothing else is said."""
    digits = table.get("digits", boxes or None)
    if digits is None:
        raise UsageProblem(f"{where}: digits is missing: how many it has.")
    counts = digits if isinstance(digits, list) else [digits]
    if isinstance(digits, str) and (found := _RANGE.fullmatch(digits)):
        counts = list(range(int(found[1]), int(found[2]) + 1))
    good = all(type(n) is int and FEWEST <= n <= MOST for n in counts)
    if not counts or not good:
        text = f'{where}: digits is a number from {FEWEST} to {MOST}, a range "4..9" or a list'
        raise UsageProblem(f"{text}, not {digits!r}.")
    return tuple((n,) for n in sorted(set(counts)))


def _flag(table: Mapping[str, Any], key: str, where: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise UsageProblem(f"{where}: {key} is true or false, not {value!r}.")
    return value


def _is_length(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e5


def _refuse_unknown(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise UsageProblem(f"{where}: there is no key {visible(key)!r}.{nearest(key, known)}")


def _refuse_outside(field: FieldLayout, layout: Layout, name: str) -> None:
    """A place beyond the page is a slip of the unit, most likely."""
    if layout.unit == "mm" and not layout.page:
        return
    width, height = layout.page or (1.0, 1.0)
    if field.x + field.width > 1.001 * width or field.y + field.height > 1.001 * height:
        text = f"{name}, field {field.name}: its place reaches beyond the page"
        hint = ' Do you mean unit = "mm"?' if layout.unit == "fraction" else ""
        raise UsageProblem(f"{text} ({width:g} x {height:g}).{hint}")
