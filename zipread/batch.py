"""A whole scan: find, plan, read in workers, save, gather; killed at any moment, it can go on.

Only this process writes results, in groups: files first, synced; then the ledger; then, with the
results safe, the images are moved. ``documents.csv`` is written at the end, from the ledger.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from contextlib import closing
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from zipread.api import assemble, failed, provenance
from zipread.carrying import carried
from zipread.errors import (
    ClusterProblem,
    DocumentError,
    ErrorKind,
    InputProblem,
    OutputProblem,
    UsageProblem,
)
from zipread.layout import load_layout
from zipread.ledger import LedgerBroken
from zipread.moves import Mover, link_bins
from zipread.names import visible
from zipread.options import Options, fingerprint
from zipread.plan import Plan, Provenance, Waiting, path_of
from zipread.reading import DocumentReading, Source
from zipread.remote import Remote, is_url, located
from zipread.results import Results, set_aside
from zipread.shipped import identity
from zipread.sorting import load_plan
from zipread.stopping import stop_signals
from zipread.storage import hold
from zipread.store import opened, state_folder
from zipread.summary import Summary
from zipread.walk import LeftAlone, Walk
from zipread.workers import PIPELINE, Crew, Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zipread.intake import Stamp
    from zipread.reading import PageReading
    from zipread.sorting import SortPlan
    from zipread.summary import Observer
    from zipread.worker import Task
    from zipread.workers import Outcome

_GROUP = 32  # documents saved at once, at most
_TABLE_AGE = 60.0  # seconds between two versions of documents.csv in a long run
_PATIENCE = 0.5  # seconds that a document waits to be saved, at most


def scan(
    inputs: Sequence[Path | Remote],
    options: Options,
    observer: Observer,
    *,
    entry: str = PIPELINE,
    model: Callable[[Options], str] = identity,
) -> Summary:
    """Bring the results in ``options.out`` up to date with what is in ``inputs``.

    ``entry`` names the engine that workers read with, ``model`` tells its identity. An input that
    is no path comes from :func:`~zipread.remote.located`.

    Raises
    ------
    InputProblem
        If none of the inputs is there.
    OutputHeld
        If another run holds the results folder.
    OutputProblem
        If results cannot be written. What was saved before is safe.
    ModelRefused
        If the model cannot be loaded.
    UsageProblem
        If the layout or the sort plan cannot be used.
    """
    started = time.monotonic()
    shaping = provenance(options)
    made_by = Provenance(model(options), fingerprint(shaping))
    sort_plan = load_plan(Path(options.sort_plan)) if options.sort_plan else None
    walk = Walk(inputs, kept_out(options))
    _check(inputs, options)
    out = located(options.out)
    state = state_folder(out)
    with hold(state, options.wait), stop_signals() as stopping:
        try:
            with closing(Results(state, opened(out))) as results:
                run = _Run(options, shaping, observer, results, made_by, sort_plan)
                run.go(walk, _crew(options, entry, made_by.model, stopping), stopping)
        except LedgerBroken as error:
            set_aside(state)
            text = f"The ledger in {visible(str(state))} is damaged ({error}). Run this again:"
            raise OutputProblem(f"{text} it is built anew from the results.") from error
    run.summary.seconds = time.monotonic() - started
    run.summary.stopped_by = stopping()
    return run.summary


class _Run:
    """One scan while it holds the results folder."""

    def __init__(
        self,
        options: Options,
        shaping: dict[str, object],
        observer: Observer,
        results: Results,
        made_by: Provenance,
        sort_plan: SortPlan | None,
    ) -> None:
        self._options = options
        self._observer = observer
        self._results = results
        self._shaping = shaping
        self._made_by = made_by
        self._bin_of = sort_plan.bin_of if sort_plan else None
        self._mover = Mover(_folder(options.move_done), _folder(options.move_failed))
        self._unsaved: list[tuple[DocumentReading, str, Stamp | None]] = []
        self._saved_at = self._tabulated_at = time.monotonic()
        self.summary = Summary()

    def go(self, walk: Walk, crew: Crew, stopping: Callable[[], int]) -> None:
        """Do everything there is to do, or, when told to stop, save what is done."""
        plan = self._planned(walk, stopping)
        self._observer.planned(len(plan.tasks) + len(plan.problems), plan.up_to_date)
        for found in plan.problems:
            error = DocumentError(ErrorKind.UNREADABLE, found.problem)
            page = failed(1, error)
            self._take(self._reading(found.document, None, (page,)), path_of(found), None)
        try:
            self._read(crew, plan.tasks)
        except ClusterProblem:
            self._finish()  # what came before is kept
            raise
        self._finish()

    def _read(self, crew: Crew, tasks: list[Task]) -> None:
        remote = any(is_url(task.root) for task in tasks)
        for outcome in crew.run(carried(tasks, self._options) if remote else tasks):
            if outcome:
                self._receive(outcome)
            if self._is_due():
                self._save()

    def _planned(self, walk: Walk, stopping: Callable[[], int]) -> Plan:
        results, options = self._results, self._options
        plan = Plan(results.store, results.ledger, self._made_by, options)
        plan.add(takewhile(lambda _: not stopping(), walk))
        results.ledger.record(plan.renewed)
        self._mover.move(plan.done, results.ledger.record)
        self.summary.up_to_date = plan.up_to_date
        self.summary.waiting = plan.waiting
        self.summary.left.update({reason.value: n for reason, n in walk.left.items()})
        self.summary.left += Counter({LeftAlone.NO_IMAGE.value: plan.no_images})
        self.summary.missing = [str(problem) for problem in walk.missing]
        return plan

    def _receive(self, outcome: Outcome) -> None:
        task = outcome.task
        if outcome.growing:
            self.summary.waiting[Waiting.GROWING] += 1
        else:
            reading = self._reading(task.document, outcome.source, outcome.pages)
            self._take(reading, path_of(task), task.stamp)

    def _reading(
        self, document: str, source: Source | None, pages: tuple[PageReading, ...]
    ) -> DocumentReading:
        source = source or Source(document, 0, "")
        return assemble(source, pages, self._made_by.model, self._shaping)

    def _take(self, reading: DocumentReading, path: str, stamp: Stamp | None) -> None:
        self._unsaved.append((reading, path, stamp))

    def _is_due(self) -> bool:
        late = time.monotonic() - self._saved_at > _PATIENCE
        return len(self._unsaved) >= _GROUP or (late and bool(self._unsaved))

    def _save(self) -> None:
        if not self._unsaved:
            return
        saved = self._results.save(self._unsaved)
        self._unsaved.clear()
        self._saved_at = time.monotonic()
        self._mover.move(saved, self._results.ledger.record)
        for entry in saved:
            self.summary.count(entry.rows)
            self._observer.saved(entry.rows)
        if self._saved_at - self._tabulated_at > _TABLE_AGE:
            self._tabulate()

    def _finish(self) -> None:
        self._save()
        self._tabulate()
        if self._options.link_bins and self._bin_of:
            entries = self._results.ledger.entries()
            link_bins(Path(self._options.link_bins), entries, self._bin_of)

    def _tabulate(self) -> None:
        self.summary.standing = self._results.tabulate(self._bin_of)
        self._tabulated_at = time.monotonic()


def _check(inputs: Sequence[Path | Remote], options: Options) -> None:
    """Refuse options that do not fit together before anything is done."""
    local = [path for path in inputs if isinstance(path, Path)]
    if len(local) < len(inputs) and (options.move_done or options.move_failed or options.link_bins):
        raise UsageProblem("What is read from a URL can be neither moved nor linked to.")
    if options.engine == "dask" and not options.scheduler:
        raise UsageProblem("--engine dask needs a --scheduler, such as tcp://HOST:8786.")
    if options.engine == "dask" and options.debug:
        raise UsageProblem("--debug draws on the machine that reads: use --engine local for it.")
    if options.layout:
        load_layout(Path(options.layout))
    if options.link_bins and not options.sort_plan:
        raise UsageProblem("--link-bins needs a --sort-plan that says what the bins are.")
    for target in filter(None, (_folder(options.move_done), _folder(options.move_failed))):
        if any(target.resolve() == path.resolve() for path in local):
            text = f"{visible(str(target))} is scanned: what is done cannot be moved there."
            raise UsageProblem(text)
    debug = _folder(options.debug)
    if debug and any(debug.resolve() == path.resolve() for path in local):
        raise UsageProblem(f"{visible(str(debug))} is scanned: its --debug pictures go elsewhere.")
    found = any(os.path.exists(path) for path in local)  # noqa: PTH110 (never raises)
    if not found and len(local) == len(inputs):
        names = ", ".join(visible(str(path)) for path in inputs)
        raise InputProblem(f"There is no such file or folder: {names}.")


def kept_out(options: Options) -> list[Path | Remote]:
    """Folders that hold what scans make, never what they read."""
    ours = (options.out, options.move_done, options.move_failed, options.link_bins, options.debug)
    return [located(folder) for folder in ours if folder]


def _folder(name: str | None) -> Path | None:
    return Path(name) if name else None


def _crew(options: Options, entry: str, model: str, stopping: Callable[[], int]) -> Crew:
    if options.engine == "dask":
        from zipread.cluster import Cluster

        return Cluster(options, entry, model, stopping)
    return Workers(_jobs(options), options, entry, stopping)


def _jobs(options: Options) -> int:
    if options.jobs:
        return options.jobs
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
