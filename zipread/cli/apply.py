"""``zipread apply``: what people keyed, into the results."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--sort-plan", metavar="FILE", help="the sort plan that the scan was given")
@click.option("--wait", default=0.0, metavar="SECONDS", help="to wait for a scan that is running")
def command(results: Path, sort_plan: str | None, wait: float) -> None:
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
        f"{applied.settled} pages settled by people, {applied.disputed} in dispute; "
        f"{applied.changed} documents rewritten.",
        err=True,
    )
