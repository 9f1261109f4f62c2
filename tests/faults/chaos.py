"""Run under the shim: files come and go, runs are killed, ledgers vanish, in any order.

``python -m tests.faults.chaos COUNT FOLDER`` prints a line a history that ended with something
lost, doubled or mixed up, then how many histories there were.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.faults.disk import KILL, arm, inline
from tests.faults.engines import MAGIC
from tests.faults.scan import cheap_scan
from tests.results import table
from zipread.storage import STATE

NAMES = ("a.pdf", "b.pdf", "x/a.pdf", "x/b.pdf", "a~2.pdf")
STEPS = 40


class History:
    """Two inboxes and their results; ``moves`` says whether what is done is moved away."""

    def __init__(self, base: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.base, self.out = base, base / "out"
        self.inboxes = [base / "one", base / "two"]
        self.moves = bool(seed % 2)
        folders = {"move_done": str(base / "done"), "move_failed": str(base / "failed")}
        self.options: dict[str, Any] = folders if self.moves else {}
        self.files = 0
        for inbox in self.inboxes:
            (inbox / "x").mkdir(parents=True)

    def step(self) -> None:
        """One thing that happens."""
        steps = (self.put, self.remove, self.lose_ledger, self.killed_scan, self.scan)
        self.chance.choices(steps, (45, 5, 5, 25, 20))[0]()

    def put(self) -> None:
        """A file comes, or in the place of another; no scanner does that before it is moved."""
        path = self.chance.choice(self.inboxes) / self.chance.choice(NAMES)
        if self.moves and path.exists():
            return
        self.files += 1
        page = "\nbad" if self.chance.random() < 0.15 else ""
        path.write_bytes(MAGIC + f"{10000 + self.files}{page}".encode())
        if self.chance.random() < 0.7:
            os.utime(path, (1, 1))

    def remove(self) -> None:
        files = [path for inbox in self.inboxes for path in inbox.rglob("*.pdf")]
        if files and not self.moves:
            self.chance.choice(files).unlink()

    def lose_ledger(self) -> None:
        (self.out / STATE / "ledger.sqlite").unlink(missing_ok=True)

    def scan(self) -> int:
        """How many documents were read."""
        order = self.inboxes if self.chance.random() < 0.7 else self.inboxes[::-1]
        return cheap_scan(order, self.out, **self.options).documents

    def killed_scan(self) -> None:
        at = self.chance.randrange(1, 120)
        child = os.fork()
        if child == 0:
            arm(self.base, at, KILL)
            self.scan()
            os._exit(0)
        os.waitpid(child, 0)

    def wrong(self) -> str:
        """What is wrong once all is quiet: every image has one row, its own, and one record."""
        self.scan()
        self.scan()
        if read := self.scan():
            return f"{read} documents are read again and again"
        images = Counter(p.read_bytes()[5:10].decode() for p in self.base.rglob("*.pdf"))
        first = {key: row for key, row in table(self.out).items() if key[1] == "1"}
        rows = {document: row["zip"] for (document, _), row in first.items()}
        listed = Counter(rows.values())
        if set(images.values()) - {1} or any(listed[code] != 1 for code in images):
            return f"images {images}, rows {listed}"
        if self.moves and (len(images) != len(listed) or any(self.left())):
            return f"images {images}, rows {listed}, left {list(self.left())}"
        return "" if self.records() == rows else f"records {self.records()}, rows {rows}"

    def left(self) -> list[Path]:
        return [path for inbox in self.inboxes for path in inbox.rglob("*.pdf")]

    def records(self) -> dict[str, str]:
        paths = (path for path in self.out.rglob("*.json") if STATE not in path.parts)
        records = [json.loads(path.read_text()) for path in paths]
        return {r["source"]["document"]: r["pages"][0]["zip"] for r in records}


def main() -> None:
    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    with inline():
        for seed in range(count):
            history = History(folder / str(seed), seed)
            for _ in range(STEPS):
                history.step()
            if wrong := history.wrong():
                print(f"{seed}: {wrong}")
            shutil.rmtree(history.base)
    print(f"{count} histories")


if __name__ == "__main__":
    main()
