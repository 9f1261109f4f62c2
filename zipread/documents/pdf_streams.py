"""Bombs in PDF files that have to be found before PDFium sees the file.

PDFium inflates a stream of drawing commands, a font or a cross-reference table to a gigabyte each,
without asking. So all streams are measured first: by what they are, for what the file says of them
may be anywhere, and spelt in many ways. What is deflated twice is inflated twice, what is deflated
and then written as text is read back first. Streams that are encrypted escape this, and so does
drawing without end: the memory and the time of a worker process are bounded for those.

Source: ISO 32000-1, 7.4 (filters), 7.8.2 (contents), 8.9.7 (inline images).
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from zipread.documents.limits import LEAST_SIDE, check_size
from zipread.documents.pdf_forms import Forms
from zipread.errors import DocumentError, ErrorKind

if TYPE_CHECKING:
    from zipread.options import Options

MOST_BYTES = 1 << 25
"""What all streams but images may inflate to together; a page of dense drawing has a megabyte."""

MOST_STREAMS = 20_000
"""Streams of a file: five hundred pages, with pictures and fonts, have some thousands."""

MOST_INLINE_IMAGES = 20_000
"""Pictures among the commands of one stream."""

MOST_LAYERS = 3
"""Times that a stream may be packed: no program packs one more than twice."""

MOST_REPEATS = 8
"""Times that a page may draw one and the same stream."""

_BYTES_PER_PIXEL = 8  # at most: 16 bits of cyan, magenta, yellow and black
_USUAL_BYTES_PER_PIXEL = 4  # of images whose size is not in their dictionary itself
_CHUNK = 1 << 16
_STREAM = re.compile(rb"(?<!end)stream(?:\r\n|\n|\r)")
_DICTIONARY_REACH = 4096
_SIDE = rb"/%s\s+(\d{1,9})(?!\d|\s+\d+\s+R)"
_WIDTH, _HEIGHT = re.compile(_SIDE % b"Width"), re.compile(_SIDE % b"Height")
_INLINE_IMAGE = re.compile(rb"BI\s(.{1,400}?)\sID\s", re.DOTALL)
_INLINE_SIDES = [re.compile(rb"/%s\s+(\d{1,9})" % key) for key in (b"W(?:idth)?", b"H(?:eight)?")]
_CONTENTS = re.compile(rb"/Contents\s*\[([^\]\[]*)\]")
_REFERENCE = re.compile(rb"(\d{1,10})\s{1,4}\d{1,5}\s{1,4}R")
_OBJECT = re.compile(rb"(\d+)\s+\d+$")
_HEX = re.compile(rb"[0-9A-Fa-f\s]{32}")
_WHITE = b" \t\r\n\f\0"


def check_streams(content: bytes, options: Options) -> None:
    """Raise TOO_LARGE if streams unpack to more, or draw more, than any sound document needs.

    An image counts with its pixels here even if no page shows it: it may be another's mask.
    """
    left, forms = MOST_BYTES, Forms()
    _check_drawing(content, options)
    starts = list(islice(_STREAM.finditer(content), MOST_STREAMS + 1))
    if len(starts) > MOST_STREAMS:
        raise _too_large(f"The PDF is made of more than {MOST_STREAMS:,} pieces.")
    ends = [match.start() for match in starts[1:]] + [len(content)]
    for match, end in zip(starts, ends, strict=False):  # of no stream there is an end
        before = content[max(0, match.start() - _DICTIONARY_REACH) : match.start()]
        head, _, dictionary = before.rpartition(b" obj")
        image_bytes = _image_bytes(dictionary, options)
        piece = _Piece(content, match.end(), end)
        if image_bytes:
            _unpacked(piece, image_bytes, keep=_CHUNK)
        else:
            drawing = _unpacked(piece, left, keep=left)
            _check_drawing(drawing, options)
            left -= len(drawing)
            forms.add(_number(head), dictionary, drawing or piece.text())
    if forms.are_too_many(content):
        raise _too_large("A page of the PDF holds drawings within drawings, thousands of them.")


@dataclass(frozen=True, slots=True)
class _Piece:
    """What begins at ``start``, and ends at the latest at ``end`` unless it is deflated."""

    content: bytes
    start: int
    end: int

    def head(self, length: int) -> bytes:
        return self.content[self.start : self.start + length]

    def text(self) -> bytes:
        return self.content[self.start : self.end].partition(b"endstream")[0]


def _number(head: bytes) -> bytes:
    """The number of the object whose dictionary comes next."""
    found = _OBJECT.search(head[-24:])
    return found[1] if found else b""


def _image_bytes(dictionary: bytes, options: Options) -> int:
    """What the image of this dictionary may unpack to; 0 if it is of no image.

    TOO_LARGE if it has more pixels than may be.
    """
    width, height = _WIDTH.search(dictionary), _HEIGHT.search(dictionary)
    if width and height:
        across, down = int(width[1]), int(height[1])
        check_size(max(across, LEAST_SIDE), max(down, LEAST_SIDE), options)
        return max(1, across * down * _BYTES_PER_PIXEL)
    usual = _USUAL_BYTES_PER_PIXEL if b"/Image" in dictionary else 0
    return round(options.max_megapixels * 1e6 * usual)


def _check_drawing(text: bytes, options: Options) -> None:
    """Refuse huge images among the commands, and pages that draw one stream again and again."""
    if text.count(b"BI") > MOST_INLINE_IMAGES:
        raise _too_large("A page of the PDF is made of too many pictures.")
    for image in _INLINE_IMAGE.finditer(text):
        width, height = (
            max([LEAST_SIDE, *map(int, side.findall(image[1]))]) for side in _INLINE_SIDES
        )
        check_size(width, height, options)
    for contents in _CONTENTS.finditer(text):
        repeats = Counter(_REFERENCE.findall(contents[1])).most_common(1)
        if repeats and repeats[0][1] > MOST_REPEATS:
            raise _too_large("A page of the PDF draws the same thing over and over.")


def _unpacked(piece: _Piece, most: int, *, keep: int) -> bytes:
    """What a stream inflates to, the first ``keep`` bytes; nothing if it is not deflated.

    TOO_LARGE if that is more than ``most`` bytes.
    """
    unpacked = b""
    for _ in range(MOST_LAYERS):
        text = _from_text(piece)
        if text is not None:
            piece = _Piece(text, 0, len(text))
        if not _is_deflated(piece.head(2)):
            return unpacked
        unpacked = _inflated(piece, most, keep)
        if len(unpacked) == keep < most and _is_packed(unpacked):
            unpacked = _inflated(piece, most, MOST_BYTES)
        piece = _Piece(unpacked, 0, len(unpacked))
    raise _too_large("The PDF is packed too often.")


def _is_packed(data: bytes) -> bool:
    return _is_deflated(data) or _from_text(_Piece(data, 0, _CHUNK)) is not None


def _from_text(piece: _Piece) -> bytes | None:
    """What is written there in hexadecimal or base-85 digits, None if nothing is."""
    head = piece.head(_CHUNK).lstrip(_WHITE)
    is_hex = _HEX.match(head)
    try:
        if is_hex:
            digits = re.sub(rb"\s", b"", piece.text().partition(b">")[0])
            return binascii.unhexlify(digits[: len(digits) & ~1])
        if _is_deflated(base64.a85decode(head[:5])):
            return base64.a85decode(piece.text().partition(b"~")[0], ignorechars=_WHITE)
    except ValueError:  # it only looked like it
        pass
    return None


def _is_deflated(data: bytes) -> bool:
    """Whether data begin as a zlib stream does (RFC 1950)."""
    return len(data) > 1 and data[0] & 0x8F == 8 and int.from_bytes(data[:2]) % 31 == 0


def _inflated(piece: _Piece, most: int, keep: int) -> bytes:
    """What the zlib stream there inflates to, as far as it is sound: its first bytes.

    Its end is where it says, whatever the file says: what looks like the end may stand within.
    """
    inflater, kept, length = zlib.decompressobj(), bytearray(), 0
    for at in range(piece.start, len(piece.content), _CHUNK):
        waiting = piece.content[at : at + _CHUNK]
        while waiting and not inflater.eof:
            try:
                part = inflater.decompress(waiting, _CHUNK)
            except zlib.error:  # no zlib stream after all, or a broken one: PDFium's to say
                return bytes(kept)
            kept += part[: keep - len(kept)]
            length += len(part)
            if length > most:
                raise _too_large(f"The PDF unpacks to more than {MOST_BYTES / 1e6:,.0f} MB.")
            waiting = inflater.unconsumed_tail
        if inflater.eof:
            break
    return bytes(kept)


def _too_large(what: str) -> DocumentError:
    return DocumentError(ErrorKind.TOO_LARGE, f"{what} Print it to a new PDF.")
