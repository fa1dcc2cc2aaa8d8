"""deploy/nginx.conf in a real nginx on this machine, in front of two real servers of the app."""

from __future__ import annotations

import re
import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
import servers
from image_files import image_root
from servers import ROOT, SITE, Proxy, running_app, running_proxy, without_nginx
from visits import SEAT, browser, visit

from components.screens import screens
from scripts.write_policy import sources

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Strict-Transport-Security": "max-age=31536000",
}
MB = 2**20


@pytest.fixture(autouse=True)
def _needs_nginx(request: pytest.FixtureRequest) -> None:
    if "proxy" in " ".join(request.fixturenames) and not servers.NEEDED:
        without_nginx.append(request.node.nodeid)
        pytest.skip("no nginx or no openssl on this machine")


@pytest.fixture(scope="module")
def two_apps_behind_a_proxy(tmp_path_factory) -> Iterator[Proxy]:
    """One server from the project's folder, one from the files that go into the container image, and no others."""
    if not servers.NEEDED:
        pytest.skip("no nginx or no openssl on this machine")
    with ExitStack() as stack:
        apps = [stack.enter_context(running_app(root)) for root in (ROOT, image_root(tmp_path_factory.mktemp("image")))]
        yield stack.enter_context(running_proxy(apps, tmp_path_factory.mktemp("nginx")))


@pytest.fixture
def proxy(two_apps_behind_a_proxy) -> Proxy:
    return two_apps_behind_a_proxy


def test_a_page_comes_over_the_proxy_and_its_websocket(proxy):
    known = browser(proxy)
    assert "<title>Streamlit</title>" in known.get(proxy.address, timeout=10).text
    with visit(proxy, known) as session:
        assert session.socket.response.status_code == 101
        assert screens()[0].question in session.page()


@pytest.mark.parametrize("path", ["/", "/kernels", "/favicon.png", "/_stcore/stream", "/_stcore/upload_file/a/b"])
@pytest.mark.parametrize("password", ["", "wrong"])
def test_without_the_password_there_is_nothing(proxy, path, password):
    answer = browser(proxy, password).get(f"{proxy.address}{path}", timeout=10)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="ConvScope"'
    assert "Streamlit" not in answer.text


def test_health_is_told_to_everybody_and_nothing_else(proxy):
    answer = requests.get(f"{proxy.address}/_stcore/health", verify=str(proxy.certificate), timeout=10)
    assert (answer.status_code, answer.text) == (200, "ok")


def test_a_websocket_without_password_or_from_another_site_is_refused(proxy):
    from websockets.exceptions import InvalidStatus

    known = browser(proxy)
    known.get(proxy.address, timeout=10)
    for headers, status in (({"Authorization": "Basic eDp5"}, 401), ({"Origin": "https://elsewhere.example"}, 403)):
        with pytest.raises(InvalidStatus) as refused, visit(proxy, known, **headers):
            pass
        assert refused.value.response.status_code == status


@pytest.mark.parametrize(
    ("path", "password", "status"),
    [("/", servers.PASSWORD, 200), ("/", "", 401), ("/favicon.png", servers.PASSWORD, 200), ("/static/no.js", "", 401)],
)
def test_every_answer_carries_each_header_once(proxy, path, password, status):
    answer = browser(proxy, password).get(f"{proxy.address}{path}", timeout=10)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["Content-Security-Policy"] == policy()
    assert answer.headers["Server"] == "nginx", "without its version"


def policy() -> str:
    return re.search(r'Content-Security-Policy "(.*)" always', SITE.read_text())[1]


def test_the_policy_names_the_inline_scripts_there_are_and_allows_no_others():
    """Where this fails after a change: python -m scripts.write_policy."""
    assert re.search("script-src ([^;]*);", policy())[1] == sources()
    assert policy().startswith("default-src 'none';")
    assert "unsafe-eval" not in policy()
    users = [path for path in (ROOT / "components").rglob("*.py") if "allow_javascript" in path.read_text()]
    assert users == [ROOT / "components" / "scripts.py"], "a script elsewhere is not in the policy"


def test_whoever_comes_without_encryption_is_sent_to_the_other_door(proxy):
    answer = requests.get(f"{proxy.plain}/kernels?layer=conv_1", allow_redirects=False, timeout=10)
    assert answer.status_code == 308
    assert answer.headers["Location"] == "https://127.0.0.1/kernels?layer=conv_1"


@pytest.mark.parametrize("path", ["agent/openapi.json", "agent/interact", "agent/mcp", "metrics"])
def test_interfaces_for_programs_are_closed(proxy, path):
    answer = browser(proxy).post(f"{proxy.address}/_stcore/{path}", timeout=10)
    assert (answer.status_code, "nginx" in answer.text) == (404, True)


def test_uploads_pass_with_their_token_and_over_the_limit_are_refused_at_the_door(proxy):
    with visit(proxy, browser(proxy)) as session:
        assert session.upload(1000).status_code == 204
        assert session.upload(50 * MB - 1000).status_code == 204, "a form has a frame round its file"
        assert session.upload(1000, **{"X-Xsrftoken": "wrong"}).status_code == 403
        over = session.upload(50 * MB)
        assert (over.status_code, "nginx" in over.text) == (413, True)
    elsewhere = browser(proxy).post(proxy.address, data=b"\0" * 70_000, timeout=10)
    assert elsewhere.status_code == 413
    limit = re.search(r"maxUploadSize = (\d+)", (ROOT / ".streamlit" / "config.toml").read_text())[1]
    assert f"client_max_body_size {limit}m;" in SITE.read_text()


def test_a_seat_stays_with_its_server_and_seats_are_spread_over_both(proxy):
    known = browser(proxy)
    assert re.fullmatch("[0-9a-f]{32}", known.get(proxy.address, timeout=10).cookies[SEAT])
    assert SEAT not in known.get(proxy.address, timeout=10).cookies, "given once"
    found: set[int] = set()
    with visit(proxy, known) as session:
        assert [session.upload(10).status_code for _ in range(8)] == [204] * 8
        for _ in range(64):
            stranger = browser(proxy, seat=uuid.uuid4().hex)
            stranger.cookies.set("_streamlit_xsrf", known.cookies["_streamlit_xsrf"], domain="127.0.0.1")
            answer = session.upload(10, stranger)
            found.add(answer.status_code)
            if answer.status_code == 400:
                assert "sticky sessions" in answer.text
                break
    assert 400 in found, "64 seats all led to one server"


def test_a_seat_that_nobody_gave_is_not_believed(proxy):
    answer = browser(proxy, seat="x" * 1000).get(proxy.address, timeout=10)
    assert re.fullmatch("[0-9a-f]{32}", answer.cookies[SEAT])


class Echo(BaseHTTPRequestHandler):
    """An app that answers with the headers that reach it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(self.headers).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def echo() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def proxy_of_an_echo_and_a_dead_server(echo, tmp_path) -> Iterator[Proxy]:
    if not servers.NEEDED:
        pytest.skip("no nginx or no openssl on this machine")
    with running_proxy([echo, f"http://127.0.0.1:{servers.free_port()}"], tmp_path) as proxy:
        yield proxy


def test_the_app_learns_who_came_and_never_the_password(proxy_of_an_echo_and_a_dead_server):
    proxy = proxy_of_an_echo_and_a_dead_server
    claimed = {"X-Forwarded-For": "8.8.8.8", "X-Real-IP": "8.8.8.8", "X-Forwarded-Proto": "http"}
    told = browser(proxy).get(proxy.address, headers=claimed, timeout=10).text
    host = proxy.address.removeprefix("https://")
    for line in (f"Host: {host}", f"X-Forwarded-Host: {host}", "X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1"):
        assert line in told
    assert "X-Forwarded-Proto: https" in told
    assert "8.8.8.8" not in told
    assert "Authorization" not in told


def test_seats_of_a_dead_server_move_to_the_other(proxy_of_an_echo_and_a_dead_server):
    proxy = proxy_of_an_echo_and_a_dead_server
    seats = [browser(proxy, seat=f"{number:032x}") for number in range(30)]
    assert [one.get(proxy.address, timeout=10).status_code for one in seats] == [200] * 30


@pytest.fixture
def proxy_of_nothing(tmp_path) -> Iterator[Proxy]:
    if not servers.NEEDED:
        pytest.skip("no nginx or no openssl on this machine")
    with running_proxy([f"http://127.0.0.1:{servers.free_port()}"], tmp_path) as proxy:
        yield proxy


def test_while_no_server_is_there_the_page_says_so_and_tries_again(proxy_of_nothing):
    answer = browser(proxy_of_nothing).get(proxy_of_nothing.address, timeout=10)
    assert answer.status_code == 503
    assert "ConvScope is starting. This page tries again every five seconds." in answer.text
    assert "http-equiv=refresh content=5" in answer.text
    assert answer.headers["Content-Security-Policy"] == policy()


def test_ci_installs_what_these_tests_need():
    script = (ROOT / ".ci" / "run").read_text()
    assert "nginx-light openssl" in script
    subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=True)


def test_every_setting_is_described():
    code = [
        path for folder in ("components", "pages", "explain", "model_zoo") for path in (ROOT / folder).rglob("*.py")
    ]
    named = {name for path in code for name in re.findall(r"CONVSCOPE_[A-Z0-9_]+", path.read_text())}
    described = (ROOT / "docs" / "deploy.md").read_text()
    assert [name for name in sorted(named) if f"`{name}" not in described] == []
    assert "CONVSCOPE_VGG16" in named


def test_the_service_listens_on_this_machine_only_and_is_not_root():
    unit = (ROOT / "deploy" / "convscope@.service").read_text()
    assert "\nUser=convscope\n" in unit
    assert "streamlit run streamlit_app.py --server.address 127.0.0.1 --server.port %i\n" in unit
    assert "\nNoNewPrivileges=yes\n" in unit
