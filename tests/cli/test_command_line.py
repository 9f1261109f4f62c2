"""The command line as a whole, in processes of its own where exit codes and streams matter."""

import json
import os
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from tests.results import zips
from tests.review.making import pictures
from zipread.cli import COMMANDS, app, scan
from zipread.errors import ExitCode
from zipread.options import Options
from zipread.storage import hold

ROOT = Path(__file__).parents[2]


def zipread(*arguments, cwd=None, **environment):
    return subprocess.run(
        [sys.executable, "-m", "zipread", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
    )


@pytest.fixture
def inbox(tmp_path):
    """A folder with a page that holds nothing, one that is damaged, and a note."""
    from PIL import Image

    folder = tmp_path / "inbox"
    folder.mkdir()
    Image.new("L", (300, 200), 255).save(folder / "blank.png")
    (folder / "damaged.png").write_bytes((folder / "blank.png").read_bytes()[:60])
    (folder / "note.txt").write_text("02134")
    return folder


def test_without_arguments_it_says_what_to_do():
    done = zipread()
    assert done.returncode == 0
    for command in ("scan FOLDER", "report", "review", "doctor"):
        assert f"zipread {command}" in done.stdout


def _printed(script):
    """What a script prints in a Python of its own."""
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=-1, text=True, check=True, cwd=ROOT
    )
    return done.stdout.strip()


def test_help_is_quick_and_light():
    script = (
        "import resource, sys\n"
        "from zipread.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "heavy = {'numpy', 'cv2', 'sklearn', 'PIL', 'rich', 'scipy'} & set(sys.modules)\n"
        "print(used.ru_utime + used.ru_stime, sorted(heavy))"
    )
    seconds, heavy = _printed(script).splitlines()[-1].split(" ", 1)
    assert heavy == "[]"
    assert float(seconds) < 0.3


def test_importing_zipread_costs_nothing():
    script = "import sys, zipread; print(len(set(sys.modules) & {'numpy', 'typer', 'zipread.api'}))"
    assert _printed(script) == "0"


def test_no_command_needs_the_click_package():
    script = (
        "import sys; from importlib import import_module; from zipread.cli import COMMANDS\n"
        "for name in [*COMMANDS, 'evaluate_scan']: import_module(f'zipread.cli.{name}')\n"
        "import zipread.benchmark.__main__\n"
        "print('click' in sys.modules)"
    )
    assert _printed(script) == "False"


def test_ctrl_c_is_told_by_every_command():
    script = (
        "from zipread.cli import doctor, main\n"
        "def stopped(*_): raise KeyboardInterrupt\n"
        "doctor._safely = stopped\n"
        "main(['doctor'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], stderr=-1, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == ExitCode.INTERRUPTED
    assert done.stderr == "zipread: interrupted; what is done is kept.\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name):
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_names_every_command(name):
    assert f"zipread {name}" in (ROOT / "README.md").read_text()


def test_every_option_is_a_flag_of_scan():
    command = get_command(scan.command)
    flags = {name for parameter in command.params for name in parameter.opts}
    for field in fields(Options):
        assert f"--{field.name.replace('_', '-')}" in flags


def test_a_folder_is_scanned_and_told(inbox, tmp_path):
    done = zipread("scan", inbox, "--out", tmp_path / "out")
    assert done.returncode == ExitCode.SOME_FAILED
    rows = sorted(line.split("\t") for line in done.stdout.splitlines())
    assert [(row[0], row[3]) for row in rows] == [("error", "damaged.png"), ("no-zip", "blank.png")]
    assert "2 documents read: 1 error, 1 no-zip" in done.stderr
    assert "Errors: 1 corrupt" in done.stderr
    assert "Left alone: 1 no image" in done.stderr
    again = zipread("scan", inbox, "--out", tmp_path / "out")
    assert again.returncode == ExitCode.OK
    assert "2 documents up to date" in again.stderr
    assert again.stdout == ""


def test_a_scan_ends_with_the_commands_that_go_on(inbox, tmp_path):
    out = tmp_path / "my out"
    done = zipread("scan", inbox, "--out", out)
    assert f"To see them: zipread report '{out}'" in done.stderr
    assert "zipread review" not in done.stderr
    pictures(tmp_path / "more", out, ["a.png"], ["60185"])
    again = zipread("scan", inbox, "--out", out)
    assert again.stderr.endswith(f"To key what is not sure (1 page): zipread review '{out}'\n")


def test_of_an_empty_folder_it_says_so(tmp_path):
    (tmp_path / "empty").mkdir()
    done = zipread("scan", tmp_path / "empty", "--out", tmp_path / "out")
    assert done.returncode == ExitCode.OK
    assert "no image and no PDF was found" in done.stderr
    assert "zipread report" not in done.stderr


def test_a_scan_writes_the_report_if_asked(inbox, tmp_path):
    done = zipread("scan", inbox, "--out", tmp_path / "out", "--report")
    assert done.returncode == ExitCode.SOME_FAILED
    assert f"Report: {tmp_path / 'out' / 'report.html'}" in done.stderr
    assert "To see them" not in done.stderr
    assert "damaged.png" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("re", ["report", "review"]),
        ("scan --re", ["--report", "--retry"]),
        ("review --status no", ["no-zip"]),
    ],
)
def test_the_shell_completes(tmp_path, typed, offered):
    shim = tmp_path / "zipread"
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m zipread "$@"\n')
    shim.chmod(0o755)
    script = (
        'eval "$(zipread completion bash)"; complete -p zipread >/dev/null || exit 1\n'
        f"COMP_WORDS=(zipread {typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
        '_zipread_completion zipread; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        env=os.environ | {"PYTHONPATH": str(ROOT), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.split(), done.stderr) == (offered, "")


def test_quiet_is_silent_when_all_is_well(inbox, tmp_path):
    (inbox / "damaged.png").unlink()
    done = zipread("scan", inbox, "--out", tmp_path / "out", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_quiet_tells_of_errors(inbox, tmp_path):
    done = zipread("scan", inbox, "--out", tmp_path / "out", "--quiet")
    assert done.returncode == ExitCode.SOME_FAILED
    assert done.stdout == ""
    assert "Errors: 1 corrupt" in done.stderr
    assert "damaged.png: " in done.stderr


def test_the_log_is_json_if_asked(inbox, tmp_path):
    done = zipread("scan", inbox, "--out", tmp_path / "out", "--log-json", "--quiet")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert [event["stage"] for event in events] == ["plan", "read", "read", "summary"]
    assert {event.get("document") for event in events} == {None, "blank.png", "damaged.png"}
    assert all("seconds" in event for event in events)


def test_what_ends_a_run_is_json_as_well_if_asked(inbox, tmp_path):
    with hold(tmp_path / "out"):
        done = zipread("scan", inbox, "--out", tmp_path / "out", "--log-json")
    assert done.returncode == ExitCode.HELD
    (event,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert event["level"] == "critical"
    assert "is held by process" in event["message"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["scam"], ExitCode.USAGE, "Do you mean 'scan'?"),
        (["scan"], ExitCode.USAGE, "Usage:"),
        (["scan", "--no-such", "."], ExitCode.USAGE, "No such option"),
        (["scan", ".", "--jobs", "none"], ExitCode.USAGE, "--jobs"),
        (["scan", ".", "--jobs", "0", "--out", "o"], ExitCode.USAGE, "jobs is from 1"),
        (["scan", "."], ExitCode.USAGE, "Say where with --out"),
        (["scan", "nowhere", "--out", "o"], ExitCode.INPUT, "no such file"),
        (["scan", "x" * 300, "--out", "o"], ExitCode.INPUT, "no such file"),
        (["scan", "/dev/null", "--out", "o"], ExitCode.INPUT, "neither a file nor a folder"),
        (["scan", ".", "--out", "/proc/out"], ExitCode.OUTPUT, "Cannot write /proc/out"),
        (["scan", ".", "--out", "o", "--model", "none"], ExitCode.MODEL, "none cannot be read"),
        (["scan", ".", "--out", "o", "--sort-plan", "none"], ExitCode.USAGE, "sort plan none"),
        (["watch", "nowhere", "--out", "o"], ExitCode.INPUT, "no folder nowhere"),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_an_exit_code(inbox, arguments, code, said):
    done = zipread(*arguments, cwd=inbox)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (inbox / "zipread-results").exists()


def test_a_folder_that_is_held_is_told(inbox, tmp_path):
    with hold(tmp_path / "out"):
        done = zipread("scan", inbox, "--out", tmp_path / "out")
    assert done.returncode == ExitCode.HELD
    assert f"process {os.getpid()} on" in done.stderr


def test_a_model_that_is_a_pickle_is_refused(inbox, tmp_path):
    model = tmp_path / "model.skops"
    model.write_bytes(b"\x80\x04cos\nsystem\n.")
    done = zipread("scan", inbox, "--out", tmp_path / "out", "--model", model)
    assert done.returncode == ExitCode.MODEL
    assert "pickle" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_bug_leaves_a_log(tmp_path):
    script = (
        "import tempfile; tempfile.tempdir = '.'\n"
        "from zipread.cli.edge import translated\n"
        "with translated(['scan']): 1 / 0"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == ExitCode.BUG
    (log,) = tmp_path.glob("zipread-bug-*.log")
    assert log.name in done.stderr
    assert "ZeroDivisionError" in log.read_text()
    assert "Traceback" not in done.stderr


def test_config_shows_where_each_option_comes_from(tmp_path):
    (tmp_path / "zipread.toml").write_text("jobs = 3")
    done = zipread("config", "--timeout", "7", cwd=tmp_path, ZIPREAD_QUIET="yes")
    lines = {line.split(" ")[0]: line for line in done.stdout.splitlines()}
    assert lines["jobs"].endswith("# zipread.toml")
    assert lines["timeout"].endswith("# command line")
    assert lines["quiet"].endswith("# environment")
    assert lines["max-side"].endswith("# default")
    (tmp_path / "zipread.toml").write_text(done.stdout)
    assert zipread("config", cwd=tmp_path).returncode == 0


def test_doctor_finds_all_well():
    done = zipread("doctor")
    assert done.returncode == 0, done.stdout
    assert "SHA-256" in done.stdout
    assert "All is well." in done.stdout


def test_doctor_says_what_is_broken(tmp_path):
    package = tmp_path / "sklearn"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('broken')")
    done = zipread("doctor", PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert done.returncode != 0
    assert "BAD" in done.stdout


def test_watch_reads_what_is_dropped_and_ends_on_sigterm(inbox, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "zipread", "watch", inbox, "--out", out, "--settle", "0.3"]
    command.append("--report")
    watching = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: (out / "documents.csv").exists())
    (inbox / "late.png").write_bytes((inbox / "blank.png").read_bytes())
    wait_for(lambda: "late.png" in zips(out))
    watching.terminate()
    assert "Traceback" not in watching.communicate(timeout=30)[1]
    assert watching.returncode == 0
    assert set(zips(out)) == {"blank.png", "damaged.png", "late.png"}
    assert "late.png" in (out / "report.html").read_text()


def test_watch_goes_on_without_file_events(inbox, tmp_path):
    """As where another program has used up all inotify watches."""
    script = (
        "import watchfiles\n"
        "def watch(*_, **__): raise OSError('OS file watch limit reached')\n"
        "watchfiles.watch = watch\n"
        "from zipread.cli import main; main()"
    )
    out = tmp_path / "out"
    command = [sys.executable, "-c", script, "watch", inbox, "--out", out, "--every", "0.5"]
    watching = subprocess.Popen(
        [*command, "--settle", "0"], cwd=ROOT, stdout=-1, stderr=-1, text=True
    )
    wait_for(lambda: (out / "documents.csv").exists())
    (inbox / "late.png").write_bytes((inbox / "blank.png").read_bytes())
    wait_for(lambda: "late.png" in zips(out))
    watching.terminate()
    assert "no file events (OS file watch limit" in watching.communicate(timeout=5)[1]
    assert watching.returncode == 0


def test_watch_does_not_wake_itself_by_what_it_writes(inbox):
    out = inbox / "out"
    command = [sys.executable, "-m", "zipread", "watch", inbox, "--out", out, "--settle", "0"]
    watching = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: (out / "documents.csv").exists())
    time.sleep(1)
    before = (out / ".zipread/lock").stat().st_mtime_ns
    time.sleep(2)
    assert (out / ".zipread/lock").stat().st_mtime_ns == before
    watching.terminate()
    watching.communicate(timeout=30)


def wait_for(condition, seconds=20):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)
