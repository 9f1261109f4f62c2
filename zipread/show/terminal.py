"""A page's reading for a terminal: what it came to, the ZIP as it was seen, digit by digit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.text import Text

from zipread.names import visible
from zipread.reading import Status, joined
from zipread.show.blocks import form_blocks, picture_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from zipread.reading import Digit
    from zipread.show.seen import Seen

_FORM, _GAP = 16, 2  # characters that a form is wide, and from one to the next
_TOGETHER = 5  # digits in a row, if they fit
_STYLES = {Status.ACCEPTED: "bold green", Status.REVIEW: "bold yellow", Status.ERROR: "bold red"}


def drawn(seen: Seen, columns: int, *, colour: bool) -> Iterator[RenderableType]:
    """The parts, one below the other, for a terminal so wide."""
    page = seen.page
    yield Text(seen.title, "bold")
    head = Text(page.status, _STYLES.get(page.status, "bold"))
    if page.zip:
        head = Text(f"{joined(page.zip, page.zip4)}  ", "bold") + head
        head.append(f"  {page.confidence:.1%}")
    yield head
    if page.message:
        yield Text(visible(page.message), "dim")
    if seen.crop is not None and (page.fields or colour):  # in ink alone a whole page is a blot
        yield Text()
        yield picture_blocks(seen.crop, min(columns, _TOGETHER * (_FORM + _GAP)), colour=colour)
    if seen.problem:
        yield Text(visible(seen.problem), "dim")
    if page.fields:
        yield from _all_digits(page.fields[0].digits, columns)
        yield from _others(seen)
    for field in page.fields[1:]:
        code = joined(field.zip, field.zip4) or "nothing"
        yield Text(f"{visible(field.name)}: {code} {field.confidence:.1%}")


def _all_digits(digits: tuple[Digit, ...], columns: int) -> Iterator[Text]:
    """The digits in rows that fit, a ZIP in one row where it can be."""
    together = min(_TOGETHER, max(1, columns // _FORM))
    gap = _GAP if columns >= together * (_FORM + _GAP) else 0
    for start in range(0, len(digits), together):
        yield Text()
        yield from _digits(digits[start : start + together], gap)


def _digits(digits: tuple[Digit, ...], gap: int) -> Iterator[Text]:
    """Forms, below each its digit and the runner-up, both with their probability."""
    yield Text(form_blocks(np.array([d.form for d in digits]).reshape(-1, 8, 8), gap))
    room = _FORM + gap - 3
    yield Text("".join(f"{d.digit}  {d.confidence:<{room}.1%}" for d in digits).rstrip())
    others = (f"{d.runner_up}  {d.runner_up_confidence:<{room}.1%}" for d in digits)
    yield Text("".join(others).rstrip(), "dim")


def _others(seen: Seen) -> Iterator[Text]:
    others = seen.page.fields[0].alternatives
    if others:
        listed = (f"{joined(o.zip, o.zip4)} {o.probability:.1%}" for o in others)
        yield Text()
        yield Text("or " + ", ".join(listed))
