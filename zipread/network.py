"""A small convolutional network that sees pictures of writing, from its ONNX file."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions

from zipread.errors import ModelRefused

INPUT = "picture"
"""What a network's file calls what it is shown."""
ONLY_FATAL = 4
"""The runtime keeps all else to itself: what is wrong with a file it says by an exception."""
IN_8_BITS = "session.disable_quant_qdq", "1"
"""What is left in float is pooled before it is brought to 8 bits, or pooling is slow."""
KEPT = 4
"""So many networks are kept in memory."""

Picture = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Network:
    """What is learned of one task: ``content`` is its ONNX file."""

    content: bytes = field(repr=False)

    def scores(self, picture: Picture) -> NDArray[np.float64]:
        """What it gives for a picture (height, width) of the size that it learned from."""
        (seen,) = _session(self.content).run(None, {INPUT: picture[None, None]})
        return np.asarray(seen, float)[0]


@lru_cache(maxsize=KEPT)
def _session(content: bytes) -> InferenceSession:
    """The network of a file, once a process: it cannot be pickled. Threads may share it."""
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # processes run side by side
    options.log_severity_level = ONLY_FATAL
    options.add_session_config_entry(*IN_8_BITS)
    providers = ["CPUExecutionProvider"]
    return InferenceSession(content, options, providers, enable_fallback=False)  # it would print


def load_network(path: Path, size: tuple[int, int], shape: tuple[int, ...]) -> Network:
    """Load a network that gives scores of such a shape for a picture of such a size.

    Raises
    ------
    ModelRefused
        If the file is missing, damaged or of another shape.
    """
    try:
        network = Network(path.read_bytes())
        seen = network.scores(np.zeros(size, np.float32))
    except OSError as error:
        text = f"The model {path} cannot be read: {error.strerror}. Reinstall zipread."
        raise ModelRefused(text) from error
    except Exception as error:  # those of the runtime have no base of their own
        raise ModelRefused(f"The model {path} is damaged. Reinstall zipread.") from error
    if seen.shape != shape or not np.isfinite(seen).all():
        raise ModelRefused(f"The model {path} is of another version. Reinstall zipread.")
    return network
