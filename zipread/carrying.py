"""Taking files in here, ahead of workers that cannot reach them."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from zipread.errors import DocumentError
from zipread.intake import StillGrowing
from zipread.worker import content_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from zipread.options import Options
    from zipread.worker import Task

_AHEAD = 8  # files taken in at a time, and held until a worker asks for them


def carried(tasks: Iterable[Task], options: Options) -> Iterator[Task]:
    """The tasks in their order, each with its content, or with why it has none."""
    waiting: deque[Future[Task]] = deque()
    with ThreadPoolExecutor(_AHEAD) as pool:
        for task in tasks:
            waiting.append(pool.submit(_carrying, task, options))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _carrying(task: Task, options: Options) -> Task:
    try:
        return replace(task, content=content_of(task, options))
    except (DocumentError, StillGrowing) as error:
        return replace(task, content=error)
