from dataclasses import fields

import pytest

from zipread.errors import UsageProblem
from zipread.options import Options
from zipread.settings import load


@pytest.fixture
def toml(tmp_path):
    def write(text):
        path = tmp_path / "zipread.toml"
        path.write_text(text)
        return path

    return write


def test_the_later_source_wins(toml):
    file = toml("jobs = 2\ntimeout = 5\nmax-error = 0.01")
    environment = {"ZIPREAD_TIMEOUT": "6", "ZIPREAD_MAX_ERROR": "0.02", "HOME": "/"}
    settings = load({"max_error": 0.03}, file, environment)
    options = settings.options
    assert (options.jobs, options.timeout, options.max_error) == (2, 6.0, 0.03)
    assert settings.origins["jobs"] == str(file)
    assert settings.origins["timeout"] == "environment"
    assert settings.origins["max_error"] == "command line"
    assert settings.origins["layout"] == "default"


def test_without_sources_all_is_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = load({}, environment={})
    assert settings.options == Options()
    assert set(settings.origins) == {f.name for f in fields(Options)}


def test_a_file_in_the_working_directory_counts(toml, monkeypatch):
    monkeypatch.chdir(toml("jobs = 3").parent)
    assert load({}, environment={}).options.jobs == 3


def test_a_file_named_in_the_environment_counts(toml):
    assert load({}, environment={"ZIPREAD_CONFIG": str(toml("jobs = 4"))}).options.jobs == 4


@pytest.mark.parametrize("key", ["max-megapixel", "timeot", "max_errors"])
def test_an_unknown_key_names_the_nearest(toml, key):
    with pytest.raises(
        UsageProblem, match=r"no option .* Do you mean '(max_megapixels|timeout|max_error)'"
    ):
        load({}, toml(f"{key} = 1"), {})


def test_an_unknown_variable_names_the_nearest():
    with pytest.raises(UsageProblem, match=r"ZIPREAD_JOB'.* Do you mean 'ZIPREAD_JOBS'"):
        load({}, environment={"ZIPREAD_JOB": "1"})


@pytest.mark.parametrize(
    "text", ['jobs = "two"', "jobs = 1.5", "quiet = 1", "out = 1", "jobs = [", "jobs = true"]
)
def test_a_value_of_the_wrong_kind_is_refused(toml, text):
    with pytest.raises(UsageProblem):
        load({}, toml(text), {})


@pytest.mark.parametrize(
    ("variable", "value"), [("JOBS", "two"), ("QUIET", "maybe"), ("TIMEOUT", "soon")]
)
def test_a_variable_of_the_wrong_kind_is_refused(variable, value):
    with pytest.raises(UsageProblem, match=variable):
        load({}, environment={f"ZIPREAD_{variable}": value})


@pytest.mark.parametrize("value", ["1", "true", "YES", "on"])
def test_a_variable_can_switch_on(value):
    assert load({}, environment={"ZIPREAD_QUIET": value}).options.quiet


@pytest.mark.parametrize(
    "option", [{"jobs": 0}, {"accept": 1.01}, {"timeout": float("nan")}, {"max_pages": 0}]
)
def test_a_number_out_of_bounds_is_refused(option):
    with pytest.raises(UsageProblem, match=next(iter(option)).replace("_", "-")):
        Options(**option)


def test_a_named_file_has_to_be_there(tmp_path):
    with pytest.raises(UsageProblem, match="no file"):
        load({}, tmp_path / "none.toml", {})
