"""Drawings within drawings in a PDF file: ten in each of ten, some levels deep, never end.

PDFium makes each of them before it draws the first: of a file of 2 KB, a gigabyte in seconds.

Source: ISO 32000-1, 8.10 (form XObjects).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

MOST_DRAWINGS = 20_000
"""PDFium makes as many in a fifth of a second; the page of an envelope has a handful."""

MOST_LEVELS = 40
"""PDFium goes no deeper."""

_NAME = rb"/([^\s/<>\[\]()]{1,127})\s{1,4}"
_DO = re.compile(_NAME + rb"Do\b")
_NAMED = re.compile(_NAME + rb"(\d{1,10})\s{1,4}\d{1,5}\s{1,4}R\b")
_FORM = re.compile(rb"/Subtype\s*/Form\b")


@dataclass(frozen=True, slots=True)
class _Form:
    """How often it draws what, by name, and the numbers of the objects that have these names."""

    draws: Counter[bytes]
    names: dict[bytes, bytes]


@dataclass
class Forms:
    """The forms of a file, and what else draws. Names that are given elsewhere are not followed."""

    _forms: dict[bytes, _Form] = field(default_factory=dict)
    _pages: list[Counter[bytes]] = field(default_factory=list)
    _totals: dict[bytes, int] = field(default_factory=dict)

    def add(self, number: bytes, dictionary: bytes, drawing: bytes) -> None:
        """Take in the stream of an object: its number, its dictionary and its content."""
        draws = Counter(_DO.findall(drawing))
        if draws and _FORM.search(dictionary):
            self._forms[number] = _Form(draws, dict(_NAMED.findall(dictionary)))
        elif draws:
            self._pages.append(draws)

    def are_too_many(self, content: bytes) -> bool:
        """Whether something comes to more than :data:`MOST_DRAWINGS` drawings."""
        if not self._forms:
            return False
        sizes: dict[bytes, int] = {}
        for name, number in _NAMED.findall(content):
            sizes[name] = max(sizes.get(name, 0), self._total(number, 0))
        pages = (
            sum(count * (1 + sizes.get(name, 0)) for name, count in page.items())
            for page in self._pages
        )
        return max(*self._totals.values(), *pages, 0) > MOST_DRAWINGS

    def _total(self, number: bytes, level: int) -> int:
        """How many drawings are within a form, those within them as well; none within itself."""
        form = self._forms.get(number)
        if form is None or level > MOST_LEVELS:
            return 0
        if number not in self._totals:
            self._totals[number] = 0
            self._totals[number] = sum(
                count * (1 + self._total(form.names.get(name, b""), level + 1))
                for name, count in form.draws.items()
            )
        return self._totals[number]
