"""The data that the stages hand on: pages in, readings out. Plain, frozen, picklable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def joined(code: str, plus4: str) -> str:
    """A ZIP, or a ZIP+4 as it is written."""
    return f"{code}-{plus4}" if plus4 else code


class Status(StrEnum):
    """What becomes of a page: the sorter's instruction."""

    ACCEPTED = "accepted"
    REVIEW = "review"
    NO_ZIP = "no-zip"
    ERROR = "error"


class Script(StrEnum):
    """How the digits of a field look."""

    HANDWRITTEN = "handwritten"
    PRINTED = "printed"


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-parallel rectangle in pixels: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column behind the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row below the box."""
        return self.y + self.height

    def turned(self, height: int) -> Box:
        """The same place once a page of that height is turned clockwise by 90 degrees."""
        return Box(height - self.bottom, self.x, self.height, self.width)

    def enlarged(self, times: float) -> Box:
        """The same place on a page so many times as large."""
        x, y, width, height = (
            round(times * side) for side in (self.x, self.y, self.width, self.height)
        )
        return Box(x, y, width, height)


@dataclass(frozen=True, slots=True)
class Page:
    """One page as opened: EXIF orientation applied, alpha laid on white, 8 bits a channel.

    ``pixels`` is uint8, (height, width) grey or (height, width, 3) RGB. ``dpi`` is what the file
    claims of them, None where it claims nothing believable. ``full`` is the page's height and width
    in the file, of which ``pixels`` may be a part only; None says that they are all.
    """

    number: int
    pixels: NDArray[np.uint8]
    dpi: float | None = None
    full: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit of a field, with what the model made of it.

    ``position`` counts from 0 within the field. ``confidence`` is the probability of ``digit``
    within the whole reading, ``runner_up`` the next likely digit with ``runner_up_confidence``.
    ``form`` is its 8x8 Digits form, 64 values 0..16 row by row.
    """

    position: int
    digit: int
    confidence: float
    runner_up: int
    runner_up_confidence: float
    box: Box
    form: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of the same field and the probability that it is the right one."""

    zip: str
    zip4: str
    probability: float


@dataclass(frozen=True, slots=True)
class Field:
    """A place on the page that reads as a code.

    ``zip`` holds the code's digits (5 for a US ZIP, more or fewer where a layout says so), ``zip4``
    the four of a ZIP+4 or "". ``confidence`` is the probability that ``zip`` is right,
    ``zip4_confidence`` that both are, 0 without ``zip4``. ``state`` is the US state that seems to
    be written before it, "" if none does.
    """

    name: str
    box: Box
    zip: str
    zip4: str
    confidence: float
    digits: tuple[Digit, ...]
    alternatives: tuple[Alternative, ...] = ()
    script: Script = Script.HANDWRITTEN
    boxed: bool = False
    in_directory: bool | None = None
    zip4_confidence: float = 0.0
    state: str = ""

    def enlarged(self, times: float) -> Field:
        """The same field on a page so many times as large."""
        digits = tuple(replace(digit, box=digit.box.enlarged(times)) for digit in self.digits)
        return replace(self, box=self.box.enlarged(times), digits=digits)


@dataclass(frozen=True, slots=True)
class Keyed:
    """A person's word on a page, and what the machine had made of the page before.

    ``verdict`` is "zip", "no-zip" or "illegible"; ``when`` is UTC in ISO 8601.
    """

    verdict: str
    who: str
    when: str
    machine_status: Status
    machine_zip: str
    machine_zip4: str
    machine_confidence: float
    machine_message: str


@dataclass(frozen=True, slots=True)
class PageReading:
    """What was read of one page and what to do with it.

    ``rotation`` is how the page as opened was turned to stand upright, in degrees clockwise (0, 90,
    180, 270); ``skew`` what was left of it, in degrees. ``width`` and ``height`` are those of the
    upright page: all boxes refer to it. ``error_kind`` is set when status is error. With ``person``
    set, status, code and message are that person's; ``fields`` stay the machine's.
    """

    page: int
    status: Status
    zip: str = ""
    zip4: str = ""
    confidence: float = 0.0
    fields: tuple[Field, ...] = ()
    message: str = ""
    error_kind: str = ""
    rotation: int = 0
    skew: float = 0.0
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    person: Keyed | None = None

    def on(self, full: tuple[int, int] | None) -> PageReading:
        """The reading of a part of a page on all of it: so high and wide as it was opened."""
        if full is None or not self.width:
            return self
        height, width = full[::-1] if self.rotation % 180 else full
        times = width / self.width
        if times == 1:
            return self
        fields = tuple(field.enlarged(times) for field in self.fields)
        return replace(self, fields=fields, width=width, height=height)

    def timed(self, seconds: float) -> PageReading:
        """The same reading with the time that it took."""
        return replace(self, seconds=seconds)


@dataclass(frozen=True, slots=True)
class Source:
    """The file that was read: path as found, size in bytes, SHA-256 of the content in hex."""

    document: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """All pages of one document, and what made the reading: provenance for every result.

    ``model`` is the model's identity (SHA-256 in hex), ``options`` those that shape a result,
    ``version`` zipread's own.
    """

    source: Source
    pages: tuple[PageReading, ...]
    model: str
    options: dict[str, object]
    version: str
