"""The formats that are read, told by a file's first bytes; its name says nothing."""

from __future__ import annotations

from enum import StrEnum

HEAD = 1024
"""How many of the first bytes it takes to tell: a PDF may start with some rubbish."""

_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})  # sizes of the header that follows


class Format(StrEnum):
    """A format on the allow-list."""

    PNG = "PNG"
    JPEG = "JPEG"
    TIFF = "TIFF"
    BMP = "BMP"
    WEBP = "WebP"
    PDF = "PDF"


_MAGIC = {
    b"\x89PNG\r\n\x1a\n": Format.PNG,
    b"\xff\xd8\xff": Format.JPEG,
    b"II*\0": Format.TIFF,
    b"MM\0*": Format.TIFF,
    b"II+\0": Format.TIFF,
    b"MM\0+": Format.TIFF,
}


def sniff(head: bytes) -> Format | None:
    """The format of a file by its first :data:`HEAD` bytes; None if it is none of ours."""
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Format.WEBP
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return Format.BMP
    return Format.PDF if b"%PDF-" in head[:HEAD] else None
