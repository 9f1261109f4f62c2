"""Open a document: pick the decoder, and let nothing but DocumentError out."""

from __future__ import annotations

import struct
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from zipread.documents.formats import sniff
from zipread.documents.limits import check_length, corrupt, unsupported
from zipread.errors import DocumentError, ErrorKind
from zipread.reading import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from zipread.documents.formats import Format
    from zipread.documents.source import Source
    from zipread.options import Options


def open_document(content: bytes, options: Options, *, to_read: bool = False) -> Document:
    """Open what a file holds.

    Args:
        content: the whole file.
        options: its ``max_*`` limits and ``pdf_dpi`` apply.
        to_read: pages finer than reading needs are given at a part of their size.

    Returns:
        The document, to be used in a ``with`` statement. No page is decoded yet.

    Raises:
        DocumentError: UNSUPPORTED (no picture, or of a kind that is not read), CORRUPT (damaged or
            cut off) or TOO_LARGE (over a limit); never anything else, whatever the bytes are.
    """
    check_length(len(content), options)
    format_ = sniff(content)
    if format_ is None:
        raise unsupported(
            "This is no picture that can be read (PNG, JPEG, TIFF, BMP, WebP or PDF)."
        )
    opener = _opener(format_)
    with _translated():
        return Document(format_, opener(content, options), to_read)


class Document:
    """An opened document; a context manager. Pages are decoded one by one, on demand."""

    def __init__(self, format_: Format, source: Source, to_read: bool) -> None:
        self.format = format_
        self._source = source
        self._to_read = to_read

    @property
    def page_count(self) -> int:
        """How many pages it has, damaged ones included: at least 1."""
        return self._source.page_count

    def page(self, number: int) -> Page:
        """Decode page ``number`` (from 1), upright by its orientation tag, alpha laid on white.

        Its pixels are (height, width) where the page has no colour, else (height, width, 3) RGB.

        Raises:
            DocumentError: this page cannot be read; others may well be.
            ValueError: the document has no page of this number.
        """
        if not 1 <= number <= self.page_count:
            raise ValueError(f"no page {number} in a document of {self.page_count}")
        from zipread.documents.coarse import reduced
        from zipread.documents.pixels import lies_across, turned_upright, without_needless_colour

        with _translated():
            raster = self._source.decode(number, self._to_read)
            height, width = raster.full or raster.pixels.shape[:2]
            pixels = raster.pixels
            if self._to_read and not raster.full:
                pixels = reduced(pixels, raster.dpi)
            pixels = without_needless_colour(pixels)
            dpi = raster.dpi and raster.dpi * pixels.shape[1] / width
            full = (width, height) if lies_across(raster.orientation) else (height, width)
            return Page(number, turned_upright(pixels, raster.orientation), dpi, full)

    def close(self) -> None:
        """Let go of the file's data."""
        self._source.close()

    def __enter__(self) -> Document:
        """The document itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()


def _opener(format_: Format) -> Callable[[bytes, Options], Source]:
    """The format's decoder, imported when first needed: a scan rarely needs them all."""
    module = import_module(f"zipread.documents.{format_}")
    opener: Callable[[bytes, Options], Source] = getattr(module, f"open_{format_}")
    return opener


@contextmanager
def _translated() -> Iterator[None]:
    """Turn whatever a decoder raises over hostile bytes into a DocumentError."""
    try:
        yield
    except DocumentError:
        raise
    except MemoryError as error:
        raise DocumentError(
            ErrorKind.TOO_LARGE, "The page needs more memory than there is."
        ) from error
    except (ArithmeticError, LookupError, struct.error) as error:
        raise corrupt("its structure makes no sense") from error
    except Exception as error:  # Decoders raise anything, from SyntaxError to RecursionError.
        raise corrupt(f"it cannot be decoded ({str(error).strip(' .') or 'no reason'})") from error
