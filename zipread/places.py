"""Where a document's results stand below the results folder: beside no other's, and never outside.

``a/x.png`` gives ``a/x.png.json`` and ``a/x.png.csv``. A name that would stand in the way of
another result gets a ``~`` at its end, one that is too long a hash; no two documents share a place.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path, PurePosixPath

from zipread.storage import STATE

JSON = ".json"
CSV = ".csv"
TABLE = "documents.csv"

_LONGEST_NAME = 255 - len(JSON)  # bytes, on every usual file system
_LONGEST_PATH = 2000  # bytes: leaves half of what Linux allows to the results folder's own path
_RESULT_LIKE = re.compile(r".*\.(json|csv)~*", re.DOTALL)  # a folder that a result may be named as
_OURS = re.compile(rf"({re.escape(STATE)}|documents)~*")  # at the top


def place(document: str) -> Path:
    """The path of a document's results below the results folder, without their suffix.

    Raises
    ------
    ValueError
        If the document's path is not relative and downward. The walk gives no such path.
    """
    parts = document.split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise ValueError(f"not a path below a folder: {document!r}")
    *folders, name = parts
    folders = [f"{part}~" if _RESULT_LIKE.fullmatch(part) else part for part in folders]
    parts = [_shortened(part) for part in (*folders, name)]
    if _OURS.fullmatch(parts[0]):
        parts[0] += "~"
    path = "/".join(parts)
    return Path(path if len(os.fsencode(path)) <= _LONGEST_PATH else _hashed(name, document))


def _shortened(name: str) -> str:
    return name if len(os.fsencode(name)) <= _LONGEST_NAME else _hashed(name, name)


def _hashed(name: str, whole: str) -> str:
    """The start of a name, and a hash that stands for the whole."""
    digest = hashlib.sha256(os.fsencode(whole)).hexdigest()[:32]
    start = os.fsencode(name)[: _LONGEST_NAME - len(digest) - 1]
    return f"{start.decode('utf-8', 'ignore')}~{digest}"


def results_of(document: str, out: Path = Path()) -> tuple[Path, Path]:
    """The paths of a document's CSV and JSON below ``out``; without it, relative ones."""
    base = out / place(document)
    return base.with_name(base.name + CSV), base.with_name(base.name + JSON)


def numbered(document: str, number: int) -> str:
    """The name of the ``number``-th document of one name: ``a/x.png``, ``a/x~2.png``, ..."""
    if number == 1:
        return document
    path = PurePosixPath(document)
    return str(path.with_stem(f"{path.stem}~{number}"))
