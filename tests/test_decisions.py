import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.review.making import decided
from zipread.decisions import DECISIONS, Action, append, is_code, read
from zipread.errors import OutputProblem

SHA = "a" * 64


def test_what_is_appended_is_read_in_order(tmp_path):
    made = [decided(SHA, who) for who in ("anna", "ben", 'q"\u202e<script>')]
    for decision in made:
        append(tmp_path, decision)
    assert read(tmp_path).decisions == tuple(made)


def test_no_file_is_no_decisions(tmp_path):
    assert read(tmp_path).decisions == ()


@given(cut=st.integers(1, 200))
def test_a_torn_line_costs_itself_only(tmp_path_factory, cut):
    out = tmp_path_factory.mktemp("torn")
    first, lost, last = decided(SHA), decided(SHA, "ben"), decided(SHA, "cleo")
    append(out, first)
    append(out, lost)
    path = out / DECISIONS
    path.write_bytes(path.read_bytes()[:-cut])
    append(out, last)
    log = read(out)
    assert log.decisions in ((first, last), (first, lost, last))  # cut 1: only the line's end
    assert log.torn == (0 if lost in log.decisions else 1)


@given(st.binary(max_size=200))
def test_any_bytes_in_the_file_are_survived(tmp_path_factory, junk):
    out = tmp_path_factory.mktemp("junk")
    (out / DECISIONS).write_bytes(junk)
    decision = decided(SHA)
    append(out, decision)
    assert decision in read(out).decisions


@pytest.mark.parametrize("line", ['{"action":"zip"}', "[]", "7", '"x"', '{"action":"fly"}', "\x00"])
def test_a_line_that_is_no_decision_is_counted(tmp_path, line):
    (tmp_path / DECISIONS).write_text(line + "\n")
    log = read(tmp_path)
    assert (log.decisions, log.torn) == ((), 1)


def test_a_code_that_is_none_is_not_taken(tmp_path):
    append(tmp_path, decided(SHA, zip="1234"))
    append(tmp_path, decided(SHA, zip="12x", any_number=True))
    assert read(tmp_path).torn == 2
    append(tmp_path, decided(SHA, zip="5551234567", any_number=True))
    assert [d.zip for d in read(tmp_path).decisions] == ["5551234567"]


def test_an_undone_decision_does_not_stand(tmp_path):
    kept, undone = decided(SHA), decided(SHA, "ben")
    undo = decided(SHA, "ben", "undo", undoes=undone.id)
    for decision in (kept, undone, undo, decided(SHA, "cleo", "skip")):
        append(tmp_path, decision)
    assert read(tmp_path).standing() == (kept,)
    assert read(tmp_path).decisions[-1].action is Action.SKIP


def test_a_folder_that_is_gone_is_an_output_problem(tmp_path):
    with pytest.raises(OutputProblem):
        append(tmp_path / "gone", decided(SHA))


@pytest.mark.parametrize(
    ("code", "plus4", "right"),
    [
        ("02134", "", True),
        ("02134", "0001", True),
        ("2134", "", False),
        ("02134", "1", False),
        ("\u0660" * 5, "", False),
        ("12 45", "", False),
        ("", "", False),
    ],
)
def test_what_a_code_is(code, plus4, right):
    assert is_code(code, plus4) is right
