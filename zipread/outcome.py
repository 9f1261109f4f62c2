"""The likeliest candidate as the field that goes into the results."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from zipread.candidates import Candidate
from zipread.directory import Directory
from zipread.reading import Alternative, Box, Digit, Field, Script
from zipread.script import script_of

MOST_ALTERNATIVES = 5
LEAST_ALTERNATIVE = 0.0005


def to_field(
    candidates: tuple[Candidate, ...],
    probabilities: NDArray[np.float64],
    of_plus4: float,
    directory: Directory,
) -> Field:
    """The field that the likeliest candidate reads, with what else it may be.

    ``candidates`` are ordered by ``probabilities`` (n,), each the probability to be right;
    ``of_plus4`` is that of the +4 of the first where its ZIP is.
    """
    best, confidence = candidates[0], float(probabilities[0])
    code, plus4 = _parts(best.best.text)
    digits = tuple(_digits(best, confidence))
    return Field(
        name="zip",
        box=_around([digit.box for digit in digits]),
        zip=code,
        zip4=plus4,
        confidence=round(confidence, 4),
        digits=digits,
        alternatives=tuple(_alternatives(candidates, probabilities)),
        script=_script(best, len(code)),
        boxed=best.place.row is not None,
        in_directory=code in directory,
        state=best.before.state,
        zip4_confidence=round(confidence * of_plus4, 4) if plus4 else 0.0,
    )


def digits_box(candidate: Candidate) -> Box:
    """Where the digits of a candidate's reading stand on the page."""
    hypotheses = candidate.segmentation.hypotheses
    boxes = [candidate.strip.page_box(*hypotheses[edge].box) for edge in candidate.best.edges]
    return _around(boxes)


def _parts(text: str) -> tuple[str, str]:
    code, _, plus4 = text.partition("-")
    return code, plus4


def _digits(candidate: Candidate, confidence: float) -> Iterable[Digit]:
    """Each digit with its share among all readings of the place."""
    text = candidate.best.digits
    readings = [(reading.digits, reading.posterior) for reading in candidate.readings]
    total = _place_probability(candidate, confidence)
    for position, (character, edge) in enumerate(zip(text, candidate.best.edges, strict=True)):
        shares = _shares(readings, position, candidate.probabilities[edge])
        digit = int(character)
        others = [d for d in range(10) if d != digit]
        runner_up = max(others, key=lambda d: (shares[d], -d))
        yield Digit(
            position=position,
            digit=digit,
            confidence=round(min(1.0, shares[digit] * total), 4),
            runner_up=runner_up,
            runner_up_confidence=round(float(shares[runner_up] * total), 4),
            box=candidate.strip.page_box(*candidate.segmentation.hypotheses[edge].box),
            form=tuple(candidate.forms[edge].astype(float).round(2).tolist()),
        )


def _place_probability(candidate: Candidate, confidence: float) -> float:
    """Probability that the place is the code's, whatever it reads."""
    return min(1.0, confidence / max(candidate.best.posterior, 1e-6))


def _shares(
    readings: list[tuple[str, float]], position: int, own: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Share of each digit at a position: by the readings, where none spells it by the model.

    ``readings`` are their digits and posteriors.
    """
    at = [(int(text[position]), share) for text, share in readings if position < len(text)]
    digits, weights = zip(*at, strict=True)
    shares = np.bincount(digits, weights, minlength=10)
    silent = shares == 0
    shares[silent] = np.minimum(own[silent], 0.01) * 0.1
    return shares / shares.sum()


def _alternatives(
    candidates: tuple[Candidate, ...], probabilities: NDArray[np.float64]
) -> list[Alternative]:
    """Other readings of the page, likeliest first: of the same place and of the other places."""
    listed: dict[str, float] = {}
    for candidate, probability in zip(candidates, probabilities, strict=True):
        place = _place_probability(candidate, float(probability))
        for reading in candidate.readings[:10]:
            listed.setdefault(reading.text, place * reading.posterior)
    listed.pop(candidates[0].best.text, None)
    ranked = sorted(listed.items(), key=lambda item: (-item[1], item[0]))[:MOST_ALTERNATIVES]
    return [Alternative(*_parts(text), round(p, 4)) for text, p in ranked if p >= LEAST_ALTERNATIVE]


def _script(candidate: Candidate, count: int) -> Script:
    """How the first ``count`` digits look: those of a ZIP+4's end stand apart."""
    edges = candidate.best.edges[:count]
    boxes = [candidate.segmentation.hypotheses[edge].box for edge in edges]
    return script_of(np.array(boxes, float))


def _around(boxes: list[Box]) -> Box:
    x, y = min(b.x for b in boxes), min(b.y for b in boxes)
    return Box(x, y, max(b.right for b in boxes) - x, max(b.bottom for b in boxes) - y)
