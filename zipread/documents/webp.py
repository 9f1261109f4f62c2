"""WebP through Pillow; of an animation, the first frame.

libwebp reserves two canvases when it opens a file, so the size is read from the chunks before.
Source: RFC 9649 (WebP Image Format).
"""

from __future__ import annotations

import io
import struct
from functools import partial
from typing import TYPE_CHECKING

from PIL.WebPImagePlugin import WebPImageFile

from zipread.documents.directory import Exif, read_exif
from zipread.documents.limits import check_size, corrupt, cut_short
from zipread.documents.pixels import from_pillow
from zipread.documents.source import Raster, SinglePage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zipread.options import Options

MOST_CHUNKS = 10_000
"""An animation has one per frame."""

_PICTURES = {b"VP8 ", b"VP8L"}
UNWRITTEN_SHARE = 1 / 8
"""A picture's data may end in zeros, a twentieth of them if it is blank; more is a broken copy."""


def open_webp(content: bytes, options: Options) -> SinglePage:
    """A WebP file, checked to be within the limits and complete."""
    chunks = list(_chunks(content))
    if not chunks:
        raise cut_short("it holds no picture")
    check_size(*_size(*chunks[0]), options)
    if any(_unwritten(body) for kind, body in chunks if kind in _PICTURES):
        raise cut_short("part of the picture was never written")
    exif = next((read_exif(bytes(body)) for kind, body in chunks if kind == b"EXIF"), Exif())
    return SinglePage(partial(_decode, content, exif))


def _decode(content: bytes, exif: Exif) -> Raster:
    with WebPImageFile(io.BytesIO(content)) as image:
        image.load()
        return Raster(from_pillow(image), exif.dpi, exif.orientation)


def _chunks(content: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """The chunks of the RIFF container; CORRUPT where it is cut off."""
    (length,) = struct.unpack_from("<I", content, 4)
    end = 8 + length
    if end > len(content):
        raise cut_short()
    view, at = memoryview(content), 12
    for _ in range(MOST_CHUNKS):
        if at + 8 > end:
            return
        kind, size = struct.unpack_from("<4sI", content, at)
        if at + 8 + size > end:
            raise cut_short()
        yield kind, view[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    raise corrupt("it is made of too many pieces")


def _unwritten(body: memoryview) -> bool:
    """Whether the data ends in nothing: WebP has no checksum, and its decoder takes zeros."""
    tail = body[-max(64, round(len(body) * UNWRITTEN_SHARE)) :]
    return len(body) > len(tail) and not any(tail)


def _size(kind: bytes, body: memoryview) -> tuple[int, int]:
    """Width and height as the first chunk has them."""
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L":
        (packed,) = struct.unpack_from("<I", body, 1)
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    raise corrupt("it holds no picture")
