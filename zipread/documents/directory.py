"""TIFF's image file directories: the skeleton of a TIFF file, and of EXIF metadata.

Pillow can read them too, but trusts them: tags that all point to the same megabytes make it hold
each one's copy, a page chain of a million entries is walked to its end, and one bad page hides all
that follow. Here a value is read when it is asked for, and only if it can be what it claims.

Source: TIFF 6.0, section 2; the BigTIFF design by Joris Van Damme and others.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from zipread.documents.limits import corrupt
from zipread.documents.source import believable_dpi

ORIENTATION = 274
X_RESOLUTION = 282
Y_RESOLUTION = 283
RESOLUTION_UNIT = 296

MOST_VALUES = 1 << 20
"""No tag that is read here has more values in a file within the limits: it has one per strip."""

_TYPES = {1: "B", 2: "c", 3: "H", 4: "I", 5: "II", 6: "b", 7: "B", 8: "h", 9: "i", 10: "ii"}
_TYPES |= {11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_RATIONAL = {5, 10}
_INCH_PER_UNIT = {2: 1.0, 3: 2.54}


@dataclass(frozen=True, slots=True)
class Entry:
    """One tag: the type and number of its values, and its bytes as they stand in the file."""

    tag: int
    kind: int
    count: int
    raw: bytes

    @property
    def size(self) -> int:
        """Bytes that the values take; 0 for an unknown type."""
        return self.count * struct.calcsize("=" + _TYPES.get(self.kind, ""))


@dataclass(frozen=True, slots=True)
class Directory:
    """The tags of one page, in the order of the file, and where the next page's begin (0: none)."""

    entries: dict[int, Entry]
    next: int


@dataclass(frozen=True, slots=True)
class TiffBytes:
    """Bytes in TIFF's structure. ``order`` is "<" or ">"; ``big`` means 64-bit offsets."""

    content: bytes
    order: str
    big: bool

    @classmethod
    def parse(cls, content: bytes) -> TiffBytes:
        """Read the byte order and the version; struct.error or DocumentError if there are none."""
        order = {b"II": "<", b"MM": ">"}.get(content[:2])
        if order is None:
            raise corrupt("its header is broken")
        return cls(content, order, struct.unpack_from(order + "H", content, 2)[0] == 43)

    @property
    def offset_at(self) -> int:
        """Where in the header the first directory's offset stands."""
        return 8 if self.big else 4

    @property
    def offset_code(self) -> str:
        """An offset's type, for struct."""
        return self.order + ("Q" if self.big else "I")

    @property
    def first(self) -> int:
        """Offset of the first directory."""
        return int(struct.unpack_from(self.offset_code, self.content, self.offset_at)[0])

    def directory(self, offset: int) -> Directory:
        """The directory at ``offset``; struct.error where the file ends before it does."""
        count_code, entry_size = (self.order + "Q", 20) if self.big else (self.order + "H", 12)
        (count,) = struct.unpack_from(count_code, self.content, offset)
        start = offset + struct.calcsize(count_code)
        end = start + count * entry_size
        (following,) = struct.unpack_from(self.offset_code, self.content, end)
        found = (self._entry(at, entry_size) for at in range(start, end, entry_size))
        return Directory({entry.tag: entry for entry in found}, following)

    def _entry(self, at: int, size: int) -> Entry:
        code = self.order + ("HHQ" if self.big else "HHI")
        tag, kind, count = struct.unpack_from(code, self.content, at)
        return Entry(tag, kind, count, self.content[at : at + size])

    def values(self, entry: Entry) -> tuple[float, ...]:
        """All values of a tag as numbers (rationals as quotients, 0 where the divisor is)."""
        code = _TYPES.get(entry.kind)
        if code is None or code == "c" or entry.count > MOST_VALUES:
            raise corrupt(f"its tag {entry.tag} makes no sense")
        width = struct.calcsize(self.offset_code)
        inline = entry.raw[-width:]
        within = entry.size <= width
        at = 0 if within else struct.unpack(self.offset_code, inline)[0]
        numbers = struct.unpack_from(
            f"{self.order}{entry.count * len(code)}{code[0]}",
            inline if within else self.content,
            at,
        )
        if entry.kind in _RATIONAL:
            return tuple(
                n / d if d else 0.0 for n, d in zip(numbers[::2], numbers[1::2], strict=True)
            )
        return numbers

    def number(self, directory: Directory, tag: int, default: float | None = None) -> float:
        """The first value of a tag; the default where it is missing."""
        entry = directory.entries.get(tag)
        values = self.values(entry) if entry else ()
        if not values and default is None:
            raise corrupt(f"its tag {tag} is missing")
        return values[0] if values else default  # type: ignore[return-value]

    def dpi(self, directory: Directory) -> float | None:
        """The resolution that the page claims, if believable."""
        inch = _INCH_PER_UNIT.get(int(self.number(directory, RESOLUTION_UNIT, 2)), 0.0)
        across = self.number(directory, X_RESOLUTION, 0)
        return believable_dpi(inch * across, inch * self.number(directory, Y_RESOLUTION, across))

    def orientation(self, directory: Directory) -> int:
        """The orientation tag, 1 where there is none."""
        return int(self.number(directory, ORIENTATION, 1))


@dataclass(frozen=True, slots=True)
class Exif:
    """What is of use here of a picture's EXIF metadata."""

    orientation: int = 1
    dpi: float | None = None


def read_exif(content: bytes) -> Exif:
    """The EXIF metadata of a JPEG, PNG or WebP file, with or without its "Exif" prefix.

    Malformed metadata say nothing about the picture: they count as absent.
    """
    try:
        tiff = TiffBytes.parse(content.removeprefix(b"Exif\0\0"))
        directory = tiff.directory(tiff.first)
        return Exif(tiff.orientation(directory), tiff.dpi(directory))
    except Exception:  # Hostile bytes: overflow, struct.error, DocumentError and whatnot.
        return Exif()
