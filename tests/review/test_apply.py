import json
from dataclasses import replace

import jsonschema
import pytest
from typer.testing import CliRunner

from tests.results import results, table
from tests.review.making import put, say, scan
from zipread.api import assemble
from zipread.cli import app
from zipread.decisions import DECISIONS
from zipread.errors import InputProblem, OutputHeld, UsageProblem
from zipread.options import Options
from zipread.outputs.records import from_json, schema
from zipread.reading import Box, Field, PageReading, Source, Status
from zipread.review.apply import apply
from zipread.storage import hold
from zipread.verdicts import Verdicts


@pytest.fixture
def inbox(tmp_path):
    return tmp_path / "inbox"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def sha(inbox, out):
    """One page to review, scanned."""
    sha256 = put(inbox, "a.pdf", "10001 review")
    scan(inbox, out)
    return sha256


def page(out, name="a.pdf"):
    return from_json((out / f"{name}.json").read_bytes()).pages[0]


def test_a_persons_word_is_in_the_table_and_the_machines_is_kept(sha, out):
    say(out, sha, zip="12345", zip4="6789")
    assert apply(out).changed == 1
    row = table(out)["a.pdf", "1"]
    assert (row["status"], row["zip"], row["zip4"], row["by"]) == (
        "accepted",
        "12345",
        "6789",
        "person",
    )
    person = page(out).person
    assert (person.machine_status, person.machine_zip) == ("review", "10001")
    assert person.machine_confidence == 0.9
    assert page(out).fields[0].zip == "10001"
    jsonschema.validate(json.loads((out / "a.pdf.json").read_bytes()), schema())


@pytest.mark.parametrize("verdict", ["no-zip", "illegible"])
def test_no_zip_and_illegible_are_never_accepted(sha, out, verdict):
    say(out, sha, action=verdict)
    apply(out)
    row = table(out)["a.pdf", "1"]
    assert (row["status"], row["zip"], row["by"]) == ("no-zip", "", "person")
    assert page(out).person.verdict == verdict


def test_applying_twice_changes_nothing(sha, out):
    say(out, sha)
    apply(out)
    before = results(out)
    assert apply(out).changed == 0
    assert results(out) == before


@pytest.mark.parametrize("options", [{"again": True}, {"model": "other"}])
def test_a_rescan_keeps_a_persons_word(sha, inbox, out, options):
    say(out, sha)
    apply(out)
    scan(inbox, out, **options)
    assert table(out)["a.pdf", "1"]["by"] == "person"
    assert page(out).person.machine_zip == "10001"


def test_a_rescan_applies_what_was_not_applied_yet(sha, inbox, out):
    say(out, sha)
    scan(inbox, out, again=True)
    assert table(out)["a.pdf", "1"]["zip"] == "12345"


def test_a_changed_image_is_read_by_the_machine_again(sha, inbox, out):
    say(out, sha)
    apply(out)
    put(inbox, "a.pdf", "20002 review")
    scan(inbox, out)
    row = table(out)["a.pdf", "1"]
    assert (row["zip"], row["status"], row["by"]) == ("20002", "review", "machine")


def test_the_word_goes_with_the_image_to_another_name(sha, inbox, out):
    say(out, sha)
    (inbox / "a.pdf").rename(inbox / "b.pdf")
    scan(inbox, out)
    assert table(out)["b.pdf", "1"]["zip"] == "12345"


def test_a_ledger_built_anew_knows_of_people(sha, inbox, out):
    say(out, sha)
    apply(out)
    (out / ".zipread" / "ledger.sqlite").unlink()
    scan(inbox, out)
    assert table(out)["a.pdf", "1"]["by"] == "person"


def test_what_is_undone_is_the_machines_again(sha, out):
    before = results(out)
    decision = say(out, sha)
    apply(out)
    say(out, sha, action="undo", undoes=decision.id)
    assert apply(out).changed == 1
    after = results(out)
    assert {k: v for k, v in after.items() if k != DECISIONS} == before


def test_two_people_have_to_agree_where_two_are_needed(sha, out):
    say(out, sha, "anna", needs=2)
    assert apply(out).settled == 0
    say(out, sha, "ben", zip="54321", needs=2)
    applied = apply(out)
    assert (applied.settled, applied.disputed) == (0, 1)
    say(out, sha, "cleo", zip="54321", needs=2)
    assert apply(out).settled == 1
    assert table(out)["a.pdf", "1"]["zip"] == "54321"
    assert page(out).person.who == "ben and cleo"


def test_one_person_twice_is_not_two(sha, out):
    say(out, sha, needs=2)
    say(out, sha, needs=2)
    assert apply(out).settled == 0


def test_the_last_word_counts(sha, out):
    say(out, sha, zip="11111")
    say(out, sha, "ben", zip="22222")
    apply(out)
    assert table(out)["a.pdf", "1"]["zip"] == "22222"


def test_pages_are_told_apart(inbox, out):
    sha256 = put(inbox, "a.pdf", "10001 review\n10002 review")
    scan(inbox, out)
    say(out, sha256, page=2)
    apply(out)
    assert [table(out)["a.pdf", p]["by"] for p in "12"] == ["machine", "person"]


def test_a_sort_plan_is_asked_for_where_there_are_bins(sha, inbox, out, tmp_path):
    plan = tmp_path / "plan.csv"
    plan.write_text("zip,bin\n1,East\n")
    scan(inbox, out, sort_plan=str(plan), again=True)
    say(out, sha)
    with pytest.raises(UsageProblem, match="sort-plan"):
        apply(out)
    apply(out, str(plan))
    assert table(out)["a.pdf", "1"]["bin"] == "East"


def test_a_folder_without_results_is_refused(tmp_path):
    with pytest.raises(InputProblem, match="no results"):
        apply(tmp_path)


def test_a_running_scan_is_not_disturbed(sha, out):
    with hold(out), pytest.raises(OutputHeld):
        apply(out)


def test_the_command_says_what_it_did_and_what_is_torn(sha, out):
    say(out, sha)
    with (out / DECISIONS).open("a") as file:
        file.write('{"torn')
    done = CliRunner().invoke(app, ["apply", str(out)])
    assert done.exit_code == 0
    assert "1 line of corrections.jsonl cannot be read" in done.stderr
    assert "1 page settled" in done.stderr
    assert json.loads((out / DECISIONS).read_text().splitlines()[0])["zip"] == "12345"


def test_a_form_is_not_accepted_for_its_first_field_alone(tmp_path):
    first = Field("zip", Box(0, 0, 9, 9), "10001", "", 0.99, ())
    fields = (first, replace(first, name="telephone", confidence=0.4))
    read = PageReading(1, Status.REVIEW, "10001", "", 0.99, fields, "Not sure: telephone.")
    document = assemble(Source("a.png", 1, "ab" * 32), (read,), "", Options().shaping())
    say(tmp_path, "ab" * 32)
    (said,) = Verdicts(tmp_path).applied(document).pages
    assert (said.status, said.zip) == (Status.REVIEW, "12345")
    assert "other fields" in said.message
