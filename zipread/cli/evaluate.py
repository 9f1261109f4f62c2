"""``zipread evaluate``: how well the model reads what is labelled."""

from __future__ import annotations

import json
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from zipread.cli.commands import bare, command_of, option
from zipread.cli.pictured import written

if TYPE_CHECKING:
    from zipread.training.data_sets import Digits

_file = partial(option, exists=True, dir_okay=False)

MEASURES = {
    "digits": "zipread.cli.evaluate:digits",
    "scan": "zipread.cli.evaluate_scan:command",
}


class Measures(TyperGroup):
    """The subcommands, imported when asked for."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # noqa: ARG002
        """All names."""
        return list(MEASURES)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]  # noqa: ARG002
        """The command of that name."""
        if cmd_name not in MEASURES:
            return None
        module, _, name = MEASURES[cmd_name].partition(":")
        return get_command(getattr(import_module(module), name))


command = bare()


@command.callback(cls=Measures, no_args_is_help=True)
def _measures() -> None:
    """Measure the model on labelled digits, or scanning on labelled scans."""


@command_of()
def digits(
    data: Annotated[
        Path | None, option("--data", metavar="DIR", help="folder of data sets")
    ] = None,
    name: Annotated[
        str | None,
        option(
            "--set",
            metavar="NAME",
            help="mnist, usps, optdigits, semeion (their part held out), digits, or a folder of "
            "your own",
        ),
    ] = None,
    usps: Annotated[
        Path | None,
        _file("--usps", metavar="FILE", help="a USPS file: zip.test.gz, zip.train.gz"),
    ] = None,
    mnist: Annotated[
        tuple[Path, Path] | None,
        _file("--mnist", metavar="IMAGES LABELS", help="two MNIST IDX files"),
    ] = None,
    model: Annotated[
        Path | None, _file("--model", metavar="FILE", help="another model than the shipped one")
    ] = None,
    json_file: Annotated[Path | None, option("--json", metavar="FILE")] = None,
    picture: Annotated[
        Path | None, option("--picture", metavar="PNG", help="all in a picture")
    ] = None,
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
    typer.echo(as_text(result), nl=False)
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
        raise typer.BadParameter("Give one of --set, --usps and --mnist.")
    if usps:
        return read_files("usps", (usps,))
    if mnist:
        return read_files("mnist", mnist)
    return load_digits_set(name or "digits", data)
