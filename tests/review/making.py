"""Results folders to review: scans of text files that the engine of the fault tests reads."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING

from tests.faults.engines import MAGIC
from tests.faults.scan import cheap_scan
from zipread.decisions import Action, Decision, append

if TYPE_CHECKING:
    from pathlib import Path


def put(folder: Path, name: str, text: str) -> str:
    """Write a document that the engine reads as ``text``; its SHA-256."""
    folder.mkdir(exist_ok=True)
    content = MAGIC + text.encode()
    (folder / name).write_bytes(content)
    os.utime(folder / name, (time.time() - 60,) * 2)
    return hashlib.sha256(content).hexdigest()


def scan(folder: Path, out: Path, **options: object) -> None:
    cheap_scan(folder, out, **options)


def decided(sha256: str, who: str = "anna", action: str = "zip", **more: object) -> Decision:
    code = "12345" if action == "zip" else ""
    values: dict[str, object] = {"id": f"{who}-{action}-{time.monotonic_ns()}", "zip": code}
    values |= {"when": "2026-01-01T00:00:00Z", "document": "a.pdf", "page": 1} | more
    return Decision(who=who, sha256=sha256, action=Action(action), **values)  # type: ignore[arg-type]


def say(out: Path, sha256: str, who: str = "anna", action: str = "zip", **more: object) -> Decision:
    decision = decided(sha256, who, action, **more)
    append(out, decision)
    return decision
