"""Looking into a results folder: the records, and the images that they were read from.

Nothing is written and no lock is taken: a scan may be running.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np

from zipread.documents import open_document
from zipread.errors import DocumentError, ErrorKind, InputProblem
from zipread.intake import StillGrowing, read_below
from zipread.names import visible
from zipread.options import Options
from zipread.outputs.records import RecordError, from_json
from zipread.places import results_of
from zipread.storage import STATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from zipread.documents.opening import Document
    from zipread.reading import Box, DocumentReading, PageReading


@dataclass(frozen=True, slots=True)
class Kept:
    """A record in a results folder; ``image`` is where the image was last seen, if known."""

    record: Path
    image: Path | None

    def load(self) -> DocumentReading | None:
        """The reading, None if the file is gone or no record."""
        with contextlib.suppress(OSError, RecordError):
            return from_json(self.record.read_bytes())
        return None


def check_results(out: Path) -> None:
    """Raise :class:`~zipread.errors.InputProblem` if ``out`` is no folder of results."""
    if not (out / STATE).is_dir():
        text = f"There are no results in {visible(str(out))}: name the folder that a scan wrote."
        raise InputProblem(text)


def kept(out: Path, source: Path | None = None) -> Iterator[Kept]:
    """All records below ``out``, sorted by document.

    Images are where the ledger has them, or below ``source`` by their document's path.

    Raises
    ------
    InputProblem
        If ``out`` is no folder of results.
    """
    check_results(out)
    for document, path in _ledger(out / STATE / "ledger.sqlite"):
        with contextlib.suppress(ValueError):  # no path below a folder
            record = results_of(document, out)[1]
            image = source / document if source else Path(path) if path else None
            yield Kept(record, image)


def kept_as(record: Path, reading: DocumentReading, source: Path | None = None) -> Kept:
    """A record by its path, with its image: below ``source``, or where the ledger has it."""
    if source:
        return Kept(record, source / reading.source.document)
    out = next((folder for folder in record.resolve().parents if (folder / STATE).is_dir()), None)
    found = kept(out) if out else iter(())
    return next((k for k in found if k.record.resolve() == record.resolve()), Kept(record, None))


def _ledger(path: Path) -> list[tuple[str, str]]:
    uri = f"file:{quote(os.fsencode(path))}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as ledger:
            query = "SELECT document, path FROM documents ORDER BY document"
            return [(os.fsdecode(name), os.fsdecode(file)) for name, file in ledger.execute(query)]
    except sqlite3.Error as error:
        text = f"The ledger of these results cannot be read ({error}). Run the scan again: it is"
        raise InputProblem(f"{text} built anew from the results.") from error


@contextmanager
def opened(image: Path | None, reading: DocumentReading) -> Iterator[Document]:
    """The image of a reading, opened as it was for reading, if it is still the same.

    Raises
    ------
    DocumentError
        If the image is not there, is another one by now, or cannot be opened.
    """
    if image is None:
        raise _gone("Where the image is was not kept: name its folder with --source.")
    options = options_of(reading)
    root, name = str(image.parent), image.name
    try:
        content = read_below(Path(root).resolve(), name, options.max_megabytes)
    except StillGrowing as error:
        raise _gone("The image is being written.") from error
    except OSError as error:
        raise _gone(f"The image cannot be read: {error.strerror}.") from error
    if not is_as_read(content, reading):
        raise _gone("The image has changed since it was read.")
    with open_document(content, options) as document:
        yield document


def is_as_read(content: bytes, reading: DocumentReading) -> bool:
    """Whether this is the content that the reading is of."""
    return hashlib.sha256(content).hexdigest() == reading.source.sha256


def options_of(reading: DocumentReading) -> Options:
    """The options that shaped a reading, as far as this version knows them."""
    known = {option.name for option in fields(Options)}
    values: dict[str, Any] = {k: v for k, v in reading.options.items() if k in known}
    return Options(**values)


def upright(document: Document, page: PageReading) -> NDArray[np.uint8]:
    """A page as it was read, (height, width) or (height, width, 3): boxes refer to it.

    Raises
    ------
    DocumentError
        If the page cannot be decoded.
    """
    if page.page > document.page_count:
        raise _gone("The image has no such page.")
    pixels = document.page(page.page).pixels
    return np.ascontiguousarray(np.rot90(pixels, -(page.rotation // 90)))


def cut(pixels: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """What of the box is on the page: at least one pixel."""
    height, width = pixels.shape[:2]
    left, top = min(max(box.x, 0), width - 1), min(max(box.y, 0), height - 1)
    right, bottom = max(left + 1, min(box.right, width)), max(top + 1, min(box.bottom, height))
    return pixels[top:bottom, left:right]


def _gone(text: str) -> DocumentError:
    return DocumentError(ErrorKind.UNREADABLE, text)
