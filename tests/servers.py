"""The app as a user starts it, in a process of its own on this machine, and nginx in front of it."""

from __future__ import annotations

import base64
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
SITE = ROOT / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
NEEDED = NGINX and shutil.which("openssl")
USER, PASSWORD = "class", "a long password"
HOST = "convscope.example.org"
MAIN = """
daemon off; {user} pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 2;
events {{}}
http {{
    include /etc/nginx/mime.types; access_log {folder}/access.log;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
without_nginx: list[str] = []
"""The tests that were skipped because there is no nginx; the last line of a run says how many."""


class App(str):
    """The address of a running app, and the process that serves it."""

    process: int = 0


class Proxy(NamedTuple):
    """A running nginx: its addresses with and without encryption, and the certificate that it was given."""

    address: str
    plain: str
    certificate: Path
    folder: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_app(root: Path = ROOT, **environment: str) -> Iterator[App]:
    """Start the app as a user would, on a free port of this machine; yields its address. `root` holds its files."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port)]
    command += ["--server.headless", "true", "--server.address", "127.0.0.1", "--server.fileWatcherType", "none"]
    settings = {"CONVSCOPE_VGG16": str(ROOT / "there-is-no-such-file.h5"), **environment}
    server = subprocess.Popen(command, cwd=root, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    address = App(f"http://127.0.0.1:{port}")
    address.process = server.pid
    try:
        wait_for_health(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def wait_for_health(address: str, server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the app at {address} did not answer within {seconds} s; exit code {server.poll()}")


def wait_for_port(port: int, server: subprocess.Popen[bytes], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"nothing listened on port {port} within {seconds} s; exit code {server.poll()}")


@contextmanager
def running_proxy(apps: Sequence[str], folder: Path) -> Iterator[Proxy]:
    """Run nginx with deploy/nginx.conf in front of apps; only names, ports, paths and servers are other."""
    secure, plain = free_port(), free_port()
    certificate, key = folder / "fullchain.pem", folder / "privkey.pem"
    _make_certificate(certificate, key)
    (folder / "convscope.htpasswd").write_text(f"{USER}:{_hashed(PASSWORD)}\n")
    (folder / "site.conf").write_text(_site(apps, folder, secure, plain))
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(user=user, folder=folder))
    server = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", "nginx.conf"], stderr=subprocess.DEVNULL)
    proxy = Proxy(f"https://127.0.0.1:{secure}", f"http://127.0.0.1:{plain}", certificate, folder)
    try:
        wait_for_port(secure, server)
        yield proxy
    finally:
        server.terminate()
        server.wait(20)


def _site(apps: Sequence[str], folder: Path, secure: int, plain: int) -> str:
    text = SITE.read_text()
    servers = "".join(f"    server {app.removeprefix('http://')} fail_timeout=10s;\n" for app in apps)
    changes = {
        r"    server 127\.0\.0\.1:\d+ fail_timeout=10s;\n": servers,
        r"listen 443 ": f"listen 127.0.0.1:{secure} ",
        r"listen 80;": f"listen 127.0.0.1:{plain};",
        r"/etc/ssl/convscope/(\w+)\.pem": rf"{folder}/\1.pem",
        r"/etc/nginx/convscope\.htpasswd": f"{folder}/convscope.htpasswd",
        rf"server_name {re.escape(HOST)};": f"server_name {HOST} 127.0.0.1;",
    }
    for found, new in changes.items():
        text, count = re.subn(found, new, text)
        assert count, f"deploy/nginx.conf has no {found}"
    return text


def _make_certificate(certificate: Path, key: Path) -> None:
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", *names]
    command += ["-days", "2", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)


def _hashed(password: str) -> str:
    return subprocess.run(
        ["openssl", "passwd", "-apr1", password], check=True, capture_output=True, text=True
    ).stdout.strip()


def trusting(proxy: Proxy) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(proxy.certificate))


def login(password: str = PASSWORD) -> dict[str, str]:
    """The header of a browser whose user gave this password."""
    return {"Authorization": "Basic " + base64.b64encode(f"{USER}:{password}".encode()).decode()}
