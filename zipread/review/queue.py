"""Which page a reviewer gets next: nobody gets what another has on screen, or what is settled."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zipread.decisions import Action, Log
from zipread.names import visible
from zipread.reading import Status, joined
from zipread.shelf import kept
from zipread.verdicts import PageKey, by_page, is_disputed, settle

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from zipread.decisions import Decision
    from zipread.shelf import Kept

CLAIM = 90.0
"""Seconds that a page stays a reviewer's after the last sign of life."""


@dataclass(frozen=True, slots=True)
class Item:
    """A page to look at; ``number`` is its place in the queue.

    ``is_zip`` is False where a layout says that the page's first field is another kind of number.
    """

    number: int
    kept: Kept
    document: str
    page: int
    sha256: str
    is_zip: bool = True

    @property
    def key(self) -> PageKey:
        """What decisions on it are filed under."""
        return self.sha256, self.page


@dataclass
class Seat:
    """One open window: who sits there, what was skipped, and what was decided, in order.

    ``offered_again`` are the pages in dispute that were looked at twice: after that they wait for a
    third person. ``back`` is how many steps the reviewer has gone back in ``done``.
    """

    who: str
    skipped: set[int] = field(default_factory=set)
    offered_again: set[int] = field(default_factory=set)
    done: list[int] = field(default_factory=list)
    back: int = 0


def items_of(out: Path, source: Path | None, statuses: Collection[Status]) -> list[Item]:
    """The pages of a results folder that the machine gave one of these statuses.

    An image that is there under several names is one page to look at.
    """
    items: dict[PageKey, Item] = {}
    for document in kept(out, source):
        for name, page, sha256, is_zip in _pages(document, statuses):
            item = Item(len(items), document, name, page, sha256, is_zip)
            items.setdefault(item.key, item)
    return list(items.values())


def _pages(document: Kept, statuses: Collection[Status]) -> Iterator[tuple[str, int, str, bool]]:
    try:
        record = json.loads(document.record.read_bytes())
        source = record["source"]
        for page in record["pages"]:
            person = page.get("person") or {}
            if person.get("machine_status", page["status"]) in statuses and source["sha256"]:
                name, sha256 = visible(source["document"]), str(source["sha256"])
                yield name, int(page["page"]), sha256, _is_zip(page)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return  # gone since the ledger was read, or no record: the next scan will mend it


def _is_zip(page: dict[str, Any]) -> bool:
    """Whether the first field of a page in a record is a ZIP's: looked up in the directory."""
    return not page["fields"] or page["fields"][0]["in_directory"] is not None


class Queue:
    """The pages to review and what was said of each; not safe for threads by itself."""

    def __init__(self, items: list[Item], log: Log) -> None:
        self.items = items
        self._decisions: dict[PageKey, list[Decision]] = defaultdict(list)
        self._people: dict[PageKey, dict[str, Decision]] = {}
        self._claims: dict[int, tuple[str, float]] = {}
        for decision in log.decisions:
            self._decisions[decision.sha256, decision.page].append(decision)
        for key in list(self._decisions):
            self._settle(key)

    def heard(self, decision: Decision) -> None:
        """Take in a decision that is on disk."""
        key = (decision.sha256, decision.page)
        self._decisions[key].append(decision)
        self._settle(key)

    def _settle(self, key: PageKey) -> None:
        standing = Log(tuple(self._decisions[key])).standing()
        self._people[key] = by_page(standing).get(key, {})

    def said(self, item: Item, who: str) -> Decision | None:
        """What a person said of a page, if that stands."""
        return self._people.get(item.key, {}).get(who)

    def is_settled(self, item: Item) -> bool:
        """Whether there is nothing more to ask about a page."""
        people = self._people.get(item.key)
        return bool(people and settle(people))

    def is_disputed(self, item: Item) -> bool:
        """Whether people disagree on a page."""
        people = self._people.get(item.key)
        return bool(people and is_disputed(people))

    def left(self) -> int:
        """How many pages are not settled."""
        return sum(not self.is_settled(item) for item in self.items)

    def next_for(self, name: str, seat: Seat, *, claim: bool = True) -> Item | None:
        """The next page for a seat, which then holds it and no other."""
        found = next(self._open(name, seat), None)
        if claim:
            self.release(name)
            if found:
                self.claim(found.number, name)
        return found

    def _open(self, name: str, seat: Seat) -> Iterator[Item]:
        disputed = []
        for item in self.items:
            if item.number in seat.skipped or self.is_settled(item) or self._taken(item, name):
                continue
            if not self.said(item, seat.who):
                yield item
            elif self.is_disputed(item) and item.number not in seat.offered_again:
                disputed.append(item)
        yield from disputed

    def _taken(self, item: Item, name: str) -> bool:
        holder, until = self._claims.get(item.number, (name, 0.0))
        return holder != name and until > time.monotonic()

    def claim(self, number: int, name: str) -> None:
        """Let a seat hold a page from now on."""
        self._claims[number] = (name, time.monotonic() + CLAIM)

    def holds(self, number: int, name: str) -> bool:
        """Whether a seat may decide a page: no other one holds it."""
        return not self._taken(self.items[number], name)

    def alive(self, name: str) -> None:
        """A sign of life from a seat: what it holds it goes on holding."""
        for number, (holder, _) in list(self._claims.items()):
            if holder == name:
                self.claim(number, name)

    def release(self, name: str) -> None:
        """Let go of what a seat holds."""
        self._claims = {n: c for n, c in self._claims.items() if c[0] != name}


def code_of(decision: Decision | None) -> str:
    """What a decision says, for a person."""
    if decision is None:
        return ""
    if decision.action is not Action.ZIP:
        return str(decision.action)
    return joined(decision.zip, decision.zip4)
