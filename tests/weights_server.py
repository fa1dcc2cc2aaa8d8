"""A server of weights files on this machine that behaves, or doesn't."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from model_zoo.entry import WeightsFile

BODY = np.random.default_rng(0).integers(0, 256, 3_000_000, np.uint8).tobytes()
MD5 = f"md5:{hashlib.md5(BODY, usedforsecurity=False).hexdigest()}"


class Server(ThreadingHTTPServer):
    """Serves BODY by the path.

    /ok; /cut (half of it) and /cut/3 (three tenths); /stall (half, then silence); /held (half, and the rest when
    released); /long (a byte too many); /lie (another file of the same size); /refuse (404).
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[str] = []
        self.release = threading.Event()

    def url(self, behaviour: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{behaviour}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that hang up are what is tested."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = self.path.strip("/")
        self.server.requests.append(asked)
        behaviour, _, tenths = asked.partition("/")
        if behaviour == "refuse":
            self.send_error(404)
            return
        body = {"long": BODY + b"!", "lie": BODY[::-1]}.get(behaviour, BODY)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        first = len(body) * int(tenths or 5) // 10
        self.wfile.write(body[:first])
        if behaviour == "cut":
            return
        if behaviour in ("stall", "held"):
            self.server.release.wait(20)
        if behaviour != "stall":
            self.wfile.write(body[first:])

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@contextmanager
def serving() -> Iterator[Server]:
    """Serve on a free port of this machine until the block is left."""
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()


def left_in(file: WeightsFile) -> list[str]:
    """Name what lies in the folder that a file is fetched to."""
    return sorted(found.name for found in file.path.parent.iterdir()) if file.path.parent.exists() else []


def wanted_from(server: Server, folder: Path, behaviour: str) -> WeightsFile:
    return WeightsFile(server.url(behaviour), folder / "weights.h5", len(BODY), MD5, "none")


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "waited 10 s in vain"
        time.sleep(0.01)
