"""Letters: handwriting typefaces, printed typefaces, and real handwritten words where given."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from zipread.compose.canvas import to_bytes
from zipread.compose.chance import Rng, pick

Mask = NDArray[np.uint8]


@lru_cache(maxsize=256)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font file; sizes are given by the height of its capitals in pixels."""

    path: str

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return Path(self.path).stem

    def _sized(self, capitals: float) -> ImageFont.FreeTypeFont:
        return _font(self.path, max(4, round(100 * capitals / _capital_height(self.path))))

    def draw(self, text: str, capitals: float) -> Mask:
        """The text as a mask, 0..255, its baseline at :meth:`ascent` rows from the top."""
        font = self._sized(capitals)
        left, _, right, _ = font.getbbox(text, anchor="ls")
        top, bottom = self._extent(capitals)
        image = Image.new("L", (max(1, round(right - left) + 2), top + bottom))
        ImageDraw.Draw(image).text((1 - left, top), text, fill=255, font=font, anchor="ls")
        return np.asarray(image)

    def _extent(self, capitals: float) -> tuple[int, int]:
        return round(1.6 * capitals) + 1, round(0.8 * capitals) + 1

    def ascent(self, capitals: float) -> int:
        """Rows above the baseline of what :meth:`draw` gives."""
        return self._extent(capitals)[0]

    def stroke(self, capitals: float) -> float:
        """The width of its strokes in pixels."""
        return _stroke_share(self.path) * capitals


@cache
def _capital_height(path: str) -> float:
    """The height of an H in hundredths of the font size."""
    _, top, _, bottom = _font(path, 100).getbbox("HEN", anchor="ls")
    return max(20.0, float(bottom - top))


@cache
def _stroke_share(path: str) -> float:
    """Stroke width as a share of the capitals' height."""
    mask = Typeface(path).draw("HNoelt", 60)
    inside = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 5)
    return 2.4 * float(np.mean(inside[inside > 0])) * 1.5 / 60


@cache
def _typefaces(folder: str) -> tuple[Typeface, ...]:
    place = files("zipread.compose") / "fonts" / folder
    names = sorted(entry.name for entry in place.iterdir() if entry.name.endswith(".ttf"))
    return tuple(Typeface(str(place / name)) for name in names)


def handwriting() -> tuple[Typeface, ...]:
    """The handwriting typefaces that come with the package."""
    return _typefaces("hand")


def printed() -> tuple[Typeface, ...]:
    """The printed typefaces that come with the package."""
    return _typefaces("print")


def repen(mask: Mask, width: float, wanted: float) -> Mask:
    """Strokes of ``width`` pixels made ``wanted`` wide, as far as letters stay letters."""
    grow = float(np.clip((wanted - width) / 2, -0.22 * width, 0.6 * width))
    if abs(grow) < 0.2:
        return mask
    solid = (mask > 127).astype(np.uint8)
    inner = cv2.distanceTransform(solid, cv2.DIST_L2, 3)
    outer = cv2.distanceTransform(1 - solid, cv2.DIST_L2, 3)
    fringe = mask.astype(np.float32) / 255 - 0.5  # keeps the edge's subpixel place
    field = np.where(solid > 0, inner - 0.5, 0.5 - outer) + np.clip(fringe, -0.5, 0.5) + grow
    return to_bytes(128 + field * 200)


@dataclass(frozen=True, slots=True)
class WordSupply:
    """Pictures of real handwritten words, by writer."""

    by_writer: Mapping[str, tuple[str, ...]]

    @classmethod
    def from_folder(cls, folder: Path) -> WordSupply:
        """Words from ``folder`` with its words.csv (file, text, writer)."""
        by_writer: dict[str, list[str]] = {}
        with (folder / "words.csv").open(newline="", encoding="utf-8") as rows:
            for row in csv.DictReader(rows):
                by_writer.setdefault(row["writer"], []).append(str(folder / row["file"]))
        return cls({writer: tuple(paths) for writer, paths in sorted(by_writer.items())})

    def writer(self, rng: Rng) -> tuple[str, ...]:
        """The word pictures of one writer."""
        return self.by_writer[pick(rng, list(self.by_writer))]


def word_mask(path: str, height: float) -> Mask:
    """A word picture (dark on light) as a mask about ``height`` pixels tall, cropped."""
    grey = np.asarray(Image.open(path).convert("L"), np.float32)
    paper, ink = float(np.percentile(grey, 90)), float(np.percentile(grey, 1))
    soft = np.clip((paper - grey) / max(20.0, paper - ink) * 1.4 - 0.15, 0, 1)
    mask = to_bytes(soft * 255)
    x, y, columns, rows = cv2.boundingRect((mask > 60).astype(np.uint8))
    if not columns:
        return mask
    scale = height / rows
    size = (max(1, round(columns * scale)), max(1, round(height)))
    mode = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(mask[y : y + rows, x : x + columns], size, interpolation=mode))
