"""How long a deflate stream really is, without keeping what it inflates to."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Inflated:
    """``length`` in bytes as far as was looked; ``whole`` says that end and checksum were there."""

    length: int
    whole: bool


def inflated(data: bytes, most: int) -> Inflated:
    """Measure the zlib stream at the start of ``data``, looking no further than ``most`` bytes.

    Raises:
        zlib.error: it is none, or is damaged within reach.
    """
    inflater, length = zlib.decompressobj(), 0
    for at in range(0, len(data), CHUNK):
        waiting = data[at : at + CHUNK]
        while waiting:
            length += len(inflater.decompress(waiting, CHUNK))
            if inflater.eof or length > most:
                return Inflated(length, inflater.eof)
            waiting = inflater.unconsumed_tail
    return Inflated(length, inflater.eof)
