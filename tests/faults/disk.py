"""Run under the shim: fail each write, sync and rename of a scan in turn, and judge what is left.

``python -m tests.faults.disk faults|kills FOLDER`` prints a line a fault that was not handled, then
how many of what kind were tried. A fault is an error of the disk; a kill ends the process there and
then, and whatever it had not done yet stays undone.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from tests.faults.engines import MAGIC
from tests.faults.inline import Inline
from tests.faults.scan import cheap_scan
from tests.results import results, table
from zipread.errors import ExitCode, OutputProblem
from zipread.storage import STATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WAYS = ((errno.ENOSPC, True), (errno.ENOSPC, False), (errno.EIO, False), (errno.EACCES, True))
KILL = -1

shim = ctypes.CDLL(None)


def arm(folder: Path, at: int, number: int = 0, lasting: bool = False) -> None:
    shim.fault_arm(os.fsencode(folder), at, number, int(lasting))


def put(inbox: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        (inbox / name).parent.mkdir(parents=True, exist_ok=True)
        (inbox / name).write_bytes(MAGIC + text.encode())


class Trial:
    """A folder with old results, an input that has changed, and what should come of it."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.inbox, self.out = base / "inbox", base / "out"
        self.prepare()
        self.scan()
        self.old = results(self.out)
        self.change()
        self.snapshot = base.with_name(f"{base.name}-start")
        shutil.copytree(base, self.snapshot, symlinks=True)
        self.restore()
        arm(base, 0)
        self.scan()
        self.calls = shim.fault_count()
        self.new = results(self.out)
        self.images = self.found_images()

    def prepare(self) -> None:
        put(self.inbox, {"same.pdf": "10001", "changed.pdf": "10002"})

    def change(self) -> None:
        put(self.inbox, {"changed.pdf": "20002", "new/new.pdf": "20003"})

    def scan(self) -> None:
        cheap_scan(self.inbox, self.out)

    def restore(self) -> None:
        """Everything as it was before the scan that is disturbed."""
        shutil.rmtree(self.base)
        shutil.copytree(self.snapshot, self.base, symlinks=True)

    def found_images(self) -> Counter[bytes]:
        return Counter(p.read_bytes() for p in self.base.rglob("*.pdf") if not p.is_symlink())

    def judge(self) -> str:
        """What is wrong with what a disturbed scan left, and with what the next one makes of it."""
        wrong = self.torn()
        self.scan()
        if self.found_images() != self.images:
            return "an image is lost or there twice"
        return wrong or ("" if results(self.out) == self.new else "the next run did not complete")

    def torn(self) -> str:
        """A result that is neither the old one nor the new one."""
        left = results(self.out)
        for name, content in left.items():
            if content not in (self.old.get(name), self.new.get(name)):
                return f"{name} is neither old nor new"
        gone = self.old.keys() - left.keys()
        return f"{gone} is gone" if gone else ""


class MovingTrial(Trial):
    """With files that are moved when they are done, of which each new one has an old one's name."""

    def prepare(self) -> None:
        put(self.inbox, {"a.pdf": "10001", "b.pdf": "corrupt", "c.pdf": "10003"})

    def change(self) -> None:
        put(self.inbox, {"a.pdf": "20001", "b.pdf": "bad", "x/c.pdf": "20003"})

    def scan(self) -> None:
        plan = self.base.with_name("plan.csv")  # beside: it is no output
        plan.write_text("zip,bin\n1,One\n2,Two\n")
        cheap_scan(
            self.inbox,
            self.out,
            move_done=str(self.base / "done"),
            move_failed=str(self.base / "failed"),
            sort_plan=str(plan),
            link_bins=str(self.base / "bins"),
        )


class NextScanTrial(MovingTrial):
    """The same, and before the next run another file of that name comes, where there is room."""

    def judge(self) -> str:
        wrong = self.torn()
        path = self.inbox / "a.pdf"
        is_there = path.exists()
        if not is_there:
            put(self.inbox, {"a.pdf": "30001"})
        self.scan()
        put(self.inbox, {"a.pdf": "30001"} if is_there else {})
        self.scan()
        codes = {row["zip"] for row in table(self.out).values()}
        missing = {"10001", "20001", "30001", "10003", "20003"} - codes
        return wrong or (f"no result of {missing}" if missing else "")


class LostLedgerTrial(MovingTrial):
    """The ledger is gone, and with it where the images were moved to."""

    def change(self) -> None:
        (self.out / STATE / "ledger.sqlite").unlink()
        super().change()


TRIALS: tuple[type[Trial], ...] = (Trial, MovingTrial, NextScanTrial, LostLedgerTrial)


def fault(trial: Trial, at: int, number: int, *, lasting: bool) -> tuple[bool, str]:
    """Whether a scan with one fault was refused, and what went wrong."""
    refused = False
    trial.restore()
    arm(trial.base, at, number, lasting)
    try:
        trial.scan()
    except OutputProblem as error:
        refused = True
        if error.exit_code is not ExitCode.OUTPUT or not str(error):
            return refused, f"raised {error!r}"
    except Exception as error:
        return refused, f"raised {error!r}"
    finally:
        arm(trial.base, 0)
    return refused, trial.judge()


def killed(trial: Trial, at: int) -> tuple[bool, str]:
    """Whether a scan was killed at a call, and what went wrong."""
    trial.restore()
    child = os.fork()
    if child == 0:
        arm(trial.base, at, KILL)
        trial.scan()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return status != 0, trial.judge()


@contextmanager
def inline() -> Iterator[None]:
    with patch("zipread.batch.Workers", Inline):
        yield


def all_faults(trial: Trial) -> Iterator[tuple[str, Callable[[], tuple[bool, str]]]]:
    for number, lasting in WAYS:
        for at in range(1, trial.calls + 1):
            yield (
                f"{errno.errorcode[number]} at {at} (lasting: {lasting})",
                lambda n=number, a=at, k=lasting: fault(trial, a, n, lasting=k),  # type: ignore[misc]
            )


def all_kills(trial: Trial) -> Iterator[tuple[str, Callable[[], tuple[bool, str]]]]:
    for at in range(1, trial.calls + 1):
        yield f"killed at {at}", lambda a=at: killed(trial, a)  # type: ignore[misc]


def main() -> None:
    tries = {"faults": all_faults, "kills": all_kills}[sys.argv[1]]
    tried = effective = 0
    with inline():
        for kind in TRIALS:
            trial = kind(Path(sys.argv[2]) / kind.__name__)
            for name, attempt in tries(trial):
                effect, wrong = attempt()
                tried += 1
                effective += effect
                if wrong:
                    print(f"{kind.__name__}, {name}: {wrong}")
    print(f"{tried} tried, {effective} ended the run")


if __name__ == "__main__":
    main()
