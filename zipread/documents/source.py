"""What every decoder gives: pages as they lie in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

DPI_RANGE = (50.0, 2400.0)
"""Resolutions outside are a programme's default or a mistake, no scanner's."""


@dataclass(frozen=True, slots=True)
class Raster:
    """A page as decoded.

    ``pixels`` is uint8, (height, width) grey or (height, width, 3) RGB, alpha laid on white.
    ``orientation`` is EXIF's and TIFF's: 1 upright, 2..8 as it must still be turned. ``full`` is
    the page's height and width in the file where it was decoded at a part of its size.
    """

    pixels: NDArray[np.uint8]
    dpi: float | None = None
    orientation: int = 1
    full: tuple[int, int] | None = None


class Source(Protocol):
    """An opened file, page by page. Everything may raise anything: the caller translates."""

    @property
    def page_count(self) -> int:
        """How many pages there are."""

    def decode(self, number: int, coarsely: bool) -> Raster:
        """Page ``number``, from 1; ``coarsely`` allows the size it is read at, where that is less.

        Only those decoders take it up to whom that is less work.
        """

    def close(self) -> None:
        """Let go of whatever is held."""


@dataclass(frozen=True, slots=True)
class SinglePage:
    """The source of formats that hold one picture."""

    decode_it: Callable[[], Raster]
    page_count: int = 1
    decode_coarsely: Callable[[], Raster] | None = None

    def decode(self, number: int, coarsely: bool) -> Raster:  # noqa: ARG002 (there is but one)
        """The picture."""
        return self.decode_coarsely() if coarsely and self.decode_coarsely else self.decode_it()

    def close(self) -> None:
        """Nothing is held."""


def believable_dpi(horizontal: float, vertical: float) -> float | None:
    """The resolution in dots per inch, if it can be a scanner's and is the same both ways."""
    least, most = DPI_RANGE
    alike = abs(horizontal - vertical) <= 0.05 * max(horizontal, vertical)
    return float(horizontal) if alike and least <= horizontal <= most else None
