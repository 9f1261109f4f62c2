"""A network in whole numbers of 8 bits: as good, and more than twice as fast.

Post-training quantisation [1]_: the least and the largest that each layer hands on are seen on
pictures, and between these everything is told apart by 256 steps. What a network's first layer
sees and what its last one gives stay as they are.

.. [1] B. Jacob et al., Quantization and training of neural networks for efficient
   integer-arithmetic-only inference, CVPR 2018.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from zipread.network import INPUT, Picture

SHOWN = 5
"""Batches that a network is shown."""
LAYERS = ("Conv", "Gemm")


class _Shown(CalibrationDataReader):  # type: ignore[misc]  # its package has no types
    """The pictures of batches, as the runtime wants to be shown them."""

    def __init__(self, batches: Iterator[tuple[Picture, Any]]) -> None:
        self._left = (picture for pictures, _ in batches for picture in pictures)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        picture = next(self._left, None)
        return None if picture is None else {INPUT: picture[None]}


def quantise(path: Path, batches: Iterator[tuple[Picture, Any]]) -> None:
    """Bring the network in an ONNX file to 8 bits, by what it makes of batches as it learns from.

    Weights get 7 bits: the sums of more overflow on processors without instructions for them.
    """
    with TemporaryDirectory() as folder:
        plain = Path(folder, "plain.onnx")
        quant_pre_process(path, plain, skip_symbolic_shape=True)
        quantize_static(
            plain,
            path,
            _Shown(batches),
            quant_format=QuantFormat.QOperator,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            activation_type=QuantType.QUInt8,
            nodes_to_exclude=_ends(onnx.load(plain).graph.node),
        )


def _ends(nodes: Sequence[Any]) -> list[str]:
    """The nodes before the second layer, and the last layer."""
    names = [node.name for node in nodes]
    layers = [k for k, node in enumerate(nodes) if node.op_type in LAYERS]
    return [*names[: layers[1]], names[layers[-1]]]
