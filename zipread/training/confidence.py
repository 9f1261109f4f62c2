"""Learn what the evidence is worth: the weights and the calibration table of :mod:`zipread.decide`.

The material is composed mail with its truth (:mod:`zipread.compose`), made of digits that the digit
model never saw. ``python -m zipread.training.confidence FOLDER... --out confidence.json``.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from zipread.candidates import Candidate
from zipread.decide import SCHEMA, Confidence
from zipread.documents import open_document
from zipread.evidence import EVIDENCE, OF_PLACE, OF_PLUS4, OF_READING
from zipread.fields import TextLine, may_be_cropped
from zipread.look import Look, Reader, find_places, read_found
from zipread.options import Options
from zipread.outcome import digits_box
from zipread.pipeline import SURE_ENOUGH, load_reader
from zipread.prospects import CUES, cues
from zipread.reading import Box, joined
from zipread.training.logit import choice_weights, yes_weights

WITHOUT_CODE = 0.1
"""This share of mail's pages at most hold no code. The calibration is for it."""
BACKS = 0.5
"""Of a stack that was scanned on both sides this share: errors are within bounds there as well."""
FOLDS = 5
FEWEST_ACCEPTED = 50
"""Pages that a threshold must have accepted for its error to count."""
LEAST_SHOWN = (0.5, 0.8)
"""A line that shows less of a code's area, or less of it along, is none of its places."""
SHOWN_LESS, WIDER = 0.04, 2.2
"""A code's own places show at most so much less of it than the one that shows most, and are at most
so many times as wide as the narrowest of these."""
EVERY = 6
"""Of pages that lie upright, every so-many'th is looked at in all four orientations as well."""

Weights = dict[str, float]
Choice = tuple[NDArray[np.float64], NDArray[np.bool_]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Case:
    """A page's candidates.

    ``evidence`` is (n, features); ``at_place`` says whether the place of each is the code's,
    ``right`` whether it is read right, and ``whole`` whether it is to its +4, (n,) bool all.
    """

    evidence: NDArray[np.float64]
    at_place: NDArray[np.bool_]
    right: NDArray[np.bool_]
    whole: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Picture:
    """What was seen of a picture: as it lies, for each kind that it may be, and in all ways."""

    as_it_lies: tuple[Case, ...]
    all_ways: Case | None = None

    @property
    def cases(self) -> tuple[Case, ...]:
        """All that is to be learned from."""
        return (*self.as_it_lies, self.all_ways) if self.all_ways else self.as_it_lies


@dataclass(frozen=True, slots=True)
class Truth:
    """A picture, its code and +4 ("" for none) and where they stand, None where nobody says."""

    path: Path
    code: str
    plus4: str
    box: Box | None
    turned: bool


def truths(folder: Path) -> list[Truth]:
    """What a folder's truth.csv says."""
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
        return [_truth(folder, row) for row in csv.DictReader(file)]


def _truth(folder: Path, row: dict[str, str]) -> Truth:
    turned = any(tag.startswith(("rotat", "turned")) for tag in row["tags"].split())
    box = Box(*(round(float(row[k])) for k in "xywh")) if row["x"] else None
    return Truth(folder / row["file"], row["zip"], row["zip4"], box, turned)


def see(truth: Truth, all_ways: bool, options: Options, reader: Reader) -> Picture:
    """A picture as it lies, taken for what it may be, and if asked in all four orientations."""
    pixels = _pixels(truth, options)

    def case(turns: int, *, cropped: bool | None = None) -> Case:
        found = find_places(pixels, reader, turns, cropped=cropped)
        return _case(read_found(found, reader, options), truth)

    kinds = may_be_cropped(*pixels.shape[:2])
    as_it_lies = tuple(case(0, cropped=kind) for kind in kinds)
    if not all_ways and not truth.turned:
        return Picture(as_it_lies)
    turned = (case(k) for k in range(1, 4))  # on its side a picture may be of another kind
    return Picture(as_it_lies, _together((as_it_lies[0], *turned)))


def _pixels(truth: Truth, options: Options) -> NDArray[np.uint8]:
    with open_document(truth.path.read_bytes(), options) as document:
        return document.page(1).pixels


def see_places(truth: Truth, options: Options, reader: Reader) -> list[Choice]:
    """The places of a picture as it lies, taken for what it may be."""
    pixels = _pixels(truth, options)
    kinds = may_be_cropped(*pixels.shape[:2])
    return [_choice(find_places(pixels, reader, 0, cropped=kind), truth) for kind in kinds]


def _choice(look: Look, truth: Truth) -> Choice:
    """The cues for the places of a look (places, cues), and which are its code's."""
    if not look.places:
        return np.zeros((0, len(CUES))), np.zeros(0, bool)
    lines = [place.line for place in look.places]
    return cues(look.places, look.lines, look.raster), _own(lines, truth, look)


def _own(lines: list[TextLine], truth: Truth, look: Look) -> NDArray[np.bool_]:
    """Which of the lines are the code's: the narrow ones among those that show it.

    A whole line takes longer to read, and less of it is seen.
    """
    shown = np.array([_shown(line, truth, look) for line in lines])
    width = np.array([line.right - line.left for line in lines], float)
    shows = (shown > 0) & (shown >= shown.max() - SHOWN_LESS)
    return shows & (width <= WIDER * width[shows].min(initial=np.inf))


def _case(look: Look, truth: Truth) -> Case:
    evidence = np.array([f.evidence for f in look.found]).reshape(-1, len(EVIDENCE))
    right = [bool(truth.code) and f.candidate.best.code == truth.code for f in look.found]
    whole = [f.candidate.best.text == joined(truth.code, truth.plus4) for f in look.found]
    at_place = [_is_place(f.candidate, look.turns, truth) for f in look.found]
    return Case(evidence, *(np.array(each, bool) for each in (at_place, right, whole)))


def _together(cases: Iterable[Case]) -> Case:
    parts = [(c.evidence, c.at_place, c.right, c.whole) for c in cases]
    return Case(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _is_place(candidate: Candidate, turns: int, truth: Truth) -> bool:
    """Whether the candidate's digits are, but for their reading, the code's."""
    text = candidate.best.code
    differing = sum(a != b for a, b in zip(text, truth.code, strict=False))
    if not truth.code or turns or truth.box is None or truth.turned:
        return bool(truth.code) and differing <= 1
    own = digits_box(candidate)
    return text == truth.code or _share(truth.box, own) > 0.6 * _most(own, truth.box)


def _most(own: Box, box: Box) -> float:
    """The share of a code that its five digits take up: of a ZIP+4 they are but a part."""
    return min(1.0, own.width / max(1, box.width)) if own.width > 0.4 * box.width else 1.0


def _shown(line: TextLine, truth: Truth, look: Look) -> float:
    """How much of the code, along it, a line shows; 0 if it leaves out a good part."""
    if not truth.code or truth.box is None:
        return 0.0
    reduction = look.raster.reduction
    low = line.boxes[:, :2].min(axis=0) * reduction
    high = (line.boxes[:, :2] + line.boxes[:, 2:]).max(axis=0) * reduction
    own = Box(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))
    along = _across(truth.box, own) / max(1, truth.box.width)
    return along if _share(truth.box, own) > LEAST_SHOWN[0] and along > LEAST_SHOWN[1] else 0.0


def _across(one: Box, other: Box) -> float:
    return max(0.0, min(one.right, other.right) - max(one.x, other.x))


def _share(one: Box, other: Box) -> float:
    """How much of ``one`` lies in ``other``."""
    down = max(0.0, min(one.bottom, other.bottom) - max(one.y, other.y))
    return _across(one, other) * down / max(1, one.width * one.height)


_reader: Reader | None = None


def _each(
    task: Callable[[tuple[Truth, bool]], T], truths: list[Truth], reader: Reader, jobs: int
) -> list[T]:
    """What ``task`` gives for every truth, in order; some are to be looked at in all ways."""
    asked = [(truth, number % EVERY == 0) for number, truth in enumerate(truths)]
    results = []
    clean = get_context("forkserver")  # OpenCV's threads in this process would hang a forked one
    with ProcessPoolExecutor(jobs, clean, initializer=_start, initargs=(reader,)) as pool:
        for count, result in enumerate(pool.map(task, asked, chunksize=16), 1):
            results.append(result)
            if count % 200 == 0:
                print(f"{count} of {len(truths)}", file=sys.stderr)
    return results


def _start(reader: Reader) -> None:
    global _reader
    cv2.setNumThreads(1)
    _reader = reader


def _started() -> Reader:
    if _reader is None:
        raise RuntimeError("the worker was not started")
    return _reader


def _see(options: Options, asked: tuple[Truth, bool]) -> Picture:
    return see(*asked, options, _started())


def _see_places(options: Options, asked: tuple[Truth, bool]) -> list[Choice]:
    return see_places(asked[0], options, _started())


def fit_evidence(cases: list[Case], base: Confidence) -> Confidence:
    """``base`` with the weights of the evidence for the place, for the reading, and for its +4."""
    of_place, of_reading, of_plus4 = (_columns(n) for n in (OF_PLACE, OF_READING, OF_PLUS4))
    place, reading, plus4 = np.zeros((3, len(EVIDENCE)))
    place[of_place] = choice_weights([(c.evidence[:, of_place], c.at_place) for c in cases])
    read = _together(cases)
    there = read.at_place
    reading[of_reading] = yes_weights(read.evidence[there][:, of_reading], read.right[there])
    more = read.right & (read.evidence[:, EVIDENCE.index("plus4")] > 0)
    plus4[of_plus4] = yes_weights(read.evidence[more][:, of_plus4], read.whole[more])
    return replace(base, place=place, reading=reading, plus4=plus4)


def _columns(names: tuple[str, ...]) -> list[int]:
    return [EVIDENCE.index(name) for name in names]


def judged(picture: Picture, confidence: Confidence) -> tuple[float, bool]:
    """As :func:`winner`, of all looks that a page would be given."""
    winners = [winner(case, confidence) for case in picture.as_it_lies]
    best = max(winners, key=lambda seen: seen[0])
    if best[0] >= SURE_ENOUGH or picture.all_ways is None:
        return best
    return winner(picture.all_ways, confidence)


def winner(case: Case, confidence: Confidence) -> tuple[float, bool]:
    """Uncalibrated confidence of a page's likeliest candidate, and whether it is right."""
    if not len(case.evidence):
        return 0.0, False
    raw = confidence.judge(case.evidence).confidence
    best = int(raw.argmax())
    return float(raw[best]), bool(case.right[best])


def out_of_fold(
    pictures: list[Picture], base: Confidence
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Uncalibrated confidence and rightness of pages that the weights were not fitted on."""
    fold = np.arange(len(pictures)) % FOLDS
    raw, right = np.zeros(len(pictures)), np.zeros(len(pictures), bool)
    for k in range(FOLDS):
        others = [c for f, p in zip(fold, pictures, strict=True) if f != k for c in p.cases]
        confidence = fit_evidence(others, base)
        for i in np.flatnonzero(fold == k):
            raw[i], right[i] = judged(pictures[i], confidence)
    return raw, right


def as_if(without_code: float, holds_code: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights of pages (n,) with which such a share of them hold no code.

    What is composed to learn from holds many, so that each kind of them is learned.
    """
    without = float(np.count_nonzero(~holds_code))
    odds = without_code / (1 - without_code)
    return np.where(holds_code, 1.0, odds * (len(holds_code) - without) / max(without, 1.0))


def calibration_curve(
    raw: NDArray[np.float64], right: NDArray[np.bool_], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Raw to calibrated probability by isotonic regression, thinned to (k, 2), strictly rising."""
    order = np.argsort(raw, kind="stable")
    bins = np.array_split(order, max(12, len(raw) // 60))
    x = np.array([np.average(raw[b], weights=weight[b]) for b in bins])
    regression = IsotonicRegression(out_of_bounds="clip").fit(raw, right, sample_weight=weight)
    fitted = np.minimum(regression.predict(x), _most_sure(regression.predict(raw)))
    curve = np.column_stack([[0.0, *x, 1.0], [0.0, *fitted, min(1.0, fitted[-1] + 5e-4)]])
    # Two confidences must not fall together: ranking is what the threshold works on.
    curve[:, 1] = np.clip(0.98 * curve[:, 1] + 0.02 * curve[:, 0], 0, 1)
    return np.round(curve[np.r_[True, np.diff(curve[:, 0]) > 1e-9]], 6)


def _most_sure(fitted: NDArray[np.float64]) -> float:
    """What the likeliest pages are worth if none was wrong, by Laplace's rule of succession."""
    return 1 - 1 / (np.count_nonzero(fitted == fitted.max()) + 2)


def error_table(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(k, 2): threshold, rising, and the error among what is accepted from it on, falling."""
    order = np.argsort(-confidence, kind="stable")
    accepted = np.arange(1, len(order) + 1)
    rate = np.cumsum((weight * ~right)[order]) / np.cumsum(weight[order])
    last_of_tie = np.r_[np.diff(confidence[order]) < 0, True]
    rows = np.flatnonzero(last_of_tie & (accepted >= FEWEST_ACCEPTED))
    # Only the lowest threshold of each error is ever asked for.
    least_below = np.minimum.accumulate(rate[rows][::-1])[::-1]
    useful = np.r_[rate[rows][:-1] < least_below[1:], True]
    kept = rows[useful][::-1]
    table: NDArray[np.float64] = np.column_stack([confidence[order][kept], rate[kept]])
    return table.round(6)


def _named(names: tuple[str, ...], order: tuple[str, ...], weights: NDArray[np.float64]) -> Weights:
    return {name: round(float(weights[order.index(name)]), 6) for name in names}


STRAIGHT = np.array([[0.0, 0.0], [1.0, 1.0]])
NOTHING = np.zeros(len(EVIDENCE))
UNTRAINED = Confidence(np.zeros(len(CUES)), NOTHING, NOTHING, NOTHING, STRAIGHT, STRAIGHT)


def learn(folders: list[Path], jobs: int) -> dict[str, object]:
    """The confidence file's content: first what a place is worth unread, then the rest.

    Untrained weights have all places read. When places may be left unread is for the weights to
    say, and what is left unread is evidence: so pages are read once more as they will be in use.
    """
    options = Options()
    reader = load_reader(options, UNTRAINED)
    named = [truth for folder in folders for truth in truths(folder)]
    choices = _each(partial(_see_places, options), named, reader, jobs)
    prior = choice_weights([choice for each in choices for choice in each])
    base = replace(UNTRAINED, prior=prior)
    learned = base
    for _ in range(2):
        informed = replace(reader, confidence=learned)
        pictures = _each(partial(_see, options), named, informed, jobs)
        learned = fit_evidence([case for picture in pictures for case in picture.cases], base)
    raw, right = out_of_fold(pictures, base)
    holds_code = np.array([bool(truth.code) for truth in named])
    curve = calibration_curve(raw, right, as_if(WITHOUT_CODE, holds_code))
    confidence = np.interp(raw, curve[:, 0], curve[:, 1])
    print(f"{len(pictures)} pages, {right.mean():.1%} right", file=sys.stderr)
    return {
        "schema": SCHEMA,
        "prior": _named(CUES, CUES, base.prior),
        "place": _named(OF_PLACE, EVIDENCE, learned.place),
        "reading": _named(OF_READING, EVIDENCE, learned.reading),
        "plus4": _named(OF_PLUS4, EVIDENCE, learned.plus4),
        "curve": curve.tolist(),
        "table": error_table(confidence, right, as_if(BACKS, holds_code)).tolist(),
        "pages": len(pictures),
    }


def main() -> int:
    """Fit on composed folders and write the confidence file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    stored = learn(asked.folders, asked.jobs)
    asked.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
