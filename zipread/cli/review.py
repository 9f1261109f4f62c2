"""``zipread review``: key what the machine was not sure of."""

from __future__ import annotations

import getpass
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zipread.cli.commands import command_of, option
from zipread.cli.console import many
from zipread.cli.flags import Source
from zipread.errors import OutputHeld, UsageProblem
from zipread.names import visible
from zipread.reading import Status

if TYPE_CHECKING:
    from zipread.review.serve import Opened

_SHOWN = [Status.REVIEW]


@command_of()
def command(
    results: Annotated[Path, typer.Argument(metavar="RESULTS")],
    source: Source = None,
    who: Annotated[
        str | None,
        option("--who", metavar="NAME", help="your name, kept with each decision  [login name]"),
    ] = None,
    statuses: Annotated[
        list[Status],
        option(
            "--status",
            metavar=f"[{'|'.join(Status)}]",
            show_default=True,
            help="which pages to show; can be given several times",
        ),
    ] = _SHOWN,
    double: Annotated[
        bool, option("--double", help="two people have to agree; the guess is not shown")
    ] = False,
    blind: Annotated[bool, option("--blind", help="do not show what the machine read")] = False,
    port: Annotated[
        int, option("--port", metavar="N", help="port on loopback  [any that is free]")
    ] = 0,
    browse: Annotated[bool, option("--open/--no-open", help="open a browser  [open]")] = True,
) -> None:
    """Show one doubtful ZIP of RESULTS after another in the browser, to be keyed by a person.

    Type five digits and Enter, or accept what was read. Each decision is on disk before the next
    picture shows. When you stop with Ctrl-C, the results say what you keyed. Two reviewers open
    the same address and never get the same page; only this machine can open it.
    """
    from zipread.review.serve import Station, serve

    name = who or _login()
    needs = 2 if double else 1
    station = Station(results, source, statuses, name, needs, blind or double, port)

    def opened(at: Opened) -> None:
        if at.torn:
            typer.echo(f"{at.torn} torn lines in corrections.jsonl are passed over.", err=True)
        typer.echo(f"{at.left:,} of {at.total:,} pages to review. Ctrl-C ends it.", err=True)
        typer.echo(at.url)
        if browse:
            webbrowser.open(at.url)

    made = serve(station, opened)
    if made is None:
        named = " or ".join(statuses)
        typer.echo(f"Nothing to review: no page has the status {named}.", err=True)
        if statuses == _SHOWN:
            typer.echo("To see pages without a ZIP: --status no-zip.", err=True)
        return
    typer.echo(f"{many(made, 'decision')} made.", err=True)
    _apply(results)


def _apply(results: Path) -> None:
    """Put the decisions into the results, unless that has to wait."""
    from zipread.review.apply import apply

    again = f"zipread apply {visible(str(results))}"
    try:
        applied = apply(results)
    except (OutputHeld, UsageProblem) as later:
        typer.echo(f"Not in the results yet: {later} Then: {again}", err=True)
    else:
        where = visible(str(results))
        typer.echo(f"{many(applied.changed, 'document')} in {where} updated.", err=True)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "reviewer"
