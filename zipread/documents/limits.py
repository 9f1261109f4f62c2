"""The limits that hold before anything is decoded, and the refusals in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zipread.errors import DocumentError, ErrorKind

if TYPE_CHECKING:
    from zipread.options import Options

LEAST_SIDE = 8
"""A picture of fewer pixels a side cannot hold five digits."""


def most_bytes(options: Options) -> int:
    """The largest file that is opened, in bytes (a megabyte is 10**6)."""
    return round(options.max_megabytes * 1e6)


def check_length(length: int, options: Options) -> None:
    """Refuse a file of no bytes (CORRUPT) or of too many (TOO_LARGE)."""
    if length == 0:
        raise DocumentError(
            ErrorKind.CORRUPT, "The file is empty: nothing was saved into it. Scan it again."
        )
    if length > most_bytes(options):
        raise DocumentError(
            ErrorKind.TOO_LARGE,
            f"The file has {length / 1e6:,.0f} MB; the limit is {options.max_megabytes:g} MB "
            "(max_megabytes). Split it, or scan at a lower resolution.",
        )


def check_pages(count: int, options: Options) -> None:
    """Refuse a document of too many pages (TOO_LARGE)."""
    if count > options.max_pages:
        raise DocumentError(
            ErrorKind.TOO_LARGE,
            f"The document has more than {options.max_pages} pages, which is the limit "
            "(max_pages). Split it.",
        )


def check_size(width: int, height: int, options: Options) -> None:
    """Refuse a page of too many pixels (TOO_LARGE) or too few (UNSUPPORTED)."""
    if min(width, height) < LEAST_SIDE:
        raise DocumentError(
            ErrorKind.UNSUPPORTED,
            f"The picture is too small to hold any writing: {width} x {height} pixels.",
        )
    megapixels = width * height / 1e6
    if max(width, height) > options.max_side or megapixels > options.max_megapixels:
        raise DocumentError(
            ErrorKind.TOO_LARGE,
            f"The page has {width:,} x {height:,} pixels; the limits are {options.max_side:,} "
            f"pixels a side (max_side) and {options.max_megapixels:g} megapixels "
            "(max_megapixels). Scan it at a lower resolution.",
        )


def corrupt(detail: str) -> DocumentError:
    """The file is damaged; ``detail`` says how, as the end of a sentence."""
    return DocumentError(
        ErrorKind.CORRUPT,
        f"The file is damaged: {detail}. Copy it anew from where it came, or scan it again.",
    )


def cut_short(detail: str = "it ends before the picture does") -> DocumentError:
    """The file is incomplete."""
    return corrupt(detail)


def unsupported(detail: str) -> DocumentError:
    """The file is sound, as far as one can tell, but of a kind that is not read."""
    return DocumentError(ErrorKind.UNSUPPORTED, detail)
