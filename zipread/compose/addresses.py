"""Addresses: invented names and streets with real city, state and ZIP triples."""

# ruff: noqa: SIM905 - lists of words are easier to read as text

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from zipread.compose.chance import Rng, chance, digits, pick, weighted, whole

_FIRST = (
    "James Mary Robert Linda Ahmed Grace Wei Olga Jose Maria Kevin Susan Hugo Ingrid Peter Amara "
    "Thomas Yuki Daniel Priya Frank Helen Omar Lucy Victor Nina Walter Ruth Oscar Emma Quentin "
    "Zoe Xavier Beth Carl Dora Eli Fay George Iris Jack Kate Leo Mona Noah Rosa Sam Tess"
).split()
_LAST = (
    "Smith Johnson Nguyen Garcia Miller Okafor Stone Novak Kim Haddad Rossi Dubois Wilson Lopez "
    "Price Carter Young Baker Flores Quinn Zimmer Walsh Vargas Underwood Tran Sato Reyes Patel "
    "Ortiz Murphy Lang Keller Jensen Ivanov Hughes Fischer Evans Diaz Cohen Brown Adams Xu"
).split()
_STREETS = (
    "Main Oak Maple Cedar Elm Pine Washington Lake Hill Walnut Spring North Ridge Church Willow "
    "Park Jackson Lincoln Sunset Jefferson Cherry Highland Mill River Franklin Meadow Forest "
    "Center Prospect Juniper Dogwood Quail Zephyr Harbor Birch Adams Victory College Bridge"
).split()
_KINDS = "St Ave Rd Dr Ln Ct Blvd Way Pl Street Avenue Road Terrace Pkwy Hwy Circle".split()
_FIRMS = (
    "Acme Supply Co|First National Bank|Dept. of Motor Vehicles|St. Mary's Hospital|"
    "Lakeside Dental|University Press|Green Valley Farms|Hobby & Craft Inc|County Clerk|"
    "The Book Nook|Pacific Insurance|Holiday Contest|Subscriptions|Alumni Office"
).split("|")
_FRENCH_CITIES = (
    "PARIS LYON NICE LILLE BREST ROUEN TOURS DIJON ANGERS NANTES RENNES METZ CAEN PAU LIMOGES "
    "AVIGNON ORLEANS MARSEILLE TOULOUSE BORDEAUX GRENOBLE NANCY TROYES COLMAR AMIENS"
).split()
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


@dataclass(frozen=True, slots=True)
class Place:
    """A city with one of its ZIP codes."""

    city: str
    state: str
    zip: str


@dataclass(frozen=True, slots=True)
class Address:
    """``lines`` above the city's line, the place, and the four digits of a ZIP+4 or ""."""

    lines: tuple[str, ...]
    place: Place
    zip4: str = ""


@cache
def places() -> tuple[Place, ...]:
    """All active US ZIP codes with their cities, from the package ``zipcodes``."""
    import zipcodes

    return tuple(
        Place(row["city"], row["state"], row["zip_code"])
        for row in zipcodes.list_all()  # type: ignore[no-untyped-call]
        if row["active"]
    )


def person(rng: Rng) -> str:
    """A name, sometimes with a title or a middle initial."""
    title = weighted(
        rng, {"": 0.65, "Mr.": 0.1, "Mrs.": 0.08, "Ms.": 0.06, "Dr.": 0.06, "The": 0.05}
    )
    if title == "The":
        return f"The {pick(rng, _LAST)} Family"
    middle = f" {pick(rng, 'ABCDEFGHJKLMNPRSTW')}." if chance(rng, 0.2) else ""
    return f"{title} {pick(rng, _FIRST)}{middle} {pick(rng, _LAST)}".strip()


def firm(rng: Rng) -> str:
    """An organisation."""
    return pick(rng, _FIRMS)


def street(rng: Rng) -> str:
    """A street with a house number of one to five digits, a box, or a rural route."""
    form = weighted(rng, {"street": 0.82, "box": 0.13, "rural": 0.05})
    if form == "box":
        return f"{pick(rng, ('PO Box', 'P.O. Box', 'Box'))} {digits(rng, whole(rng, 2, 5))}"
    if form == "rural":
        return f"RR {whole(rng, 1, 9)} Box {digits(rng, whole(rng, 1, 4))}"
    length = weighted(rng, {1: 0.05, 2: 0.15, 3: 0.3, 4: 0.35, 5: 0.15})
    points = weighted(rng, {"": 0.7, "N ": 0.08, "S. ": 0.08, "West ": 0.07, "NE ": 0.07})
    number = digits(rng, length)
    if chance(rng, 0.12):
        nth = whole(rng, 2, 140)
        ending = "th" if 10 < nth % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(nth % 10, "th")
        return f"{number} {points}{nth}{ending} {pick(rng, _KINDS)}"
    return f"{number} {points}{pick(rng, _STREETS)} {pick(rng, _KINDS)}"


def unit(rng: Rng) -> str:
    """An apartment, suite or floor."""
    kind = pick(rng, ("Apt", "Apt.", "Suite", "Unit", "#", "Room", "Fl", "Lot"))
    letter = pick(rng, "ABCDEF") if chance(rng, 0.3) else ""
    return f"{kind} {digits(rng, whole(rng, 1, 4))}{letter}"


def phone(rng: Rng) -> str:
    """A telephone number."""
    area, middle, last = digits(rng, 3), digits(rng, 3), digits(rng, 4)
    form = pick(rng, ("({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "{} {} {}"))
    return form.format(area, middle, last)


def address(rng: Rng, *, zip4: bool = False) -> Address:
    """A destination or a sender."""
    lines = [person(rng)]
    if chance(rng, 0.12):
        lines.append(f"{pick(rng, ('Attn:', 'c/o', 'ATTN', 'Re:'))} {person(rng)}")
    if chance(rng, 0.15):
        lines.insert(int(chance(rng, 0.5)), firm(rng))
    where = street(rng)
    if chance(rng, 0.15):
        where, after = (f"{where}, {unit(rng)}", "") if chance(rng, 0.5) else (where, unit(rng))
        lines += [where, after] if after else [where]
    else:
        lines.append(where)
    place = pick(rng, places())
    return Address(tuple(lines[:5]), place, f"{whole(rng, 0, 9999):04d}" if zip4 else "")


def french_address(rng: Rng) -> Address:
    """An address with a French postcode, for envelopes with five pre-printed boxes."""
    code = f"{whole(rng, 1, 95):02d}{weighted(rng, {'000': 0.5, '100': 0.2, '': 0.3})}"
    code = code if len(code) == 5 else code + f"{whole(rng, 0, 999):03d}"
    kind = pick(rng, ("rue", "avenue", "place", "bd", "impasse"))
    lines = (person(rng), f"{whole(rng, 1, 180)} {kind} {pick(rng, _STREETS)}")
    return Address(lines, Place(pick(rng, _FRENCH_CITIES), "", code))
