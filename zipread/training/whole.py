"""Train the network that reads codes as a whole (:mod:`zipread.whole`).

``python -m zipread.training.whole --data DIR --out models/whole.onnx`` composes pictures of codes,
fits the network to what they say, and writes it as ONNX. It needs PyTorch: the extra ``whole``.
Training goes by connectionist temporal classification: it is told the digits of a picture, not
where they stand.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn

from zipread.compose import WordSupply
from zipread.training.strings import (
    CodePicture,
    batches,
    code_pictures,
    training_supply,
)
from zipread.whole import BLANK, HEIGHT, STEP

SHARD = 1000
Round = tuple[int, float]
"""Steps of BATCH pictures, and their highest learning rate."""
ROUNDS: tuple[Round, ...] = ((12_000, 2e-3), (13_000, 1.2e-3), (8_000, 1.1e-3))
"""Restarted warm (Loshchilov and Hutter, SGDR, ICLR 2017): the rate falls to nothing in each."""
WARMING = 200
"""The learning rate rises for so many steps of a round, a fifth of them at most."""
SQUARE = (3, 3)
CHANNELS = (16, 32, 64, 96, 128)
SEEN_ALONG = (1, 2, 4)
"""Dilations of the last layers: whether a bar is a 1 or a box's shows two digits further on."""


def network() -> nn.Sequential:
    """From (n, 1, HEIGHT, 2t) to scores (n, 11, 1, t): two columns of a picture are one of those.

    The rows are drawn together by and by, the columns but once: digits stand close.
    """
    first, second, third, fourth, wide = CHANNELS
    return nn.Sequential(
        *_layer(1, first, SQUARE), nn.MaxPool2d(2),
        *_layer(first, second, SQUARE), nn.MaxPool2d((2, 1)),
        *_layer(second, third, SQUARE), *_layer(third, third, SQUARE), nn.MaxPool2d((2, 1)),
        *_layer(third, fourth, SQUARE),
        *_layer(fourth, wide, (4, 1), pressed=True), nn.Dropout(0.1),
        *(part for apart in SEEN_ALONG for part in _layer(wide, wide, (1, 5), apart=apart)),
        nn.Conv2d(wide, BLANK + 1, 1),
    )  # fmt: skip


def _layer(
    channels: int, wanted: int, size: tuple[int, int], *, apart: int = 1, pressed: bool = False
) -> tuple[nn.Module, ...]:
    """A convolution that keeps the picture's size, or has its rows ``pressed`` to one.

    Padding is given in numbers: not every runtime reads what PyTorch writes of "same" right.
    """
    rows, columns = size
    padding = (0 if pressed else rows // 2, columns // 2 * apart)
    conv = nn.Conv2d(channels, wanted, size, padding=padding, dilation=(1, apart), bias=False)
    return conv, nn.BatchNorm2d(wanted), nn.ReLU()


def fit(codes: list[CodePicture], rounds: Sequence[Round], seed: int) -> nn.Sequential:
    """A network fitted to pictures of codes, round by round."""
    torch.manual_seed(seed)
    net = network().to(memory_format=torch.channels_last)  # a third faster on a CPU
    rng = np.random.default_rng(seed)
    for steps, rate in rounds:
        _go_round(net, _ahead(batches(codes, steps, rng)), steps, rate)
    return net.eval()


def _go_round(net: nn.Sequential, seen: Iterator[Any], steps: int, rate: float) -> None:
    warming = min(WARMING, max(1, steps // 5))
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-4)
    rise_and_fall = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / warming) * (1 - step / steps)
    )
    losses = []
    for step, (pictures, texts) in enumerate(seen, 1):
        loss = _loss(net(torch.from_numpy(pictures)), texts)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        rise_and_fall.step()
        losses.append(loss.item())
        if step % 200 == 0:
            print(f"{step} of {steps}: {np.mean(losses[-200:]):.4f}", file=sys.stderr, flush=True)


def _loss(scores: Any, texts: list[list[int]]) -> Any:
    frames = scores[:, :, 0].log_softmax(dim=1).permute(2, 0, 1)
    long = torch.full((len(texts),), len(frames))
    lengths = torch.tensor([len(text) for text in texts])
    digits = torch.tensor([digit for text in texts for digit in text])
    return nn.functional.ctc_loss(frames, digits, long, lengths, blank=BLANK, zero_infinity=True)


def _ahead(items: Iterator[Any]) -> Iterator[Any]:
    """The same, each made in a thread while the one before is used."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item


def export(net: nn.Sequential, path: Path) -> None:
    """Write the network as ONNX; the columns of its pictures may be any even number."""
    axes = {"picture": {3: "columns"}, "scores": {3: "frames"}}
    torch.onnx.export(
        net,
        (torch.zeros(1, 1, HEIGHT, STEP),),
        str(path),
        input_names=["picture"],
        output_names=["scores"],
        dynamic_axes=axes,
        opset_version=13,
        dynamo=False,
    )


def _shard(seed: int, data: Path, count: int) -> list[CodePicture]:
    cv2.setNumThreads(1)
    words = WordSupply.from_folder(data / "words")
    return list(code_pictures(count, seed, training_supply(data), words))


def main() -> int:
    """Compose, fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="mnist/, usps/, semeion/, words/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shards", type=int, default=120, help=f"of {SHARD} pictures")
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    with ProcessPoolExecutor(asked.jobs, get_context("forkserver")) as pool:
        seeds = range(asked.seed, asked.seed + asked.shards)
        shards = pool.map(partial(_shard, data=asked.data, count=SHARD), seeds)
        codes = [code for shard in shards for code in shard]
    export(fit(codes, ROUNDS, asked.seed), asked.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
