"""US states by the first three digits of their ZIP codes.

The Postal Service gives each state its own ranges of them (Publication 65, National Five-Digit ZIP
Code and Post Office Directory). The few post offices that are served from across the border are
left out, and Micronesia, Palau and the Marshall Islands count as Guam, with which they share 969.
"""

from __future__ import annotations

_RANGES = """
AA 340  AE 090-099  AK 995-999  AL 350-369  AP 962-966  AR 716-729  AZ 850-865  CA 900-961
CO 800-816  CT 060-069  DC 200-205 569  DE 197-199  FL 320-339 341-349  GA 300-319 398-399
GU 969  HI 967-968  IA 500-528  ID 832-838  IL 600-629  IN 460-479  KS 660-679  KY 400-427
LA 700-714  MA 010-027 055  MD 206-219  ME 039-049  MI 480-499  MN 550-567  MO 630-658
MS 386-397  MT 590-599  NC 270-289  ND 580-588  NE 680-693  NH 030-038  NJ 070-089  NM 870-884
NV 889-898  NY 005 100-149  OH 430-459  OK 730-732 734-749  OR 970-979  PA 150-196
PR 006-007 009  RI 028-029  SC 290-299  SD 570-577  TN 370-385  TX 733 750-799 885  UT 840-847
VA 201 220-246  VI 008  VT 050-054 056-059  WA 980-994  WI 530-549  WV 247-268  WY 820-831
"""


def _by_prefix() -> dict[str, str]:
    found: dict[str, str] = {}
    state = ""
    for word in _RANGES.split():
        if word.isalpha():
            state = word
        else:
            first, _, last = word.partition("-")
            found |= {f"{n:03}": state for n in range(int(first), int(last or first) + 1)}
    return found


_BY_PREFIX = _by_prefix()
STATES = tuple(sorted(set(_BY_PREFIX.values())))
"""The states' abbreviations, and those of territories and of the military abroad, in order."""


def state_of(code: str) -> str | None:
    """The state of a five-digit code, None where its first three digits are in no use."""
    return _BY_PREFIX.get(code[:3])


NAMES = {
    "AK": "Alaska",
    "AL": "Alabama",
    "AR": "Arkansas",
    "AZ": "Arizona",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DE": "Delaware",
    "FL": "Florida",
    "GA": "Georgia",
    "HI": "Hawaii",
    "IA": "Iowa",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "MA": "Massachusetts",
    "MD": "Maryland",
    "ME": "Maine",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MO": "Missouri",
    "MS": "Mississippi",
    "MT": "Montana",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "NE": "Nebraska",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NV": "Nevada",
    "NY": "New York",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VA": "Virginia",
    "VT": "Vermont",
    "WA": "Washington",
    "WI": "Wisconsin",
    "WV": "West Virginia",
    "WY": "Wyoming",
}
"""What the states but the territories are called."""
