"""What a scan tells of itself: while it runs, and when it is done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from zipread.plan import Waiting
from zipread.reading import Status

if TYPE_CHECKING:
    from zipread.outputs.tables import PageRow

MOST_FAILURES = 20
"""Pages that a summary names among those that failed."""


class Observer(Protocol):
    """Who wants to know how a scan goes: a progress bar, a log."""

    def planned(self, documents: int, up_to_date: int) -> None:
        """The inputs are walked: that many documents are to be read, that many are done."""

    def saved(self, rows: tuple[PageRow, ...]) -> None:
        """A document's results are safe."""


@dataclass
class Summary:
    """What a scan did.

    ``pages`` counts by status, ``errors`` by kind, ``waiting`` and ``left`` by reason; ``failures``
    holds the first few pages that failed, ``missing`` what is wrong with inputs. ``standing``
    counts the pages of all results by status. ``stopped_by`` is the signal that ended it before it
    was done, or 0.
    """

    documents: int = 0
    up_to_date: int = 0
    pages: Counter[Status] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    failures: list[PageRow] = field(default_factory=list)
    waiting: Counter[Waiting] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    missing: list[str] = field(default_factory=list)
    standing: Counter[Status] = field(default_factory=Counter)
    seconds: float = 0.0
    stopped_by: int = 0

    def count(self, rows: tuple[PageRow, ...]) -> None:
        """Count a document that was read."""
        self.documents += 1
        self.pages.update(row.status for row in rows)
        failed = [row for row in rows if row.status is Status.ERROR]
        self.errors.update(row.error_kind for row in failed)
        self.failures += failed[: MOST_FAILURES - len(self.failures)]
