"""``python -m zipread.compose OUT --count N --seed S [--data DIR] [--kind KIND]...``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2

from zipread.compose.glyphs import DigitSupply, mnist, sklearn_digits
from zipread.compose.letters import WordSupply
from zipread.compose.output import SET_KINDS, compose_set


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m zipread.compose", description=__doc__)
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--count", type=int, default=100, help="pictures to compose")
    parser.add_argument("--seed", type=int, default=0, help="same seed, same bytes")
    parser.add_argument(
        "--data",
        type=Path,
        help="folder with mnist/ and, if any, words/; without it the digits are scikit-learn's",
    )
    parser.add_argument("--kind", choices=SET_KINDS, action="append", help="may be repeated")
    return parser.parse_args()


def main() -> int:
    """Compose a set."""
    cv2.setNumThreads(1)
    asked = _arguments()
    supply: DigitSupply = mnist(asked.data / "mnist") if asked.data else sklearn_digits()
    has_words = asked.data and (asked.data / "words" / "words.csv").exists()
    words = WordSupply.from_folder(asked.data / "words") if has_words else None
    kinds = tuple(asked.kind or ("envelope",))
    count = compose_set(asked.out, asked.count, asked.seed, supply, kinds, words)
    print(f"{count} pictures and truth.csv in {asked.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
