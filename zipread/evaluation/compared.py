"""A comparison of two models in words, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zipread.evaluation.compare import Verdict
from zipread.names import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zipread.evaluation.compare import Comparison, Difference


def as_text(result: Comparison, names: tuple[str, str], left_out: int = 0) -> str:
    """The figures of both, and the verdict with its reason."""
    return "\n".join([*_table(result, names, left_out), "", *_said(result)]) + "\n"


def _table(result: Comparison, names: tuple[str, str], left_out: int) -> Iterator[str]:
    for letter, name in zip("AB", names, strict=True):
        yield f"{letter}  {visible(name)}"
    apart = f", keyed and left out {left_out:,}" if left_out else ""
    yield f"labelled pages {result.pages:,}, documents {result.documents:,}{apart}\n"
    yield f"{'':20}{'A':>8}{'B':>8}{'B - A':>9}   95 % sure"
    for figure in (result.right, result.accepted, result.wrong):
        yield _row(figure)
    right = result.right
    yield f"\nB alone reads {right.more_b:,} of the documents right, A alone {right.more_a:,}."


def _row(figure: Difference) -> str:
    a, b, gain = f"{figure.a:.1%}", f"{figure.b:.1%}", f"{100 * figure.gain:+.1f}"
    between = f"{100 * figure.low:+.1f} to {100 * figure.high:+.1f}"
    return f"{figure.name:20}{a:>8}{b:>8}{gain:>9}   {between}"


def _said(result: Comparison) -> Iterator[str]:
    if result.verdict is Verdict.BETTER:
        errs = "errs less" if result.wrong.surely_less else "does not surely err more"
        yield f"B is better: it reads more ZIPs right, and {errs} in what it accepts."
    elif result.verdict is Verdict.WORSE:
        fewer = result.right.surely_less
        more = "reads fewer ZIPs right" if fewer else "accepts more that are wrong"
        yield f"B is worse: it {more}."
    else:
        yield _not_clear(result)


def _not_clear(result: Comparison) -> str:
    if result.right.surely_more:
        return "Not clear: B reads more ZIPs right, but also accepts more that are wrong."
    if result.right.surely_less:
        return "Not clear: B reads fewer ZIPs right, but also accepts fewer that are wrong."
    if result.needed is None:
        return "Not clear: neither reads more of these pages right."
    chance = f"{result.right.chance:.0%} likely if neither is better"
    needed = f"To tell one of this size takes about {result.needed:,} labelled documents."
    return f"Not clear: a difference like this may be chance ({chance}). {needed}"
