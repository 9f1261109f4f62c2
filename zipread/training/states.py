"""Train the network that reads the state before a ZIP (:mod:`zipread.state_model`).

``python -m zipread.training.states --data DIR --out models/states.onnx`` composes ends of
addresses, fits the network to the states that they name, and writes it as ONNX. It needs PyTorch:
the extra ``whole``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from zipread.compose.chance import Rng, chance
from zipread.ending import COLUMNS
from zipread.network import Picture
from zipread.state_model import NONE, TRAINED_WITHOUT
from zipread.training import networks
from zipread.training.endings import EndPicture, end_pictures
from zipread.training.networks import SQUARE, Round, layer
from zipread.training.quantise import SHOWN, quantise
from zipread.training.strings import bent
from zipread.whole import HEIGHT, ROOM

SHARDS = 40
BATCH = 64
ROUNDS: tuple[Round, ...] = ((9_000, 2e-3), (6_000, 1.2e-3))
CHANNELS = (24, 32, 64, 96, 64)
SIZE, STRETCH, SHEAR, TURN = 0.1, 0.1, 0.15, 0.02
"""Standard deviations: of the logs of size and width, of columns a row, of rows a column."""
DARKER = 0.1
"""The same of the log of how dark it is."""
MOVED = (2.0, 1.0)
"""The same of columns and rows that a picture is moved by."""


def network() -> nn.Sequential:
    """From (n, 1, HEIGHT, COLUMNS) to scores (n, states + 1)."""
    first, second, third, fourth, last = CHANNELS
    return nn.Sequential(
        nn.Conv2d(1, first, 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(first), nn.ReLU(),
        *layer(first, second, SQUARE), nn.MaxPool2d(2),
        *layer(second, third, SQUARE), nn.MaxPool2d(2),
        *layer(third, fourth, SQUARE),
        *layer(fourth, fourth, (4, 1), pressed=True),
        *layer(fourth, last, (1, 3)),
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(last * COLUMNS // 8, NONE + 1),
    )  # fmt: skip


def fit(ends: list[EndPicture], rounds: Sequence[Round], seed: int) -> nn.Sequential:
    """A network fitted to what the pictures name, round by round."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    return networks.fit(network(), lambda steps: batches(ends, steps, rng), _loss, rounds)


def _loss(scores: torch.Tensor, states: NDArray[np.int64]) -> torch.Tensor:
    return nn.functional.cross_entropy(scores, torch.from_numpy(states))


def batches(
    ends: list[EndPicture], count: int, rng: Rng
) -> Iterator[tuple[Picture, NDArray[np.int64]]]:
    """``count`` batches: pictures (BATCH, 1, HEIGHT, COLUMNS), and their states (BATCH,).

    All states are as frequent, and TRAINED_WITHOUT of the pictures name none.
    """
    state = np.array([end.state for end in ends])
    of = [np.flatnonzero(state == k) for k in range(NONE + 1)]
    for _ in range(count):
        named = rng.random(BATCH) >= TRAINED_WITHOUT
        wanted = np.where(named, rng.integers(NONE, size=BATCH), NONE)
        chosen = [ends[rng.choice(of[k])] for k in wanted]
        pictures = np.stack([varied(end.picture, rng) for end in chosen])
        yield pictures[:, None], wanted


def varied(picture: Picture, rng: Rng) -> Picture:
    """The picture as another hand, pen and reader may have made it."""
    down = float(np.exp(rng.normal(0, SIZE)))
    along = down * float(np.exp(rng.normal(0, STRETCH)))
    matrix = np.array([[along, rng.normal(0, SHEAR)], [rng.normal(0, TURN), down]])
    end = np.array([COLUMNS - ROOM, HEIGHT / 2])
    offset = end + rng.normal(0, MOVED) - matrix @ end
    picture = cv2.warpAffine(
        picture,
        np.column_stack([matrix, offset]),
        (COLUMNS, HEIGHT),
        borderMode=cv2.BORDER_REPLICATE,
    )
    if chance(rng, 0.6):
        picture = bent(picture, rng)
    if chance(rng, 0.2):
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 1.0))
    if chance(rng, 0.3):
        picture += rng.normal(0, rng.uniform(0.02, 0.12), picture.shape).astype(np.float32)
    return np.asarray(picture * np.exp(rng.normal(0, DARKER)), np.float32)


def main() -> int:
    """Compose, fit, write, and bring to 8 bits."""
    ends, seed, out = networks.composed(__doc__, end_pictures, SHARDS)
    networks.export(fit(ends, ROUNDS, seed), out, COLUMNS)
    quantise(out, batches(ends, SHOWN, np.random.default_rng(seed)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
