"""One document, from file to readings: what the command line's workers and Python callers call."""

from __future__ import annotations

import hashlib
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from zipread import __version__
from zipread.errors import DocumentError, ErrorKind, InputProblem, UsageProblem
from zipread.intake import StillGrowing, read_below, split
from zipread.options import Options
from zipread.reading import DocumentReading, PageReading, Source, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from os import PathLike

    from zipread.reading import Page

log = logging.getLogger("zipread")


class Document(Protocol):
    """An opened document; both raise :class:`DocumentError`."""

    @property
    def page_count(self) -> int:
        """How many pages it has, at least 1."""

    def page(self, number: int) -> Page:
        """The page of that number, counted from 1."""


class Engine(Protocol):
    """What turns content into readings: the pipeline with its model, or a stand-in under test."""

    @property
    def identity(self) -> str:
        """SHA-256 of the model file in hex."""

    def open(self, content: bytes) -> AbstractContextManager[Document]:
        """Open a document's content."""

    def read(self, page: Page) -> PageReading:
        """Read one page."""


def read_document(
    path: str | PathLike[str], options: Options | None = None, *, engine: Engine | None = None
) -> DocumentReading:
    """Read all pages of one document.

    Parameters
    ----------
    path
        A PNG, JPEG, TIFF, BMP, WebP or PDF file, told by its content.
    options
        Options as on the command line; only those that shape a result matter here.
    engine
        Reads the pages; by default the one of the options, which stays in memory for the next call.

    Returns
    -------
    DocumentReading
        One :class:`PageReading` a page. A page that cannot be read has status ``error``.

    Raises
    ------
    InputProblem
        If there is no such file.
    DocumentError
        If the document as a whole cannot be read: ``kind`` and text say why.
    ModelRefused
        If the model file cannot be loaded.
    """
    options = options or Options()
    try:
        root, name = split(Path(path))
    except (OSError, RuntimeError) as error:
        raise InputProblem(f"There is no file {str(path)!r}.") from error
    try:
        content = read_below(root, name, options.max_megabytes)
    except StillGrowing as error:
        text = "It changed while it was read: something still writes it."
        raise DocumentError(ErrorKind.UNREADABLE, text) from error
    if engine is None:
        from zipread.engine import engine_of

        engine = engine_of(options)
    started = time.perf_counter()
    with engine.open(content) as document:
        pages = tuple(read_pages(document, engine, 1, started))
    return assemble(
        source_of(Path(path).name, content), pages, engine.identity, provenance(options)
    )


def source_of(name: str, content: bytes) -> Source:
    """What is kept of a file's content."""
    return Source(name, len(content), hashlib.sha256(content).hexdigest())


def read_pages(
    document: Document, engine: Engine, first: int, started: float
) -> Iterator[PageReading]:
    """The readings of the pages from ``first`` on, each timed from the one before it."""
    for number in range(first, document.page_count + 1):
        reading = _read_page(document, engine, number)
        now = time.perf_counter()
        yield reading.timed(round(now - started, 4))
        started = now


def _read_page(document: Document, engine: Engine, number: int) -> PageReading:
    try:
        return engine.read(document.page(number))
    except DocumentError as error:
        return failed(number, error)
    except MemoryError:
        text = "Reading this page needs more memory than there is. Scan it at a lower resolution."
        return failed(number, DocumentError(ErrorKind.TOO_LARGE, text))
    except Exception as error:
        log.exception("page %d could not be read for a bug of ours", number)
        text = f"A bug of ours kept this page from being read: {error!r}."
        return failed(number, DocumentError(ErrorKind.INTERNAL, text))


def failed(number: int, error: DocumentError) -> PageReading:
    """The reading of a page that could not be read."""
    return PageReading(number, Status.ERROR, message=str(error), error_kind=str(error.kind))


def assemble(
    source: Source, pages: tuple[PageReading, ...], model: str, options: dict[str, object]
) -> DocumentReading:
    """A document's reading with all that made it; ``options`` are those of :func:`provenance`."""
    return DocumentReading(source, pages, model, options, __version__)


def provenance(options: Options) -> dict[str, object]:
    """The options that shape a result, a layout file by its content too.

    Raises
    ------
    UsageProblem
        If the layout file cannot be read.
    """
    shaping = options.shaping()
    if options.layout is not None:
        try:
            content = Path(options.layout).read_bytes()
        except OSError as error:
            text = f"The layout {options.layout} cannot be read: {error.strerror}."
            raise UsageProblem(text) from error
        shaping["layout_sha256"] = hashlib.sha256(content).hexdigest()
    return shaping
