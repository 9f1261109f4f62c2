"""A clock that tells which stage CPU time goes to, without a line of it in the stages.

A thousand times a second a timer interrupts the program, and the CPU time since the last
interruption is put down to the module of zipread that was at work: the innermost one on the stack,
so time in NumPy or OpenCV counts for whoever called it. As the whole time since the last look is
put down, a long call into C that no signal can interrupt loses nothing. What the clock itself
costs is under 1 %; a short stage is as exact as its share of some thousand looks.
"""

from __future__ import annotations

import signal
import time
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType, TracebackType

_EVERY = 0.001  # seconds of the wall clock: the timer of CPU time only ticks 250 times a second
_PACKAGE = "zipread."


class ModuleClock:
    """CPU seconds by module of zipread, as ``spent``, while in its ``with`` statement.

    For the main thread, and one at a time: it uses the alarm signal.
    """

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._last = 0.0

    def __enter__(self) -> ModuleClock:
        """Start."""
        self._before = signal.signal(signal.SIGALRM, self._look)
        signal.siginterrupt(signal.SIGALRM, False)
        self._last = time.process_time()
        signal.setitimer(signal.ITIMER_REAL, _EVERY, _EVERY)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_globals is globals():
            return  # a busy machine took its turn amid a look: that look puts the time down
        now = time.process_time()
        self.spent[_module(frame)] += now - self._last
        self._last = now


def _module(frame: FrameType | None) -> str:
    """The innermost module of zipread on the stack, its name below the package."""
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith(_PACKAGE):
            return name.removeprefix(_PACKAGE)
        frame = frame.f_back
    return ""
