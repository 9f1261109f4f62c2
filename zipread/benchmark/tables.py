"""Figures as a table for people and as JSON for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Figure = str | float | int | None
"""A cell; None is what could not be measured here."""


@dataclass(frozen=True, slots=True)
class Table:
    """What one part of the benchmark found; ``note`` says how it was measured."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Figure, ...], ...]
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """The rows as objects, and the note."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {"note": self.note, "rows": rows}

    def as_text(self) -> str:
        """The table in columns, numbers to the right."""
        return "\n".join([f"== {self.name}", *self._lines(), self.note]).rstrip() + "\n"

    def _lines(self) -> Iterator[str]:
        shown = [self.columns, *(tuple(map(_shown, row)) for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
        for cells in shown:
            padded = [
                cell.rjust(width) if i else cell.ljust(width)
                for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
            ]
            yield "  ".join(padded).rstrip()


def _shown(value: Figure) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else value
