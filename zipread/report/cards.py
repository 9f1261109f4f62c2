"""One document's pages as cards: what the report shows of each, made in a worker process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zipread.errors import DocumentError
from zipread.names import visible
from zipread.reading import Status, joined
from zipread.report.crops import crop_of, thumbnail
from zipread.shelf import opened, upright

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from zipread.documents.opening import Document
    from zipread.reading import Digit, DocumentReading, Field, Keyed, PageReading
    from zipread.report.crops import Crop
    from zipread.shelf import Kept


@dataclass(frozen=True, slots=True)
class Card:
    """A page: its reading, its picture or why there is none. Texts are safe to show, not escaped.

    ``page`` is 0 for the only page of a document.
    """

    document: str
    page: int
    reading: PageReading
    crop: Crop | None
    no_crop: str

    @property
    def status(self) -> Status:
        """What became of the page."""
        return self.reading.status

    @property
    def field(self) -> Field | None:
        """The field that was read."""
        return self.reading.fields[0] if self.reading.fields else None

    @property
    def digits(self) -> tuple[Digit, ...]:
        """The digits of the field."""
        return self.field.digits if self.field else ()

    @property
    def other_fields(self) -> tuple[tuple[str, str, float], ...]:
        """Name, code and probability of the fields of a layout besides the first."""
        others = self.reading.fields[1:]
        return tuple((visible(f.name), joined(f.zip, f.zip4), f.confidence) for f in others)

    @property
    def person(self) -> Keyed | None:
        """The person's word, if there is one."""
        return self.reading.person

    @property
    def code(self) -> str:
        """ZIP or ZIP+4."""
        return joined(self.reading.zip, self.reading.zip4)

    @property
    def message(self) -> str:
        """The message without what could act."""
        return visible(self.reading.message)

    @property
    def alternatives(self) -> tuple[tuple[str, float], ...]:
        """Other readings and their probabilities."""
        if not self.field:
            return ()
        return tuple((joined(a.zip, a.zip4), a.probability) for a in self.field.alternatives)


def cards_of(kept: Kept, *, crops: bool = True) -> list[Card]:
    """The cards of a document's pages; none if its record is gone or cannot be read."""
    reading = kept.load()
    if reading is None:
        return []
    if not crops or all(page.status is Status.ERROR for page in reading.pages):
        return [_card(reading, page, None, "") for page in reading.pages]
    try:
        with opened(kept.image, reading) as document:
            return list(_with_crops(reading, document))
    except DocumentError as error:
        return [_card(reading, page, None, str(error)) for page in reading.pages]


def _with_crops(reading: DocumentReading, document: Document) -> Iterator[Card]:
    for page in reading.pages:
        crop, why = None, ""
        try:
            if page.status is not Status.ERROR:
                crop = _crop(upright(document, page), page)
        except DocumentError as error:
            why = str(error)
        yield _card(reading, page, crop, why)


def _crop(pixels: NDArray[np.uint8], page: PageReading) -> Crop:
    """The field with its digits, or the page where there is no field."""
    if not page.fields:
        return thumbnail(pixels)
    field = page.fields[0]
    return crop_of(pixels, field.box, [digit.box for digit in field.digits])


def _card(reading: DocumentReading, page: PageReading, crop: Crop | None, why: str) -> Card:
    number = page.page if len(reading.pages) > 1 else 0
    return Card(visible(reading.source.document), number, page, crop, visible(why))
