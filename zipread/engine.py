"""The engine that is shipped: documents opened, pages read by the pipeline and its model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zipread.documents import open_document
from zipread.forms import SeenForm, see_form
from zipread.layout import load_layout
from zipread.pipeline import Seen, load_reader, see_page
from zipread.shipped import identity

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from zipread.api import Document
    from zipread.options import Options
    from zipread.reading import Page, PageReading


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
