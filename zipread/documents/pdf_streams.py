"""Deflate bombs in PDF files.

PDFium inflates a stream of drawing commands, a font or a cross-reference table to a gigabyte each,
without asking. So the longer ones are measured before it sees the file. Streams in other wrappings
(encrypted, deflated twice) escape this; the memory limit of a worker process is for those.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from zipread.documents.deflate import inflated
from zipread.documents.limits import LEAST_SIDE, check_size
from zipread.errors import DocumentError, ErrorKind

if TYPE_CHECKING:
    from zipread.options import Options

MOST_BYTES = 1 << 25
"""What all streams but images may inflate to together; a page of dense drawing has a megabyte."""

SHORT = 1024
"""Bytes of a stream that cannot inflate to more than a megabyte, and so needs no look."""

_IMAGE_BYTES_PER_PIXEL = 8
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_DEFLATED = re.compile(rb"[\x08\x18\x28\x38\x48\x58\x68\x78]")
_DICTIONARY_REACH = 4096
_SIDE = rb"/%s\s+(\d{1,9})(?!\d|\s+\d+\s+R)"
_WIDTH, _HEIGHT = re.compile(_SIDE % b"Width"), re.compile(_SIDE % b"Height")


def check_streams(content: bytes, options: Options) -> None:
    """Raise TOO_LARGE if a stream inflates to more than any sound document needs.

    An image counts with its pixels here even if no page shows it: it may be another's mask.
    """
    left = MOST_BYTES
    for match in _STREAM.finditer(content):
        before = content[max(0, match.start() - _DICTIONARY_REACH) : match.start()]
        pixels = _image_pixels(before.rpartition(b" obj")[2], options)
        most = pixels * _IMAGE_BYTES_PER_PIXEL or left
        length = _inflated_length(content, match.end(), most)
        if length > most:
            raise DocumentError(
                ErrorKind.TOO_LARGE,
                f"The PDF unpacks to more than {most / 1e6:,.0f} MB. Print it to a new PDF.",
            )
        left -= 0 if pixels else length


def _image_pixels(dictionary: bytes, options: Options) -> int:
    """How many pixels the image of this dictionary has, as many as may be if it is not plain.

    0 if it is of no image; TOO_LARGE if there are more than may be.
    """
    width, height = _WIDTH.search(dictionary), _HEIGHT.search(dictionary)
    if width and height:
        across, down = int(width[1]), int(height[1])
        check_size(max(across, LEAST_SIDE), max(down, LEAST_SIDE), options)
        return across * down
    return round(options.max_megapixels * 1e6) if b"/Image" in dictionary else 0


def _inflated_length(content: bytes, start: int, most: int) -> int:
    end = content.find(b"endstream", start)
    data = content[start : end if end >= 0 else len(content)]
    if len(data) < SHORT or not _DEFLATED.match(data):
        return 0
    try:
        return inflated(data, most).length
    except zlib.error:  # No deflate stream after all, or a broken one: PDFium's to say.
        return 0
