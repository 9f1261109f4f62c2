"""``zipread evaluate``: how well the model reads what is labelled."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zipread.cli.pictured import written

if TYPE_CHECKING:
    from zipread.training.data_sets import Digits

MEASURES = {
    "digits": "zipread.cli.evaluate:digits",
    "scan": "zipread.cli.evaluate_scan:command",
}
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


class Measures(click.Group):
    """The subcommands, imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names."""
        return list(MEASURES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name."""
        if cmd_name not in MEASURES:
            return None
        module, _, name = MEASURES[cmd_name].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found


@click.group(cls=Measures)
def command() -> None:
    """Measure the model on labelled digits, or scanning on labelled scans."""


@click.command()
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="folder of data sets")
@click.option(
    "--set",
    "name",
    metavar="NAME",
    help="mnist, usps, optdigits, semeion (their part held out), digits, or a folder of your own",
)
@click.option("--usps", type=_FILE, metavar="FILE", help="a USPS file: zip.test.gz, zip.train.gz")
@click.option("--mnist", type=_FILE, nargs=2, metavar="IMAGES LABELS", help="two MNIST IDX files")
@click.option("--model", type=_FILE, metavar="FILE", help="another model than the shipped one")
@click.option("--json", "json_file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--picture", type=click.Path(path_type=Path), metavar="PNG", help="all in a picture")
def digits(
    data: Path | None,
    name: str | None,
    usps: Path | None,
    mnist: tuple[Path, Path] | None,
    model: Path | None,
    json_file: Path | None,
    picture: Path | None,
) -> None:
    """Error, reject curve, ranking and calibration of the model on a set of labelled digits.

    The official test files: --usps zip.test.gz, --mnist t10k-images... t10k-labels...
    With --set, the part that the shipped model was not trained on.
    """
    from zipread.digit_model import load_model
    from zipread.training.evaluate import as_text, evaluate
    from zipread.training.forms import held_out_forms

    chosen = _chosen(data, name, usps, mnist)
    forms, labels = held_out_forms(chosen)
    result = evaluate(load_model(model), forms, labels, chosen.name)
    click.echo(as_text(result), nl=False)
    if json_file:
        with written(json_file):
            json_file.write_text(json.dumps(result.as_json(), indent=1) + "\n", encoding="utf-8")
    if picture:
        from zipread.training.pictures import draw_evaluation

        with written(picture):
            draw_evaluation(result, picture)


def _chosen(
    data: Path | None, name: str | None, usps: Path | None, mnist: tuple[Path, Path] | None
) -> Digits:
    """The one set that was asked for; the embedded Digits when none was."""
    from zipread.training.data_sets import load_digits_set, read_files

    if sum(map(bool, (name, usps, mnist))) > 1:
        raise click.UsageError("Give one of --set, --usps and --mnist.")
    if usps:
        return read_files("usps", (usps,))
    if mnist:
        return read_files("mnist", mnist)
    return load_digits_set(name or "digits", data)
