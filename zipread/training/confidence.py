"""Learn what the evidence is worth: the weights and the calibration table of :mod:`zipread.decide`.

The material is composed mail with its truth (:mod:`zipread.compose`), made of digits that the digit
model never saw. ``python -m zipread.training.confidence FOLDER... --out confidence.json``.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from zipread.candidates import EVIDENCE
from zipread.decide import SCHEMA
from zipread.directory import load_directory
from zipread.documents import open_document
from zipread.options import Options
from zipread.pipeline import SURE_ENOUGH, Found, Reader, find_codes, load_reader
from zipread.shipped import DIRECTORY, models_folder

RIDGE = 2.0
FOLDS = 5
FEWEST_ACCEPTED = 50
"""Pages that a threshold must have accepted for its error to count."""


@dataclass(frozen=True, slots=True)
class Case:
    """A page's candidates: evidence (n, features), and which of them is right (n,) bool."""

    evidence: NDArray[np.float64]
    right: NDArray[np.bool_]


def cases_of(
    path: Path, zip_code: str, all_ways: bool, options: Options, reader: Reader
) -> list[Case]:
    """A page as it lies, and if asked with all four orientations competing."""
    with open_document(path.read_bytes(), options) as document:
        pixels = document.page(1).pixels
    as_it_lies = _case(find_codes(pixels, reader, options, 0), zip_code)
    if not all_ways:
        return [as_it_lies]
    others = [_case(find_codes(pixels, reader, options, turns), zip_code) for turns in (1, 2, 3)]
    ways = (as_it_lies, *others)
    every = Case(
        *(np.concatenate([getattr(w, part) for w in ways]) for part in ("evidence", "right"))
    )
    return [as_it_lies, every]


def _case(found: list[Found], zip_code: str) -> Case:
    evidence = np.array([f.evidence for f in found]).reshape(-1, len(EVIDENCE))
    read = [f.candidate.best.text[:5] == zip_code for f in found]
    return Case(evidence, np.array(read, bool) & bool(zip_code))


def collect(folders: list[Path], options: Options, jobs: int) -> list[list[Case]]:
    """The cases of every picture that the folders' truth.csv name, by picture.

    Codes that the ZIP directory does not list are left out: with it on, they are no ZIPs.
    """
    named: list[tuple[Path, str, bool]] = []
    directory = load_directory(models_folder() / DIRECTORY)
    for folder in folders:
        with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                tags = row["tags"].split()
                turned = any(tag.startswith(("rotat", "turned")) for tag in tags)
                if row["zip"] == "" or row["zip"] in directory:
                    all_ways = turned or len(named) % 3 == 0
                    named.append((folder / row["file"], row["zip"], all_ways))
    with ProcessPoolExecutor(jobs) as pool:
        done = pool.map(partial(_cases, options), named, chunksize=16)
        return list(_counted(done, len(named)))


_reader: Reader | None = None


def _cases(options: Options, named: tuple[Path, str, bool]) -> list[Case]:
    global _reader
    cv2.setNumThreads(1)
    _reader = _reader or load_reader(options)
    return cases_of(*named, options, _reader)


def _counted(done: Iterator[list[Case]], total: int) -> Iterator[list[Case]]:
    for count, cases in enumerate(done, 1):
        if count % 200 == 0:
            print(f"{count} of {total}", file=sys.stderr)
        yield cases


def fit_weights(cases: list[Case]) -> NDArray[np.float64]:
    """Weights of the conditional logit, by maximum likelihood with a ridge on scaled evidence."""
    cases = [case for case in cases if len(case.evidence)]
    scale = np.concatenate([c.evidence for c in cases]).std(axis=0) + 1e-6
    scale[0] = 1.0

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, gradient = 0.5 * RIDGE * float(weights[1:] @ weights[1:]), RIDGE * weights
        gradient[0] = 0.0
        for case in cases:
            x = case.evidence / scale
            scores = np.append(x @ weights, 0.0)
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            target = np.append(case.right.astype(float), 0.0 if case.right.any() else 1.0)
            total -= float(np.log(max(shares @ (target > 0), 1e-300)))
            wanted = shares * target / max(shares @ target, 1e-300)
            gradient = gradient + x.T @ (shares - wanted)[:-1]
        return total, gradient

    best = minimize(loss, np.zeros(len(EVIDENCE)), jac=True, method="L-BFGS-B")
    return np.asarray(best.x / scale)


def winner(case: Case, weights: NDArray[np.float64]) -> tuple[float, bool]:
    """Raw probability of a page's likeliest candidate, and whether it is right."""
    if not len(case.evidence):
        return 0.0, False
    scores = np.append(case.evidence @ weights, 0.0)
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    best = int(shares[:-1].argmax())
    return float(shares[best]), bool(case.right[best])


def out_of_fold(pages: list[list[Case]]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Raw winning probabilities and rightness of pages that the weights were not fitted on."""
    fold = np.arange(len(pages)) % FOLDS
    raw, right = np.zeros(len(pages)), np.zeros(len(pages), bool)
    for k in range(FOLDS):
        weights = fit_weights(
            [c for f, cases in zip(fold, pages, strict=True) if f != k for c in cases]
        )
        for i in np.flatnonzero(fold == k):
            winners = [winner(case, weights) for case in pages[i]]
            raw[i], right[i] = winners[0] if winners[0][0] >= SURE_ENOUGH else winners[-1]
    return raw, right


def calibration_curve(raw: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Raw to calibrated probability by isotonic regression, thinned to (k, 2), strictly rising."""
    order = np.argsort(raw, kind="stable")
    bins = np.array_split(order, max(12, len(raw) // 60))
    x = np.array([raw[b].mean() for b in bins])
    fitted = IsotonicRegression(out_of_bounds="clip").fit(raw, right).predict(x)
    curve = np.column_stack([[0.0, *x, 1.0], [0.0, *fitted, min(1.0, fitted[-1] + 5e-4)]])
    # Two confidences must not fall together: ranking is what the threshold works on.
    curve[:, 1] = np.clip(0.98 * curve[:, 1] + 0.02 * curve[:, 0], 0, 1)
    return np.round(curve[np.r_[True, np.diff(curve[:, 0]) > 1e-9]], 6)


def error_table(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(k, 2): threshold, rising, and the error among what is accepted from it on, falling."""
    order = np.argsort(-confidence, kind="stable")
    accepted = np.arange(1, len(order) + 1)
    rate = np.cumsum(~right[order]) / accepted
    last_of_tie = np.r_[np.diff(confidence[order]) < 0, True]
    rows = np.flatnonzero(last_of_tie & (accepted >= FEWEST_ACCEPTED))
    # Only the lowest threshold of each error is ever asked for.
    least_below = np.minimum.accumulate(rate[rows][::-1])[::-1]
    useful = np.r_[rate[rows][:-1] < least_below[1:], True]
    kept = rows[useful][::-1]
    table: NDArray[np.float64] = np.column_stack([confidence[order][kept], rate[kept]])
    return table.round(6)


def main() -> int:
    """Fit on composed folders and write the confidence file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    pages = collect(asked.folders, Options(), asked.jobs)
    raw, right = out_of_fold(pages)
    curve = calibration_curve(raw, right)
    confidence = np.interp(raw, curve[:, 0], curve[:, 1])
    stored = {
        "schema": SCHEMA,
        "evidence": list(EVIDENCE),
        "weights": fit_weights([c for cases in pages for c in cases]).round(6).tolist(),
        "curve": curve.tolist(),
        "table": error_table(confidence, right).tolist(),
        "pages": len(pages),
    }
    asked.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(f"{len(pages)} pages, {right.mean():.1%} right")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
