import pytest

from zipread.errors import UsageProblem
from zipread.outputs.tables import PageRow
from zipread.reading import Status
from zipread.sorting import load_plan


@pytest.fixture
def plan(tmp_path):
    def load(text):
        path = tmp_path / "plan.csv"
        path.write_text(text, encoding="utf-8")
        return load_plan(path)

    return load


def row(code, status=Status.ACCEPTED):
    return PageRow("a", 1, status, code, "", 0.9, 0.1, "")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("02134", "Allston"),
        ("02135", "Boston"),
        ("02999", "Massachusetts"),
        ("10000", "New York"),
        ("10499", "New York"),
        ("10500", "Rest"),
        ("60699", "Chicago"),
        ("61000", "Rest"),
    ],
)
def test_the_narrowest_entry_decides(plan, code, expected):
    text = "zip,bin\n*,Rest\n02,Massachusetts\n021,Boston\n02134,Allston\n"
    text += "10000-10499,New York\n606 - 608,Chicago\n"
    assert plan(text).bin_of(row(code)) == expected


@pytest.mark.parametrize("status", [Status.REVIEW, Status.NO_ZIP, Status.ERROR])
def test_what_is_not_accepted_is_rejected(plan, status):
    assert plan("*,Rest\n").bin_of(row("02134", status)) == "reject"
    assert plan("*,Rest\nreject,By hand\n").bin_of(row("02134", status)) == "By hand"


def test_what_no_entry_matches_is_rejected(plan):
    assert plan("1,One\n").bin_of(row("02134")) == "reject"


def test_headers_blank_lines_and_a_mark_of_byte_order_do_not_matter(plan):
    assert plan("\ufeffZIP,Bin\n\n021,Böston\n").bin_of(row("02134")) == "Böston"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("021\n", "line 1: two columns"),
        ("021,\n", "line 1: two columns"),
        ("021,a\n02x,b\n", "line 2: '02x'"),
        ("10500-10400,a\n", "no range"),
        ("1-200,a\n", "no range"),
        ("021,../out\n", "cannot name a folder"),
        ("021,/etc\n", "cannot name a folder"),
        ("021,..\n", "cannot name a folder"),
        ("zip,bin\n021,a\nzip,b\n", "line 3: 'zip'"),
    ],
)
def test_a_line_that_is_no_plan_is_named(plan, text, said):
    with pytest.raises(UsageProblem, match=said):
        plan(text)


def test_a_plan_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "plan.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageProblem, match="cannot be read"):
        load_plan(tmp_path / "plan.csv")
