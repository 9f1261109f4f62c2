"""What a candidate's reading and its place say about its being the destination's code.

The evidence is a vector of named numbers. What they are worth is not decided here but learned from
composed mail (:mod:`zipread.training.confidence`) and applied by :mod:`zipread.decide`: some speak
to whether the place holds a code at all (:data:`OF_PLACE`), some to whether it is read right
(:data:`OF_READING`), some to both; and some to the four digits more of a ZIP+4 (:data:`OF_PLUS4`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zipread.boxes import PLUS4
from zipread.candidates import Candidate
from zipread.fits import line_through, middle_of, spread_of
from zipread.segment import Segmentation
from zipread.strip import MARGIN, ROOM

LEAST_SHARE = 1e-4
DOUBTFUL = -3.0
"""From so much doubt on (a logit: other readings have a share of 5 %) it weighs more."""
UNREAD = (-4.0, 3.0)
"""Least and most (a logit) that places left unread say."""
SURE = 9.0
"""So much more likely than any other (log) a code is as a whole, or less, at most."""
LEAST_WHOLE = -3.0
"""A digit counts as no less likely than this (log), as a whole."""
REPEATED = 5
"""A code of one digit so many times or more may be a pattern."""
POINT = (0.1, 0.35)
"""A point is so wide and high, in digit heights, and no further from the digits' feet."""

OF_PLACE = (
    "bias",
    "prior",
    "unread",
    "path",
    "path_low",
    "whole",
    "weakest",
    "uneven_height",
    "uneven_middle",
    "uneven_gap",
    "digit_before",
    "digit_behind",
    "unseen_before",
    "sixth",
    "sixth_in_crop",
    "longer",
    "gap_before",
    "letters_behind",
    "point",
    "plus4",
    "undashed",
    "repeated",
    "boxed",
    "drawn",
    "crop",
    "unlisted",
    "turned",
)
OF_READING = (
    "bias",
    "doubt",
    "doubtful",
    "whole",
    "whole_doubt",
    "path",
    "second_weakest",
    "joined",
    "touching",
    "confirmed",
    "contradicted",
    "uneven_height",
    "uneven_middle",
    "tight",
    "digit_before",
    "digit_behind",
    "sixth",
    "unseen_before",
    "plus4",
    "boxed",
    "straying",
    "crop",
    "unlisted",
    "unlisted_elsewhere",
    "state",
    "other_state",
    "turned",
)
OF_PLUS4 = (
    "bias",
    "plus4_doubt",
    "plus4_whole_doubt",
    "undashed",
    "boxed",
    "crop",
)
"""What speaks to whether the four digits of a ZIP+4 are right where its ZIP is."""
OF_ALL_THAT_SHOW_IT = (
    "prior",
    "digit_before",
    "digit_behind",
    "sixth",
    "sixth_in_crop",
    "longer",
)
"""What counts of a code if one of the places says so that show it in the same ink."""
EVIDENCE = tuple(dict.fromkeys(OF_PLACE + OF_READING + OF_PLUS4))


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of a place before it is read.

    ``prior`` is the logit of :mod:`zipread.prospects`; ``listed`` says whether the ZIP directory
    lists the code that was read, None that it was not asked; ``cropped`` that the picture may
    be a cut-out field, ``turned`` that the page did not lie upright.
    """

    prior: float
    listed: bool | None
    cropped: bool
    turned: bool


def evidence(candidate: Candidate, setting: Setting) -> NDArray[np.float64]:
    """The numbers of :data:`EVIDENCE` for a candidate, float64."""
    row = candidate.place.row
    boxed = row is not None
    elsewhere = setting.cropped or boxed
    reading, standing = _of_reading(candidate), _of_row(candidate)
    # dirt makes points of what is read badly anyway; among digits that are read well it is one
    standing["point"] *= float(np.clip(1 + 2 * reading["path"], 0, 1))
    # on a page it may be a letter of the town
    standing["sixth_in_crop"] = standing["sixth"] * setting.cropped
    agreement = candidate.before.agrees(candidate.best.code)
    named = {
        **reading,
        **standing,
        "bias": 1.0,
        "confirmed": 0.0,
        "contradicted": 0.0,
        "prior": float(np.clip(setting.prior, -12.0, 12.0)),
        "unread": UNREAD[0],
        "boxed": float(boxed),
        "drawn": row.drawn if row else 0.0,
        "straying": float(candidate.straying),
        "crop": float(setting.cropped),
        "unlisted": float(setting.listed is False and not elsewhere),
        "repeated": float(not setting.listed and _is_repeated(candidate.best.code)),
        "unlisted_elsewhere": float(setting.listed is False and elsewhere),
        "state": max(agreement, 0.0),
        "other_state": min(agreement, 0.0),
        "turned": float(setting.turned),
    }
    return np.array([named[name] for name in EVIDENCE])


def _is_repeated(code: str) -> bool:
    """Whether a code is one digit over and over: rows of bubbles and strokes read so."""
    return len(code) >= REPEATED and len(set(code)) == 1


def seconded(
    own: NDArray[np.float64], other: NDArray[np.float64], *, same: bool, blind: bool
) -> NDArray[np.float64]:
    """The evidence ``own`` of a candidate whose ink was read another way too, as the same or not.

    A row of boxes is read by its cells, as its ink and as the line's, a line with and without what
    stands before its last words. A row is ``blind`` to what stands beside its cells: whether a
    sixth digit does, the ``other`` reading's evidence says.
    """
    own = own.copy()
    own[EVIDENCE.index("confirmed" if same else "contradicted")] = 1.0
    if blind:
        sixth = [EVIDENCE.index("sixth"), EVIDENCE.index("sixth_in_crop")]
        own[sixth] = np.maximum(own[sixth], other[sixth])
    return own


def shown_too(own: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """The evidence ``own`` of a candidate whose code another one shows in the same ink.

    Which of them reads it best does not say where codes stand: the likelier place counts. And what
    either sees beside the code is there.
    """
    own, both = own.copy(), [EVIDENCE.index(name) for name in OF_ALL_THAT_SHOW_IT]
    own[both] = np.maximum(own[both], other[both])
    return own


def left_unread(own: NDArray[np.float64], odds: float) -> NDArray[np.float64]:
    """The evidence ``own`` of a candidate of a page that holds the code elsewhere with these odds.

    By their priors they are those of the places that were left unread because this one reads well.
    """
    own = own.copy()
    own[EVIDENCE.index("unread")] = np.clip(math.log(max(odds, 1e-9)), *UNREAD)
    return own


def _of_reading(candidate: Candidate) -> dict[str, float]:
    """How sure the reading is: against its rivals, and in itself."""
    best = candidate.best
    code, count = best.code, len(best.code)
    same = sum(reading.posterior for reading in candidate.readings if reading.code == code)
    doubt = _doubt(same)
    chosen = candidate.probabilities[list(best.edges[:count])].astype(float)
    own = chosen[np.arange(count), [int(c) for c in code]]
    sure = np.sort(np.log(np.maximum(own, LEAST_SHARE)))
    path = best.score / len(best.edges)
    has_plus4 = "-" in best.text
    return {
        "doubt": doubt,
        "doubtful": max(0.0, doubt - DOUBTFUL),
        "plus4_doubt": _doubt(best.posterior / same) if has_plus4 else 0.0,
        "path": max(path, -5.0),
        "path_low": min(0.0, max(path, -5.0) + 1.0),
        "weakest": float(sure[0]),
        "second_weakest": float(sure[1]),
        "plus4": float(has_plus4),
        **_of_whole(candidate),
    }


def _of_whole(candidate: Candidate) -> dict[str, float]:
    """How well the code fits its picture as a whole, and how much better another would.

    What the picture spells by itself is another code, too, if it has more digits or fewer.
    """
    best, opinion = candidate.best, candidate.opinion
    rivals = [reading.digits for reading in candidate.readings[1:]] + [opinion.text]
    likely = [*opinion.readings[1:].tolist(), opinion.own]
    own, code = float(opinion.readings[0]), best.code
    as_code = as_plus4 = own - SURE
    for text, likelihood in zip(rivals, likely, strict=True):
        if text == best.digits:
            continue
        if text.startswith(code) and len(text) in (len(code), len(code) + PLUS4):
            as_plus4 = max(as_plus4, likelihood)
        else:
            as_code = max(as_code, likelihood)
    return {
        "whole": max(own / len(best.edges), LEAST_WHOLE),
        "whole_doubt": min(as_code - own, SURE),
        "plus4_whole_doubt": min(as_plus4 - own, SURE),
        "longer": float(_goes_on(best.digits, code, opinion.text)),
    }


def _goes_on(digits: str, code: str, seen: str) -> bool:
    """Whether what is seen has more digits beside those read, and not just the four of a ZIP+4."""
    as_plus4 = seen.startswith(code) and len(seen) == len(code) + PLUS4
    return digits in seen and len(seen) > len(digits) and not as_plus4


def _doubt(share: float) -> float:
    """The logit of what the other readings' share is, where a reading has this one."""
    doubt = float(np.clip(1 - share, LEAST_SHARE, 1 - LEAST_SHARE))
    return math.log(doubt / (1 - doubt))


def _of_row(candidate: Candidate) -> dict[str, float]:
    """How evenly the digits stand, and what stands right beside them."""
    segmentation = candidate.segmentation
    height = segmentation.height
    chosen = [segmentation.hypotheses[edge] for edge in candidate.best.edges]
    count = len(candidate.best.code)
    boxes = np.array([h.box for h in chosen], float)
    x, y, w, h = boxes[:count].T
    middle = y + h / 2
    slope, offset = line_through(x, middle)
    gaps = (x[1:] - (x + w)[:-1]) / height
    before, behind = chosen[0].first - 1, chosen[-1].last + 1
    return {
        "uneven_height": spread_of(np.log(h)),
        "uneven_middle": spread_of(middle - slope * x - offset) / height,
        "uneven_gap": spread_of(gaps),
        "tight": float((gaps < -0.05).mean()),
        "joined": float(np.mean([h.cut for h in chosen[:count]])),
        "touching": float(np.mean([h.touching for h in chosen[:count]])),
        "digit_before": _digit_beside(candidate, before, boxes[0, 0]),
        "digit_behind": _digit_beside(candidate, behind, boxes[-1, 0] + boxes[-1, 2]),
        "sixth": _sixth(candidate, boxes, gaps),
        "unseen_before": _unseen_before(candidate, boxes[0, 0]),
        "gap_before": _gap(segmentation, before, boxes[0, 0]),
        "letters_behind": min(5.0, _tall_behind(segmentation, behind)),
        "point": float(_has_point(segmentation, boxes)),
        "undashed": float(_is_undashed(candidate)),
    }


def _is_undashed(candidate: Candidate) -> bool:
    """Whether nothing parts the five digits of a ZIP+4 from its four: it may be another number."""
    if "-" not in candidate.best.text or candidate.segmentation.groups:
        return False
    fifth, sixth = (candidate.segmentation.hypotheses[k] for k in candidate.best.edges[4:6])
    return sixth.first == fifth.last + 1


def _has_point(segmentation: Segmentation, code: NDArray[np.float64]) -> bool:
    """Whether a point stands before the last two of five digits, as in an amount of money.

    ``code`` is (digits, 4): their boxes.
    """
    x, y, w, h = segmentation.slices.T
    least, small = (share * segmentation.height for share in POINT)
    foot = middle_of(code[:5, 1] + code[:5, 3])
    low = (np.maximum(w, h) < small) & (np.minimum(w, h) > least) & (np.abs(y + h - foot) < small)
    before, behind = code[2:4, 0] + code[2:4, 2] / 2
    return bool((low & (x > before) & (x + w < behind)).any())


def _sixth(candidate: Candidate, code: NDArray[np.float64], gaps: NDArray[np.float64]) -> float:
    """How surely one digit more stands in the code's row: of its size, no further off than its own.

    ``code`` is (digits, 4): their boxes; ``gaps`` those between the first five in digit heights. A
    number of six digits is no ZIP, though any five of it may read as one.
    """
    hypotheses, height = candidate.segmentation.hypotheses, candidate.segmentation.height
    first, last = (hypotheses[candidate.best.edges[k]] for k in (0, -1))
    boxes = np.array([h.box for h in hypotheses], float)
    beside = np.array([h.last == first.first - 1 or h.first == last.last + 1 for h in hypotheses])
    before = code[0, 0] - (boxes[:, 0] + boxes[:, 2])
    behind = boxes[:, 0] - (code[-1, 0] + code[-1, 2])
    near = np.maximum(before, behind) / height < 1.25 * gaps.max(initial=0.0) + 0.25
    middle = code[:, 1] + code[:, 3] / 2
    level = np.abs(boxes[:, 1] + boxes[:, 3] / 2 - middle_of(middle)) < 0.35 * height
    alike = np.abs(np.log(boxes[:, 3] / middle_of(code[:, 3]))) < 0.3
    fits = beside & near & level & alike
    return float(candidate.probabilities[fits].sum(axis=1).max(initial=0.0))


def _digit_beside(candidate: Candidate, index: int, edge: float) -> float:
    """Probability that the neighbouring slice is a digit, fading with its distance."""
    segmentation = candidate.segmentation
    best = 0.0
    for k, hypothesis in enumerate(segmentation.hypotheses):
        if hypothesis.first <= index <= hypothesis.last:
            left, _, width, _ = hypothesis.box
            gap = max(left - edge, edge - left - width, 0.0) / segmentation.height
            best = max(best, float(candidate.probabilities[k].sum()) * math.exp(-gap))
    return best


def _unseen_before(candidate: Candidate, left: float) -> float:
    """Whether the strip ends so close before the code that a digit more would not be seen."""
    strip, height = candidate.strip, candidate.segmentation.height
    return float(strip.goes_on[0] and left < (ROOM[0] + MARGIN) * height)


def _gap(segmentation: Segmentation, before: int, left: float) -> float:
    """Free room in front of the code in digit heights, at most 3."""
    tall = segmentation.slices[: before + 1]
    tall = tall[tall[:, 3] > 0.35 * segmentation.height]
    if not len(tall):
        return 3.0
    return float(np.clip((left - (tall[:, 0] + tall[:, 2]).max()) / segmentation.height, -0.5, 3))


def _tall_behind(segmentation: Segmentation, behind: int) -> float:
    return float(np.count_nonzero(segmentation.slices[behind:, 3] > 0.45 * segmentation.height))
