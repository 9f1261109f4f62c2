"""The worker processes: fed one document after another, timed, and replaced when they die.

Each worker has a pipe of its own, so one that is killed, even in the middle of a message, breaks
nothing but its own (a pool with shared queues hangs or fails as a whole then). A document
whose worker died is tried once more from the page it died at, after all others: what killed the
worker may be over by then. A page that kills twice, or takes longer than allowed, becomes an error,
and the document goes on behind it.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import tempfile
import time
from collections import deque
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Protocol

from zipread.api import failed
from zipread.errors import DocumentError, ErrorKind, OutputProblem
from zipread.names import visible
from zipread.worker import Done, Logged, NotReady, Opened, PageDone, Ready, Taken, Task, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.context import ForkServerProcess

    from zipread.options import Options
    from zipread.reading import PageReading, Source
    from zipread.worker import Message

PIPELINE = "zipread.engine:Pipeline"

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)
_AHEAD = 4  # tasks a worker has at a time: enough to go on with while results are saved
_MOST_LOST = 3  # pages of a document, before the rest is given up
_MOST_DEAD_STARTS = 10  # in a row: some may be killed from outside, all only if none can start
_START_LIMIT = 120.0  # seconds to load the engine
_PAUSE = 1.0  # seconds without a look that a worker is not made to pay for
_LOOK = 0.25  # seconds between two looks at whether to stop

log = logging.getLogger("zipread")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task. ``source`` is None if the file could not be read.

    A file that is ``growing`` has no pages: it is left for the next run.
    """

    task: Task
    source: Source | None
    pages: tuple[PageReading, ...]
    model: str
    growing: bool = False


class Crew(Protocol):
    """Who reads documents: the worker processes of this machine, or a cluster."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome | None]:
        """The outcomes of tasks, as they are done; tasks are taken as they can be worked on.

        Four times a second or more, a None gives the caller its turn when nothing is done.
        """


@dataclass
class _Progress:
    """A document on its way."""

    task: Task
    source: Source | None = None
    page_count: int = 0
    pages: list[PageReading] = field(default_factory=list)
    deaths: int = 0
    lost: int = 0

    def next_task(self) -> Task:
        return replace(self.task, first=len(self.pages) + 1)

    def fail(self, error: DocumentError) -> None:
        self.pages.append(failed(len(self.pages) + 1, error))

    def lose(self, error: DocumentError) -> bool:
        """Give up the page it is at; whether pages are left to read."""
        self.deaths = 0
        self.lost += 1
        self.fail(error)
        if self.lost >= _MOST_LOST:
            text = f"It was not read: {_MOST_LOST} pages before it were lost."
            while len(self.pages) < self.page_count:
                self.fail(DocumentError(error.kind, text))
        return len(self.pages) < self.page_count

    def outcome(self, model: str, *, growing: bool = False) -> Outcome:
        pages = () if growing else tuple(self.pages)
        return Outcome(self.task, self.source, pages, model, growing)


class _Worker:
    """One process, its pipe, and what it has been given; the first is what it works on."""

    def __init__(self, entry: str, options: Options) -> None:
        context = multiprocessing.get_context("forkserver")
        self.connection, theirs = context.Pipe()
        self.process: ForkServerProcess = context.Process(
            target=serve, args=(theirs, entry, options), daemon=True
        )
        self.process.start()
        theirs.close()
        self.given: deque[_Progress] = deque()
        self.ready = False
        self.deadline = time.monotonic() + _START_LIMIT

    def give(self, progress: _Progress) -> bool:
        """Send a document; False if the worker is gone, which is noticed elsewhere."""
        try:
            self.connection.send(progress.next_task())
        except OSError:
            return False
        self.given.append(progress)
        return True

    def end(self) -> int:
        """Kill it; the exit code it has."""
        self.process.kill()
        self.process.join()
        self.connection.close()
        return self.process.exitcode or 0


class Workers:
    """A pool of ``count`` workers, started when there is something to do.

    Parameters
    ----------
    entry
        ``module:factory`` of the :class:`~zipread.api.Engine`, called with the options.
    stopping
        Looked at four times a second: if not 0, everything is dropped.
    lasting
        Whether idle workers are kept for another run, until :meth:`close`.
    """

    def __init__(
        self,
        count: int,
        options: Options,
        entry: str = PIPELINE,
        stopping: Callable[[], int] = lambda: 0,
        *,
        lasting: bool = False,
    ) -> None:
        self._count = count
        self._lasting = lasting
        self._options = options
        self._entry = entry
        self._stopping = stopping
        self._workers: list[_Worker] = []
        self._again: deque[_Progress] = deque()  # to be done next
        self._last: deque[_Progress] = deque()  # to be done when there is nothing else
        self._dead_starts = 0
        self._looked = time.monotonic()
        self.model = ""

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome | None]:
        """The outcomes of tasks, as they are done; tasks are taken as they can be worked on.

        Four times a second or more, a None gives the caller its turn when nothing is done.

        Raises
        ------
        ModelRefused
            If the workers cannot load the model.
        OutputProblem
            If no worker can be started for want of space or memory.
        """
        supply = (_Progress(task) for task in tasks)
        self._looked = time.monotonic()
        try:
            while not self._stopping():
                self._feed(supply)
                waiting = self._again or self._last
                if not waiting and not any(worker.given for worker in self._workers):
                    return
                yield from self._listen()
                yield None
        finally:
            self._again.clear()
            self._last.clear()
            for worker in list(self._workers):
                if worker.given or not self._lasting:
                    self._end(worker)

    def close(self) -> None:
        """End the workers that were kept."""
        for worker in list(self._workers):
            self._end(worker)

    def _feed(self, supply: Iterator[_Progress]) -> None:
        for ahead in range(_AHEAD):
            for index in range(self._count):
                idle = index >= len(self._workers) or len(self._workers[index].given) <= ahead
                progress = self._next(supply) if idle else None
                if progress:
                    self._give(index, progress)

    def _next(self, supply: Iterator[_Progress]) -> _Progress | None:
        if self._again:
            return self._again.popleft()
        progress = next(supply, None)
        if progress is None and self._last:
            return self._last.popleft()
        return progress

    def _give(self, index: int, progress: _Progress) -> None:
        if index >= len(self._workers):
            self._workers.append(self._started())
        worker = self._workers[index]
        first = not worker.given
        if not worker.give(progress):
            self._again.appendleft(progress)
        elif first and worker.ready:
            worker.deadline = time.monotonic() + self._options.timeout

    def _started(self) -> _Worker:
        os.environ.update(dict.fromkeys(_THREADS, "1"))  # cores are for workers
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["zipread.worker", self._entry.partition(":")[0]])
        try:
            return _Worker(self._entry, self._options)
        except OSError as error:  # the server listens on a socket in a temporary folder
            where = visible(tempfile.gettempdir())
            text = f"No worker can be started: {error.strerror or error}. It needs memory, and some"
            raise OutputProblem(f"{text} space in {where} (or where TMPDIR says).") from error

    def _listen(self) -> Iterator[Outcome]:
        """Handle what workers have to say, then those that are overdue."""
        spoken = wait([worker.connection for worker in self._workers], timeout=_LOOK)
        self._forgive_pause()
        for worker in [w for w in self._workers if w.connection in spoken]:
            yield from self._drain(worker)
        now = time.monotonic()
        for worker in list(self._workers):
            if worker.given and worker.deadline < now and not worker.connection.poll():
                yield from self._overdue(worker)

    def _forgive_pause(self) -> None:
        """Count no time that this process itself did not run: stopped, or saving to a slow disk."""
        now = time.monotonic()
        pause = now - self._looked - _LOOK
        self._looked = now
        if pause > _PAUSE:
            for worker in self._workers:
                worker.deadline += pause

    def _drain(self, worker: _Worker) -> Iterator[Outcome]:
        try:
            while worker.connection.poll():
                yield from self._heard(worker, worker.connection.recv())
        except (EOFError, OSError, pickle.UnpicklingError):
            yield from self._died(worker)

    def _heard(self, worker: _Worker, message: Message) -> Iterator[Outcome]:
        if isinstance(message, Logged):
            log.log(message.level, message.text)
            return
        worker.deadline = time.monotonic() + self._options.timeout
        if isinstance(message, Ready):
            worker.ready, self._dead_starts, self.model = True, 0, message.identity
        elif isinstance(message, NotReady):
            raise message.error or RuntimeError(f"A worker could not start:\n{message.trace}")
        else:
            yield from self._told(worker, worker.given[0], message)

    def _told(
        self, worker: _Worker, progress: _Progress, message: Taken | Opened | PageDone | Done
    ) -> Iterator[Outcome]:
        if isinstance(message, Taken):
            if progress.source and progress.source != message.source:  # changed since it crashed
                progress.page_count, progress.pages = 0, []
            progress.source = message.source
        elif isinstance(message, Opened):
            progress.page_count = message.page_count
        elif isinstance(message, PageDone):
            progress.pages.append(message.reading)
            progress.deaths = 0
        else:
            worker.given.popleft()
            if message.error:
                progress.fail(message.error)
            yield progress.outcome(self.model, growing=message.growing)

    def _died(self, worker: _Worker) -> Iterator[Outcome]:
        code = self._end(worker)
        if not worker.ready:
            self._dead_starts += 1
            if self._dead_starts >= _MOST_DEAD_STARTS:
                raise RuntimeError(f"Workers die while they start, with exit code {code}.")
        elif worker.given:
            progress = worker.given.popleft()
            progress.deaths += 1
            if progress.deaths == 1:
                self._last.append(progress)
            else:
                yield from self._lost(progress, ErrorKind.CRASHED, _last_words(code))
        self._again.extend(worker.given)

    def _overdue(self, worker: _Worker) -> Iterator[Outcome]:
        self._end(worker)
        if not worker.ready:
            raise RuntimeError(f"A worker did not start within {_START_LIMIT:g} seconds.")
        limit = self._options.timeout
        text = f"It took longer than {limit:g} seconds and was stopped (--timeout)."
        yield from self._lost(worker.given.popleft(), ErrorKind.TIMEOUT, text)
        self._again.extend(worker.given)

    def _lost(self, progress: _Progress, kind: ErrorKind, text: str) -> Iterator[Outcome]:
        if progress.lose(DocumentError(kind, text)):
            self._again.append(progress)
        else:
            yield progress.outcome(self.model)

    def _end(self, worker: _Worker) -> int:
        """End a worker; another one takes its place when there is something for it to do."""
        self._workers.remove(worker)
        return worker.end()


def _last_words(code: int) -> str:
    signal_or_code = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"The process that read it died twice ({signal_or_code}): out of memory, or a bad file."
