"""Whether one model reads labelled scans better than another, or whether that is not clear.

Both read the same pages, so what counts is the difference on each document. Its interval is the
percentile interval of the paired bootstrap [1]_: documents are drawn with replacement (not pages:
those of one document are alike), each with what both models made of it. Where few documents differ
that interval is too narrow, so a verdict also needs the exact sign test [2]_ to agree.

.. [1] B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13.
.. [2] Q. McNemar, Note on the sampling error of the difference between correlated proportions,
   Psychometrika 12, 1947; exact, as in M. W. Fagerland et al., BMC Med. Res. Methodol. 13:91, 2013.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import binomtest

from zipread.evaluation.thresholds import SURENESS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zipread.evaluation.matched import Matched

RESAMPLES = 10_000
_AT_ONCE = 500  # resamples, to bound the memory
_SEED = 1
_Z = 1.96  # of a normal distribution, 95 %


class Verdict(StrEnum):
    """What the comparison comes to."""

    BETTER = "better"
    WORSE = "worse"
    NOT_CLEAR = "not clear"


@dataclass(frozen=True, slots=True)
class Difference:
    """A share of pages, of both models, and the interval that B - A is in, 95 % sure.

    ``more_a`` and ``more_b`` count the documents where one has more of it than the other, and
    ``chance`` is the probability of counts so far apart if neither tended to.
    """

    name: str
    a: float
    b: float
    low: float
    high: float
    more_a: int
    more_b: int
    chance: float

    @property
    def gain(self) -> float:
        """What B has more than A."""
        return self.b - self.a

    @property
    def surely_more(self) -> bool:
        """Whether B has more of it, and chance does not explain it."""
        return self.low > 0 and self.chance < 1 - SURENESS

    @property
    def surely_less(self) -> bool:
        """Whether B has less of it, and chance does not explain it."""
        return self.high < 0 and self.chance < 1 - SURENESS


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the same pages.

    ``right`` is the share of pages whose ZIP is right, whatever the status: the verdict is about
    it. ``accepted`` is the share that nobody looks at, ``wrong`` the share of all pages that are
    accepted and wrong. ``needed`` is how many documents would tell a difference of this size, None
    if there is none to be told.
    """

    documents: int
    pages: int
    right: Difference
    accepted: Difference
    wrong: Difference
    verdict: Verdict
    needed: int | None

    def as_json(self) -> dict[str, Any]:
        """Plain data for ``json.dumps``."""
        return asdict(self)


def compare(a: Sequence[Matched], b: Sequence[Matched]) -> Comparison:
    """Compare what two models made of the same labelled pages, given in the same order.

    At least one page. B is better if it surely reads more right, and does not surely accept more
    wrong ones; it is worse if it surely does the one or the other badly, without doing the other
    well.
    """
    documents = _by_document(a)
    counts = np.stack([_counts(a, documents), _counts(b, documents)], axis=1)
    of = np.array([len(pages) for pages in documents], float)
    right, accepted, wrong = _differences(counts, of)
    needed = _needed(counts[:, 1, 0] - counts[:, 0, 0], of, right.gain)
    return Comparison(len(of), len(a), right, accepted, wrong, _verdict(right, wrong), needed)


def _by_document(pages: Sequence[Matched]) -> list[list[int]]:
    found: dict[str, list[int]] = {}
    for place, page in enumerate(pages):
        found.setdefault(page.truth.file, []).append(place)
    return list(found.values())


def _counts(pages: Sequence[Matched], documents: list[list[int]]) -> NDArray[np.float64]:
    """(documents, 3): pages right, accepted, accepted and wrong."""
    each = np.array([(p.right, p.accepted, p.accepted and not p.right) for p in pages], float)
    return np.array([each[places].sum(axis=0) for places in documents])


def _differences(counts: NDArray[np.float64], of: NDArray[np.float64]) -> Iterator[Difference]:
    """One of each figure; ``counts`` is (documents, 2 models, 3 figures), ``of`` pages of each."""
    rng = np.random.default_rng(_SEED)
    drawn = []
    for _ in range(RESAMPLES // _AT_ONCE):
        times = rng.multinomial(len(of), np.full(len(of), 1 / len(of)), _AT_ONCE)
        gains = np.tensordot(times, counts[:, 1] - counts[:, 0], 1)
        drawn.append(gains / (times @ of)[:, None])
    tail = 100 * (1 - SURENESS) / 2
    low, high = np.percentile(np.concatenate(drawn), (tail, 100 - tail), axis=0)
    shares = counts.sum(axis=0) / of.sum()
    for i, name in enumerate(("right", "accepted", "accepted and wrong")):
        a, b = float(shares[0, i]), float(shares[1, i])
        gains = counts[:, 1, i] - counts[:, 0, i]
        more_a, more_b = int((gains < 0).sum()), int((gains > 0).sum())
        chance = float(binomtest(more_b, more_a + more_b).pvalue) if more_a + more_b else 1.0
        yield Difference(name, a, b, float(low[i]), float(high[i]), more_a, more_b, chance)


def _verdict(right: Difference, wrong: Difference) -> Verdict:
    if right.surely_more:
        return Verdict.NOT_CLEAR if wrong.surely_more else Verdict.BETTER
    if right.surely_less:
        return Verdict.NOT_CLEAR if wrong.surely_less else Verdict.WORSE
    return Verdict.WORSE if wrong.surely_more else Verdict.NOT_CLEAR


def _needed(gains: NDArray[np.float64], of: NDArray[np.float64], gain: float) -> int | None:
    """Documents after which a mean gain of this size stands out of its spread."""
    if gain == 0:
        return None
    spread = float(np.std(gains / of.mean()))
    return max(len(of), int(np.ceil((_Z * spread / gain) ** 2)))
