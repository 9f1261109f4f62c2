"""A person's word over the machine's: which decisions are settled, and readings that follow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zipread import decisions
from zipread.decisions import DECISIONS, Action
from zipread.reading import Keyed, Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from zipread.decisions import Decision
    from zipread.reading import DocumentReading, PageReading

PageKey = tuple[str, int]
"""SHA-256 of the image in hex, and the number of the page."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a page is by a person's word: the last decision that counted, and all who said so."""

    decision: Decision
    people: tuple[str, ...]


def by_page(standing: Iterable[Decision]) -> dict[PageKey, dict[str, Decision]]:
    """Each person's last decision on each page, the latest last."""
    pages: dict[PageKey, dict[str, Decision]] = {}
    for decision in standing:
        people = pages.setdefault((decision.sha256, decision.page), {})
        people.pop(decision.who, None)
        people[decision.who] = decision
    return pages


def settle(people: dict[str, Decision]) -> Settled | None:
    """What a page's decisions come to: the latest one that as many agree on as it needs."""
    needed = max(decision.needs for decision in people.values())
    for decision in reversed(people.values()):
        agreeing = tuple(who for who, other in people.items() if _says(other) == _says(decision))
        if len(agreeing) >= needed:
            return Settled(decision, agreeing)
    return None


def is_disputed(people: dict[str, Decision]) -> bool:
    """Whether as many as are needed have spoken, and do not agree."""
    needed = max(decision.needs for decision in people.values())
    return len(people) >= needed and settle(people) is None


class Verdicts:
    """The settled decisions of a results folder, read again whenever the file has grown."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._size = 0
        self._settled: dict[PageKey, Settled] = {}

    def settled(self) -> dict[PageKey, Settled]:
        """What is settled by now, by page."""
        path = self._out / DECISIONS
        size = path.stat().st_size if path.exists() else 0
        if size != self._size:
            pages = by_page(decisions.read(self._out).standing())
            found = ((key, settle(people)) for key, people in pages.items())
            self._settled = {key: settled for key, settled in found if settled}
            self._size = size
        return self._settled

    def applied(self, reading: DocumentReading) -> DocumentReading:
        """The reading with every page that a person settled as that person said."""
        settled = self.settled()
        sha256 = reading.source.sha256
        pages = tuple(_applied(page, settled.get((sha256, page.page))) for page in reading.pages)
        return replace(reading, pages=pages)


def machine_reading(page: PageReading) -> PageReading:
    """The page as the machine read it."""
    keyed = page.person
    if keyed is None:
        return page
    return replace(
        page,
        status=keyed.machine_status,
        zip=keyed.machine_zip,
        zip4=keyed.machine_zip4,
        confidence=keyed.machine_confidence,
        message=keyed.machine_message,
        person=None,
    )


def _applied(page: PageReading, settled: Settled | None) -> PageReading:
    page = machine_reading(page)
    if settled is None or not settled.decision.sha256:
        return page
    said = settled.decision
    keyed = Keyed(
        verdict=str(said.action),
        who=" and ".join(settled.people),
        when=said.when,
        machine_status=page.status,
        machine_zip=page.zip,
        machine_zip4=page.zip4,
        machine_confidence=page.confidence,
        machine_message=page.message,
    )
    found = said.action is Action.ZIP
    message = _MESSAGES[said.action].format(keyed.who)
    status = Status.ACCEPTED if found else Status.NO_ZIP
    if found and len(page.fields) > 1 and page.status is Status.REVIEW:
        # A layout's other fields were not keyed, and one of them may be why it went to a person.
        status, message = Status.REVIEW, f"{message} The other fields were not looked at."
    return replace(
        page,
        status=status,
        zip=said.zip,
        zip4=said.zip4,
        confidence=1.0 if found else 0.0,
        message=message,
        person=keyed,
    )


_MESSAGES = {
    Action.ZIP: "Keyed by {}.",
    Action.NO_ZIP: "No ZIP, says {}.",
    Action.ILLEGIBLE: "Illegible, says {}.",
}


def _says(decision: Decision) -> tuple[str, str, str]:
    return decision.action, decision.zip, decision.zip4
