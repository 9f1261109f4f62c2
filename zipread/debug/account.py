"""Why each place of a page was taken or left, in words and numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zipread.candidates import Candidate
from zipread.decide import accepted_from
from zipread.evidence import EVIDENCE
from zipread.prepared import prepare
from zipread.reading import Status
from zipread.recognise import Recogniser
from zipread.strip import Sheet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zipread.ink import Ink
    from zipread.look import Look, Reader
    from zipread.options import Options
    from zipread.pipeline import Seen
    from zipread.prospects import Place
    from zipread.rivals import Found
    from zipread.segment import Segmentation
    from zipread.strip import Strip

MOST_ROWS = 8
"""Candidates drawn; of the others the page's summary says what they read."""
MOST_UNREAD = 4
MOST_READINGS = 5
MOST_TERMS = 9


@dataclass(frozen=True, slots=True)
class Account:
    """One place: what was cut, and the words beside it.

    ``number`` is its mark on the page, "" for one that gave no candidate; ``forms`` is
    (hypotheses, 64), ``probabilities`` (hypotheses, 10), ``path`` the hypotheses of the best
    reading, ``text`` its digits without a dash, ``whole`` what the place's picture spells.
    ``terms`` are (name, value, weight) of the evidence, the weightiest first.
    """

    number: str
    title: str
    why: str
    taken: bool
    place: Place
    turns: int
    strip: Strip
    ink: Ink
    segmentation: Segmentation
    forms: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    path: tuple[int, ...] = ()
    text: str = ""
    whole: str = ""
    readings: tuple[str, ...] = ()
    terms: tuple[tuple[str, float, float], ...] = ()


def chosen_look(seen: Seen) -> Look:
    """The look at the page as it was taken to stand upright."""
    turns = seen.reading.rotation // 90
    return next(look for look in seen.looks if look.turns == turns)


def accounts_of(
    seen: Seen, upright: NDArray[np.uint8], reader: Reader, options: Options
) -> list[Account]:
    """The likeliest candidates, then the places of the upright page that gave none."""
    ranked = seen.ranked[:MOST_ROWS]
    read = [_of_candidate(i, found, seen, reader, options) for i, found in enumerate(ranked)]
    look = chosen_look(seen)
    known = {id(found.candidate.place) for found in look.found}
    silent = [place for place in look.places if id(place) not in known]
    silent.sort(key=lambda place: -place.prior)
    left = (_of_silent(place, look, upright, reader) for place in silent[:MOST_UNREAD])
    return read + [account for account in left if account]


def _of_candidate(
    index: int, found: Found, seen: Seen, reader: Reader, options: Options
) -> Account:
    candidate = found.candidate
    probability = float(seen.probabilities[index])
    taken = index == 0 and seen.reading.status is not Status.NO_ZIP
    best = candidate.best
    return Account(
        number=str(index + 1),
        title=f"{index + 1}:  {best.text}   {probability:.4f}",
        why=_verdict(index, found, seen, reader, options),
        taken=taken,
        place=candidate.place,
        turns=found.turns,
        strip=candidate.strip,
        ink=candidate.ink,
        segmentation=candidate.segmentation,
        forms=candidate.forms,
        probabilities=candidate.probabilities,
        path=best.edges,
        text=best.digits,
        whole=f"{candidate.opinion.text or 'nothing'}   likelihood {candidate.opinion.own:.2f}"
        f"   before it {candidate.before.state or 'no state'}",
        readings=_readings(candidate),
        terms=_terms(found, reader),
    )


def _verdict(index: int, found: Found, seen: Seen, reader: Reader, options: Options) -> str:
    turned = f", page turned by {90 * found.turns}" if found.turns else ""
    if index:
        return f"left: less likely than 1{turned}"
    status = seen.reading.status
    least = accepted_from(reader.confidence, options)
    bound = f"the threshold {least:.4f}"
    words = {
        Status.ACCEPTED: f"taken, accepted: not below {bound}",
        Status.REVIEW: f"taken, for review: below {bound}",
    }
    return words.get(status, "left: likeliest, but too unlikely to report") + turned


def _readings(candidate: Candidate) -> tuple[str, ...]:
    as_a_whole = candidate.opinion.readings.tolist()
    return tuple(
        f"{reading.text}   share {reading.posterior:.4f}   score {reading.score:.2f}   "
        f"as a whole {likelihood:.2f}"
        for reading, likelihood in zip(
            candidate.readings[:MOST_READINGS], as_a_whole[:MOST_READINGS], strict=True
        )
    )


def _terms(found: Found, reader: Reader) -> tuple[tuple[str, float, float], ...]:
    """What weighs most for or against the place, or for or against its reading."""
    learned = reader.confidence
    judged = (("place", learned.place), ("reading", learned.reading))
    terms = [
        (f"{of}: {name}", float(value), float(weight))
        for of, weights in judged
        for name, value, weight in zip(EVIDENCE, found.evidence, weights, strict=True)
    ]
    return tuple(sorted(terms, key=lambda term: -abs(term[1] * term[2]))[:MOST_TERMS])


def _of_silent(
    place: Place, look: Look, upright: NDArray[np.uint8], reader: Reader
) -> Account | None:
    """A place that was read and gave no candidate, read once more to show why.

    None where boxes are said to be that stand elsewhere.
    """
    recognise = Recogniser(reader.model)
    (ways,) = prepare(Sheet(upright, look.raster.reduction), [place], recognise)
    if not ways.plain:
        return None
    seen = ways.plain[0]
    forms, probabilities = recognise([each.glyph for each in seen.segmentation.hypotheses])
    rival = _rival(place, look)
    why = (
        f"left: the same ink reads better as {rival}"
        if rival
        else f"not read, or no path of the right count of digits ({len(forms)} hypotheses)"
    )
    why += f"; prior {place.prior:.1f}"
    return Account(
        number="",
        title="no candidate",
        why=why,
        taken=False,
        place=seen.place,
        turns=look.turns,
        strip=seen.strip,
        ink=seen.ink,
        segmentation=seen.segmentation,
        forms=forms,
        probabilities=probabilities,
    )


def _rival(place: Place, look: Look) -> str:
    """What is read of a candidate that lies on the place, "" where none does."""
    line = place.line
    for found in look.found:
        other = found.candidate.place.line
        across = min(line.right, other.right) - max(line.left, other.left)
        apart = abs(line.middle[1] - other.middle[1])
        if across > 0 and apart < 0.5 * min(line.height, other.height):
            return found.candidate.best.text
    return ""


def summary_of(seen: Seen) -> list[str]:
    """How much was found on the page, look by look, and the candidates that are not drawn."""
    lines = []
    for look in seen.looks:
        turned = f"turned {90 * look.turns}: " if len(seen.looks) > 1 else ""
        read = ", ".join(f.candidate.best.text for f in look.found) or "nothing"
        lines.append(
            f"{turned}{len(look.lines)} lines found; "
            f"{len(look.places)} places, {len(look.found)} candidates: {read}"
        )
    return lines


def priors(look: Look) -> list[float]:
    """Of every line of a look: the best prior of its places, as a logit."""
    return [
        max(
            (
                place.prior
                for place in look.places
                if place.line.right == line.right
                and abs(place.line.middle[1] - line.middle[1]) < line.height
            ),
            default=-math.inf,
        )
        for line in look.lines
    ]
