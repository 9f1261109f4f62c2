"""The progress bar and the table that a terminal shows. Imports rich, so it is imported late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from zipread.cli.console import page_of
from zipread.reading import Status, joined

if TYPE_CHECKING:
    from zipread.outputs.tables import PageRow

__all__ = ["Console", "progress_bar", "table"]

_STYLES = {Status.ACCEPTED: "green", Status.REVIEW: "yellow", Status.ERROR: "red"}


class _Rate(ProgressColumn):
    """Documents a second."""

    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:.1f}/s", "dim")


def progress_bar() -> Progress:
    """A bar on stderr with rate and time left, which vanishes at the end."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def table(rows: list[PageRow], title: str | None = None) -> Table:
    """The rows as a table, sorted by document and page."""
    shown = Table("Document", "ZIP", "Confidence", "Status", "", box=box.SIMPLE_HEAD, title=title)
    shown.columns[2].justify = "right"
    for row in sorted(rows, key=lambda row: (row.document, row.page)):
        sure = f"{row.confidence:.1%}" if row.zip else ""
        style = _STYLES.get(row.status, "dim")
        shown.add_row(
            Text(page_of(row)),
            joined(row.zip, row.zip4),
            sure,
            Text(row.status, style),
            Text(row.message, "dim"),
        )
    return shown
