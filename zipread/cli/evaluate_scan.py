"""``zipread evaluate scan``: how well scanning reads labelled scans, and what to accept."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zipread.batch import scan
from zipread.cli.commands import command_of, option
from zipread.cli.console import Terminal
from zipread.cli.flags import Config, flags_of, settings_from
from zipread.cli.pictured import written
from zipread.errors import ExitCode, UsageProblem
from zipread.options import Options
from zipread.storage import STATE, make_folder

if TYPE_CHECKING:
    from zipread.evaluation.matched import Matched
    from zipread.evaluation.measure import Figures
    from zipread.summary import Summary

OUT = Path("zipread-evaluation")
_RUNNING = ("model", "debug", "timeout", "jobs", "again", "retry", "wait")
FLAGS = [f.name for f in fields(Options) if f.metadata["shapes_result"] or f.name in _RUNNING]
"""The options of a scan that a measurement may be made with."""
_NOT_MEASURING = (
    "move_done",
    "move_failed",
    "sort_plan",
    "link_bins",
    "settle",
    "quiet",
    "log_json",
)


@command_of()
@flags_of(FLAGS)
def command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", exists=True)],
    truth: Annotated[
        Path | None,
        option(
            "--truth",
            exists=True,
            dir_okay=False,
            metavar="CSV",
            help="what is on the pages: file, zip; page, zip4, tags, x, y, w, h if known"
            "  [FOLDER/truth.csv]",
        ),
    ] = None,
    out: Annotated[
        Path,
        option(
            "--out",
            metavar="DIR",
            help=f"folder for the figures, the pictures and the results  [{OUT}]",
            rich_help_panel="Results",
        ),
    ] = OUT,
    config: Config = None,
    **flags: Any,
) -> ExitCode:
    """Right, accepted and wrong on labelled scans, where misses went wrong, what to accept.

    FOLDER holds the scans, which are read first, or is a results folder. The figures go to stdout
    and to figures.json, the error against the accepted share to curve.png, the misses to
    misses.png.
    """
    from zipread.evaluation.matched import match
    from zipread.evaluation.measure import measure
    from zipread.evaluation.report import as_text
    from zipread.evaluation.truth import load_truth

    truths = load_truth(truth or folder / "truth.csv")
    results = folder
    if not (folder / STATE).is_dir():
        options = measuring(settings_from(flags, config).options, out / "results")
        summary = scan_quietly(folder, options)
        if summary.stopped_by:
            return ExitCode.INTERRUPTED
        results = Path(options.out)
    pages = match(truths, results)
    figures = measure(pages)
    typer.echo(as_text(figures), nl=False)
    _write(figures, pages, out)
    return ExitCode.OK


def measuring(options: Options, results: Path) -> Options:
    """The options as for a scan, but for all that does more than to read."""
    defaults = Options()
    same: dict[str, Any] = {name: getattr(defaults, name) for name in _NOT_MEASURING}
    return replace(options, out=str(results), **same)


def scan_quietly(folder: Path, options: Options) -> Summary:
    """Scan a folder with nothing but a progress bar to be seen."""
    with _Progress() as progress:
        return scan([folder], options, progress)


class _Progress(Terminal):
    """The progress bar of a scan alone: stdout is for the figures."""

    def finished(self, summary: Summary) -> None:
        """Show no table."""


def _write(figures: Figures, pages: list[Matched], out: Path) -> None:
    from zipread.evaluation.measure import missed
    from zipread.evaluation.pictures import contact_sheet, draw_curve

    make_folder(out)
    with written(out / "figures.json"):
        text = json.dumps(figures.as_json(), indent=1) + "\n"
        (out / "figures.json").write_text(text, encoding="utf-8")
    if misses := missed(pages):
        with written(out / "misses.png"):
            contact_sheet(misses).save(out / "misses.png", compress_level=3)
    try:
        with written(out / "curve.png"):
            draw_curve(figures, out / "curve.png")
    except UsageProblem as problem:  # matplotlib is an extra: the figures are there without it
        typer.echo(f"No curve.png. {problem}", err=True)
