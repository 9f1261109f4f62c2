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
from zipread.errors import DocumentError, ErrorKind

if TYPE_CHECKING:
    from zipread.options import Options

MOST_BYTES = 1 << 25
"""What all streams but images may inflate to together; a page of dense drawing has a megabyte."""

SHORT = 1024
"""Bytes of a stream that cannot inflate to more than a megabyte, and so needs no look."""

_IMAGE_BYTES_PER_PIXEL = 8
_STREAM = re.compile(rb"(?<!end)stream\r?\n(?=[\x08\x18\x28\x38\x48\x58\x68\x78])")
_DICTIONARY_REACH = 512
_SIDES = re.compile(rb"/(?:Width|Height)\s+(\d{1,9})")


def check_streams(content: bytes, options: Options) -> None:
    """Raise TOO_LARGE if a stream inflates to more than any sound document needs."""
    left = MOST_BYTES
    for match in _STREAM.finditer(content):
        end = content.find(b"endstream", match.end())
        data = content[match.end() : end if end >= 0 else len(content)]
        pixels = _image_pixels(content[max(0, match.start() - _DICTIONARY_REACH) : match.start()])
        if pixels > options.max_megapixels * 1e6:
            continue  # It is refused when its page is looked at, and never inflated.
        most = pixels * _IMAGE_BYTES_PER_PIXEL or left
        length = _inflated_length(data, most) if len(data) > SHORT else 0
        if length > most:
            raise DocumentError(
                ErrorKind.TOO_LARGE,
                f"The PDF unpacks to more than {most / 1e6:,.0f} MB. Print it to a new PDF.",
            )
        left -= 0 if pixels else length


def _image_pixels(dictionary: bytes) -> int:
    """How many pixels the image has whose dictionary this ends with; 0 if it is of no image."""
    sides = [int(side) for side in _SIDES.findall(dictionary.rpartition(b" obj")[2])]
    return sides[0] * sides[1] if len(sides) == 2 else 0


def _inflated_length(data: bytes, most: int) -> int:
    try:
        return inflated(data, most).length
    except zlib.error:  # No deflate stream after all, or a broken one: PDFium's to say.
        return 0
