"""``zipread tutorial``: the seed, fit() and predict() on scikit-learn's Digits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zipread.cli.commands import command_of, option
from zipread.cli.pictured import written


@command_of()
def command(
    picture: Annotated[
        Path | None,
        option(
            "--picture",
            dir_okay=False,
            metavar="PNG",
            help="where to write the six digits as a picture (needs the extra 'train')",
        ),
    ] = None,
) -> None:
    """Recognise handwritten digits with scikit-learn, as the tutorial does.

    Fits SVC(gamma=0.001, C=100) on Digits, predicts the six digits held back and shows them.
    """
    from zipread.show.blocks import form_blocks
    from zipread.training.tutorial import lesson

    result = lesson()
    typer.echo(form_blocks(result.forms))
    typer.echo("\nheld back  " + " ".join(str(label) for label in result.labels))
    typer.echo("predicted  " + " ".join(str(digit) for digit in result.predicted))
    right = sum(a == b for a, b in zip(result.labels, result.predicted, strict=True))
    typer.echo(f"{right} of {len(result.labels)} right")
    typer.echo(
        f"half-split accuracy  {result.half_split:.3f}  (fitted on the first half of Digits)"
    )
    if picture:
        from zipread.training.pictures import draw_forms

        with written(picture):
            draw_forms(result.forms, result.labels, result.predicted, picture)
