"""What the review station does, without the web: give out pages, take decisions, undo.

A decision is on disk before the next page is given out. All methods may be called by any thread.
"""

from __future__ import annotations

import threading
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from zipread.decisions import LONGEST, Action, Decision, append, is_code, is_number
from zipread.review.queue import Item, Queue, Seat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Refused(Exception):
    """What was asked cannot be done; the text says why."""


class Doubted(Refused):
    """It can be done, if the reviewer says so once more."""


@dataclass
class Desk:
    """The pages of one results folder while people review them.

    ``needs`` is how many people have to agree on a page; ``is_listed`` tells whether there is such
    a ZIP at all.
    """

    out: Path
    queue: Queue
    needs: int = 1
    is_listed: Callable[[str], bool] = lambda _: True
    decided: int = 0
    _seats: dict[str, Seat] = field(default_factory=lambda: defaultdict(lambda: Seat("")))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, name: str, who: str) -> Item | None:
        """The next page for the person at a seat."""
        with self._lock:
            return self.queue.next_for(name, self._seated(name, who))

    def ahead(self, name: str, shown: Item | None) -> Item | None:
        """The page that will probably be next, to load its picture early."""
        if shown is None:
            return None
        with self._lock:
            seat = self._seats[name]
            without = Seat(seat.who, seat.skipped | {shown.number}, seat.offered_again)
            return self.queue.next_for(name, without, claim=False)

    def decide(
        self, name: str, who: str, number: int, action: Action, code: str, *, sure: bool = False
    ) -> Item | None:
        """Write a decision on a page down, then give the next page.

        Raises
        ------
        Refused
            If the code is none, or another seat holds the page by now.
        Doubted
            If there is no such ZIP and the reviewer is not ``sure``.
        OutputProblem
            If it could not be written: nothing is changed then.
        """
        with self._lock:
            seat, item = self._seated(name, who), self._item(number)
            if not self.queue.holds(number, name):
                raise Refused("Another reviewer has this page by now. Here is the next one.")
            zip_, zip4 = self._keyed(item, code, sure=sure) if action is Action.ZIP else ("", "")
            if self.queue.is_disputed(item):
                seat.offered_again.add(number)  # this was the second look
            self._write(item, who, action, zip=zip_, zip4=zip4)
            if action is Action.SKIP:
                seat.skipped.add(number)
            self._remember(seat, number)
            return self.queue.next_for(name, seat)

    def back(self, name: str, who: str) -> Item | None:
        """The page that was decided before; decided again, the new decision counts."""
        with self._lock:
            seat = self._seated(name, who)
            if seat.back < len(seat.done):
                seat.back += 1
            if not seat.done:
                return self.queue.next_for(name, seat)
            return self._held(name, seat.done[-seat.back])

    def undo(self, name: str, who: str) -> Item | None:
        """Take back the last decision of a seat and give that page."""
        with self._lock:
            seat = self._seated(name, who)
            while seat.done:
                item = self._item(seat.done.pop())
                seat.back = 0
                seat.skipped.discard(item.number)
                said = self.queue.said(item, who)
                if said:
                    self._write(item, who, Action.UNDO, undoes=said.id)
                return self._held(name, item.number)
            raise Refused("There is nothing to undo in this session.")

    def again(self, name: str, who: str) -> Item | None:
        """Look at the skipped pages after all."""
        with self._lock:
            seat = self._seated(name, who)
            seat.skipped.clear()
            return self.queue.next_for(name, seat)

    def alive(self, name: str) -> None:
        """A sign of life from a seat."""
        with self._lock:
            self.queue.alive(name)

    def leave(self, name: str) -> None:
        """A window was closed: others may have its page."""
        with self._lock:
            self.queue.release(name)

    def skipped(self, name: str) -> int:
        """How many pages a seat has skipped that are still open."""
        with self._lock:
            numbers = self._seats[name].skipped
            return sum(not self.queue.is_settled(self._item(number)) for number in numbers)

    def item(self, number: int) -> Item:
        """A page by its number; raise :class:`Refused` if there is none."""
        return self._item(number)

    def _item(self, number: int) -> Item:
        if not 0 <= number < len(self.queue.items):
            raise Refused("There is no such page.")
        return self.queue.items[number]

    def _seated(self, name: str, who: str) -> Seat:
        seat = self._seats[name]
        if seat.who != who:
            seat.who, seat.done, seat.back, seat.offered_again = who, [], 0, set()
        return seat

    def _held(self, name: str, number: int) -> Item:
        if not self.queue.holds(number, name):
            raise Refused("Another reviewer has that page just now.")
        self.queue.release(name)
        self.queue.claim(number, name)
        return self._item(number)

    def _remember(self, seat: Seat, number: int) -> None:
        if number in seat.done:
            seat.done.remove(number)
        seat.done.append(number)
        seat.back = 0

    def _keyed(self, item: Item, typed: str, *, sure: bool) -> tuple[str, str]:
        """What was typed: a ZIP and the four of a ZIP+4, or the number that the field holds."""
        digits = typed.replace("-", "").replace(" ", "")
        if item.is_zip:
            self._check(digits[:5], digits[5:], sure=sure)
            return digits[:5], digits[5:]
        if not is_number(digits):
            raise Refused(f"A number here has up to {LONGEST} digits.")
        return digits, ""

    def _check(self, code: str, plus4: str, *, sure: bool) -> None:
        if not is_code(code, plus4):
            raise Refused("A ZIP has five digits, a ZIP+4 nine.")
        if not sure and not self.is_listed(code):
            raise Doubted(f"There is no ZIP {code}. Press Enter again if the mail says so.")

    def _write(self, item: Item, who: str, action: Action, **more: str) -> None:
        decision = Decision(
            id=uuid.uuid4().hex,
            when=datetime.now(UTC).isoformat(timespec="milliseconds"),
            who=who,
            document=item.document,
            page=item.page,
            sha256=item.sha256,
            action=action,
            needs=self.needs,
            any_number=not item.is_zip,
            **more,
        )
        append(self.out, decision)
        self.queue.heard(decision)
        self.decided += action is not Action.SKIP
