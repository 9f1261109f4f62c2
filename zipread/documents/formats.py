"""What a file is, by its first bytes."""

from __future__ import annotations

import re
from enum import StrEnum


class Format(StrEnum):
    """The formats that are read; everything else is not a document."""

    PNG = "png"
    JPEG = "jpeg"
    TIFF = "tiff"
    BMP = "bmp"
    WEBP = "webp"
    PDF = "pdf"


HEAD_LENGTH = 1040
"""This many first bytes of a file are enough for :func:`sniff`."""

_PDF_JUNK = 1024
_SIGNATURES = {
    # Only the first half of PNG's: the second is there to show a damaged transfer, and a damaged
    # PNG is to be reported, not left alone as no picture at all.
    Format.PNG: re.compile(rb"\x89PNG"),
    Format.JPEG: re.compile(rb"\xff\xd8\xff"),
    Format.TIFF: re.compile(rb"II[*+]\0|MM\0[*+]"),
    # "BM" alone begins many a text; the length of the second header tells it from those.
    Format.BMP: re.compile(rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL),
    Format.WEBP: re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    Format.PDF: re.compile(rb".{0,%d}?%%PDF-" % _PDF_JUNK, re.DOTALL),
}


def sniff(head: bytes) -> Format | None:
    """The format of a file that begins with ``head``, or None if it is none that is read.

    ``head`` is the first :data:`HEAD_LENGTH` bytes or more; a PDF may have up to 1 KB of junk
    before its header (ISO 32000-1, Annex H, note 13).
    """
    for format_, signature in _SIGNATURES.items():
        if signature.match(head):
            return format_
    return None
