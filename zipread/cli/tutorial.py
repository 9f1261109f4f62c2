"""``zipread tutorial``: the seed, fit() and predict() on scikit-learn's Digits."""

from __future__ import annotations

from pathlib import Path

import click

from zipread.cli.pictured import written


@click.command()
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PNG",
    help="where to write the six digits as a picture (needs the extra 'train')",
)
def command(picture: Path | None) -> None:
    """Recognise handwritten digits with scikit-learn, as the tutorial does.

    Fits SVC(gamma=0.001, C=100) on Digits, predicts the six digits held back and shows them.
    """
    from zipread.show.blocks import form_blocks
    from zipread.training.tutorial import lesson

    result = lesson()
    click.echo(form_blocks(result.forms))
    click.echo("\nheld back  " + " ".join(str(label) for label in result.labels))
    click.echo("predicted  " + " ".join(str(digit) for digit in result.predicted))
    right = sum(a == b for a, b in zip(result.labels, result.predicted, strict=True))
    click.echo(f"{right} of {len(result.labels)} right")
    click.echo(
        f"half-split accuracy  {result.half_split:.3f}  (fitted on the first half of Digits)"
    )
    if picture:
        from zipread.training.pictures import draw_forms

        with written(picture):
            draw_forms(result.forms, result.labels, result.predicted, picture)
