"""``zipread train``: make a model from a recipe."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zipread.cli.flags import source_flag

if TYPE_CHECKING:
    from zipread.training.prepare import Progress
    from zipread.training.recipe import Recipe
    from zipread.training.train import Report


@click.command()
@click.option(
    "--recipe",
    default="seed",
    show_default=True,
    metavar="NAME|FILE",
    help="a TOML file, or seed (scikit-learn's Digits, nothing to download), optdigits, "
    "digits-to-usps",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="folder of data sets, yours too: DIR/NAME/0 to DIR/NAME/9",
)
@click.option(
    "--fetch", is_flag=True, help="fetch what the recipe names and DIR lacks, from OpenML into DIR"
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("model"),
    show_default=True,
    metavar="DIR",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="where prepared data is kept, to resume (default: OUT/prepared)",
)
@click.option(
    "--with-corrections",
    "results",
    type=click.Path(path_type=Path, file_okay=False),
    multiple=True,
    metavar="RESULTS",
    help="learn from what people keyed in these results too; can be given several times",
)
@source_flag
@click.option("--jobs", default=2, show_default=True, metavar="N", help="processes")
def command(
    recipe: str,
    data: Path | None,
    fetch: bool,
    out: Path,
    cache: Path | None,
    results: tuple[Path, ...],
    source: Path | None,
    jobs: int,
) -> None:
    """Train a digit model from a recipe, and say how good it is.

    The same recipe, data and scikit-learn give the same model. Stopped and started again, it goes
    on with the data that is prepared. Use the model with `zipread scan --model OUT/digits.skops`;
    whether it is better than another one says `zipread compare`. What to accept was learned with
    the shipped model: with another one, measure it anew by `zipread evaluate scan --model`.
    """
    from zipread.training.card import write_card
    from zipread.training.fetch import fetch_missing
    from zipread.training.recipe import load_recipe
    from zipread.training.train import train

    chosen = load_recipe(recipe)
    progress = _progress()
    if fetch:
        data = data or out / "data"
        fetch_missing(chosen, data, progress)
    if results:
        chosen = _corrected(chosen, results, out, source)
    report = train(chosen, data, out, cache or out / "prepared", progress, jobs)
    write_card(report, out)
    _tell(report)


def _corrected(recipe: Recipe, results: tuple[Path, ...], out: Path, source: Path | None) -> Recipe:
    from zipread.cli.apply import tell_exported
    from zipread.training.corrections import with_corrections

    corrected, exported = with_corrections(recipe, results, out, source)
    tell_exported(exported, out)
    return corrected


def _progress() -> Progress:
    """A line on stderr for each piece of work, with the time so far."""
    start = time.monotonic()

    def tell(what: str, done: int, total: int) -> None:
        click.echo(f"{time.monotonic() - start:6.0f} s  {done}/{total}  {what}", err=True)

    return tell


def _tell(report: Report) -> None:
    from zipread.training.evaluate import as_text

    for result in report.evaluations:
        click.echo(as_text(result))
    for found in report.rejection:
        click.echo(
            f"no digit, {found.kind + ':':<14} {100 * found.below_half:.1f} % of {found.count:,} "
            f"below 0.5; where 99 % of digits are kept {100 * found.at_99:.1f} %"
        )
    name = f"model {report.model.identity[:12]}" if report.model else "SVC, measured, not saved:"
    where = f": {report.path}" if report.path else ""
    click.echo(f"{name} of {report.samples:,} forms in {report.seconds / 60:.1f} minutes{where}")
