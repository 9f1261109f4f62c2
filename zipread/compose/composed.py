"""What every composer gives: a picture and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from zipread.reading import Box


@dataclass(frozen=True, slots=True)
class Composed:
    """A composed picture.

    ``pixels`` is uint8, (height, width) grey or (height, width, 3) RGB; ``zip`` and ``zip4`` its
    truth, "" where there is none; ``box`` the ZIP's ink (a ZIP+4 as a whole) in pixels of the
    picture; ``format`` how it should be written: png, jpg, or tif (bilevel, CCITT G4);
    ``quality`` is JPEG's.
    """

    pixels: NDArray[np.uint8]
    zip: str
    zip4: str
    box: Box | None
    dpi: int
    tags: tuple[str, ...]
    format: str = "png"
    quality: int = 90

    def cropped(self, left: int, top: int, right: int, bottom: int, *tags: str) -> Composed:
        """The part between these columns and rows (kept within the picture), tagged so."""
        height, width = self.pixels.shape[:2]
        x, y = max(0, left), max(0, top)
        pixels = np.ascontiguousarray(self.pixels[y : min(height, bottom), x : min(width, right)])
        box = self.box and Box(self.box.x - x, self.box.y - y, self.box.width, self.box.height)
        return replace(self, pixels=pixels, box=box, tags=tuple(sorted({*self.tags, *tags})))
