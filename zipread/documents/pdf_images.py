"""Verify the images of a PDF page: within the limits, and whole.

PDFium fills up broken images with black or white, and says nothing. So what can be verified of an
image's data is, as in a TIFF file: JPEG by libjpeg's warnings, deflate by its checksum, fax by its
end. (JBIG2 and JPEG 2000 cannot be.)
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Any

from zipread.documents.deflate import inflated
from zipread.documents.jpeg import check_jpeg, decode_strictly
from zipread.documents.limits import LEAST_SIDE, check_size, corrupt, cut_short
from zipread.documents.strips import FAX_SILENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zipread.options import Options

_NO_LIMIT = 1 << 62
"""Streams were measured before the file was opened."""


def check_image(image: Any, options: Options) -> None:
    """Refuse an image that is over the limits, by its dictionary or its own header, or broken."""
    width, height = image.get_px_size()
    if 0 in {width, height}:
        raise corrupt("an image in it has no pixels")
    check_size(max(width, LEAST_SIDE), max(height, LEAST_SIDE), options)
    filters = image.get_filters() or [""]
    data = bytes(image.get_data(decode_simple=filters != ["FlateDecode"]))
    match filters[-1]:
        case "DCTDecode":
            check_jpeg(data, options)
            decode_strictly(data, colour=False)
        case "JPXDecode":
            for size in _sizes_of_jpeg_2000(data):
                check_size(*size, options)
        case "CCITTFaxDecode" if data.endswith(FAX_SILENCE):
            raise cut_short("an image in it breaks off")
        case "FlateDecode" if len(filters) == 1 and not inflated(data, _NO_LIMIT).whole:
            raise cut_short("an image in it breaks off")


def _sizes_of_jpeg_2000(data: bytes) -> Iterator[tuple[int, int]]:
    """Width and height by each SIZ segment (ISO 15444-1, A.5.1), whatever the dictionary says.

    Which one counts is the decoder's to know: one may lie in a box that is passed over.
    """
    found = [match.start() for match in re.finditer(rb"\xff\x4f\xff\x51", data)]
    if not found:
        raise corrupt("an image in it has no header")
    for at in found:
        right, bottom, left, top = struct.unpack_from(">4I", data, at + 8)
        yield right - left, bottom - top
