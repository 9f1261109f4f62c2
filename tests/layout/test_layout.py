"""Layout files: what they say, and what is said of their slips."""

import pytest

from tests.layout.filled import LAYOUT
from zipread.errors import DocumentError, ErrorKind, UsageProblem
from zipread.layout import Region, load_layout

PLACE = "x = 0.1\ny = 0.2\nwidth = 0.3\nheight = 0.1\n"


def loaded(tmp_path, text):
    path = tmp_path / "layout.toml"
    path.write_text(text)
    return load_layout(path)


def field(tmp_path, more):
    return loaded(tmp_path, f"[fields.a]\n{PLACE}{more}").fields[0]


def test_the_field_named_zip_comes_first(tmp_path):
    names = [f.name for f in loaded(tmp_path, LAYOUT).fields]
    assert names == ["zip", "member", "postcode", "account", "ref"]


@pytest.mark.parametrize(
    ("more", "lengths"),
    [
        ("digits = 6", ((6,),)),
        ('digits = "4..9"', ((4,), (5,), (6,), (7,), (8,), (9,))),
        ("digits = [9, 6, 9]", ((6,), (9,))),
        ("boxes = 7", ((7,),)),
        ('boxes = 8\ndigits = "6..8"', ((6,), (7,), (8,))),
        ("us_zip = true", ((5, 4),)),
        ("us_zip = true\nboxes = 9", ((5, 4),)),
        ("us_zip = true\nboxes = 5", ((5,),)),
        ("us_zip = true\ndigits = 5", ((5,),)),
    ],
)
def test_digits_may_be_said_in_several_ways(tmp_path, more, lengths):
    assert field(tmp_path, more).lengths == lengths


def test_places_are_shares_of_the_page_or_millimetres(tmp_path):
    shares = loaded(tmp_path, f"[fields.a]\n{PLACE}digits = 5")
    assert shares.region(shares.fields[0], 1000, 500, None) == Region(100, 100, 300, 50)
    text = 'unit = "mm"\n[fields.a]\nx = 25.4\ny = 50.8\nwidth = 127\nheight = 12.7\ndigits = 5'
    by_dpi = loaded(tmp_path, text)
    assert by_dpi.region(by_dpi.fields[0], 1, 1, 200.0) == Region(200, 400, 1000, 100)
    by_page = loaded(tmp_path, f"page = [254, 508]\n{text}")
    assert by_page.region(by_page.fields[0], 500, 1000, None) == pytest.approx(
        Region(50, 100, 250, 25)
    )


def test_millimetres_need_a_resolution(tmp_path):
    layout = loaded(tmp_path, f'unit = "mm"\n[fields.a]\n{PLACE}digits = 5')
    with pytest.raises(DocumentError, match="resolution") as caught:
        layout.region(layout.fields[0], 100, 100, None)
    assert caught.value.kind is ErrorKind.UNSUPPORTED


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[fields", "is no TOML"),
        ("", "has no fields"),
        ("units = 'mm'", "no key 'units'. Do you mean 'unit'?"),
        ("unit = 'cm'", "unit is .*not 'cm'.* Do you mean 'mm'?"),
        (f"page = [1, 2]\n[fields.a]\n{PLACE}digits = 5", 'page is for unit = "mm" alone'),
        ("unit = 'mm'\npage = 7\n[fields.a]\nx=1\ny=1\nwidth=1\nheight=1\ndigits=5", "page is"),
        ("fields = 3", "has no fields"),
        ("[fields]\na = 3", "a is a table"),
        ("[fields.status]", "'status' is a column of documents.csv"),
        ("[fields.zip4_confidence]", "'zip4_confidence' is a column of documents.csv"),
        ("[fields.'a b']", "'a b' is no name"),
        ("[fields.a]\nx = 0.1", "field a: y is missing"),
        (f"[fields.a]\n{PLACE}", "digits is missing"),
        (f"[fields.a]\n{PLACE}digit = 5", "no key 'digit'. Do you mean 'digits'?"),
        (f"[fields.a]\n{PLACE}digits = 1", "digits is a number from 2 to 15"),
        (f"[fields.a]\n{PLACE}digits = '9..4'", "digits is a number"),
        (f"[fields.a]\n{PLACE}digits = true", "digits is a number"),
        (f"[fields.a]\n{PLACE}digits = [5, 'x']", "digits is a number"),
        (f"[fields.a]\n{PLACE}boxes = 4\ndigits = 5", "4 boxes do not hold"),
        (f"[fields.a]\n{PLACE}boxes = 4\nus_zip = true", "4 boxes do not hold"),
        (f"[fields.a]\n{PLACE}boxes = 1", "boxes is how many"),
        (f"[fields.a]\n{PLACE}us_zip = true\ndigits = 6", "a us_zip has digits = 5, or 9"),
        (f"[fields.a]\n{PLACE}digits = 5\noptional = 'no'", "optional is true or false"),
        ("[fields.a]\nx = -1\ny = 0\nwidth = 1\nheight = 1\ndigits = 5", "x is a number"),
        ("[fields.a]\nx = 0\ny = 0\nwidth = 0\nheight = 1\ndigits = 5", "width is a number"),
        ("[fields.a]\nx = 0\ny = 0\nwidth = nan\nheight = 1\ndigits = 5", "width is a number"),
        ("[fields.a]\nx = 42\ny = 60\nwidth = 45\nheight = 9\ndigits = 5", 'mean unit = "mm"'),
    ],
)
def test_a_slip_is_named(tmp_path, text, says):
    with pytest.raises(UsageProblem, match=says):
        loaded(tmp_path, text)


def test_a_layout_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UsageProblem, match="cannot be read"):
        load_layout(tmp_path / "nowhere.toml")
