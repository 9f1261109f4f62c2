"""TIFF, single and multi-page, through Pillow and libtiff.

Each page is handed to Pillow as the only page of a file that has no tags but those that decoding
needs: a broken page takes no other with it, and metadata can do no harm.

Source: TIFF 6.0; TIFF Technical Note 2 for JPEG; ITU-T T.4 and T.6 for fax.
"""

from __future__ import annotations

import io
import math
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PIL.TiffImagePlugin import TiffImageFile

from zipread.documents.directory import Directory, Entry, TiffBytes
from zipread.documents.limits import check_pages, check_size, corrupt, cut_short, unsupported
from zipread.documents.overhear import overheard_stderr, warnings_as_errors
from zipread.documents.pixels import from_pillow
from zipread.documents.source import Raster
from zipread.documents.strips import Compression, Strips
from zipread.errors import DocumentError

if TYPE_CHECKING:
    from zipread.documents.pixels import Pixels
    from zipread.options import Options

SUBFILE_TYPE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP, STRIP_LENGTHS, PLANAR = 273, 277, 278, 279, 284
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_LENGTHS, JPEG_TABLES = 322, 323, 324, 325, 347

_DECODING = {WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, 266, STRIP_OFFSETS, SAMPLES}
_DECODING |= {ROWS_PER_STRIP, STRIP_LENGTHS, PLANAR, 292, 293, 317, 320, TILE_WIDTH, TILE_HEIGHT}
_DECODING |= {TILE_OFFSETS, TILE_LENGTHS, 338, 339, JPEG_TABLES, 529, 530, 531, 532}
MOST_TAG_BYTES = 1 << 24
"""All tags of a page together; 16 MB of strips are more than a page within limits has rows."""

MOST_SAMPLES, MOST_BITS = 6, 64
"""Of a pixel, in what Pillow decodes."""

WHITE_IS_ZERO, BLACK_IS_ZERO = 0, 1
_THUMBNAIL_OR_MASK = 0b101


def open_tiff(content: bytes, options: Options) -> TiffSource:
    """A TIFF file. Its pages are found, none is looked into."""
    tiff = TiffBytes.parse(content)
    return TiffSource(tiff, tuple(_find_pages(tiff, options)), options)


@dataclass(frozen=True, slots=True)
class TiffSource:
    """The pages of a TIFF file; None stands for one that the file promises but does not hold."""

    tiff: TiffBytes
    pages: tuple[Directory | None, ...]
    options: Options

    @property
    def page_count(self) -> int:
        """How many pages there are."""
        return len(self.pages)

    def decode(self, number: int, coarsely: bool) -> Raster:  # noqa: ARG002 (no less work)
        """Page ``number``, from 1."""
        directory = self.pages[number - 1]
        if directory is None:
            raise cut_short("it breaks off before this page and whatever came after")
        _check(self.tiff, directory, self.options)
        white_is_zero, entries = _white_last(self.tiff, directory)
        pixels = _decode_alone(self.tiff, entries)
        upright = self.tiff.orientation(directory)
        if white_is_zero:
            pixels = ~pixels
        return Raster(pixels, self.tiff.dpi(directory), upright)

    def close(self) -> None:
        """Nothing is held."""


def _find_pages(tiff: TiffBytes, options: Options) -> list[Directory | None]:
    """Walk the chain of directories. Thumbnails and masks beside a page are no pages."""
    pages: list[Directory | None] = [tiff.directory(tiff.first)]
    seen, offset = {tiff.first}, pages[0].next  # type: ignore[union-attr]
    while offset:
        check_pages(len(seen) + 1, options)
        if offset in seen:
            return [*pages, None]
        try:
            directory = tiff.directory(offset)
        except (struct.error, OverflowError):
            return [*pages, None]
        seen.add(offset)
        offset = directory.next
        if _is_page(tiff, directory):
            pages.append(directory)
    return pages


def _is_page(tiff: TiffBytes, directory: Directory) -> bool:
    try:
        return not int(tiff.number(directory, SUBFILE_TYPE, 0)) & _THUMBNAIL_OR_MASK
    except (DocumentError, ArithmeticError, ValueError, struct.error):
        return True


def _check(tiff: TiffBytes, directory: Directory, options: Options) -> None:
    """Refuse a page that is over the limits, of an odd compression, or incomplete."""
    width, height = (int(tiff.number(directory, tag)) for tag in (WIDTH, HEIGHT))
    check_size(width, height, options)
    if tiff.number(directory, SAMPLES, 1) > MOST_SAMPLES:
        raise unsupported("This kind of TIFF is not read (too many channels). Save it as PNG.")
    code = int(tiff.number(directory, COMPRESSION, 1))
    if code not in list(Compression):
        raise unsupported(
            f"This TIFF is compressed in a way that is not read (method {code}). "
            "Save it anew with G4, LZW or deflate compression, or as PNG."
        )
    if sum(entry.size for entry in _needed(directory)) > MOST_TAG_BYTES:
        raise corrupt("its tags are larger than any page's can be")
    if TILE_OFFSETS in directory.entries:
        across, down = (int(tiff.number(directory, tag)) for tag in (TILE_WIDTH, TILE_HEIGHT))
        check_size(across, down, options)
    _strips(tiff, directory, Compression(code)).check(tiff.content, options)


def _strips(tiff: TiffBytes, directory: Directory, compression: Compression) -> Strips:
    """The pieces that the page is stored in."""

    def number(tag: int, default: int | None = None) -> int:
        return int(tiff.number(directory, tag, default))

    def numbers(tag: int) -> tuple[int, ...]:
        entry = directory.entries.get(tag)
        return tuple(map(int, tiff.values(entry))) if entry else ()

    width, height, samples = number(WIDTH), number(HEIGHT), number(SAMPLES, 1)
    planes = samples if number(PLANAR, 1) == 2 else 1
    if TILE_OFFSETS in directory.entries:
        across, down = number(TILE_WIDTH), number(TILE_HEIGHT)
        offsets, lengths = numbers(TILE_OFFSETS), numbers(TILE_LENGTHS)
    else:
        across, down = width, min(number(ROWS_PER_STRIP, height), height)
        offsets, lengths = numbers(STRIP_OFFSETS), numbers(STRIP_LENGTHS)
    needed = math.ceil(width / across) * math.ceil(height / down) * planes
    bits = min(max(numbers(BITS) or (1,)), MOST_BITS)
    row_bytes = math.ceil(across * bits * samples / planes / 8)
    tables = directory.entries.get(JPEG_TABLES)
    return Strips(compression, offsets, lengths, needed, row_bytes * down, _bytes_of(tiff, tables))


def _bytes_of(tiff: TiffBytes, entry: Entry | None) -> bytes:
    return bytes(map(int, tiff.values(replace(entry, kind=1)))) if entry else b""


def _needed(directory: Directory) -> list[Entry]:
    """What decoding needs of the tags, in the order that TIFF demands."""
    return [entry for tag, entry in sorted(directory.entries.items()) if tag in _DECODING]


def _white_last(tiff: TiffBytes, directory: Directory) -> tuple[bool, list[Entry]]:
    """Whether Pillow leaves it to us to invert a page of more than 8 bits, and the tags so changed.

    It does so for little-endian files and refuses big-endian ones; told that black is zero, it
    reads both.
    """
    entries = _needed(directory)
    is_deep = tiff.number(directory, BITS, 1) > 8
    if not is_deep or tiff.number(directory, PHOTOMETRIC, BLACK_IS_ZERO) != WHITE_IS_ZERO:
        return False, entries
    code = tiff.order + ("HHQH6x" if tiff.big else "HHIH2x")
    raw = struct.pack(code, PHOTOMETRIC, 3, 1, BLACK_IS_ZERO)
    told = Entry(PHOTOMETRIC, 3, 1, raw)
    return True, [told if entry.tag == PHOTOMETRIC else entry for entry in entries]


def _decode_alone(tiff: TiffBytes, entries: list[Entry]) -> Pixels:
    """Decode a page from a file in which it is the only one and has only these tags."""
    with overheard_stderr() as heard, warnings_as_errors():
        try:
            image = TiffImageFile(_file_of_one_page(tiff, entries))
        except SyntaxError as error:
            raise unsupported(
                f"This kind of TIFF is not read ({error}). Save it as PNG."
            ) from error
        with image:
            image.load()
            pixels = from_pillow(image)
    if heard.words:
        raise corrupt(f"the page cannot be decoded ({heard.words.splitlines()[0].strip()})")
    return pixels


def _file_of_one_page(tiff: TiffBytes, entries: list[Entry]) -> io.BytesIO:
    """The file with a new directory at its end, and the header pointing there."""
    file = io.BytesIO(tiff.content)
    end = len(tiff.content) + len(tiff.content) % 2
    file.seek(tiff.offset_at)
    file.write(struct.pack(tiff.offset_code, end))
    file.seek(end)
    file.write(struct.pack(tiff.order + ("Q" if tiff.big else "H"), len(entries)))
    file.writelines(entry.raw for entry in entries)
    file.write(struct.pack(tiff.offset_code, 0))
    file.seek(0)
    return file
