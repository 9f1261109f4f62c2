"""A running review station, and requests to it as anyone on this machine could make them."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit


@contextmanager
def station(out, *options):
    """A running station: the process, and its address."""
    command = [sys.executable, "-m", "zipread", "review", str(out), "--no-open", *options]
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def ask(address, path="", method="GET", body=None, **headers):
    """A request as anyone on this machine could make it: status and text."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    with closing(connection):
        connection.request(method, (path or parts.path), body, named)
        with connection.getresponse() as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
