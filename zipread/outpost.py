"""What runs on a worker of a Dask cluster: documents, read as they are on one machine.

A pool of one process reads them, not the Dask worker itself. So a page that hangs, or that kills
its process, costs here what it costs there, and the cluster never sees it.
"""

from __future__ import annotations

import multiprocessing
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from zipread import __version__
from zipread.errors import ClusterProblem
from zipread.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from zipread.options import Options
    from zipread.worker import Task
    from zipread.workers import Outcome

_IDLE = 60.0  # seconds that an unused pool is kept


@dataclass(frozen=True, slots=True)
class Order:
    """How to read: the engine, the options, and what must be the same here as where it was asked.

    ``files`` is the SHA-256 of the files that come along, ``model`` the engine's identity.
    """

    entry: str
    options: Options
    version: str
    model: str
    files: str


def read(task: Task, order: Order, files: Mapping[str, bytes]) -> Outcome:
    """Read one document, with its content in the task.

    ``files`` holds the content of the files that options name, by option: Dask brings them to a
    worker once, when it first needs them.

    Raises
    ------
    ClusterProblem
        If this worker is of another version, or has other models.
    """
    if order.version != __version__:
        text = f"A worker of the cluster has zipread {__version__}, not {order.version}. Install"
        raise ClusterProblem(f"{text} the same version on all.")
    with _pool(order, files) as pool:
        (outcome,) = filter(None, pool.workers.run([task]))
    if outcome.model not in ("", order.model):
        raise ClusterProblem(
            "A worker of the cluster has other model files. Install the same version on all."
        )
    return replace(outcome, task=replace(outcome.task, content=None))


class _Pool:
    """One process that reads, and the files it reads with."""

    def __init__(self, order: Order, files: Mapping[str, bytes]) -> None:
        self._folder = TemporaryDirectory(prefix="zipread-")
        named: dict[str, Any] = {name: str(Path(self._folder.name, name)) for name in files}
        for name, path in named.items():
            Path(path).write_bytes(files[name])
        here = replace(order.options, **named)
        self.workers = Workers(1, here, order.entry, lasting=True)

    def close(self) -> None:
        self.workers.close()
        self._folder.cleanup()


_lock = threading.Lock()
_idle: dict[Order, list[_Pool]] = {}


@contextmanager
def _pool(order: Order, files: Mapping[str, bytes]) -> Iterator[_Pool]:
    """A pool that no other thread uses; it is kept for a while for the next document."""
    with _lock:
        # Dask's own workers may be daemons, which Python lets have no children. Ours end with it
        # all the same: see zipread.worker.
        multiprocessing.current_process().daemon = False
        pools = _idle.setdefault(order, [])
        pool = pools.pop() if pools else _Pool(order, files)
    try:
        yield pool
    except BaseException:
        pool.close()
        raise
    with _lock:
        pools.append(pool)
    retire = threading.Timer(_IDLE, _retire, (pools, pool))
    retire.daemon = True
    retire.start()


def _retire(pools: list[_Pool], pool: _Pool) -> None:
    with _lock:
        if pool not in pools:
            return
        pools.remove(pool)
    pool.close()
