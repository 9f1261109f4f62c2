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
_MARGIN = 0.5  # paper looked at around a digit, as a share of its box
_OWN = 0.5  # ink of which so much lies in the digit's box is the digit's


@dataclass
class Exported:
    """How many digits were written, and why pages were left out."""

    digits: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


def export_digits(out: Path, folder: Path, source: Path | None = None) -> Exported:
    """Write each keyed digit's image to ``folder/<digit>/``, dark on light; again changes nothing.

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
    settled = {sha256 for sha256, _ in verdicts.settled()}
    try:
        for document in kept(out, source):
            reading = document.load()
            if reading and reading.source.sha256 in settled:
                _export(document, verdicts.applied(reading), folder, exported)
    except OSError as error:
        raise output_problem(folder, error) from error
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


def _export(document: Kept, reading: DocumentReading, folder: Path, exported: Exported) -> None:
    pages = [(page, labelled(page)) for page in reading.pages]
    keyed = [page for page in reading.pages if page.person and page.zip]
    wanted = [(page, digits) for page, digits in pages if digits]
    exported.left_out["what was keyed is too far from what was read"] += len(keyed) - len(wanted)
    if not wanted:
        return
    try:
        with opened(document.image, reading) as image:
            for page, digits in wanted:
                pixels = upright(image, page)
                for name, label, glyph in _glyphs(pixels, page, digits):
                    _write(folder / label / f"{reading.source.sha256[:16]}-{name}.png", glyph)
                    exported.digits += 1
    except DocumentError as error:
        exported.left_out[str(error)] += len(wanted)


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
