"""A real S3 server on this machine (moto's), and a proxy before it that injects faults."""

from __future__ import annotations

import http.client
import itertools
import subprocess
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote
from xml.etree import ElementTree

if TYPE_CHECKING:
    from pathlib import Path

_ANYONE = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request"
_LIMIT = 60.0  # seconds for the server to start, on a busy machine
_SLOW_DOWN = (
    b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
)
_HANG = 1.6  # seconds: longer than the client is told to wait


class S3Server:
    """Moto's server in a process of its own; buckets are made and looked at by plain HTTP."""

    def __init__(self, log: Path) -> None:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        self._log = log
        with log.open("wb") as file:
            self.process = subprocess.Popen(command, stdout=file, stderr=file)
        until = time.monotonic() + _LIMIT
        while "Running on http://127.0.0.1:" not in log.read_text():
            assert time.monotonic() < until
            time.sleep(0.05)
        self.port = int(log.read_text().partition("Running on http://127.0.0.1:")[2].split()[0])

    def put(self, bucket: str, key: str = "", content: bytes = b"") -> None:
        status, said = self._ask("PUT", f"/{bucket}/{quote(key)}", content)
        assert status == 200, said

    def objects(self, bucket: str) -> dict[str, bytes]:
        """All objects by key."""
        keys: list[str] = []
        more = ""
        while True:
            said = self._get(f"/{bucket}/?list-type=2{more}")
            tree = ElementTree.fromstring(said)
            keys += [str(e.text) for e in tree.iterfind("{*}Contents/{*}Key")]
            token = tree.findtext("{*}NextContinuationToken")
            if not token:
                break
            more = f"&continuation-token={quote(token)}"
        return {key: self._get(f"/{bucket}/{quote(key)}") for key in keys}

    def _get(self, path: str) -> bytes:
        status, said = self._ask("GET", path)
        assert status == 200, said
        return said

    def close(self) -> None:
        self.process.kill()
        self.process.wait()

    def _ask(self, method: str, path: str, content: bytes | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, content, {"Authorization": _ANYONE})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


class FaultyProxy:
    """Passes requests on, but not each time.

    Every fourth is answered 503, every seventh is done and its answer never sent, every
    thirteenth hangs. ``faults`` counts what was injected, by kind and method.
    """

    def __init__(self, port: int) -> None:
        self.faults: Counter[tuple[str, str]] = Counter()
        self._numbers = itertools.count(1)
        handler = type("Handler", (_Handler,), {"proxy": self, "behind": port})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def fault(self, method: str) -> str:
        number = next(self._numbers)
        kinds = {4: "503", 7: "lost", 13: "hang"}
        kind = next((kind for every, kind in kinds.items() if number % every == 0), "")
        self.faults[kind, method] += 1
        return kind

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: ClassVar[FaultyProxy]
    behind: ClassVar[int]

    def _pass(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.proxy.fault(self.command)
        if fault == "503":
            self._answer(503, {"Content-Type": "application/xml"}, _SLOW_DOWN)
            return
        if fault == "hang":
            time.sleep(_HANG)
        connection = http.client.HTTPConnection("127.0.0.1", self.behind, timeout=30)
        try:
            connection.request(self.command, self.path, content, dict(self.headers))
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        if fault:  # it was done, but nobody hears of it
            self.close_connection = True
            return
        headers = {k: v for k, v in answer.getheaders() if k.lower() not in _HOPS}
        self._answer(answer.status, headers, said)

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        length = headers.get("Content-Length", str(len(content)))
        self.send_header("Content-Length", length) if "Content-Length" not in headers else None
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _pass  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


_HOPS = {"connection", "transfer-encoding", "date", "server"}
