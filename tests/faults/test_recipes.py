"""The recipes of the README, as far as a machine without cron and systemd at work can try them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents.making import encoded, grey_picture
from zipread.storage import hold

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.fixture
def cron(tmp_path):
    """Runs the command of the crontab as cron does, with its paths below a folder of the test."""
    (tmp_path / "inbox").mkdir()
    (line,) = [line for line in blocks("crontab")[0].splitlines() if line.startswith("*")]
    command = line.split(" ", 5)[5].replace("/srv/", f"{tmp_path}/")
    command = command.replace("/opt/zipread/bin/zipread", f"{sys.executable} -m zipread")
    assert "%" not in command  # cron would take it for a new line

    def run():
        return subprocess.run(
            ["env", "-i", f"PYTHONPATH={ROOT}", "HOME=/", "sh", "-c", command],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def put(path, content):
    path.write_bytes(content)
    os.utime(path, (1, 1))


def test_cron_sends_mail_only_when_something_is_wrong(cron, tmp_path):
    put(tmp_path / "inbox/a.png", encoded(grey_picture(300, 200), "PNG"))
    done = cron()
    assert (done.stdout, done.stderr) == ("", "")
    assert (tmp_path / "done/a.png").exists()
    with hold(tmp_path / "results"):
        held = cron()
    assert (held.returncode, held.stdout, held.stderr) == (0, "", "")
    put(tmp_path / "inbox/b.png", b"rubbish")
    failed = cron()
    assert "Errors: 1 unsupported" in failed.stdout
    assert (tmp_path / "failed/b.png").exists()
    again = cron()
    assert (again.stdout, again.stderr) == ("", "")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_understands_the_units(tmp_path):
    service, timer = blocks("ini")
    executable = re.sub(r"ExecStart=\S+", f"ExecStart={sys.executable}", service)
    (tmp_path / "zipread.service").write_text(re.sub(r"User=\S+", "User=root", executable))
    (tmp_path / "zipread.timer").write_text(timer)
    done = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / "zipread.service", tmp_path / "zipread.timer"],
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if "zipread" in line]
    assert (done.returncode, said) == (0, [])
