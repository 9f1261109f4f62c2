"""Pictures of figures. matplotlib is the optional extra ``train``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zipread.errors import UsageProblem

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from zipread.training.evaluate import Evaluation


def new_figure(width: float, height: float) -> Any:
    """An empty figure of that many inches; :class:`UsageProblem` without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UsageProblem(
            "Pictures need matplotlib: install it with pip install 'zipread[train]'."
        ) from error
    return Figure((width, height), layout="constrained")


def draw_evaluation(result: Evaluation, path: Path) -> None:
    """One picture: confusion, reliability, error against share rejected."""
    figure = new_figure(13, 4.2)
    left, middle, right = figure.subplots(1, 3)
    _confusion(left, result)
    _reliability(middle, result)
    _reject_curve(right, result)
    figure.suptitle(f"{result.data}: {result.count:,} digits, error {100 * result.error:.2f} %")
    figure.savefig(path, dpi=90)


def draw_confusion(result: Evaluation, path: Path) -> None:
    """The confusion matrix alone."""
    figure = new_figure(4.6, 4.4)
    _confusion(figure.subplots(), result)
    figure.savefig(path, dpi=90)


def draw_reliability(result: Evaluation, path: Path) -> None:
    """The reliability diagram alone."""
    figure = new_figure(4.6, 4.2)
    _reliability(figure.subplots(), result)
    figure.savefig(path, dpi=90)


def draw_forms(
    forms: NDArray[np.float64], labels: tuple[int, ...], predicted: tuple[int, ...], path: Path
) -> None:
    """(n, 8, 8) forms in a row, each with what it is and what it was read as."""
    figure = new_figure(1.5 * len(forms), 2.1)
    for axis, form, label, digit in zip(
        np.atleast_1d(figure.subplots(1, len(forms))), forms, labels, predicted, strict=True
    ):
        axis.imshow(form, cmap="gray_r", vmin=0, vmax=16)
        axis.set_title(f"read {digit}\nis {label}", color="black" if digit == label else "red")
        axis.axis("off")
    figure.savefig(path, dpi=90)


def _confusion(axis: Any, result: Evaluation) -> None:
    counts = np.asarray(result.confusion)
    wrong = counts * (1 - np.eye(10, dtype=np.int64))
    axis.imshow(wrong, cmap="Reds", vmin=0, vmax=max(1, int(wrong.max())))
    for (row, column), count in np.ndenumerate(counts):
        if count:
            grey = "0.55" if row == column else "black"
            axis.text(column, row, str(count), ha="center", va="center", fontsize=7, color=grey)
    axis.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="is")
    axis.set_title("confusion (colour: wrong)", fontsize=10)


def _reliability(axis: Any, result: Evaluation) -> None:
    filled = [b for b in result.reliability if b.count]
    axis.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    sizes = [15 + 40 * np.log10(b.count) for b in filled]
    axis.scatter([b.confidence for b in filled], [b.accuracy for b in filled], s=sizes, alpha=0.7)
    axis.set(xlim=(0, 1.02), ylim=(0, 1.05), xlabel="confidence", ylabel="read right")
    axis.set_title(f"reliability (error {result.calibration_error:.4f}; size: digits)", fontsize=10)


def _reject_curve(axis: Any, result: Evaluation) -> None:
    shares, errors = zip(*result.reject_curve, strict=True)
    axis.plot([100 * s for s in shares], [100 * e for e in errors], marker="o")
    axis.set(xlabel="rejected, %", ylabel="error of the rest, %", ylim=(0, None))
    axis.grid(alpha=0.3)
    axis.set_title("reject curve", fontsize=10)
