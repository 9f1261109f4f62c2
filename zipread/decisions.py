"""What people said of pages: one JSON object a line, appended and synced before anything else.

The file is never rewritten: to undo is to append a line that undoes another. A line torn by a power
failure spoils nothing but itself; how many there are is told.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING

from zipread.storage import output_problem

if TYPE_CHECKING:
    from pathlib import Path

DECISIONS = "corrections.jsonl"
"""The file's name in a results folder."""

LONGEST = 15
"""Digits of the longest number that a layout's field may hold."""


class Action(StrEnum):
    """What a person did with a page."""

    ZIP = "zip"
    NO_ZIP = "no-zip"
    ILLEGIBLE = "illegible"
    SKIP = "skip"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Decision:
    """One line: who said what of which page of which image, and when (UTC, ISO 8601).

    ``sha256`` is the image's: a decision is about a picture, wherever it lies. ``zip`` and ``zip4``
    are set for a ZIP; ``undoes`` is the ``id`` of the decision taken back. ``needs`` is how many
    people have to agree before the page is settled: 2 for double keying. ``any_number`` is set
    where a layout's field is no ZIP's: ``zip`` then holds a number of any length.
    """

    id: str
    when: str
    who: str
    document: str
    page: int
    sha256: str
    action: Action
    zip: str = ""
    zip4: str = ""
    undoes: str = ""
    needs: int = 1
    any_number: bool = False


@dataclass(frozen=True, slots=True)
class Log:
    """All decisions in the order they were made; ``torn`` counts the lines that are none."""

    decisions: tuple[Decision, ...] = ()
    torn: int = 0

    def standing(self) -> tuple[Decision, ...]:
        """The decisions that were not taken back, without what is no verdict."""
        undone = {d.undoes for d in self.decisions if d.action is Action.UNDO}
        silent = (Action.UNDO, Action.SKIP)
        return tuple(d for d in self.decisions if d.action not in silent and d.id not in undone)


def append(out: Path, decision: Decision) -> None:
    """Put a decision on disk, synced on return.

    Raises
    ------
    OutputProblem
        If it cannot be written.
    """
    path = out / DECISIONS
    line = json.dumps(asdict(decision), separators=(",", ":")).encode() + b"\n"
    try:
        with path.open("ab+", buffering=0) as file:
            if _is_torn(file.fileno()):
                line = b"\n" + line
            while line:  # a full disk writes a part, then fails
                line = line[file.write(line) :]
            os.fsync(file.fileno())
    except OSError as error:
        raise output_problem(path, error) from error


def read(out: Path) -> Log:
    """All decisions in a results folder; none if there is no file.

    Raises
    ------
    OutputProblem
        If the file is there and cannot be read.
    """
    path = out / DECISIONS
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Log()
    except OSError as error:
        raise output_problem(path, error) from error
    parsed = [_parsed(line) for line in content.split(b"\n") if line.strip()]
    decisions = tuple(decision for decision in parsed if decision)
    return Log(decisions, len(parsed) - len(decisions))


def _is_torn(handle: int) -> bool:
    """Whether the file's last line has no end."""
    size = os.fstat(handle).st_size
    return size > 0 and os.pread(handle, 1, size - 1) != b"\n"


def _parsed(line: bytes) -> Decision | None:
    try:
        record = json.loads(line)
        known = {f.name: record[f.name] for f in fields(Decision) if f.name in record}
        decision = Decision(**{**known, "action": Action(record["action"])})
    except (ValueError, TypeError, KeyError):
        return None
    return decision if _is_sound(decision) else None


def _is_sound(decision: Decision) -> bool:
    """Whether the values are of the kinds that are written: the file may have been edited."""
    if not (isinstance(decision.page, int) and isinstance(decision.needs, int)):
        return False
    texts = (decision.id, decision.when, decision.who, decision.document, decision.sha256)
    if not all(isinstance(text, str) for text in (*texts, decision.zip, decision.zip4)):
        return False
    if decision.action is not Action.ZIP or is_code(decision.zip, decision.zip4):
        return True
    return decision.any_number is True and is_number(decision.zip) and not decision.zip4


def is_code(code: str, plus4: str) -> bool:
    """Whether the two parts are a ZIP or a ZIP+4, in plain digits."""
    return is_number(code + plus4) and len(code) == 5 and len(plus4) in (0, 4)


def is_number(code: str) -> bool:
    """Whether a text is a number as a layout's field may hold, in plain digits."""
    return code.isascii() and code.isdigit() and len(code) <= LONGEST
