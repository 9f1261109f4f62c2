"""Random choices in words: everything is drawn from the generator handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count as numbers
from itertools import islice
from typing import TypeVar

import numpy as np

T = TypeVar("T")
Rng = np.random.Generator


def chance(rng: Rng, probability: float) -> bool:
    """True with the given probability."""
    return bool(rng.random() < probability)


def pick(rng: Rng, items: Sequence[T]) -> T:
    """One of the items, all alike likely."""
    return items[int(rng.integers(len(items)))]


def weighted(rng: Rng, weights: Mapping[T, float]) -> T:
    """One of the keys, each as likely as its weight says."""
    keys = list(weights)
    shares = np.cumsum([weights[key] for key in keys])
    index = int(np.searchsorted(shares, rng.random() * shares[-1], side="right"))
    return keys[min(index, len(keys) - 1)]


def between(rng: Rng, low: float, high: float) -> float:
    """A number evenly from ``low`` to ``high``."""
    return float(rng.uniform(low, high))


def whole(rng: Rng, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``, both included."""
    return int(rng.integers(low, high + 1))


def digits(rng: Rng, count: int) -> str:
    """A string of random digits that does not begin with 0."""
    first = str(whole(rng, 1, 9)) if count else ""
    return first + "".join(str(whole(rng, 0, 9)) for _ in range(count - 1))


def drawn(count: int, seed: int, make: Callable[[Rng], T | None]) -> Iterator[T]:
    """``count`` of what ``make`` gives, but for None; the same ``seed`` gives the same."""
    made = (make(np.random.default_rng([seed, number])) for number in numbers())
    return islice((each for each in made if each is not None), count)
