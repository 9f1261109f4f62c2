"""What people keyed as labelled digits: images in folders 0 to 9, to train on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np

from zipread.errors import DocumentError
from zipread.reading import Box
from zipread.shelf import check_results, cut, kept, opened, upright
from zipread.storage import output_problem
from zipread.verdicts import Verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from zipread.reading import Digit, DocumentReading, PageReading
    from zipread.shelf import Kept

LEAST_AGREEMENT = 3
"""Of the five digits keyed, at least so many must be what the machine read: else it may have looked
at another line, or cut the digits in other places, and the labels would be wrong."""
_TOO_FAR = "what was keyed is too far from what was read"
_MARGIN = 0.5  # paper looked at around a digit, as a share of its box
_OWN = 0.5  # ink of which so much lies in the digit's box is the digit's


@dataclass
class Exported:
    """How many digits were written, and why pages were left out."""

    digits: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Exported) -> Exported:
        """Both together."""
        return Exported(self.digits + other.digits, self.left_out + other.left_out)


def export_digits(out: Path, folder: Path, source: Path | None = None) -> Exported:
    """Write each keyed digit's image to ``folder/<digit>/``, dark on light; again changes nothing.

    What an earlier export wrote of these results and is keyed otherwise by now, or no more, is
    taken away: a digit has one label.

    Raises
    ------
    InputProblem
        If there are no results.
    OutputProblem
        If an image cannot be written.
    """
    check_results(out)
    exported = Exported()
    verdicts = Verdicts(out)
    written: set[Path] = set()
    renewed: set[str] = set()
    try:
        for document in kept(out, source):
            read = document.load()
            if read is None or not read.source.sha256:
                continue
            reading = verdicts.applied(read)
            try:
                written |= _export(document, reading, folder, exported)
                renewed.add(_prefix(reading))
            except DocumentError as error:
                exported.left_out[str(error)] += len(_keyed(reading))
        for path in set(folder.glob("[0-9]/*.png")) - written:
            if path.name.partition("-")[0] in renewed:
                path.unlink()
    except OSError as error:
        raise output_problem(folder, error) from error
    exported.digits = len(written)
    return exported


def labelled(page: PageReading) -> list[tuple[Digit, str]]:
    """The digits of a page that a person keyed, each with its label; none if they may not match."""
    if page.person is None or not page.zip or not page.fields:
        return []
    found = page.fields[0]
    read, keyed = found.zip + found.zip4, page.zip + page.zip4
    agreeing = sum(a == b for a, b in zip(read[:5], keyed[:5], strict=False))
    if len(found.zip) != len(page.zip) or agreeing < LEAST_AGREEMENT:
        return []
    return list(zip(found.digits, keyed, strict=False))


def _keyed(reading: DocumentReading) -> list[PageReading]:
    return [page for page in reading.pages if page.person and page.zip]


def _prefix(reading: DocumentReading) -> str:
    """What the names of a document's digits begin with."""
    return reading.source.sha256[:16]


def _export(
    document: Kept, reading: DocumentReading, folder: Path, exported: Exported
) -> set[Path]:
    """The files written of a document's keyed pages."""
    keyed = _keyed(reading)
    wanted = [(page, digits) for page in keyed if (digits := labelled(page))]
    if len(wanted) < len(keyed):
        exported.left_out[_TOO_FAR] += len(keyed) - len(wanted)
    written = set()
    if wanted:
        with opened(document.image, reading) as image:
            for page, digits in wanted:
                for name, label, glyph in _glyphs(upright(image, page), page, digits):
                    path = folder / label / f"{_prefix(reading)}-{name}.png"
                    _write(path, glyph)
                    written.add(path)
    return written


def _glyphs(
    pixels: NDArray[np.uint8], page: PageReading, digits: list[tuple[Digit, str]]
) -> Iterator[tuple[str, str, NDArray[np.uint8]]]:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if pixels.ndim == 3 else pixels
    for digit, label in digits:
        yield f"{page.page}-{digit.position}", label, glyph_of(grey, digit.box)


def glyph_of(grey: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """A digit's image without what reaches into its box from beside: (height, width) grey."""
    by = max(2, round(_MARGIN * min(box.width, box.height)))
    around = Box(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by)
    piece = cut(grey, around).copy()
    left, top = box.x - max(around.x, 0), box.y - max(around.y, 0)
    inside = np.zeros(piece.shape, bool)
    inside[top : top + box.height, left : left + box.width] = True
    _, ink = cv2.threshold(piece, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    count, labels = cv2.connectedComponents(ink.astype(np.uint8))
    whole = np.bincount(labels.ravel(), minlength=count)
    within = np.bincount(labels[inside], minlength=count)
    foreign = within < _OWN * whole
    foreign[0] = False
    blot = cv2.dilate(foreign[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    piece[blot] = np.median(piece[ink == 0]) if (ink == 0).any() else 255
    return piece[max(0, top - 2) : top + box.height + 2, max(0, left - 2) : left + box.width + 2]


def _write(path: Path, glyph: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _, encoded = cv2.imencode(".png", glyph)
    draft = path.with_suffix(".draft")
    draft.write_bytes(encoded.tobytes())
    draft.replace(path)
