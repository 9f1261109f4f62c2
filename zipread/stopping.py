"""Being told to stop: by Ctrl-C, by the system, or by a terminal that closes."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stop_signals() -> Iterator[Callable[[], int]]:
    """Which of SIGINT, SIGTERM and SIGHUP came, or 0; a second one does not wait.

    One that was ignored stays so: under nohup, a terminal may close.
    """
    came: list[int] = []

    def stop(number: int, _: object) -> None:
        if came:
            raise KeyboardInterrupt
        came.append(number)

    heard = [n for n in _SIGNALS if signal.getsignal(n) != signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in heard}
    try:
        yield lambda: came[0] if came else 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
