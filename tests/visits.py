"""A visitor without a browser: cookies, password and one session of the app over its WebSocket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from servers import PASSWORD, Proxy, login, trusting

SEAT = "convscope_seat"
TOKEN = "_streamlit_xsrf"


def browser(proxy: Proxy, password: str = PASSWORD, seat: str = "") -> requests.Session:
    """Something that keeps cookies, gives its password and trusts the certificate, as a browser does."""
    made = requests.Session()
    made.trust_env, made.verify = False, str(proxy.certificate)
    made.headers.update(login(password))
    if seat:
        made.cookies.set(SEAT, seat, domain="127.0.0.1", path="/", secure=True)
    return made


@contextmanager
def visit(proxy: Proxy, known: requests.Session, **headers: str) -> Iterator[Visit]:
    """Open the WebSocket that the page in a browser holds."""
    from websockets.sync.client import connect

    known.get(f"{proxy.address}/_stcore/health", timeout=10)
    cookies = "; ".join(f"{name}={value}" for name, value in known.cookies.items())
    with connect(
        f"{proxy.address.replace('https', 'wss')}/_stcore/stream",
        subprotocols=["streamlit", known.cookies[TOKEN]],
        additional_headers={**login(), "Cookie": cookies, "Origin": proxy.address, **headers},
        ssl=trusting(proxy),
        proxy=None,
        open_timeout=60,
        max_size=None,
    ) as socket:
        yield Visit(proxy, known, socket)


class Visit:
    """One session of the app."""

    def __init__(self, proxy: Proxy, known: requests.Session, socket: Any) -> None:
        self.proxy, self.known, self.socket = proxy, known, socket

    def told_until(self, kind: str) -> Iterator[Any]:
        """Read what the server sends, up to and with the first message of a kind."""
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        found = ""
        while found != kind:
            message = ForwardMsg.FromString(self.socket.recv(60, decode=False))
            found = message.WhichOneof("type")
            yield message

    def ask(self, **fields: Any) -> None:
        from streamlit.proto.BackMsg_pb2 import BackMsg

        self.socket.send(BackMsg(**fields).SerializeToString())

    def page(self) -> str:
        """Run the first page to its end, and return what it says."""
        from streamlit.proto.ClientState_pb2 import ClientState

        self.ask(rerun_script=ClientState())
        elements = [message.delta.new_element for message in self.told_until("script_finished")]
        return "\n".join(getattr(getattr(one, one.WhichOneof("type") or "", None), "body", "") for one in elements)

    def upload_to(self) -> str:
        """Ask where a file goes; the path holds the session, which only its own server knows."""
        from streamlit.proto.Common_pb2 import FileURLsRequest

        self.ask(file_urls_request=FileURLsRequest(request_id="1", file_names=["a.png"]))
        *_, answer = self.told_until("file_urls_response")
        return str(answer.file_urls_response.file_urls[0].upload_url)

    def upload(self, size: int, known: requests.Session | None = None, **headers: str) -> requests.Response:
        """Send a file of some bytes, as this visitor or as one with other cookies."""
        token = {"X-Xsrftoken": self.known.cookies[TOKEN], **headers}
        address, file = f"{self.proxy.address}{self.upload_to()}", {"file": ("a.png", b"\0" * size)}
        return (known or self.known).put(address, files=file, headers=token, timeout=30)
