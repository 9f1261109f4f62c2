"""``zipread compare``: whether one model reads better than another."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zipread.cli.commands import command_of, option
from zipread.cli.evaluate_scan import FLAGS, measuring, scan_quietly
from zipread.cli.flags import Config, flags_of, settings_from
from zipread.cli.pictured import written
from zipread.errors import ExitCode, InputProblem, UsageProblem
from zipread.names import visible
from zipread.shipped import DIGITS, models_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zipread.evaluation.matched import Matched
    from zipread.evaluation.truth import Truth
    from zipread.options import Options

OUT = Path("zipread-comparison")
SHIPPED = "shipped"


@command_of()
@flags_of(name for name in FLAGS if name != "model")
def command(
    a: Annotated[str, typer.Argument(metavar="MODEL_A")],
    b: Annotated[str, typer.Argument(metavar="MODEL_B")],
    truth: Annotated[
        Path,
        option(
            "--truth",
            exists=True,
            metavar="FOLDER|CSV",
            help="labelled scans: a folder with a truth.csv, or such a file beside the scans",
        ),
    ],
    keyed: Annotated[
        list[Path] | None,
        option(
            "--not-keyed-in",
            file_okay=False,
            metavar="RESULTS",
            help="leave out what was keyed in these results: a model trained on it knows it",
        ),
    ] = None,
    json_file: Annotated[Path | None, option("--json", metavar="FILE")] = None,
    out: Annotated[
        Path,
        option(
            "--out",
            metavar="DIR",
            help=f"folder for what both read, kept to go on with  [{OUT}]",
            rich_help_panel="Results",
        ),
    ] = OUT,
    config: Config = None,
    **flags: Any,
) -> ExitCode:
    """Say whether MODEL_B reads labelled scans better than MODEL_A.

    A model is a file, the folder that `zipread train` wrote it to, or the word "shipped". Both read
    the same scans, and the difference is told with the interval it is in, 95 % sure (paired
    bootstrap). Where that does not part the two, no model is called better.
    """
    from zipread.evaluation.compare import compare
    from zipread.evaluation.compared import as_text
    from zipread.evaluation.truth import load_truth

    scans, table = (truth, truth / "truth.csv") if truth.is_dir() else (truth.parent, truth)
    truths = load_truth(table)
    options = settings_from(flags, config).options
    sides = []
    for model in [_file(model) for model in (a, b)]:
        side = _side(model, scans, truths, options, out)
        if side is None:
            return ExitCode.INTERRUPTED
        sides.append(side)
    pages_a, pages_b = _fair(sides[0], sides[1], keyed or ())
    result = compare(pages_a, pages_b)
    typer.echo(as_text(result, (a, b), left_out=len(truths) - len(pages_a)), nl=False)
    if json_file:
        with written(json_file):
            text = json.dumps(result.as_json(), indent=1) + "\n"
            json_file.write_text(text, encoding="utf-8")
    return ExitCode.OK


def _side(
    model: str, scans: Path, truths: list[Truth], options: Options, out: Path
) -> list[Matched] | None:
    """What a model reads of the labelled pages; None if the scan was interrupted."""
    from zipread.evaluation.matched import match
    from zipread.shipped import identity

    chosen = measuring(replace(options, model=model), out)
    results = out / identity(chosen)[:16]
    summary = scan_quietly(scans, replace(chosen, out=str(results)))
    return None if summary.stopped_by else match(truths, results)


def _file(model: str) -> str:
    """The model's file, which can be loaded."""
    from zipread.digit_model import load_model

    if model == SHIPPED:
        return str(models_folder() / DIGITS)
    path = Path(model)
    path = path / DIGITS if path.is_dir() else path
    if not path.is_file():
        text = f"There is no model {visible(str(path))}."
        raise InputProblem(f"{text} Train one with `zipread train`, or say {SHIPPED!r}.")
    load_model(path)
    return str(path)


def _fair(
    a: list[Matched], b: list[Matched], results: Sequence[Path]
) -> tuple[list[Matched], list[Matched]]:
    """The pages that neither model may have been trained on."""
    known = {sha256 for folder in results for sha256 in _keyed(folder)}
    if not known:
        return a, b
    fair = [i for i, page in enumerate(a) if _sha256(page) not in known]
    if not fair:
        raise UsageProblem("All labelled scans were keyed in those results: none is left to judge.")
    return [a[i] for i in fair], [b[i] for i in fair]


def _keyed(results: Path) -> set[str]:
    from zipread.shelf import check_results
    from zipread.verdicts import Verdicts

    check_results(results)
    return {sha256 for sha256, _ in Verdicts(results).settled()}


def _sha256(page: Matched) -> str:
    reading = page.kept.load() if page.kept else None
    return reading.source.sha256 if reading else ""
