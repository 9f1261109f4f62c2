"""What a page says, line by line, as the formats of the field tell it: place, texts, glyphs.

Boxes are in pixels of the page as opened, which is what other programs open: a page that was turned
to be read is not turned here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zipread.reading import Box, joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zipread.reading import Digit, Field, PageReading


@dataclass(frozen=True, slots=True)
class Said:
    """A text and the probability that it is right; ``by`` names the people who keyed it."""

    text: str
    probability: float
    by: str = ""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One digit: its place, and what it may be, the chosen one first."""

    box: Box
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One code: the field's name, its place, what it may say, the chosen text first, its digits."""

    name: str
    box: Box
    said: tuple[Said, ...]
    glyphs: tuple[Glyph, ...]


def size_as_opened(page: PageReading) -> tuple[int, int]:
    """Width and height of the page as opened, in pixels."""
    sides = (page.width, page.height)
    return sides if page.rotation % 180 == 0 else (sides[1], sides[0])


def lines_of(page: PageReading) -> tuple[Line, ...]:
    """The lines of a page; none where there is no code, by the machine or by a person's word.

    A code that a person keyed and the machine had not found stands for the whole page.
    """
    if not page.zip:
        return ()
    if not page.fields:
        return (Line("zip", Box(0, 0, *size_as_opened(page)), (_chosen(page),), ()),)
    first, *others = page.fields
    keyed = page.zip + page.zip4 if page.person else ""
    return (
        Line(first.name, as_opened(first.box, page), _said(page), _glyphs(first, page, keyed)),
        *(_as_read(field, page) for field in others),
    )


def as_opened(box: Box, page: PageReading) -> Box:
    """A box of the upright page as it lies on the page as opened."""
    height, width = page.height, page.width
    for _ in range((4 - page.rotation // 90) % 4):
        box = box.turned(height)
        height, width = width, height
    return box


def _chosen(page: PageReading) -> Said:
    who = page.person.who if page.person else ""
    return Said(joined(page.zip, page.zip4), page.confidence, who)


def _said(page: PageReading) -> tuple[Said, ...]:
    """The page's code, then what the machine had read instead, then its alternatives."""
    said = {_chosen(page).text: _chosen(page)}
    if page.person and page.person.machine_zip:
        text = joined(page.person.machine_zip, page.person.machine_zip4)
        said.setdefault(text, Said(text, page.person.machine_confidence))
    for text, probability in _alternatives(page.fields[0]):
        said.setdefault(text, Said(text, probability))
    return tuple(said.values())


def _as_read(field: Field, page: PageReading) -> Line:
    first = Said(joined(field.zip, field.zip4), field.confidence)
    others = (Said(text, probability) for text, probability in _alternatives(field))
    return Line(
        field.name, as_opened(field.box, page), (first, *others), _glyphs(field, page, keyed="")
    )


def _alternatives(field: Field) -> Iterator[tuple[str, float]]:
    for other in field.alternatives:
        yield joined(other.zip, other.zip4), other.probability


def _glyphs(field: Field, page: PageReading, keyed: str) -> tuple[Glyph, ...]:
    """The digits; as the person keyed them where there are as many."""
    labels = keyed if len(keyed) == len(field.digits) else ""
    who = page.person.who if page.person else ""
    return tuple(
        Glyph(as_opened(digit.box, page), tuple(_glyph(digit, labels[i : i + 1], who)))
        for i, digit in enumerate(field.digits)
    )


def _glyph(digit: Digit, label: str, who: str) -> Iterator[Said]:
    if label:
        yield Said(label, 1.0, who)
    for text, probability in (
        (str(digit.digit), digit.confidence),
        (str(digit.runner_up), digit.runner_up_confidence),
    ):
        if text != label:
            yield Said(text, probability)
