"""Reading on a Dask cluster: documents go out with their content, and come back as outcomes.

Only so many documents are out at a time as the cluster's threads can soon begin with. One whose
worker is lost is given to another by Dask. The connection to the scheduler is not mended: when it
is gone the run ends, and the next one goes on with what is not saved.
"""

from __future__ import annotations

import hashlib
import logging
import time
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from zipread import __version__
from zipread.api import failed
from zipread.carrying import carried
from zipread.errors import ClusterProblem, DocumentError, ErrorKind, UsageProblem, ZipreadError
from zipread.names import visible
from zipread.outpost import Order, read
from zipread.shipped import DIGITS, models_folder
from zipread.workers import PIPELINE, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from distributed import Client, Future

    from zipread.options import Options
    from zipread.worker import Task

_AHEAD = 2  # documents out for each thread of the cluster
_LOOK = 0.25  # seconds between two looks at whether to stop
_CONNECT = 10.0  # seconds to reach the scheduler
_ALONE = 60.0  # seconds to wait for a worker while there is none
_SILENT = 30.0  # seconds after which a scheduler that does not answer counts as lost
_TRIES = 3  # more, of a document over which a Dask worker fails, each on any worker

LOST = "The Dask scheduler at {} was lost. What is done is kept: run the same command again."


class Cluster:
    """The workers of the Dask cluster at ``options.scheduler``, as a crew.

    Parameters
    ----------
    entry
        ``module:factory`` of the engine, as for :class:`~zipread.workers.Workers`.
    model
        The engine's identity here; workers that have another one are refused.
    stopping
        Looked at four times a second: if not 0, everything is dropped.
    """

    def __init__(
        self, options: Options, entry: str, model: str, stopping: Callable[[], int] = lambda: 0
    ) -> None:
        self._options = options
        self._stopping = stopping
        self._files = _files(options, entry)
        self._order = Order(entry, options, __version__, model, _digest(self._files))
        self._out: dict[Future, Task] = {}
        self._done: SimpleQueue[Future] = SimpleQueue()
        self._last_seen = time.monotonic()

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome | None]:
        """See :class:`~zipread.workers.Crew`.

        Raises
        ------
        ClusterProblem
            If the scheduler cannot be reached or is lost, or there is no worker that can read.
        ModelRefused
            If the workers cannot load the model.
        """
        supply = carried(tasks, self._options)
        first = next(supply, None)
        if first is None:
            return
        with connected(self._options.scheduler or "") as client:
            self._last_seen = time.monotonic()
            files = client.submit(dict, self._files, key=f"zipread-files-{self._order.files}")
            self._give(client, first, files)
            while self._out and not self._stopping():
                yield from self._listen(client)
                while len(self._out) < _AHEAD * self._threads(client):
                    task = next(supply, None)
                    if task is None:
                        break
                    self._give(client, task, files)
                yield None

    def _give(self, client: Client, task: Task, files: Future) -> None:
        future = client.submit(read, task, self._order, files, pure=False, retries=_TRIES)
        self._out[future] = task
        future.add_done_callback(self._done.put)

    def _listen(self, client: Client) -> Iterator[Outcome]:
        """What has come by now; waits for something to come, but not long."""
        timeout = _LOOK
        while True:
            try:
                future = self._done.get(timeout=timeout)
            except Empty:
                break
            self._check(client)
            yield self._outcome(future, self._out.pop(future))
            timeout = 0.0
        self._check(client)

    def _outcome(self, future: Future, task: Task) -> Outcome:
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError
        from distributed.comm import CommClosedError

        try:
            outcome: Outcome = future.result()
        except ZipreadError:
            raise
        except KilledWorker:
            text = "Each worker of the cluster that read it was lost: out of memory, or a bad file."
            page = failed(1, DocumentError(ErrorKind.CRASHED, text))
            return Outcome(task, None, (page,), self._order.model)
        except ImportError as error:
            text = f"A worker of the cluster cannot run zipread {__version__}: {error}."
            raise ClusterProblem(text) from error
        except (FutureCancelledError, CommClosedError) as error:
            raise self._lost() from error
        except Exception as error:
            text = f"A worker of the cluster failed, in {_TRIES + 1} tries: {error!r}."
            raise ClusterProblem(text) from error
        return outcome

    def _check(self, client: Client) -> None:
        if client.status != "running":
            raise self._lost()

    def _lost(self) -> ClusterProblem:
        return ClusterProblem(LOST.format(visible(self._options.scheduler or "")))

    def _threads(self, client: Client) -> int:
        """How many threads the cluster has by now.

        Raises
        ------
        ClusterProblem
            If there was no worker for a while.
        """
        try:
            threads = sum(client.nthreads(callback_timeout=_SILENT).values())
        except Exception as error:
            raise self._lost() from error
        now = time.monotonic()
        if threads:
            self._last_seen = now
        elif now - self._last_seen > _ALONE:
            raise ClusterProblem(f"The Dask cluster has had no worker for {_ALONE:.0f} seconds.")
        return threads


@contextmanager
def connected(scheduler: str) -> Iterator[Client]:
    """A client of a scheduler, for the time of the ``with`` statement.

    Raises
    ------
    ClusterProblem
        If it cannot be reached.
    UsageProblem
        If the extra ``dask`` is not installed.
    """
    try:
        import dask
        from distributed import Client
    except ImportError as error:
        text = "--engine dask needs one more package: pip install 'zipread[dask]'."
        raise UsageProblem(text) from error
    for name in ("distributed", "distributed.client"):  # what there is to tell, we tell
        logging.getLogger(name).setLevel(logging.CRITICAL)
    quiet = {"distributed.admin.large-graph-warning-threshold": "1GB"}  # an image is no mistake
    with dask.config.set(quiet):
        try:
            client = Client(scheduler, timeout=_CONNECT, set_as_default=False, name="zipread")
        except (OSError, ValueError) as error:
            text = f"There is no Dask scheduler at {visible(scheduler)} ({error})."
            raise ClusterProblem(text) from error
        try:
            yield client
        finally:
            client.close(timeout=_CONNECT)


def _files(options: Options, entry: str) -> dict[str, bytes]:
    """The content of the files that options name, by option."""
    named = {"model": options.model, "layout": options.layout}
    if entry == PIPELINE:
        named["model"] = options.model or str(models_folder() / DIGITS)
    return {name: Path(path).read_bytes() for name, path in named.items() if path}


def _digest(files: dict[str, bytes]) -> str:
    whole: Any = hashlib.sha256()
    for name in sorted(files):
        whole.update(name.encode() + hashlib.sha256(files[name]).digest())
    return str(whole.hexdigest())
