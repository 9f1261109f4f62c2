"""``zipread review``: key what the machine was not sure of."""

from __future__ import annotations

import getpass
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zipread.cli.console import many
from zipread.cli.flags import source_flag
from zipread.errors import OutputHeld, UsageProblem
from zipread.names import visible
from zipread.reading import Status

if TYPE_CHECKING:
    from zipread.review.serve import Opened

_STATUSES = [status.value for status in Status]


@click.command()
@click.argument("results", type=click.Path(path_type=Path))
@source_flag
@click.option("--who", metavar="NAME", help="your name, kept with each decision  [login name]")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(_STATUSES),
    default=["review"],
    show_default=True,
    help="which pages to show; can be given several times",
)
@click.option("--double", is_flag=True, help="two people have to agree; the guess is not shown")
@click.option("--blind", is_flag=True, help="do not show what the machine read")
@click.option("--port", default=0, metavar="N", help="port on loopback  [any that is free]")
@click.option("--open/--no-open", "browse", default=True, help="open a browser  [open]")
def command(
    results: Path,
    source: Path | None,
    who: str | None,
    statuses: tuple[str, ...],
    double: bool,
    blind: bool,
    port: int,
    browse: bool,
) -> None:
    """Show one doubtful ZIP of RESULTS after another in the browser, to be keyed by a person.

    Type five digits and Enter, or accept what was read. Each decision is on disk before the next
    picture shows. When you stop with Ctrl-C, the results say what you keyed. Two reviewers open
    the same address and never get the same page; only this machine can open it.
    """
    from zipread.review.serve import Station, serve

    name = who or _login()
    chosen = [Status(status) for status in statuses]
    needs = 2 if double else 1
    station = Station(results, source, chosen, name, needs, blind or double, port)

    def opened(at: Opened) -> None:
        if at.torn:
            click.echo(f"{at.torn} torn lines in corrections.jsonl are passed over.", err=True)
        click.echo(f"{at.left:,} of {at.total:,} pages to review. Ctrl-C ends it.", err=True)
        click.echo(at.url)
        if browse:
            webbrowser.open(at.url)

    made = serve(station, opened)
    if made is None:
        named = " or ".join(statuses)
        click.echo(f"Nothing to review: no page has the status {named}.", err=True)
        if statuses == ("review",):
            click.echo("To see pages without a ZIP: --status no-zip.", err=True)
        return
    click.echo(f"{many(made, 'decision')} made.", err=True)
    _apply(results)


def _apply(results: Path) -> None:
    """Put the decisions into the results, unless that has to wait."""
    from zipread.review.apply import apply

    again = f"zipread apply {visible(str(results))}"
    try:
        applied = apply(results)
    except (OutputHeld, UsageProblem) as later:
        click.echo(f"Not in the results yet: {later} Then: {again}", err=True)
    else:
        where = visible(str(results))
        click.echo(f"{many(applied.changed, 'document')} in {where} updated.", err=True)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "reviewer"
