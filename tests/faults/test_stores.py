"""A scan from S3 to S3, through a store that fails now and then."""

import json
import os
import subprocess
import sys
import time

import pytest

from tests.faults.engines import MAGIC
from tests.faults.scan import cheap_scan
from tests.faults.stores import FaultyProxy, S3Server
from tests.results import without_times
from zipread.errors import ExitCode

pytest.importorskip("s3fs")
pytest.importorskip("moto")

pytestmark = pytest.mark.slow

COUNT = 40


@pytest.fixture
def server(tmp_path):
    made = S3Server(tmp_path / "moto.log")
    for bucket in ("inbox", "results"):
        made.put(bucket)
    for i in range(COUNT):
        made.put("inbox", f"{i // 10}/{i:03}.pdf", MAGIC + f"sleep 0.05\n{10000 + i}".encode())
    made.put("inbox", "odd name é #1?.pdf", MAGIC + b"bad")
    yield made
    made.close()


@pytest.fixture
def faulty(server):
    proxy = FaultyProxy(server.port)
    yield proxy
    proxy.close()


def started(url, state):
    """A scan of the bucket, begun, as a process of its own."""
    config = {"read_timeout": 0.8, "retries": {"max_attempts": 1, "mode": "standard"}}
    store = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": url,
        "FSSPEC_S3": json.dumps({"config_kwargs": config}),
        "XDG_STATE_HOME": str(state),
    }
    command = [sys.executable, "-m", "tests.faults.scan", "s3://inbox", "s3://results/today/"]
    return subprocess.Popen(
        command,
        env=os.environ | store,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(scan):
    printed, said = scan.communicate(timeout=300)
    assert said == ""
    assert scan.returncode in (ExitCode.OK, ExitCode.SOME_FAILED)  # one of them is bad
    return [int(number) for number in printed.split()]


@pytest.fixture
def expected(server, tmp_path):
    """The results of a local scan of the same documents."""
    for key, content in server.objects("inbox").items():
        path = tmp_path / "local-inbox" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    out = tmp_path / "local"
    cheap_scan(tmp_path / "local-inbox", out)
    files = (path for path in out.rglob("*") if path.is_file() and ".zipread" not in path.parts)
    return {f"today/{f.relative_to(out)}": without_times(f.read_text()) for f in files}


def results_in(server):
    return {key: without_times(text.decode()) for key, text in server.objects("results").items()}


def test_all_rows_are_there_and_none_twice_though_requests_fail(server, faulty, expected, tmp_path):
    assert finished(started(faulty.url, tmp_path / "state")) == [COUNT + 1, 0]
    kinds = {kind for kind, method in faulty.faults if method == "PUT"}
    assert kinds == {"", "503", "lost", "hang"}
    assert results_in(server) == expected
    assert finished(started(faulty.url, tmp_path / "state")) == [0, COUNT + 1]


def test_a_scan_that_was_killed_goes_on(server, expected, tmp_path):
    url = f"http://127.0.0.1:{server.port}"
    scan = started(url, tmp_path / "state")
    until = time.monotonic() + 60
    while len(server.objects("results")) < COUNT:  # half of them, two files each
        assert time.monotonic() < until
    scan.kill()
    scan.communicate()
    read, up_to_date = finished(started(url, tmp_path / "state"))
    assert read + up_to_date == COUNT + 1
    assert up_to_date > 0
    assert results_in(server) == expected
    assert finished(started(url, tmp_path / "elsewhere")) == [0, COUNT + 1]


def test_a_store_that_is_gone_is_said_and_a_rerun_goes_on(server, expected, tmp_path):
    proxy = FaultyProxy(server.port)
    scan = started(proxy.url, tmp_path / "state")
    while not server.objects("results"):
        time.sleep(0.05)
    proxy.close()
    _, said = scan.communicate(timeout=300)
    assert scan.returncode == ExitCode.OUTPUT
    assert "Cannot write s3://results/today" in said
    assert said.count("\n") == 1
    read, up_to_date = finished(started(f"http://127.0.0.1:{server.port}", tmp_path / "state"))
    assert read + up_to_date == COUNT + 1
    assert results_in(server) == expected
