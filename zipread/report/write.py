"""Write the report: one HTML file that needs nothing else.

Texts are escaped by the template; the policy lets nothing run but the script whose hash it names,
and nothing load but pictures inside the file. All cards but the first hundred stand in
``<noscript>``: where scripts run they are plain text until looked at, so that thousands open at
once; where they do not, all of them show.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from importlib import resources
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from zipread.names import visible
from zipread.reading import Status
from zipread.report.cards import cards_of
from zipread.report.figures import figures_of, sheet_of
from zipread.shelf import kept
from zipread.storage import output_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from zipread.report.cards import Card
    from zipread.report.figures import Figures
    from zipread.shelf import Kept

AT_ONCE = 100
"""Cards that stand in the file as HTML; the script pages by as many."""
_STATUSES = tuple(Status)


class Progress(Protocol):
    """Told how far the work is."""

    def __call__(self, done: int, total: int) -> None:
        """So many documents of so many are in the report."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: where, how large in bytes, and how many pages and without a picture."""

    path: Path
    size: int
    pages: int
    without_crop: int


def write_report(
    out: Path, path: Path, source: Path | None, progress: Progress, *, crops: bool = True
) -> Written:
    """Write the report of the results in ``out`` to ``path``, whole or not at all.

    Raises
    ------
    InputProblem
        If there are no results.
    OutputProblem
        If the file cannot be written.
    """
    sheets = [sheet for sheet in map(sheet_of, kept(out, source)) if sheet]
    sheets.sort(key=lambda sheet: sheet.urgency())
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8", newline="") as file:
            made = _Report(file, figures_of(sheets), out)
            made.write(_rendered([sheet.kept for sheet in sheets], crops), progress)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        size = path.stat().st_size
    except OSError as error:
        raise output_problem(path, error) from error
    finally:
        draft.unlink(missing_ok=True)
    return Written(path, size, len(made.index), made.without_crop)


Rendered = tuple[str, list[Any], bool]
"""A card as HTML, its row in the index, and whether its picture is missing."""


class _Report:
    """The file while it is being written."""

    def __init__(self, file: TextIO, figures: Figures, out: Path) -> None:
        self._file = file
        self._figures = figures
        self._title = visible(out.resolve().name) or "results"
        self.index: list[list[Any]] = []
        self.without_crop = 0

    def write(self, documents: Iterator[list[Rendered]], progress: Progress) -> None:
        """Head, cards, foot."""
        macros, script = _macros(), _text("page.js")
        style = _text("page.css")
        made = f"{datetime.now().astimezone():%d %B %Y, %H:%M %Z}"
        policy = _policy(style, script)
        head = macros.head(self._figures, self._title, made, _raw(style), policy)
        self._file.write(head)
        for done, rendered in enumerate(documents, 1):
            for html, row, missing in rendered:
                late = len(self.index) >= AT_ONCE
                self._file.write(f"<noscript>{html}</noscript>\n" if late else html + "\n")
                self.index.append(row)
                self.without_crop += missing
            progress(done, self._figures.documents)
        self._file.write(macros.foot(self._figures, _raw(script), _raw(_inert(self.index))))


def _rendered(documents: Sequence[Kept], crops: bool) -> Iterator[list[Rendered]]:
    """The cards of each document in order, made by all cores; pictures cost the time."""
    render = partial(_render, crops=crops)
    done = 0
    try:
        if len(documents) > 8:
            clean = get_context("forkserver")  # a fork of OpenCV's threads would hang
            with ProcessPoolExecutor(len(os.sched_getaffinity(0)), clean) as pool:
                for rendered in pool.map(render, documents, chunksize=8):
                    yield rendered
                    done += 1
                return
    except BrokenProcessPool:  # a decoder died of an image: the rest goes without pictures
        render = partial(_render, crops=False)
    yield from map(render, documents[done:])


def _render(document: Kept, crops: bool) -> list[Rendered]:
    macros = _macros()
    return [
        (str(macros.card(card)), _row(card), crops and bool(card.no_crop))
        for card in cards_of(document, crops=crops)
    ]


def _row(card: Card) -> list[Any]:
    reading = card.reading
    said = f"{reading.error_kind} {card.person.who if card.person else ''}".strip()
    status = _STATUSES.index(reading.status)
    sure, seconds = round(reading.confidence, 4), round(reading.seconds, 3)
    return [card.document, card.code, status, sure, seconds, int(card.person is not None), said]


def _inert(value: object) -> str:
    """JSON that cannot end the element that it stands in."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; "
        f"script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _text(name: str) -> str:
    return (resources.files("zipread.report") / name).read_text("utf-8")


def _raw(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)  # noqa: S704  (our own style, script and JSON)


@cache
def _macros() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(_text("page.html.j2")).module
