"""The engine that is shipped: documents opened, pages read by the pipeline and its model."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from zipread.documents import open_document
from zipread.forms import SeenForm, see_form
from zipread.intake import Stamp
from zipread.layout import load_layout
from zipread.pipeline import Seen, load_reader, see_page
from zipread.shipped import identity, learned_files

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from zipread.api import Document
    from zipread.options import Options
    from zipread.reading import Page, PageReading

KEPT = 2
"""So many engines are kept in memory for who reads document after document."""


class Pipeline:
    """An :class:`~zipread.api.Engine` with its model loaded.

    Raises :class:`~zipread.errors.ModelRefused` if the model cannot be loaded, and
    :class:`~zipread.errors.UsageProblem` if the layout cannot.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self.reader = load_reader(options)
        self.layout = load_layout(Path(options.layout)) if options.layout else None
        self.identity = identity(options)

    def open(self, content: bytes) -> AbstractContextManager[Document]:
        """Open a document's content, within the limits of the options, its pages as read."""
        return open_document(content, self._options, to_read=True)

    def read(self, page: Page) -> PageReading:
        """Read one page through all stages."""
        return self.see(page).reading.on(page.full)

    def see(self, page: Page) -> Seen | SeenForm:
        """Read one page, and keep what it was read from."""
        if self.layout:
            return see_form(page, self.layout, self.reader, self._options)
        return see_page(page, self.reader, self._options)


def engine_of(options: Options) -> Pipeline:
    """The engine of these options; loaded once, while the files that it is made of stay the same.

    Raises what :class:`Pipeline` does.
    """
    files = [*learned_files(options), *([Path(options.layout)] if options.layout else [])]
    return _engine_of(options, tuple(_stamp(path) for path in files))


@lru_cache(maxsize=KEPT)
def _engine_of(options: Options, _stamps: tuple[Stamp | None, ...]) -> Pipeline:
    return Pipeline(options)


def _stamp(path: Path) -> Stamp | None:
    """The stamp of a file; None if it is not to be had, as loading will say."""
    try:
        return Stamp.of(path.stat())
    except OSError:
        return None
