"""What is done: one row a document in SQLite, so that a second run does only what is new.

The ledger is an index of the results, no result itself: it can be deleted at any time and is built
again from the records. A document's row is announced before its files are written and confirmed
after they are safe; a run that dies between leaves an announcement, and the next run looks at those
files only.

Each row carries a checksum, for SQLite notices damage of its own structure but not of what it
holds, and documents.csv is written from these rows. A ledger that was being built when its run died
counts as none, and is built from the start.

The journal is the plain rollback journal, synced fully: one process at a time holds the folder, so
there is nobody to read beside the writer, and it works on network file systems, where WAL does not.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import zlib
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Any

from zipread.errors import OutputProblem
from zipread.intake import Stamp
from zipread.names import visible
from zipread.outputs.tables import FieldCell, PageRow
from zipread.reading import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_VERSION = 2
_SCHEMA = """
DROP TABLE IF EXISTS documents;
DROP TABLE IF EXISTS announced;
CREATE TABLE documents (
    document BLOB PRIMARY KEY,
    path BLOB NOT NULL,
    stamp TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    model TEXT NOT NULL,
    options TEXT NOT NULL,
    rows TEXT NOT NULL,
    checksum INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE announced (document BLOB PRIMARY KEY) WITHOUT ROWID;
"""

_CELLS = 7
"""Cells of a page's row between its status and its further fields."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a document that was read.

    ``path`` is where the file stands, "" if not known; ``stamp`` the file's when it was read, None
    if it cannot be trusted; ``options`` the fingerprint of those that shaped the result.
    """

    document: str
    path: str
    stamp: Stamp | None
    sha256: str
    model: str
    options: str
    rows: tuple[PageRow, ...]

    @property
    def failed(self) -> bool:
        """Whether a page ended in an error."""
        return any(row.status is Status.ERROR for row in self.rows)


class LedgerBroken(Exception):
    """The file is no ledger of this version, or damaged."""


class Ledger:
    """The ledger in the file ``path``, made if need be.

    One that ``is_new`` is to be filled with what is known and then declared :meth:`complete`.

    All methods raise :class:`~zipread.errors.OutputProblem` if it cannot be written, and
    :class:`LedgerBroken` if it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.is_new = False
        with self._translated():
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.text_factory = _text
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = TRUNCATE")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA cache_size = -256")  # KiB: the parent stays small
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            self.is_new = True
            with self._transaction():
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
        elif version != _VERSION:
            raise LedgerBroken(f"version {version}")
        (checked,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if checked != "ok":
            raise LedgerBroken(checked)
        for row in self._db.execute("SELECT * FROM documents"):
            _check(row)
        with self._transaction():  # whether it can be written is to be known now
            self._db.execute(f"PRAGMA user_version = {version}")

    def complete(self) -> None:
        """Say that all there was to know is entered: from now on the ledger is believed."""
        with self._transaction():
            self._db.execute(f"PRAGMA user_version = {_VERSION}")
        self.is_new = False

    def close(self) -> None:
        """Close the file."""
        with self._translated():
            self._db.close()

    def get(self, document: str) -> Entry | None:
        """The entry of a document, if it was read."""
        with self._translated():
            query = "SELECT * FROM documents WHERE document = ?"
            row = self._db.execute(query, (os.fsencode(document),)).fetchone()
        return _entry(row) if row else None

    def entries(self) -> Iterator[Entry]:
        """All entries, sorted by document."""
        with self._translated():
            for row in self._db.execute("SELECT * FROM documents ORDER BY document"):
                yield _entry(row)

    def field_names(self) -> list[str]:
        """The names of all further fields that pages were read for, sorted."""
        query = (
            "SELECT DISTINCT json_extract(cell.value, '$[0]') FROM documents, "
            "json_each(documents.rows) AS page, json_each(page.value, '$[9]') AS cell "
            "WHERE documents.rows LIKE '%,[[%' ORDER BY 1"
        )
        with self._translated():
            return [name for (name,) in self._db.execute(query)]

    def announce(self, documents: Iterable[str]) -> None:
        """Say that the files of these documents are about to be replaced."""
        rows = [(os.fsencode(document),) for document in documents]
        with self._transaction():
            self._db.executemany("INSERT OR IGNORE INTO announced VALUES (?)", rows)

    def announced(self) -> list[str]:
        """The documents whose files may have been replaced without an entry."""
        with self._translated():
            rows = self._db.execute("SELECT document FROM announced ORDER BY document")
            return [os.fsdecode(row[0]) for row in rows]

    def record(self, entries: Iterable[Entry]) -> None:
        """Enter documents whose files are safe."""
        rows = [_row(entry) for entry in entries]
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO documents VALUES (?,?,?,?,?,?,?,?)", rows)
            self._db.executemany("DELETE FROM announced WHERE document = ?", [r[:1] for r in rows])

    def forget(self, documents: Iterable[str]) -> None:
        """Strike out documents that have no valid result."""
        rows = [(os.fsencode(document),) for document in documents]
        with self._transaction():
            self._db.executemany("DELETE FROM documents WHERE document = ?", rows)
            self._db.executemany("DELETE FROM announced WHERE document = ?", rows)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if self._is_damage(error):
                raise LedgerBroken(str(error)) from error
            raise OutputProblem(
                f"Cannot write {visible(str(self._path))}: {error}. What is done is kept: "
                "run the same command again once that is mended."
            ) from error
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the latter in its own words
            raise LedgerBroken(str(error)) from error

    def _is_damage(self, error: sqlite3.OperationalError) -> bool:
        """Whether what SQLite calls a failed operation comes of what is in the file.

        Its statements are right, so that leaves the tables. A file that we may write and that says
        of itself that it may not be written is as damaged.
        """
        if error.sqlite_errorname == "SQLITE_READONLY":
            return os.access(self._path, os.W_OK)
        return error.sqlite_errorname == "SQLITE_ERROR"


_Row = tuple[bytes, bytes, str, str, str, str, str, int]


def _row(entry: Entry) -> _Row:
    rows = [astuple(row)[1:] for row in entry.rows]
    cells = (
        os.fsencode(entry.document),
        os.fsencode(entry.path),
        json.dumps(astuple(entry.stamp) if entry.stamp else None),
        entry.sha256,
        entry.model,
        entry.options,
        json.dumps(rows, separators=(",", ":")),
    )
    return (*cells, _checksum(cells))


def _text(content: bytes) -> str:
    """Text as it is, to be judged by its checksum: SQLite calls bad UTF-8 a failed operation."""
    return content.decode("utf-8", "replace")


def _checksum(cells: tuple[bytes | str, ...]) -> int:
    return zlib.crc32(repr(cells).encode("utf-8", "surrogatepass"))


def _check(row: _Row) -> None:
    try:
        sound = _checksum(row[:-1]) == row[-1]
    except (AttributeError, TypeError, UnicodeError):  # cells of other types than were written
        sound = False
    if not sound:
        raise LedgerBroken("a row of it does not fit its checksum")


def _entry(row: _Row) -> Entry:
    document = os.fsdecode(row[0])
    try:
        stamp = json.loads(row[2])
        rows = tuple(_page_row(document, cells) for cells in json.loads(row[6]))
        return Entry(
            document, os.fsdecode(row[1]), Stamp(*stamp) if stamp else None, *row[3:6], rows
        )
    except (ValueError, TypeError) as error:
        raise LedgerBroken(str(error)) from error


def _page_row(document: str, cells: list[Any]) -> PageRow:
    page, status, *rest = cells
    further = rest[_CELLS] if len(rest) > _CELLS else []  # older ledgers have none
    of_zip4 = rest[_CELLS + 1] if len(rest) > _CELLS + 1 else 0.0
    row = PageRow(document, page, Status(status), *rest[:_CELLS])
    cells_of_fields = tuple(FieldCell(*cell) for cell in further)
    return replace(row, fields=cells_of_fields, zip4_confidence=of_zip4)
