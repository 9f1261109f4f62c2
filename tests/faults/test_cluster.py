"""A scan on a Dask cluster gives what a local one gives, whatever happens to the cluster."""

import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.faults.clusters import DaskCluster
from tests.faults.engines import MAGIC
from tests.faults.scan import cheap_scan
from tests.results import results, zips
from zipread.batch import scan
from zipread.cli.console import Quiet
from zipread.errors import ClusterProblem, ExitCode, UsageProblem
from zipread.options import Options
from zipread.shipped import DIGITS, models_folder

pytest.importorskip("distributed")

COUNT = 90
ODD = {"die.pdf": "10002\ndie\n10003", "bad.pdf": "bad\n10004", "corrupt.pdf": "corrupt"}


@pytest.fixture
def cluster(tmp_path):
    folder = tmp_path / "cluster"
    folder.mkdir()
    made = DaskCluster(folder)
    yield made
    made.close()


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    slow = {f"{i:03}.pdf": f"sleep 0.1\n{10000 + i}" for i in range(COUNT)}
    for name, text in (slow | ODD).items():
        (folder / name).write_bytes(MAGIC + text.encode())
    return folder


def started(inbox, out, cluster):
    """A scan on the cluster, begun, as a process of its own."""
    command = [sys.executable, "-m", "tests.faults.scan", inbox, out]
    flags = ("engine=dask", f"scheduler={cluster.address}")
    return subprocess.Popen(
        [*command, *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_until_read(out, share, scan):
    until = time.monotonic() + 120
    while len(list(out.glob("*.json"))) < share * COUNT:
        assert time.monotonic() < until
        assert scan.poll() is None
        time.sleep(0.05)


@pytest.mark.slow
def test_workers_come_and_go_and_the_results_are_those_of_a_local_run(cluster, inbox, tmp_path):
    first, *_ = [cluster.start_worker() for _ in range(3)]
    scan = started(inbox, tmp_path / "out", cluster)
    wait_until_read(tmp_path / "out", 0.3, scan)
    first.kill()
    wait_until_read(tmp_path / "out", 0.6, scan)
    cluster.start_worker()
    printed, said = scan.communicate(timeout=120)
    assert (scan.returncode, said) == (ExitCode.SOME_FAILED, "")
    assert printed.split() == [str(COUNT + len(ODD)), "0"]
    cheap_scan(inbox, tmp_path / "local")
    assert results(tmp_path / "out") == results(tmp_path / "local")


@pytest.mark.slow
def test_a_lost_scheduler_ends_the_run_and_the_next_goes_on(cluster, inbox, tmp_path):
    workers = [cluster.start_worker() for _ in range(2)]
    scan = started(inbox, tmp_path / "out", cluster)
    wait_until_read(tmp_path / "out", 0.3, scan)
    cluster.scheduler.kill()
    cluster.scheduler.wait()
    _, said = scan.communicate(timeout=60)
    assert scan.returncode == ExitCode.CLUSTER
    assert said.count("\n") == 1
    assert f"scheduler at {cluster.address} was lost" in said
    kept = len(zips(tmp_path / "out"))
    assert kept >= 0.3 * COUNT
    for worker in workers:
        worker.kill()
    cluster.start_scheduler()
    cluster.start_worker(nanny=True)
    scan = started(inbox, tmp_path / "out", cluster)
    printed, said = scan.communicate(timeout=120)
    read, up_to_date = map(int, printed.split())
    assert said == ""
    assert read + up_to_date == COUNT + len(ODD)
    assert up_to_date >= 0.3 * COUNT
    cheap_scan(inbox, tmp_path / "local")
    assert results(tmp_path / "out") == results(tmp_path / "local")


@pytest.mark.slow
def test_a_scheduler_that_hangs_ends_the_run(cluster, inbox, tmp_path, monkeypatch):
    monkeypatch.setattr("zipread.cluster._SILENT", 2.0)
    monkeypatch.setattr("zipread.cluster._CONNECT", 5.0)
    cluster.start_worker()
    out = tmp_path / "out"

    def stop_when_some_are_read():
        until = time.monotonic() + 120
        while not list(out.glob("*.json")) and time.monotonic() < until:
            time.sleep(0.05)
        cluster.scheduler.send_signal(signal.SIGSTOP)

    stopping = threading.Thread(target=stop_when_some_are_read)
    stopping.start()
    with pytest.raises(ClusterProblem, match="was lost"):
        cheap_scan(inbox, out, engine="dask", scheduler=cluster.address)
    stopping.join()
    assert 0 < len(zips(out)) < COUNT


@pytest.mark.slow
def test_workers_of_another_model_are_refused(cluster, inbox, tmp_path):
    cluster.start_worker()
    on_cluster = {"engine": "dask", "scheduler": cluster.address}
    with pytest.raises(ClusterProblem, match="other model files"):
        cheap_scan(inbox, tmp_path / "out", expected="another", **on_cluster)


@pytest.mark.slow
def test_the_model_travels_with_the_documents(cluster, tmp_path, monkeypatch):
    cluster.start_worker()
    envelopes = [path.resolve() for path in sorted(Path("samples/envelopes").glob("0*.jpg"))]
    shutil.copy(models_folder() / DIGITS, tmp_path / "own.skops")
    monkeypatch.chdir(tmp_path)  # where the cluster's workers are not
    own: dict[str, Any] = {"model": "own.skops", "accept": 0.5}
    remote = Options(out="out", engine="dask", scheduler=cluster.address, **own)
    scan(envelopes, remote, Quiet())
    scan(envelopes, Options(out="local", **own), Quiet())
    assert len(zips(tmp_path / "out")) == len(envelopes)
    assert results(tmp_path / "out") == results(tmp_path / "local")


def test_no_scheduler_is_said(inbox, tmp_path, monkeypatch):
    monkeypatch.setattr("zipread.cluster._CONNECT", 0.5)
    with pytest.raises(ClusterProblem, match="no Dask scheduler at tcp://"):
        cheap_scan(inbox, tmp_path / "out", engine="dask", scheduler="tcp://127.0.0.1:9")


def test_nothing_to_do_needs_no_scheduler(tmp_path):
    (tmp_path / "inbox").mkdir()
    summary = cheap_scan(
        tmp_path / "inbox", tmp_path / "out", engine="dask", scheduler="tcp://127.0.0.1:9"
    )
    assert summary.documents == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"engine": "dask"}, "needs a --scheduler"),
        ({"engine": "spark"}, "local or dask"),
        ({"engine": "dask", "scheduler": "tcp://h:1", "debug": "seen"}, "--engine local"),
    ],
)
def test_options_that_do_not_fit_are_refused(inbox, tmp_path, options, said):
    with pytest.raises(UsageProblem, match=said):
        cheap_scan(inbox, tmp_path / "out", **options)
