"""Run under the shim: fail each write, sync and rename of a scan in turn, and judge what is left.

``python -m tests.faults.disk FOLDER`` prints a line a fault that was not handled, then how many
faults of what kind were tried.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from pathlib import Path

from tests.faults.engines import MAGIC
from tests.faults.scan import cheap_scan
from tests.results import results
from zipread.errors import ExitCode, OutputProblem

WAYS = ((errno.ENOSPC, True), (errno.ENOSPC, False), (errno.EIO, False), (errno.EACCES, True))

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
        self.inbox = base / "inbox"
        self.out = base / "out"
        put(self.inbox, {"same.pdf": "10001", "changed.pdf": "10002"})
        cheap_scan(self.inbox, base / "old", jobs=1)
        put(self.inbox, {"changed.pdf": "20002", "new/new.pdf": "20003"})
        cheap_scan(self.inbox, base / "new", jobs=1)
        self.old, self.new = results(base / "old"), results(base / "new")
        self.refused = 0

    def run(self, at: int, number: int, *, lasting: bool) -> str:
        """One fault; what went wrong, or nothing."""
        shutil.rmtree(self.out, ignore_errors=True)
        shutil.copytree(self.base / "old", self.out)
        arm(self.out, at, number, lasting)
        try:
            cheap_scan(self.inbox, self.out, jobs=1)
        except OutputProblem as error:
            self.refused += 1
            if error.exit_code is not ExitCode.OUTPUT or not str(error):
                return f"raised {error!r}"
        except Exception as error:
            return f"raised {error!r}"
        finally:
            arm(self.out, 0)
        wrong = self.torn()
        cheap_scan(self.inbox, self.out, jobs=1)
        return wrong or ("" if results(self.out) == self.new else "the next run did not complete")

    def torn(self) -> str:
        """A result that is neither the old one nor the new one."""
        for name, content in results(self.out).items():
            if content not in (self.old.get(name), self.new.get(name)):
                return f"{name} is neither old nor new"
        gone = self.old.keys() - results(self.out).keys()
        return f"{gone} is gone" if gone else ""


def main() -> None:
    trial = Trial(Path(sys.argv[1]))
    shutil.copytree(trial.base / "old", trial.out)
    arm(trial.out, 0)
    cheap_scan(trial.inbox, trial.out, jobs=1)
    count = shim.fault_count()
    for number, lasting in WAYS:
        for at in range(1, count + 1):
            wrong = trial.run(at, number, lasting=lasting)
            if wrong:
                print(f"{errno.errorcode[number]} at {at} (lasting: {lasting}): {wrong}")
    print(f"{count} calls, each failed in {len(WAYS)} ways; {trial.refused} ended in exit code 5")


if __name__ == "__main__":
    main()
