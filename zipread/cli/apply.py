"""``zipread apply``: what people keyed, into the results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zipread.cli.commands import command_of, option
from zipread.cli.console import many
from zipread.cli.flags import Source
from zipread.names import visible

if TYPE_CHECKING:
    from zipread.review.labelled import Exported


@command_of()
def command(
    results: Annotated[Path, typer.Argument(metavar="RESULTS")],
    sort_plan: Annotated[
        str | None,
        option("--sort-plan", metavar="FILE", help="the sort plan that the scan was given"),
    ] = None,
    wait: Annotated[
        float, option("--wait", metavar="SECONDS", help="to wait for a scan that is running")
    ] = 0.0,
    digits: Annotated[
        Path | None,
        option(
            "--digits",
            file_okay=False,
            metavar="DIR",
            help="also write the keyed digits as labelled images, DIR/<digit>/*.png",
        ),
    ] = None,
    source: Source = None,
) -> None:
    """Put what people keyed into documents.csv and the JSON records of RESULTS.

    A page that a person keyed is accepted, by=person; what the machine had read is kept beside it.
    A later scan leaves it so. Doing it again changes nothing.
    """
    from zipread.review.apply import apply

    applied = apply(results, sort_plan, wait)
    if applied.torn:
        lines = "1 line" if applied.torn == 1 else f"{applied.torn} lines"
        typer.echo(f"{lines} of corrections.jsonl cannot be read; the rest is used.", err=True)
    typer.echo(
        f"{many(applied.settled, 'page')} settled by people, {applied.disputed} in dispute; "
        f"{many(applied.changed, 'document')} rewritten.",
        err=True,
    )
    if digits:
        from zipread.review.labelled import export_digits

        tell_exported(export_digits(results, digits, source), digits)


def tell_exported(exported: Exported, folder: Path) -> None:
    """Say how many keyed digits were written, and why others were not."""
    typer.echo(
        f"{many(exported.digits, 'keyed digit')} written to {visible(str(folder))}.", err=True
    )
    for why, count in exported.left_out.most_common():
        typer.echo(f"{many(count, 'page')} left out: {why}", err=True)
