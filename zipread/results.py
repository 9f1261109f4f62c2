"""The results of a run: saved in groups, entered in the ledger, gathered into documents.csv."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from zipread.intake import trusted
from zipread.ledger import Entry, Ledger, LedgerBroken
from zipread.options import fingerprint
from zipread.outputs.records import RecordError, from_json, to_json
from zipread.outputs.tables import digits_table, documents_table, page_rows
from zipread.places import TABLE, results_of
from zipread.storage import STATE, output_problem
from zipread.store import Folder, Store
from zipread.verdicts import Verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from zipread.intake import Stamp
    from zipread.outputs.tables import PageRow
    from zipread.reading import DocumentReading, Status

_LEDGER = f"{STATE}/ledger.sqlite"
_SAVED_AT_ONCE = 32
_GROUP = 200  # records read at a time when the ledger is built again


class Results:
    """The results in the folder ``out``, which this process holds, or in another ``store``.

    Then ``out`` holds the ledger, and what people decided.

    On opening, what a run that was killed left unconfirmed is taken in, and a ledger that is
    missing or damaged is built again from the records.
    """

    def __init__(self, out: Path, store: Store | None = None) -> None:
        self.store: Store = store or Folder(out)
        self._verdicts = Verdicts(out)
        self.ledger = self._opened(out)

    def save(self, readings: Iterable[tuple[DocumentReading, str, Stamp | None]]) -> list[Entry]:
        """Write the files of documents, read from a path with a stamp, then enter them.

        A stamp is entered only if a later change is sure to show in it. Where a person has settled
        a page, that person's word stands.
        """
        spoken = [(self._verdicts.applied(reading), path, at) for reading, path, at in readings]
        group = [(reading, _entry(reading, path, stamp)) for reading, path, stamp in spoken]
        entries = [entry for _, entry in group]
        self.ledger.announce(entry.document for entry in entries)
        files: dict[Path, bytes] = {}
        for reading, _ in group:
            files.update(_files(reading))
        self.store.write(files)
        self.ledger.record(replace(entry, stamp=trusted(entry.stamp)) for entry in entries)
        return entries

    def apply(self) -> list[DocumentReading]:
        """Bring the results up to date with what people settled; the documents that changed."""
        found = (self._spoken(entry) for entry in list(self.ledger.entries()))
        changed = [group for group in found if group]
        for start in range(0, len(changed), _SAVED_AT_ONCE):
            self.save(changed[start : start + _SAVED_AT_ONCE])
        return [reading for reading, _, _ in changed]

    def _spoken(self, entry: Entry) -> tuple[DocumentReading, str, Stamp | None] | None:
        """What there is to save of a document that a person's word, or its undoing, changes."""
        settled = self._verdicts.settled()
        keys = {(entry.sha256, row.page) for row in entry.rows}
        if keys.isdisjoint(settled) and all(row.by == "machine" for row in entry.rows):
            return None
        reading = self._record(entry.document)
        if reading is None or (spoken := self._verdicts.applied(reading)) == reading:
            return None
        return spoken, entry.path, entry.stamp

    def tabulate(self, bin_of: Callable[[PageRow], str] | None = None) -> Counter[Status]:
        """Bring documents.csv up to date with all results there are; their pages by status."""
        statuses: Counter[Status] = Counter()
        rows = _counted((row for e in self.ledger.entries() for row in e.rows), statuses)
        lines = documents_table(rows, bin_of, self.ledger.field_names())
        self.store.write_table(Path(TABLE), lines)
        return statuses

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()

    def _opened(self, out: Path) -> Ledger:
        path = out / _LEDGER
        try:
            ledger = Ledger(path)
            self._recover(ledger)
        except LedgerBroken:
            set_aside(out)
            ledger = Ledger(path)
            self._recover(ledger)
        return ledger

    def _recover(self, ledger: Ledger) -> None:
        if ledger.is_new or self.store.shared:
            known = {self._place(entry.document) for entry in ledger.entries()}
            records = self._records(known)
            while group := list(islice(records, _GROUP)):
                ledger.record(_entry(reading, "", None) for reading in group)
            ledger.complete()
        for document in ledger.announced():
            reading = self._record(document)
            if reading is None or reading.source.document != document:
                ledger.forget([document])
            else:
                self.store.write(_files(reading))
                ledger.record([_entry(reading, _path_of(reading, ledger), None)])

    def _records(self, known: set[Path]) -> Iterator[DocumentReading]:
        """All valid records but the known ones, each in its own place."""
        for place, content in self.store.records(known):
            reading = _reading(content)
            if reading and self._belongs(reading, place):
                yield reading

    def _belongs(self, reading: DocumentReading, place: Path) -> bool:
        with contextlib.suppress(ValueError):  # a made-up record may name any path
            return place == self._place(reading.source.document)
        return False

    def _place(self, document: str) -> Path:
        """Where a document's record stands."""
        return self.store.place(results_of(document)[1])

    def _record(self, document: str) -> DocumentReading | None:
        content = self.store.read(results_of(document)[1])
        return _reading(content) if content is not None else None


def _counted(rows: Iterable[PageRow], statuses: Counter[Status]) -> Iterator[PageRow]:
    for row in rows:
        statuses[row.status] += 1
        yield row


def _entry(reading: DocumentReading, path: str, stamp: Stamp | None) -> Entry:
    source, rows = reading.source, page_rows(reading)
    options = fingerprint(reading.options)
    return Entry(source.document, path, stamp, source.sha256, reading.model, options, rows)


def _path_of(reading: DocumentReading, ledger: Ledger) -> str:
    """Where the image stands that a record is of, "" if that is not known."""
    entry = ledger.get(reading.source.document)
    return entry.path if entry and entry.sha256 == reading.source.sha256 else ""


def _files(reading: DocumentReading) -> dict[Path, bytes]:
    csv, json = results_of(reading.source.document)
    return {csv: "".join(digits_table(reading)).encode(), json: to_json(reading)}


def _reading(content: bytes) -> DocumentReading | None:
    with contextlib.suppress(RecordError):
        return from_json(content)
    return None


def set_aside(out: Path) -> None:
    """Keep a damaged ledger beside, for whoever wants to know: the next is built anew.

    Raises
    ------
    OutputProblem
        If it cannot be moved.
    """
    path = out / _LEDGER
    try:
        path.with_name(path.name + "-journal").unlink(missing_ok=True)
        path.replace(path.with_suffix(".damaged"))
    except OSError as error:
        raise output_problem(path, error) from error
