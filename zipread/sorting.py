"""Sort plans: which bin a page's ZIP goes to.

A plan is a CSV file of two columns, a ZIP prefix or range of prefixes and a bin::

    zip,bin
    021,Boston
    10000-10499,New York
    *,Other
    reject,Look at

The narrowest entry that a ZIP falls in decides. What is not accepted, and what no entry matches,
goes to the reject bin.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zipread.errors import UsageProblem
from zipread.names import visible
from zipread.reading import Status

if TYPE_CHECKING:
    from zipread.outputs.tables import PageRow

_ENTRY = re.compile(r"(\d{1,9})(?:\s*-\s*(\d{1,9}))?", re.ASCII)
_LONGEST = 9
REJECT = "reject"


@dataclass(frozen=True, slots=True)
class _Span:
    first: str
    last: str
    bin: str

    def holds(self, code: str) -> bool:
        return self.first <= code[: len(self.first)] and code[: len(self.last)] <= self.last

    @property
    def width(self) -> int:
        low, high = self.first.ljust(_LONGEST, "0"), self.last.ljust(_LONGEST, "9")
        return int(high) - int(low)


@dataclass(frozen=True, slots=True)
class SortPlan:
    """A plan: spans of ZIPs from the narrowest to the widest, and where the rest goes."""

    spans: tuple[_Span, ...]
    reject: str = REJECT

    def bin_of(self, row: PageRow) -> str:
        """The bin of a page."""
        if row.status is not Status.ACCEPTED:
            return self.reject
        return next((span.bin for span in self.spans if span.holds(row.zip)), self.reject)


def load_plan(path: Path) -> SortPlan:
    """Read a plan's file.

    Raises
    ------
    UsageProblem
        If it cannot be read, or a line of it is no plan: the text names the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [(number, row) for number, row in enumerate(csv.reader(file), 1) if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageProblem(
            f"The sort plan {visible(str(path))} cannot be read: {error}."
        ) from error
    spans, reject = [], REJECT
    for number, row in lines:
        key, name = _cells(path, number, row)
        if key == "zip" and number == lines[0][0]:
            continue
        if key == "reject":
            reject = name
        else:
            spans.append(_span(path, number, key, name))
    return SortPlan(tuple(sorted(spans, key=lambda span: span.width)), reject)


def _cells(path: Path, number: int, row: list[str]) -> tuple[str, str]:
    if len(row) != 2 or not row[1].strip():
        raise _wrong(path, number, "two columns are needed, ZIP and bin")
    key, name = row[0].strip().lower(), row[1].strip()
    if "/" in name or "\0" in name or name.startswith("."):
        raise _wrong(path, number, f"{name!r} cannot name a folder")
    return key, name


def _span(path: Path, number: int, key: str, name: str) -> _Span:
    if key == "*":
        return _Span("", "", name)
    match = _ENTRY.fullmatch(key)
    if not match:
        raise _wrong(path, number, f"{key!r} is no prefix (021), range (10000-10499) or *")
    first, last = match[1], match[2] or match[1]
    if len(first) != len(last) or first > last:
        raise _wrong(path, number, f"{key!r} is no range of two prefixes of one length")
    return _Span(first, last, name)


def _wrong(path: Path, number: int, what: str) -> UsageProblem:
    return UsageProblem(f"The sort plan {visible(str(path))}, line {number}: {what}.")
