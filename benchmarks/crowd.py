"""What measurements of many people share: a server of their own, everybody at once, one line a figure."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROW = "{:<72}{:>12}{:>12}   {}"
PICTURES = ("chelsea", "rocket", "coffee", "astronaut", "brick", "camera")


@contextmanager
def server(**environment: str) -> Iterator[tuple[str, int, Path]]:
    """Run the app on a free port; yields its address, its process and its log."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = Path(tempfile.mkdtemp()) / "log"
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env={**os.environ, **environment})
    address = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None and not healthy(address):
            time.sleep(0.02)
        yield address, process.pid, log
    finally:
        process.terminate()
        process.wait(20)


def healthy(address: str) -> float:
    """Return the seconds that the health check took, 0 if it failed."""
    began = time.monotonic()
    try:
        urllib.request.urlopen(f"{address}/_stcore/health", timeout=10).close()
    except OSError:
        return 0.0
    return time.monotonic() - began


def show(what: str, value: float, most: float | None, unit: str) -> None:
    target = "" if most is None else f"{most:.4g} {unit}"
    verdict = "" if most is None else "met" if value <= most else "MISSED"
    print(ROW.format(what, f"{value:.4g} {unit}", target, verdict), flush=True)


def all_at_once(count: int, work: Callable[[int], object]) -> None:
    threads = [threading.Thread(target=work, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
