"""Train the network that reads codes as a whole (:mod:`zipread.whole`).

``python -m zipread.training.whole --data DIR --out models/whole.onnx`` composes pictures of codes,
fits the network to what they say, and writes it as ONNX. It needs PyTorch: the extra ``whole``.
Training goes by connectionist temporal classification: it is told the digits of a picture, not
where they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from zipread.training import networks
from zipread.training.networks import SQUARE, Round, layer
from zipread.training.quantise import SHOWN, quantise
from zipread.training.strings import (
    CodePicture,
    batches,
    code_pictures,
)
from zipread.whole import BLANK, STEP

SHARDS = 120
ROUNDS: tuple[Round, ...] = ((12_000, 2e-3), (13_000, 1.2e-3), (8_000, 1.1e-3))
CHANNELS = (16, 32, 64, 96, 128)
SEEN_ALONG = (1, 2, 4)
"""Dilations of the last layers: whether a bar is a 1 or a box's shows two digits further on."""


def network() -> nn.Sequential:
    """From (n, 1, HEIGHT, 2t) to scores (n, 11, 1, t): two columns of a picture are one of those.

    The rows are drawn together by and by, the columns but once: digits stand close.
    """
    first, second, third, fourth, wide = CHANNELS
    return nn.Sequential(
        *layer(1, first, SQUARE), nn.MaxPool2d(2),
        *layer(first, second, SQUARE), nn.MaxPool2d((2, 1)),
        *layer(second, third, SQUARE), *layer(third, third, SQUARE), nn.MaxPool2d((2, 1)),
        *layer(third, fourth, SQUARE),
        *layer(fourth, wide, (4, 1), pressed=True), nn.Dropout(0.1),
        *(part for apart in SEEN_ALONG for part in layer(wide, wide, (1, 5), apart=apart)),
        nn.Conv2d(wide, BLANK + 1, 1),
    )  # fmt: skip


def fit(codes: list[CodePicture], rounds: Sequence[Round], seed: int) -> nn.Sequential:
    """A network fitted to pictures of codes, round by round."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    return networks.fit(network(), lambda steps: batches(codes, steps, rng), _loss, rounds)


def _loss(scores: Any, texts: list[list[int]]) -> Any:
    frames = scores[:, :, 0].log_softmax(dim=1).permute(2, 0, 1)
    long = torch.full((len(texts),), len(frames))
    lengths = torch.tensor([len(text) for text in texts])
    digits = torch.tensor([digit for text in texts for digit in text])
    return nn.functional.ctc_loss(frames, digits, long, lengths, blank=BLANK, zero_infinity=True)


def export(net: nn.Sequential, path: Path) -> None:
    """Write the network as ONNX; the columns of its pictures may be any even number."""
    networks.export(net, path, STEP, {"picture": {3: "columns"}, "scores": {3: "frames"}})


def main() -> int:
    """Compose, fit, write, and bring to 8 bits."""
    codes, seed, out = networks.composed(__doc__, code_pictures, SHARDS)
    export(fit(codes, ROUNDS, seed), out)
    quantise(out, batches(codes, SHOWN, np.random.default_rng(seed)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
