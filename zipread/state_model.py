"""Which state is written before a code, and how well a code agrees with that.

A small network sees the end of a text and gives the probabilities of the states, and of none. It is
wrong at times, people name no state, or a wrong one: so what it sees is a prior on codes and never
a proof. Matching ZIP against city and state is what postal readers do [1]_.

.. [1] S. N. Srihari, E. J. Kuebert, Integration of hand-written address interpretation technology
   into the United States Postal Service remote computer reader system, ICDAR 1997.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zipread.ending import COLUMNS
from zipread.network import Network, Picture, load_network
from zipread.states import STATES, state_of
from zipread.whole import HEIGHT

NONE = len(STATES)
"""The class of no state, behind those of the states."""
TRAINED_WITHOUT = 0.35
"""The share of pictures without a state that the network learned from."""
NAMED, ELSEWHERE = 0.5, 0.01
"""Before a code stands its state in this share of mail, and in this one seems to stand another."""


@dataclass(frozen=True, slots=True)
class StateModel:
    """The network of states."""

    network: Network

    def likely(self, picture: Picture) -> NDArray[np.float64]:
        """Likelihood of the picture where each state is named and where none is, (states + 1,).

        They are relative to each other only.
        """
        scores = self.network.scores(picture)
        probability = np.exp(scores - scores.max())
        probability /= probability.sum()
        trained = np.full(NONE + 1, (1 - TRAINED_WITHOUT) / NONE)
        trained[NONE] = TRAINED_WITHOUT
        return probability / trained


@dataclass(frozen=True, slots=True)
class Before:
    """What is written before a code: a state, or "" where none is, more likely than not.

    ``by_state`` is the log-probability of what is written, where a code of that state stands behind
    it, relative to any code; that of a code that is no state's stands under "".
    """

    state: str
    by_state: Mapping[str, float]

    def agrees(self, code: str) -> float:
        """How well a five-digit code agrees with it."""
        return self.by_state.get(state_of(code) or "", self.by_state[""])


NOTHING = Before("", {"": 0.0})
"""Where nothing is seen all codes are alike."""


def before(likely: NDArray[np.float64]) -> Before:
    """What is written, by the likelihoods of :meth:`StateModel.likely`."""
    other = float(likely[:NONE].mean())
    without = (1 - NAMED - ELSEWHERE) * float(likely[NONE]) + ELSEWHERE * other
    named = NAMED * likely[:NONE]
    usual = float((without + named).mean())
    by_state = dict(zip(STATES, np.log((without + named) / usual).tolist(), strict=True))
    by_state[""] = math.log(without / usual)
    best = int(named.argmax())
    surely = named[best] > (1 - NAMED) * likely[NONE] * NONE + named.sum() - named[best]
    return Before(STATES[best] if surely else "", by_state)


def load_state_model(path: Path) -> StateModel:
    """Load the network that reads states.

    Raises
    ------
    ModelRefused
        If the file is missing, damaged or of another shape.
    """
    return StateModel(load_network(path, (HEIGHT, COLUMNS), (NONE + 1,)))
