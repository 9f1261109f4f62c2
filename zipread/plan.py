"""What a run has to do: what is new or changed since the ledger was written, and what is not."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from zipread.errors import DocumentError, ErrorKind
from zipread.intake import StillGrowing, digest_below, trusted
from zipread.places import numbered, results_of
from zipread.remote import digest as remote_digest
from zipread.remote import is_url
from zipread.walk import is_document
from zipread.worker import Task

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zipread.intake import Stamp
    from zipread.ledger import Entry, Ledger
    from zipread.options import Options
    from zipread.store import Store
    from zipread.walk import Found


class Waiting(StrEnum):
    """Why a document is left for the next run."""

    YOUNG = "too young"
    GROWING = "still being written"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a result has to be made by to be up to date: model, and fingerprint of the options."""

    model: str
    options: str


@dataclass
class Plan:
    """The work of a run.

    ``tasks`` are to be done by workers, ``problems`` need none to tell. Documents with a result of
    the same content, model and options are counted as ``up_to_date``, and listed in ``done`` where
    they are still to be moved; ``renewed`` are those whose file has a new stamp. ``waiting`` counts
    what is left for the next run, ``no_images`` files that are none.
    """

    store: Store
    ledger: Ledger
    provenance: Provenance
    options: Options
    tasks: list[Task] = field(default_factory=list)
    problems: list[Found] = field(default_factory=list)
    done: list[Entry] = field(default_factory=list)
    renewed: list[Entry] = field(default_factory=list)
    waiting: Counter[Waiting] = field(default_factory=Counter)
    up_to_date: int = 0
    no_images: int = 0
    _paths: set[str] = field(default_factory=set)
    _claimed: set[str] = field(default_factory=set)

    @property
    def _moves(self) -> bool:
        return bool(self.options.move_done or self.options.move_failed)

    def add(self, everything: Iterable[Found]) -> None:
        """Sort what was found into what to do with it."""
        for found in everything:
            path = path_of(found)
            if path not in self._paths:
                self._paths.add(path)
                self._add(found, path)

    def _add(self, found: Found, path: str) -> None:
        document, entry = self._named(found, path)
        if entry is None and not is_document(found):
            self.no_images += 1
            return
        self._claimed.add(document)
        if found.stamp is None:
            self.problems.append(replace(found, document=document))
        elif abs(time.time() - found.stamp.modified / 1e9) < self.options.settle:
            self.waiting[Waiting.YOUNG] += 1
        elif entry and self._holds(entry, found, found.stamp):
            self.up_to_date += 1
            if self._moves:
                self.done.append(replace(entry, path=path, stamp=found.stamp))
        else:
            self.tasks.append(Task(found.root, found.name, document, found.stamp))

    def _named(self, found: Found, path: str) -> tuple[str, Entry | None]:
        """The name that a file's results are filed under, and what is known of it.

        That is its path below the scanned folder, unless the result of another file holds it: of
        one found elsewhere, in two inboxes, or of one that was moved when it was done. Then it gets
        a number. Where the same content was read already, wherever that stands now, it is that.
        """
        known: list[tuple[str, Entry | None]] = []
        for number in count(1):
            document = numbered(found.document, number)
            entry = self.ledger.get(document)
            if entry and entry.path == path:
                return document, entry
            if document not in self._claimed:
                known.append((document, entry))
                if entry is None:
                    break
        if len(known) == 1:  # so a name that nobody has costs no look at the content
            return known[0]
        digest = _digest(found)
        same = (item for item in known if item[1] and item[1].sha256 == digest != "")
        free = (item for item in known if not (item[1] and self._is_of_another(item[1])))
        return next(same, None) or next(free)

    def _is_of_another(self, entry: Entry) -> bool:
        """Whether an entry of other content, found at another path, is of a file of its own.

        Files that are moved away once they are done leave their names to the next ones for good.
        Otherwise, a file that is gone may be one whose folder was renamed.
        """
        if self._moves:
            return entry.path != "" or entry.sha256 != ""
        return entry.path != "" and _is_there(entry.path)

    def _holds(self, entry: Entry, found: Found, stamp: Stamp) -> bool:
        """Whether a document's result is there and up to date."""
        if self.options.again or (self.options.retry and entry.failed):
            return False
        if Provenance(entry.model, entry.options) != self.provenance:
            return False
        if not all(map(self.store.has, results_of(entry.document))):
            return False
        if not entry.sha256:  # it was not read: too large for sure, or perhaps only for a time
            kinds = {row.error_kind for row in entry.rows}
            return kinds == {ErrorKind.TOO_LARGE} and entry.stamp == stamp
        if entry.stamp == stamp:
            return True
        if _digest(found) != entry.sha256:
            return False
        self.renewed.append(replace(entry, stamp=trusted(stamp), path=path_of(found)))
        return True


def _is_there(path: str) -> bool:
    """Whether something is at a path; what is remote is taken to be there, unasked."""
    return is_url(path) or os.path.exists(path)  # noqa: PTH110 (never raises)


def path_of(found: Found | Task) -> str:
    """The absolute path of a file found."""
    return f"{found.root.rstrip('/')}/{found.name}"


def _digest(found: Found) -> str:
    if found.stamp is None:
        return ""
    try:
        if is_url(found.root):
            return remote_digest(found.root, found.name, found.stamp)
        return digest_below(Path(found.root), found.name, found.stamp)
    except (OSError, DocumentError, StillGrowing):
        return ""
