"""What a scan shows while it runs: rows on stdout, progress and log on stderr."""

from __future__ import annotations

import json
import logging
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from zipread.cli.streams import Pipe
from zipread.names import visible
from zipread.reading import Status
from zipread.storage import output_problem

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, TaskID

    from zipread.outputs.tables import PageRow
    from zipread.summary import Summary

MOST_ROWS = 40
"""Rows of the table on a terminal; more that need a person are shown below it."""
_MOST_TO_LOOK_AT = 40
_PLAIN_EVERY = 10.0  # seconds between two lines of progress where there is no terminal


class Quiet:
    """Shows nothing of a scan's progress. The base of what shows something."""

    def __enter__(self) -> Quiet:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what is shown live."""

    def planned(self, documents: int, up_to_date: int) -> None:
        """The inputs are walked."""

    def saved(self, rows: tuple[PageRow, ...]) -> None:
        """A document's results are safe."""

    def finished(self, summary: Summary) -> None:
        """Nothing more comes."""


class Lines(Quiet):
    """For pipes and files: a line a page on stdout, now and then one of progress on stderr."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = Pipe(out)
        self._err = Pipe(err)
        self._total = self._done = 0
        self._started = self._told = time.monotonic()

    def planned(self, documents: int, up_to_date: int) -> None:  # noqa: ARG002
        """Remember how much there is to do."""
        self._total = documents
        self._started = self._told = time.monotonic()

    def saved(self, rows: tuple[PageRow, ...]) -> None:
        """Write the rows; tell how far it is when some time has gone."""
        for row in rows:
            cells = (row.status, row.zip or "-", f"{row.confidence:.4f}", page_of(row))
            self._out.write("\t".join(cells) + "\n")
        self._done += 1
        now = time.monotonic()
        if now - self._told > _PLAIN_EVERY:
            self._told = now
            rate = self._done / (now - self._started)
            left = (self._total - self._done) / rate
            text = f"{self._done} of {self._total} documents, {rate:.1f}/s, {left:.0f} s left"
            self._err.write(text + "\n")

    def finished(self, summary: Summary) -> None:  # noqa: ARG002
        """Say if not all rows could be written: a full disk must not pass for fewer rows."""
        if self._out.error:
            raise output_problem("the standard output", self._out.error)


class Terminal(Quiet):
    """For people: a progress bar on stderr while it runs, then a table on stdout."""

    def __init__(self) -> None:
        self._rows: list[PageRow] = []
        self._to_look_at: list[PageRow] = []
        self._pages = 0
        self._stack = ExitStack()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the progress bar away."""
        self._stack.close()

    def planned(self, documents: int, up_to_date: int) -> None:  # noqa: ARG002
        """Show the progress bar."""
        if documents and sys.stderr.isatty():
            from zipread.cli.tables import progress_bar

            self._progress = self._stack.enter_context(progress_bar())
            self._task = self._progress.add_task("Reading", total=documents)

    def saved(self, rows: tuple[PageRow, ...]) -> None:
        """Keep the rows that the table will have room for."""
        for row in rows:
            self._pages += 1
            if len(self._rows) < MOST_ROWS:
                self._rows.append(row)
            elif row.status is not Status.ACCEPTED and len(self._to_look_at) < _MOST_TO_LOOK_AT:
                self._to_look_at.append(row)
        if self._progress and self._task is not None:
            self._progress.advance(self._task)

    def finished(self, summary: Summary) -> None:  # noqa: ARG002
        """Show the table."""
        self._stack.close()
        if not self._rows:
            return
        from zipread.cli.tables import Console, table

        console = Console(highlight=False)
        console.print(table(self._rows))
        if self._to_look_at:
            console.print(table(self._to_look_at, "More to look at"))
        hidden = self._pages - len(self._rows) - len(self._to_look_at)
        if hidden:
            console.print(f"... and {hidden:,} more pages in documents.csv", style="dim")


class JsonLines(logging.Handler):
    """Writes log records and a scan's events to stderr, one JSON object a line."""

    def __init__(self, err: TextIO) -> None:
        super().__init__()
        self._err = Pipe(err)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a log record."""
        self.write("log", level=record.levelname.lower(), message=self.format(record))

    def write(self, stage: str, **event: Any) -> None:
        """Write one object: when, what stage, and what is known."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._err.write(json.dumps({"time": now, "stage": stage, **event}) + "\n")


class Logged(Quiet):
    """For log collectors: every event of a scan as a JSON line, and what another one shows."""

    def __init__(self, lines: JsonLines, other: Quiet) -> None:
        self._lines = lines
        self._other = other
        self._started = time.monotonic()

    def planned(self, documents: int, up_to_date: int) -> None:
        """Log the plan."""
        seconds = round(time.monotonic() - self._started, 3)
        self._lines.write("plan", documents=documents, up_to_date=up_to_date, seconds=seconds)
        self._other.planned(documents, up_to_date)

    def saved(self, rows: tuple[PageRow, ...]) -> None:
        """Log each page."""
        for row in rows:
            self._lines.write(
                "read",
                document=visible(row.document),
                page=row.page,
                status=row.status,
                zip=row.zip,
                confidence=round(row.confidence, 6),
                seconds=row.seconds,
                message=row.message,
                error=row.error_kind,
            )
        self._other.saved(rows)

    def finished(self, summary: Summary) -> None:
        """Log the summary."""
        self._lines.write(
            "summary",
            documents=summary.documents,
            up_to_date=summary.up_to_date,
            pages=dict(summary.pages),
            errors=dict(summary.errors),
            waiting=dict(summary.waiting),
            left_alone=dict(summary.left),
            missing=summary.missing,
            stopped_by=summary.stopped_by,
            seconds=round(summary.seconds, 3),
        )
        self._other.finished(summary)


def many(count: int, noun: str) -> str:
    """So many of something, in words."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def page_of(row: PageRow) -> str:
    """A page's name for people."""
    return visible(row.document) + (f" page {row.page}" if row.page > 1 else "")
