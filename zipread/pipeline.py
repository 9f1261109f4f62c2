"""One page through all stages. Read :func:`read_page` to understand the product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zipread.decide import (
    Confidence,
    Judgement,
    accepted_from,
    load_confidence,
    plus4_is_unsure,
    status_of,
)
from zipread.digit_model import load_model
from zipread.directory import load_directory
from zipread.fields import TextLine, may_be_cropped
from zipread.ink import without_colour
from zipread.look import (
    ZIP_ON_A_PAGE,
    Look,
    Reader,
    Wanted,
    find_places,
    lines_across,
    read_found,
)
from zipread.options import Options
from zipread.outcome import to_field
from zipread.reading import Field, Page, PageReading, Status
from zipread.rivals import Found
from zipread.shipped import CONFIDENCE, DIRECTORY, STATES, WHOLE, models_folder
from zipread.state_model import load_state_model
from zipread.states import state_of
from zipread.whole import load_whole_model

SURE_ENOUGH = 0.5
"""A page read with this confidence stands upright: other orientations are not tried."""
CLEARLY_READ = 0.95
"""With this confidence it is what it was taken for, a page or a field cut out of one."""
CLEARLY_LESS = 0.4
"""With this much less writing in its lines one way than across it, a page does not lie that way."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page's reading with all that it was decided from: what ``--debug`` draws.

    ``ranked`` are the candidates of all looks, likeliest first, with their ``probabilities`` (n,).
    """

    looks: tuple[Look, ...]
    ranked: list[Found]
    probabilities: NDArray[np.float64]
    reading: PageReading


def load_reader(options: Options, confidence: Confidence | None = None) -> Reader:
    """Load what reading needs; ``confidence`` is for those who are about to learn it.

    Raises
    ------
    ModelRefused
        If the model or what belongs to it cannot be loaded.
    """
    folder = models_folder()
    model = load_model(Path(options.model) if options.model else None)
    confidence = confidence or load_confidence(folder / CONFIDENCE)
    whole = load_whole_model(folder / WHOLE)
    states = load_state_model(folder / STATES)
    return Reader(model, whole, states, confidence, load_directory(folder / DIRECTORY))


def read_page(page: Page, reader: Reader, options: Options) -> PageReading:
    """Find and read the ZIP of a page; pure: no disk, clock or environment.

    A page that is not read well as it lies is tried in the other orientations as well, as far as
    its lines allow, and all that is found competes.
    """
    return see_page(page, reader, options).reading


def see_page(page: Page, reader: Reader, options: Options, wanted: Wanted = ZIP_ON_A_PAGE) -> Seen:
    """As :func:`read_page`, with what the reading was decided from."""
    looks = [_as_it_lies(page, reader, options, wanted)]
    if _sure(looks[0], reader) < SURE_ENOUGH and not wanted.within:
        looks += [
            read_found(look, reader, options, wanted, again=True)
            for look in _other_ways(page, looks[0], reader, wanted)
        ]
    found = [each for look in looks for each in look.found]
    judgement = _judge(found, reader)
    order = np.argsort(-judgement.confidence, kind="stable")
    ranked = [found[i] for i in order]
    judgement = Judgement(judgement.place[order], judgement.confidence[order])
    reading = _page_reading(page, ranked, judgement, reader, options)
    return Seen(tuple(looks), ranked, judgement.confidence, reading)


def _other_ways(page: Page, as_it_lies: Look, reader: Reader, wanted: Wanted) -> Iterator[Look]:
    """The page as it would lie otherwise, but for ways across which its writing cannot run."""
    find = partial(find_places, page.pixels, reader, wanted=wanted)
    along, across = _written(as_it_lies.lines), _written(lines_across(as_it_lies))
    if across >= CLEARLY_LESS * along:
        yield find(turns=1)
        yield find(turns=3)
    if along >= CLEARLY_LESS * across:
        yield find(turns=2, cropped=as_it_lies.raster.cropped)


def _written(lines: list[TextLine]) -> int:
    """How much writing lines hold: chance makes no long ones."""
    return sum(max(0, len(line.boxes) - 3) for line in lines)


def _as_it_lies(page: Page, reader: Reader, options: Options, wanted: Wanted) -> Look:
    """The best look at the page as it lies.

    What may be a cut-out field and may be a page is taken for either unless it is clearly read;
    what is in colour and is not read well is looked at without its colours, too.
    """

    def look(pixels: NDArray[np.uint8], *, cropped: bool, again: bool = False) -> Look:
        found = find_places(pixels, reader, 0, wanted, cropped=cropped)
        return read_found(found, reader, options, wanted, again=again)

    first, *others = (True,) if wanted.within else may_be_cropped(*page.pixels.shape[:2])
    best = look(page.pixels, cropped=first)
    for other in others:
        if _sure(best, reader) < CLEARLY_READ:
            best = _surer(best, look(page.pixels, cropped=other), reader)
    if page.pixels.ndim == 3 and _sure(best, reader) < SURE_ENOUGH:
        grey, cropped = without_colour(page.pixels), best.raster.cropped
        best = _surer(best, look(grey, cropped=cropped, again=True), reader)
    return best


def _surer(one: Look, other: Look, reader: Reader) -> Look:
    return other if _sure(other, reader) > _sure(one, reader) else one


def _sure(look: Look, reader: Reader) -> float:
    return float(_judge(look.found, reader).confidence.max(initial=0.0))


def _judge(found: list[Found], reader: Reader) -> Judgement:
    if not found:
        return Judgement(np.zeros(0), np.zeros(0))
    return reader.confidence.judge(np.stack([f.evidence for f in found]))


def _page_reading(
    page: Page,
    ranked: list[Found],
    judgement: Judgement,
    reader: Reader,
    options: Options,
) -> PageReading:
    """The decision about a page; ``ranked`` and the judgement on it are likeliest first."""
    confidence = round(float(judgement.confidence.max(initial=0.0)), 4)
    place = float(judgement.place.max(initial=0.0))
    least = accepted_from(reader.confidence, options)
    status = status_of(confidence, place, least)
    status = status if ranked else Status.NO_ZIP  # --accept 0 takes anything, but nothing is none
    turns = ranked[0].turns if status is not Status.NO_ZIP else 0
    height, width = np.rot90(page.pixels, -turns).shape[:2]
    if status is Status.NO_ZIP:
        nothing = "No ZIP was found."
        return PageReading(page.number, status, message=nothing, width=width, height=height)
    same_way = [i for i, f in enumerate(ranked) if f.turns == turns]
    candidates = tuple(ranked[i].candidate for i in same_way)
    of_plus4 = reader.confidence.plus4_well_read(ranked[0].evidence[None])[0]
    field = to_field(candidates, judgement.confidence[same_way], float(of_plus4), reader.directory)
    return PageReading(
        page.number,
        status,
        zip=field.zip,
        zip4=field.zip4,
        confidence=confidence,
        fields=(field,),
        message=_message(field, status, least),
        rotation=90 * turns,
        skew=round(float(np.degrees(np.arctan(candidates[0].place.line.slope))), 2),
        width=width,
        height=height,
    )


def _message(field: Field, status: Status, least: float) -> str:
    """What a person should know of a page on which a code was found."""
    if status is not Status.ACCEPTED:
        unsure = "The reading is not sure enough"
        disagrees = field.state and state_of(field.zip) != field.state
        return (
            f"{unsure}: the state before it seems to be {field.state}."
            if disagrees
            else f"{unsure}."
        )
    return "The +4 is not sure enough." if plus4_is_unsure(field, least) else ""
