"""``zipread report``: a results folder as one page to look at."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zipread.cli.commands import command_of, option
from zipread.cli.console import many
from zipread.cli.flags import Source
from zipread.names import visible

if TYPE_CHECKING:
    from zipread.report.write import Written

NAME = "report.html"
"""The report's name in a results folder."""


@command_of()
def command(
    results: Annotated[Path, typer.Argument(metavar="RESULTS")],
    source: Source = None,
    out: Annotated[
        Path | None,
        option(
            "--out",
            dir_okay=False,
            metavar="FILE",
            help="where to write it  [RESULTS/report.html]",
        ),
    ] = None,
    crops: Annotated[
        bool, option("--crops/--no-crops", help="with pictures of the ZIPs  [crops]")
    ] = True,
) -> None:
    """Write one HTML page that shows all of RESULTS: totals, and each document with its ZIP.

    The page needs nothing else: no server, no network, no scripts. Send it, print it, keep it.
    """
    path = out or results / NAME
    written = write(results, path, source, crops=crops)
    pages = many(written.pages, "page")
    typer.echo(f"Report of {pages}, {written.size / 1e6:.1f} MB: {visible(str(path))}")


def write(out: Path, path: Path, source: Path | None = None, *, crops: bool = True) -> Written:
    """Write the report of the results in ``out``, telling on stderr how far it is."""
    from zipread.report.write import write_report

    written = write_report(out, path, source, _teller(), crops=crops)
    if written.without_crop:
        text = f"{written.without_crop:,} without a picture: the card says why."
        typer.echo(f"{text} If the images were moved, name their folder with --source.", err=True)
    return written


class _teller:  # noqa: N801  (used as the function it is)
    """Tells progress now and then."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._told > 5:
            self._told = now
            typer.echo(f"{done:,} of {total:,} documents", err=True)
