"""PNG: all checksums verified here, the picture's own chunks decoded by Pillow.

Pillow decodes as fast as OpenCV (both wait for zlib) and prints nothing, but skips the checksum of
the picture's data. Text, profiles and animation frames are left out of what it gets to see: they
may inflate to gigabytes and are of no use here.

Source: PNG specification, third edition (W3C, 2025).
"""

from __future__ import annotations

import io
import math
import struct
import zlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PIL.PngImagePlugin import PngImageFile

from zipread.documents.deflate import inflated
from zipread.documents.directory import Exif, read_exif
from zipread.documents.limits import check_size, corrupt, cut_short
from zipread.documents.pixels import from_pillow
from zipread.documents.source import Raster, SinglePage, believable_dpi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zipread.options import Options

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_CHUNKS = 100_000
"""Real files hold chunks of 8 KB or more; empty ones by the million are an attack."""

_PICTURE = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_NOTES = {b"pHYs", b"eXIf"}
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_ADAM7 = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
"""The passes of an interlaced picture: first column and row, steps between columns and rows."""

_METRE_PER_INCH = 0.0254


@dataclass(frozen=True, slots=True)
class Parts:
    """A PNG file taken apart: the picture alone, and what is noted about it."""

    picture: bytes
    notes: dict[bytes, bytes]


def open_png(content: bytes, options: Options) -> SinglePage:
    """A PNG file, checked to be within the limits and undamaged."""
    if not content.startswith(SIGNATURE):
        raise corrupt("its signature is broken, as by a transfer in text mode")
    width, height = _size(content)
    check_size(width, height, options)
    return SinglePage(partial(_decode, _taken_apart(content)))


def _decode(parts: Parts) -> Raster:
    with PngImageFile(io.BytesIO(parts.picture)) as image:
        image.load()
        if _may_lack_rows(image):
            _check_rows(parts.picture)
        pixels = from_pillow(image)
    exif = read_exif(parts.notes[b"eXIf"]) if b"eXIf" in parts.notes else Exif()
    return Raster(pixels, _dpi(parts.notes) or exif.dpi, exif.orientation)


def _may_lack_rows(image: PngImageFile) -> bool:
    """Whether the last rows are as Pillow leaves those that the data does not reach to: zero.

    Interlaced pictures get their rows from all over the data, so nothing can be said.
    """
    bottom = image.crop((0, image.height - 1, image.width, image.height))
    return bool(image.info.get("interlace")) or bottom.getbbox() is None


def _check_rows(picture: bytes) -> None:
    """Measure the data: a sound stream of too few rows has sound checksums, too."""
    data = b"".join(bytes(chunk[8:-4]) for kind, chunk in _chunks(picture) if kind == b"IDAT")
    width, height, depth, colour, *_, interlaced = struct.unpack_from(">IIBBBBB", picture, 16)
    bits = depth * _CHANNELS[colour]
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    needed = sum(
        _rows(math.ceil((width - x) / dx), math.ceil((height - y) / dy), bits)
        for x, y, dx, dy in passes
    )
    if inflated(data, needed).length < needed:
        raise cut_short("part of the picture is missing")


def _rows(width: int, height: int, bits: int) -> int:
    """Bytes of so many rows, each with the byte that names its filter."""
    return height * (1 + math.ceil(width * bits / 8)) if width > 0 and height > 0 else 0


def _size(content: bytes) -> tuple[int, int]:
    if content[12:16] != b"IHDR" or len(content) < 33:
        raise cut_short("its header is missing")
    return struct.unpack_from(">II", content, 16)


def _taken_apart(content: bytes) -> Parts:
    picture: list[bytes | memoryview] = [SIGNATURE]
    notes: dict[bytes, bytes] = {}
    for kind, chunk in _chunks(content):
        if kind in _PICTURE:
            if kind == b"IHDR" and len(picture) > 1:
                raise corrupt("it has a second header")
            if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:]):
                raise corrupt("part of the picture fails its checksum")
            picture.append(chunk)
        elif kind in _NOTES:
            notes.setdefault(kind, bytes(chunk[8:-4]))
    return Parts(b"".join(picture), notes)


def _chunks(content: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Each chunk with its length and checksum, up to and with the end marker."""
    view, at = memoryview(content), len(SIGNATURE)
    for _ in range(MOST_CHUNKS):
        if len(content) < at + 12:
            raise cut_short()
        length, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise cut_short()
        yield kind, view[at:end]
        if kind == b"IEND":
            return
        at = end
    raise corrupt("it is made of too many pieces")


def _dpi(notes: dict[bytes, bytes]) -> float | None:
    if len(notes.get(b"pHYs", b"")) != 9:
        return None
    across, down, unit = struct.unpack(">IIB", notes[b"pHYs"])
    metre = _METRE_PER_INCH if unit == 1 else 0.0
    return believable_dpi(across * metre, down * metre)
