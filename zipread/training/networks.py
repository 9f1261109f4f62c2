"""Small convolutional networks on pictures of writing: their layers, how they learn, their files.

They need PyTorch: the extra ``whole``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
import torch
from torch import nn

from zipread.compose import DigitSupply, WordSupply
from zipread.network import INPUT
from zipread.training.strings import training_supply
from zipread.whole import HEIGHT

SQUARE = (3, 3)
WARMING = 200
"""The learning rate rises for so many steps of a round, a fifth of them at most."""
T = TypeVar("T")
SHARD = 1000
Source = Callable[[int, int, DigitSupply, WordSupply | None], Iterable[T]]
"""Composes so many pictures with a seed, of the digits and words handed in."""
Round = tuple[int, float]
"""Steps of a batch each, and their highest learning rate."""
Loss = Callable[[Any, Any], Any]
"""From a network's scores and what is right to a number."""


def layer(
    channels: int, wanted: int, size: tuple[int, int], *, apart: int = 1, pressed: bool = False
) -> tuple[nn.Module, ...]:
    """A convolution that keeps the picture's size, or has its rows ``pressed`` to one.

    Padding is given in numbers: not every runtime reads what PyTorch writes of "same" right.
    """
    rows, columns = size
    padding = (0 if pressed else rows // 2, columns // 2 * apart)
    conv = nn.Conv2d(channels, wanted, size, padding=padding, dilation=(1, apart), bias=False)
    return conv, nn.BatchNorm2d(wanted), nn.ReLU()


def fit(
    net: nn.Sequential, batches: Callable[[int], Iterator[Any]], loss: Loss, rounds: Sequence[Round]
) -> nn.Sequential:
    """Let a network learn from batches, of pictures and what is right, as many as are asked for.

    Rounds are restarted warm (Loshchilov and Hutter, SGDR, ICLR 2017): in each the rate falls to
    nothing.
    """
    net = net.to(memory_format=torch.channels_last)  # a third faster on a CPU
    for steps, rate in rounds:
        _go_round(net, _ahead(batches(steps)), loss, steps, rate)
    return net.eval()


def _go_round(net: nn.Sequential, seen: Iterator[Any], loss: Loss, steps: int, rate: float) -> None:
    warming = min(WARMING, max(1, steps // 5))
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-4)
    rise_and_fall = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / warming) * (1 - step / steps)
    )
    losses = []
    for step, (pictures, right) in enumerate(seen, 1):
        wrong = loss(net(torch.from_numpy(pictures)), right)
        optimiser.zero_grad()
        wrong.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        rise_and_fall.step()
        losses.append(wrong.item())
        if step % 200 == 0:
            print(f"{step} of {steps}: {np.mean(losses[-200:]):.4f}", file=sys.stderr, flush=True)


def _ahead(items: Iterator[Any]) -> Iterator[Any]:
    """The same, each made in a thread while the one before is used."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item


def export(
    net: nn.Sequential, path: Path, columns: int, axes: dict[str, dict[int, str]] | None = None
) -> None:
    """Write a network as ONNX, for pictures of so many columns or, named in ``axes``, of any."""
    torch.onnx.export(
        net,
        (torch.zeros(1, 1, HEIGHT, columns),),
        str(path),
        input_names=[INPUT],
        output_names=["scores"],
        dynamic_axes=axes,
        opset_version=13,
        dynamo=False,
    )


def composed(description: str, source: Source[T], shards: int) -> tuple[list[T], int, Path]:
    """The pictures that a command line asks for, its seed, and the file to write.

    They are composed in shards, as many as are asked for or else ``shards``.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True, help="mnist/, usps/, semeion/, words/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shards", type=int, default=shards, help=f"of {SHARD} pictures")
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    with ProcessPoolExecutor(asked.jobs, get_context("forkserver")) as pool:
        seeds = range(asked.seed, asked.seed + asked.shards)
        made = pool.map(partial(_shard, source=source, data=asked.data), seeds)
        return [picture for shard in made for picture in shard], asked.seed, asked.out


def _shard(seed: int, source: Source[T], data: Path) -> list[T]:
    cv2.setNumThreads(1)
    words = WordSupply.from_folder(data / "words")
    return list(source(SHARD, seed, training_supply(data), words))
