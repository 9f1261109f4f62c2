"""Workers that are none: tasks are done in this process, so that a hundred scans take a second.

For tests of what happens to the disk, which workers never write to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.engines import IDENTITY, Cheap
from zipread.reading import PageReading, Source
from zipread.worker import PageDone, Taken, Task, perform
from zipread.workers import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zipread.options import Options


class Inline:
    """In place of :class:`zipread.workers.Workers`, with the cheap engine."""

    def __init__(self, count: int, options: Options, *_: object) -> None:
        self._options = options

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome | None]:
        for task in tasks:
            yield self._done(task)

    def _done(self, task: Task) -> Outcome:
        source: Source | None = None
        pages: list[PageReading] = []
        for message in perform(task, Cheap(self._options), self._options):
            if isinstance(message, Taken):
                source = message.source
            if isinstance(message, PageDone):
                pages.append(message.reading)
        return Outcome(task, source, tuple(pages), IDENTITY)
