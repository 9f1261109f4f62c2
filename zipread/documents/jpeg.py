"""JPEG through libjpeg-turbo by way of simplejpeg, whose strict mode turns warnings into errors.

libjpeg mends what it can: a file cut in half gives half a picture and half grey, with a warning
that Pillow and OpenCV discard. Strictness also refuses the rare file with harmless oddities (stray
bytes before the end): better a person's look than a digit decoded out of step.

The markers before the picture are walked here for size, orientation and resolution (ITU-T T.81,
annex B; JFIF 1.02; Exif 2.32).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

import simplejpeg

from zipread.documents.coarse import part_to_read
from zipread.documents.directory import Exif, read_exif
from zipread.documents.limits import check_size, corrupt, cut_short, unsupported
from zipread.documents.source import Raster, SinglePage, believable_dpi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zipread.documents.pixels import Pixels
    from zipread.options import Options

MOST_SEGMENTS = 4096
"""Real files have some hundred at most, for a large colour profile; millions are an attack."""

MOST_SCANS = 64
"""A progressive file has about ten. Each of thousands would cost a pass over the whole picture."""

_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_START_OF_SCAN, _END_OF_IMAGE, _APP0, _APP1 = 0xDA, 0xD9, 0xE0, 0xE1
_BARE = {0x01, *range(0xD0, 0xD9)}
_INCH_PER_JFIF_UNIT = {1: 1.0, 2: 2.54}


@dataclass(frozen=True, slots=True)
class Header:
    """What a JPEG file says before its picture begins."""

    width: int
    height: int
    channels: int
    progressive: bool
    exif: Exif
    jfif_dpi: float | None

    @property
    def dpi(self) -> float | None:
        """The resolution it claims."""
        return self.jfif_dpi or self.exif.dpi


def open_jpeg(content: bytes, options: Options) -> SinglePage:
    """A JPEG file, checked to be within the limits."""
    header = check_jpeg(content, options)
    part = part_to_read(header.height, header.width, header.dpi)
    return SinglePage(
        partial(_decode, content, header, 1),
        decode_coarsely=partial(_decode, content, header, part),
    )


def check_jpeg(content: bytes, options: Options) -> Header:
    """Read the header and refuse what is over a limit."""
    header = _read_header(content)
    check_size(header.width, header.height, options)
    if header.progressive and content.count(b"\xff\xda") > MOST_SCANS:
        raise unsupported("This JPEG is made of too many passes. Save it anew as a plain JPEG.")
    return header


def decode_strictly(content: bytes, colour: bool, least: tuple[int, int] = (0, 0)) -> Pixels:
    """The pixels, (h, w) grey or (h, w, 3) RGB; CORRUPT on anything libjpeg so much as warns of.

    ``least`` is a height and a width that are enough: libjpeg reduces to no less by 2, 4 or 8.
    """
    height, width = least
    mode = "RGB" if colour else "GRAY"
    try:
        pixels = simplejpeg.decode_jpeg(
            content, mode, fastupsample=True, min_height=height, min_width=width
        )
    except ValueError as error:
        raise _explained(str(error)) from error
    return cast("Pixels", pixels if colour else pixels[..., 0])


def _decode(content: bytes, header: Header, part: int) -> Raster:
    size = header.height, header.width
    least = (size[0] // part, size[1] // part) if part > 1 else (0, 0)
    pixels = decode_strictly(content, header.channels > 1, least)
    full = size if part > 1 else None
    return Raster(pixels, header.dpi, header.exif.orientation, full)


def _explained(reason: str) -> Exception:
    """Libjpeg's words, as far as they are known, in plain ones."""
    if "remature end" in reason:
        return cut_short("part of the picture is missing or unreadable")
    if reason.startswith(("Unsupported JPEG", "tjDecompressHeader")):
        return unsupported(f"This kind of JPEG is not read ({reason}). Save it as a plain JPEG.")
    return corrupt(f"the picture cannot be decoded ({reason.strip()})")


def _read_header(content: bytes) -> Header:
    frame, progressive = b"", False
    exif, jfif_dpi = Exif(), None
    for marker, body in _segments(content):
        if marker in _FRAMES and not frame:
            frame, progressive = body, marker in _PROGRESSIVE
        elif marker == _APP0 and body.startswith(b"JFIF\0"):
            jfif_dpi = _jfif_dpi(body)
        elif marker == _APP1 and body.startswith(b"Exif\0") and exif == Exif():
            exif = read_exif(body)
    if not frame:
        raise cut_short("it holds no picture")
    _, height, width, channels = struct.unpack_from(">BHHB", frame)
    return Header(width, height, channels, progressive, exif, jfif_dpi)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The marker segments up to the first scan."""
    at = 2
    for _ in range(MOST_SEGMENTS):
        if content[at : at + 1] != b"\xff":
            raise cut_short("its header is broken or cut off")
        marker = content[at + 1]
        if marker in {_START_OF_SCAN, _END_OF_IMAGE}:
            return
        if marker == 0xFF or marker in _BARE:
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", content, at + 2)
        yield marker, content[at + 4 : at + 2 + length]
        at += 2 + length
    raise corrupt("its header never ends")


def _jfif_dpi(body: bytes) -> float | None:
    unit, across, down = struct.unpack_from(">BHH", body, 7)
    inch = _INCH_PER_JFIF_UNIT.get(unit, 0.0)
    return believable_dpi(inch * across, inch * down)
