"""The model card: what a model was made of, how well it reads, what it cannot do."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from zipread.errors import OutputProblem, UsageProblem
from zipread.training.pictures import draw_confusion, draw_reliability

if TYPE_CHECKING:
    from zipread.digit_model import DigitModel
    from zipread.training.evaluate import Evaluation
    from zipread.training.train import Report

_SETS = {
    "mnist": (
        "MNIST, training half, digits 1 to 46,000 of 60,000",
        "CC BY-SA 3.0",
        "the last 10,000 of the training half; the test half (t10k) was not at hand",
    ),
    "usps": (
        "USPS zip.train, digits 1 to 5,791 of 7,291, cut from US envelopes",
        "none stated; distributed with The Elements of Statistical Learning",
        "the last 1,000 of zip.train; zip.test was not at hand",
    ),
    "optdigits": ("UCI optdigits.tra, 3,823 forms of 30 writers", "CC BY 4.0", "nothing"),
    "semeion": (
        "Semeion, digits 1 to 1,333 of 1,593, Italian writers",
        "CC BY 4.0",
        "the last 200",
    ),
    "digits": (
        "scikit-learn's Digits (optdigits.tes), forms 1 to 1,350 of 1,797",
        "CC BY 4.0",
        "the last 297",
    ),
}
_WORDS = (
    "DHSD street names, writers 1 to 18 of 24 (letters, as non-digits)",
    "CC BY 4.0",
    "writers 21 to 24",
)
_LIMITS = """\
## Limits
- It sees 64 numbers: the size of a digit, its place on the line and the thickness of the pen are
  gone. A comma looks like a 1, a letter O like a 0; what reads the field must know better.
- Digits of 0 to 9 only, upright within about 30 degrees, from about 10 pixels of height.
- Half of a digit may look like another digit (the right half of an 8 like a 3). The reject class
  knows the common ones; a cut must be judged by the whole reading, not by this model alone.
- Letters that look like digits are read as such: O, D, l, S, Z, a, q, ß. By eye they are
  most of the handwritten letters that pass; of typed letters that look like none, hardly any does.
- The figures are on parts held out of the *training* halves of the public sets. They stand in for
  the official test halves, which were never seen; score those with
  `zipread evaluate digits --usps zip.test.gz` and `--mnist IMAGES LABELS`.
- What lies between the part trained on and the part held out was calibrated on: two numbers, the
  temperature and the doubt. Some choices of the recipe and the code (standardising, how much data,
  the share of digits kept) were made with figures of the parts held out in sight.
- At low confidence digits are read right more often than it says: what is doubted there is mostly
  that they are digits at all, and here all are.
"""


def write_card(report: Report, out: Path) -> None:
    """Write MODEL_CARD.md of a saved model and, where matplotlib is there, its two pictures.

    Raises
    ------
    OutputProblem
        If they cannot be written.
    """
    if report.model is None or report.path is None:
        return
    try:
        pictures = _pictures(report, out)
        text = _text(report, report.model, report.path, pictures)
        (out / "MODEL_CARD.md").write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputProblem(f"The card in {out} could not be written: {error.strerror}.") from error


def _pictures(report: Report, out: Path) -> bool:
    if not report.evaluations:
        return False
    try:
        draw_confusion(report.evaluations[0], out / "confusion.png")
        draw_reliability(report.evaluations[0], out / "reliability.png")
    except UsageProblem:  # no matplotlib: the card goes without
        return False
    return True


def _text(report: Report, model: DigitModel, path: Path, pictures: bool) -> str:
    how = report.recipe.estimator
    lines = [
        f"# Model card: {report.recipe.name}",
        "",
        "Reads a handwritten or typed digit from its 8x8 Digits form: "
        f"{how.members} perceptrons of {' and '.join(map(str, how.hidden))} units, eleven classes "
        f"(the digits, and no digit), {path.stat().st_size / 1e6:.1f} MB. Made by "
        f"`zipread train` from the recipe beside this card in {report.seconds / 60:.0f} minutes "
        f"with scikit-learn {metadata.version('scikit-learn')}; seed {report.recipe.seed}.",
        "",
        f"SHA-256 `{model.identity}`, temperature {model.temperature:.2f}, "
        f"doubt {model.doubt:.2f}.",
        "",
        "## Trained on",
        "| what | licence | held out |",
        "|---|---|---|",
        *_materials(report),
        "",
        f"Together {report.samples:,} forms: each digit as it is and in changed copies (bent, "
        "other pens, scanned at low resolution, bilevel, with remains of boxes), and non-digits.",
        "",
        *_figures(report),
    ]
    if pictures:
        name = report.evaluations[0].data
        lines += [
            f"![Confusion, {name}](confusion.png) ![Reliability, {name}](reliability.png)",
            "",
        ]
    return "\n".join(lines) + _LIMITS


def _materials(report: Report) -> list[str]:
    rows = [_SETS.get(n, (Path(n).name, "your own", "two of ten")) for n in report.recipe.data]
    if report.recipe.negatives.letters:
        rows.append(_WORDS)
    if report.recipe.typed or report.recipe.negatives.typed_letters:
        rows.append(("the open typefaces in zipread/compose/fonts", "OFL and Apache 2.0", "none"))
    return [f"| {' | '.join(row)} |" for row in rows]


def _figures(report: Report) -> list[str]:
    lines = [
        "## Figures",
        "| held out of | digits | error | at 5 % rejected | at 9 % | AUROC | calibration error |"
        " taken for a digit |",
        "|---|---|---|---|---|---|---|---|",
        *map(_row, report.evaluations),
        "",
        "Error by digit, %:",
        "",
        f"| | {' | '.join(map(str, range(10)))} |",
        f"|---|{'---|' * 10}",
        *(
            f"| {r.data} | {' | '.join(f'{100 * e:.1f}' for e in r.error_by_digit)} |"
            for r in report.evaluations
        ),
        "",
    ]
    if report.rejection:
        lines += [
            "What is no digit, made of what is held out, and the digit probability it is given:",
            "",
            "| no digit | count | under 0.5 | under the threshold that keeps 99 % of digits |",
            "|---|---|---|---|",
            *(
                f"| {found.kind.replace('_', ' ')} | {found.count:,} "
                f"| {100 * found.below_half:.1f} % | {100 * found.at_99:.1f} % |"
                for found in report.rejection
            ),
            "",
        ]
    return lines


def _row(result: Evaluation) -> str:
    curve = dict(result.reject_curve)
    ranking = "-" if result.auroc is None else f"{result.auroc:.3f}"
    return (
        f"| {result.data} | {result.count:,} | {100 * result.error:.2f} % "
        f"| {100 * curve[0.05]:.2f} % | {100 * curve[0.09]:.2f} % | {ranking} "
        f"| {result.calibration_error:.4f} | {100 * result.kept:.2f} % |"
    )
