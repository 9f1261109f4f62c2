"""``zipread apply``: what people keyed, into the results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zipread.cli.console import many
from zipread.cli.flags import source_flag
from zipread.names import visible

if TYPE_CHECKING:
    from zipread.review.labelled import Exported


@click.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--sort-plan", metavar="FILE", help="the sort plan that the scan was given")
@click.option("--wait", default=0.0, metavar="SECONDS", help="to wait for a scan that is running")
@click.option(
    "--digits",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="also write the keyed digits as labelled images, DIR/<digit>/*.png",
)
@source_flag
def command(
    results: Path, sort_plan: str | None, wait: float, digits: Path | None, source: Path | None
) -> None:
    """Put what people keyed into documents.csv and the JSON records of RESULTS.

    A page that a person keyed is accepted, by=person; what the machine had read is kept beside it.
    A later scan leaves it so. Doing it again changes nothing.
    """
    from zipread.review.apply import apply

    applied = apply(results, sort_plan, wait)
    if applied.torn:
        lines = "1 line" if applied.torn == 1 else f"{applied.torn} lines"
        click.echo(f"{lines} of corrections.jsonl cannot be read; the rest is used.", err=True)
    click.echo(
        f"{many(applied.settled, 'page')} settled by people, {applied.disputed} in dispute; "
        f"{many(applied.changed, 'document')} rewritten.",
        err=True,
    )
    if digits:
        from zipread.review.labelled import export_digits

        tell_exported(export_digits(results, digits, source), digits)


def tell_exported(exported: Exported, folder: Path) -> None:
    """Say how many keyed digits were written, and why others were not."""
    click.echo(
        f"{many(exported.digits, 'keyed digit')} written to {visible(str(folder))}.", err=True
    )
    for why, count in exported.left_out.most_common():
        click.echo(f"{many(count, 'page')} left out: {why}", err=True)
