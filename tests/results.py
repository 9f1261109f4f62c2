"""Looking at what a scan left."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from zipread.storage import STATE

if TYPE_CHECKING:
    from pathlib import Path


def table(out: Path) -> dict[tuple[str, str], dict[str, str]]:
    """The rows of documents.csv by document and page."""
    with (out / "documents.csv").open(newline="") as file:
        return {(row["document"], row["page"]): row for row in csv.DictReader(file)}


def zips(out: Path) -> dict[str, str]:
    return {document: row["zip"] for (document, _), row in table(out).items()}


def results(out: Path) -> dict[str, str]:
    """All result files by name, the time fields taken out."""
    return {
        str(path.relative_to(out)): without_times(path.read_text())
        for path in out.rglob("*")
        if path.is_file() and STATE not in path.parts
    }


def without_times(text: str) -> str:
    text = re.sub(r'"seconds": [\d.e-]+', '"seconds": 0', text)
    return re.sub(r",\d+\.\d{3},", ",0,", text)
