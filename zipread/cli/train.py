"""``zipread train``: make a model from a recipe."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zipread.cli.commands import command_of, option
from zipread.cli.flags import Source

if TYPE_CHECKING:
    from zipread.training.prepare import Progress
    from zipread.training.recipe import Recipe
    from zipread.training.train import Report

_OUT = Path("model")


@command_of()
def command(
    recipe: Annotated[
        str,
        option(
            "--recipe",
            show_default=True,
            metavar="NAME|FILE",
            help="a TOML file, or seed (scikit-learn's Digits, nothing to download), optdigits, "
            "digits-to-usps",
        ),
    ] = "seed",
    data: Annotated[
        Path | None,
        option(
            "--data",
            metavar="DIR",
            help="folder of data sets, yours too: DIR/NAME/0 to DIR/NAME/9",
        ),
    ] = None,
    fetch: Annotated[
        bool,
        option("--fetch", help="fetch what the recipe names and DIR lacks, from OpenML into DIR"),
    ] = False,
    out: Annotated[Path, option("--out", file_okay=False, show_default=True, metavar="DIR")] = _OUT,
    cache: Annotated[
        Path | None,
        option(
            "--cache",
            file_okay=False,
            metavar="DIR",
            help="where prepared data is kept, to resume (default: OUT/prepared)",
        ),
    ] = None,
    results: Annotated[
        list[Path] | None,
        option(
            "--with-corrections",
            file_okay=False,
            metavar="RESULTS",
            help="learn from what people keyed in these results too; can be given several times",
        ),
    ] = None,
    source: Source = None,
    jobs: Annotated[int, option("--jobs", show_default=True, metavar="N", help="processes")] = 2,
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
        chosen = _corrected(chosen, tuple(results), out, source)
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
        typer.echo(f"{time.monotonic() - start:6.0f} s  {done}/{total}  {what}", err=True)

    return tell


def _tell(report: Report) -> None:
    from zipread.training.evaluate import as_text

    for result in report.evaluations:
        typer.echo(as_text(result))
    for found in report.rejection:
        typer.echo(
            f"no digit, {found.kind + ':':<14} {100 * found.below_half:.1f} % of {found.count:,} "
            f"below 0.5; where 99 % of digits are kept {100 * found.at_99:.1f} %"
        )
    name = f"model {report.model.identity[:12]}" if report.model else "SVC, measured, not saved:"
    where = f": {report.path}" if report.path else ""
    typer.echo(f"{name} of {report.samples:,} forms in {report.seconds / 60:.1f} minutes{where}")
