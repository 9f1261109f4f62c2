"""Decisions into results: documents.csv and the records say what people settled."""

from __future__ import annotations

import csv
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zipread import decisions
from zipread.errors import UsageProblem
from zipread.places import TABLE
from zipread.results import Results
from zipread.shelf import check_results
from zipread.sorting import load_plan
from zipread.storage import hold
from zipread.verdicts import by_page, is_disputed, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from zipread.outputs.tables import PageRow


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying came to: documents rewritten, pages settled, in dispute, lines torn."""

    changed: int
    settled: int
    disputed: int
    torn: int


def apply(out: Path, sort_plan: str | None = None, wait: float = 0.0) -> Applied:
    """Bring the results in ``out`` up to date with all decisions; doing it again changes nothing.

    Raises
    ------
    InputProblem
        If there are no results.
    UsageProblem
        If documents.csv has bins and no sort plan is given to fill them by.
    OutputHeld
        If a scan holds the folder and still does after ``wait`` seconds.
    OutputProblem
        If results cannot be written; what was is kept.
    """
    check_results(out)
    bin_of = _bins(out, sort_plan)
    with hold(out, wait), closing(Results(out)) as results:
        changed = results.apply()
        results.tabulate(bin_of)
    log = decisions.read(out)
    pages = by_page(log.standing()).values()
    return Applied(
        len(changed),
        sum(settle(people) is not None for people in pages),
        sum(map(is_disputed, pages)),
        log.torn,
    )


def _bins(out: Path, sort_plan: str | None) -> Callable[[PageRow], str] | None:
    if sort_plan:
        return load_plan(Path(sort_plan)).bin_of
    table = out / TABLE
    if table.is_file():
        with table.open(encoding="utf-8", newline="") as lines:
            if "bin" in next(csv.reader(lines), []):
                raise UsageProblem("documents.csv has bins: give the --sort-plan that they are of.")
    return None
