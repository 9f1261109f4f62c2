"""An engine that is watched: it reads as ever, and leaves a picture of every page in a folder."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from zipread.debug.sheet import draw_form, draw_sheet
from zipread.engine import Pipeline
from zipread.forms import SeenForm
from zipread.names import visible
from zipread.places import place

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from zipread.api import Document, Engine
    from zipread.options import Options
    from zipread.pipeline import Seen
    from zipread.reading import Page, PageReading

log = logging.getLogger("zipread")


def watched(engine: Engine, document: str, options: Options) -> Engine:
    """The engine, watched while it reads ``document`` where the options ask for it.

    Only the pipeline shows what it sees: any other engine is handed back.
    """
    if options.debug and isinstance(engine, Pipeline):
        return _Watched(engine, document, options, Path(options.debug))
    return engine


def picture_path(folder: Path, document: str, page: int) -> Path:
    """Where the picture of a page goes: ``a/x.png``'s first to ``a/x.png-1.png``."""
    base = folder / place(f"{document}-{page}")
    return base.with_name(base.name + ".png")


class _Watched:
    """Reads pages of one document, drawing each; no fault of a picture touches a reading."""

    def __init__(self, engine: Pipeline, document: str, options: Options, folder: Path) -> None:
        self._engine = engine
        self._document = document
        self._options = options
        self._folder = folder
        self.identity = engine.identity

    def open(self, content: bytes) -> AbstractContextManager[Document]:
        """Open a document's content."""
        return self._engine.open(content)

    def read(self, page: Page) -> PageReading:
        """Read one page and draw what was seen."""
        seen = self._engine.see(page)
        try:
            self._draw(seen, page)
        except Exception as error:  # whatever goes wrong in drawing, the reading stands
            name = visible(self._document)
            log.warning("no picture of %s, page %d: %r", name, page.number, error)
        return seen.reading.on(page.full)

    def _draw(self, seen: Seen | SeenForm, page: Page) -> None:
        made_by = (self._engine.reader, self._options, self._document)
        if isinstance(seen, SeenForm):
            sheet = draw_form(seen, page, *made_by)
        else:
            sheet = draw_sheet(seen, page, *made_by)
        path = picture_path(self._folder, self._document, page.number)
        path.parent.mkdir(parents=True, exist_ok=True)
        sheet.save(path, compress_level=1)
