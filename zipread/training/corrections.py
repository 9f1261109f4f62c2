"""What people keyed, as one more data set of a recipe."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from zipread.errors import InputProblem
from zipread.names import visible
from zipread.review.labelled import Exported, export_digits
from zipread.storage import output_problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zipread.training.recipe import Recipe

COPIES = 20
"""Changed copies of each keyed digit. They are few beside the public sets, and what the model reads
worst: as many copies as USPS's digits have in the shipped recipe, and some more."""


def with_corrections(
    recipe: Recipe, results: Sequence[Path], home: Path, source: Path | None = None
) -> tuple[Recipe, Exported]:
    """The recipe with the digits keyed in results folders, which are cut out into ``home``.

    The folder they go to is named by its content: the same corrections are the same data set, and
    what was prepared of them before is used again.

    Raises
    ------
    InputProblem
        If a folder holds no results, or nothing was keyed that can be learned from.
    OutputProblem
        If the digits cannot be written.
    """
    exported = Exported()
    draft = home / "corrections.draft"
    try:
        shutil.rmtree(draft, ignore_errors=True)
        for folder in results:
            exported += export_digits(folder, draft, source)
        if not exported.digits:
            raise InputProblem(_nothing(results, exported))
        place = home / f"corrections-{_content_hash(draft)}"
        shutil.rmtree(place, ignore_errors=True)
        draft.rename(place)
    except OSError as error:
        raise output_problem(home, error) from error
    data = {**recipe.data, str(place.resolve()): COPIES}
    return replace(recipe, name=f"{recipe.name} with corrections", data=data), exported


def _content_hash(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(folder.glob("*/*.png")):
        whole.update(f"{path.parent.name}/{path.name}".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:12]


def _nothing(results: Sequence[Path], exported: Exported) -> str:
    names = ", ".join(visible(str(folder)) for folder in results)
    whys = "".join(f" {count} pages left out: {why}." for why, count in exported.left_out.items())
    return f"No digits were keyed in {names} that can be learned from.{whys} Run zipread review."
