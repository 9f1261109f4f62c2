"""Rows of documents.csv as the ledger keeps them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import astuple, replace

import pytest

from zipread.ledger import Entry, Ledger, LedgerBroken
from zipread.outputs.tables import FieldCell, PageRow
from zipread.reading import Status

ROW = PageRow(
    *("a.png", 1, Status.ACCEPTED, "60614", "1234", 0.99, 0.25, "The +4 is not sure enough."),
    fields=(FieldCell("amount", "1250", 0.9),),
    zip4_confidence=0.7,
)
ENTRY = Entry("a.png", "/in/a.png", None, "ab" * 32, "model", "options", (ROW,))


def recorded(tmp_path, entry):
    with closing(Ledger(tmp_path / "ledger")) as ledger:
        ledger.record([entry])
        ledger.complete()
    with closing(Ledger(tmp_path / "ledger")) as ledger:
        return ledger.get(entry.document)


def test_what_was_entered_is_there_after_a_restart(tmp_path):
    assert recorded(tmp_path, ENTRY) == ENTRY


def test_rows_of_older_versions_are_read(tmp_path, monkeypatch):
    older = replace(ROW, fields=(), zip4_confidence=0.0)
    monkeypatch.setattr("zipread.ledger.astuple", lambda row: astuple(row)[:10])
    assert recorded(tmp_path, ENTRY) == replace(ENTRY, rows=(older,))


def test_a_changed_row_is_not_believed(tmp_path):
    assert recorded(tmp_path, ENTRY) == ENTRY
    with closing(sqlite3.connect(tmp_path / "ledger", isolation_level=None)) as base:
        (rows,) = base.execute("SELECT rows FROM documents").fetchone()
        changed = json.dumps(json.loads(rows)).replace("60614", "60615")
        base.execute("UPDATE documents SET rows = ?", (changed,))
    with pytest.raises(LedgerBroken):
        Ledger(tmp_path / "ledger")
