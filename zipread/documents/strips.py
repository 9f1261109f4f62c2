"""Verify the strips (or tiles) of a TIFF page: all there, within the file, and complete.

libtiff leaves black or white what a strip lacks. What can be verified depends on the compression:
deflate has a checksum, JPEG a structure, fax data an end. LZW and packbits break audibly in
libtiff itself (see :mod:`zipread.documents.overhear`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from zipread.documents.deflate import inflated
from zipread.documents.jpeg import check_jpeg, decode_strictly
from zipread.documents.limits import cut_short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zipread.options import Options


class Compression(IntEnum):
    """The compressions of TIFF that are read: all that scanners and faxes write."""

    RAW = 1
    FAX_1D = 2
    FAX_G3 = 3
    FAX_G4 = 4
    LZW = 5
    JPEG = 7
    DEFLATE = 8
    PACKBITS = 32773
    OLD_DEFLATE = 32946


_FAX = {Compression.FAX_1D, Compression.FAX_G3, Compression.FAX_G4}
_DEFLATE = {Compression.DEFLATE, Compression.OLD_DEFLATE}

FAX_SILENCE = bytes(8)
"""Fax codes have no 64 zeros in a row; a file that was not written to its end has little else."""


@dataclass(frozen=True, slots=True)
class Strips:
    """The pieces that a page is stored in.

    ``needed`` is how many its size asks for, ``piece_bytes`` what each inflates to; ``tables`` are
    the quantisation and Huffman tables that JPEG strips share.
    """

    compression: Compression
    offsets: tuple[int, ...]
    lengths: tuple[int, ...]
    needed: int
    piece_bytes: int
    tables: bytes = b""

    def check(self, content: bytes, options: Options) -> None:
        """Raise DocumentError (CORRUPT, or TOO_LARGE for a JPEG strip) unless all is there."""
        if len(self.offsets) < self.needed or len(self.lengths) != len(self.offsets):
            raise cut_short("parts of the page are missing")
        for strip in self._cut_out(content):
            if self.compression in _FAX and strip.endswith(FAX_SILENCE):
                raise cut_short("the page breaks off")
            if self.compression in _DEFLATE:
                self._check_deflate(strip)
            if self.compression == Compression.JPEG:
                self._check_jpeg(strip, options)

    def _cut_out(self, content: bytes) -> Iterator[bytes]:
        for offset, length in zip(self.offsets, self.lengths, strict=True):
            if not 0 < length <= len(content) - offset:
                raise cut_short("parts of the page lie behind its end")
            yield content[offset : offset + length]

    def _check_deflate(self, strip: bytes) -> None:
        found = inflated(strip, self.piece_bytes)
        if not found.whole and found.length <= self.piece_bytes:
            raise cut_short("part of the page is missing")

    def _check_jpeg(self, strip: bytes, options: Options) -> None:
        whole = self.tables[:-2] + strip[2:] if self.tables else strip
        check_jpeg(whole, options)
        decode_strictly(whole, colour=False)
