"""The app without a browser: open a page at an address, read what it says."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from streamlit.testing.v1 import AppTest

from components import state, warming
from components.subjects import Subject
from model_zoo import MODELS

ROOT = Path(__file__).parent.parent
os.environ["CONVSCOPE_VGG16"] = str(ROOT / "tests" / "there-is-no-such-file.h5")
"""Keeps VGG16 in its base state, also where its whole file is in this machine's cache."""
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="convscope_")
"""What tests time on a busy machine is not kept for the app."""


def subject(model: str, picture: str = "") -> Subject:
    entry = MODELS[model]
    return Subject(model, entry.state(), picture or state.DEFAULT_PICTURE[entry.pictures])


def make_ready(model: str) -> Subject:
    """Build a model as the app does in the background, and wait for it."""
    one = subject(model)
    warming.warm(one)
    for thread in warming.threads():
        thread.join()
    return one


def opened(page: str = "overview", **view: object) -> AppTest:
    """Open a page at an address, as the first request of a new session."""
    at = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=180)
    for key, value in view.items():
        at.query_params[key] = str(value)
    at.run()
    return at if page == "overview" else switched(at, page)


def switched(at: AppTest, page: str) -> AppTest:
    return at.switch_page(f"pages/{page}.py").run()


def notes(at: AppTest) -> str:
    """What the page says aside: captions, warnings and notices."""
    return "\n".join(str(one.value) for kind in (at.caption, at.warning, at.info, at.error) for one in kind)


def texts(at: AppTest) -> list[str]:
    return [str(one.value) for one in at.markdown]


def address(at: AppTest) -> dict[str, str]:
    """The parameters of the address as they stand, one string each."""
    return {key: value if isinstance(value, str) else value[-1] for key, value in at.query_params.items()}


def assert_fine(at: AppTest) -> None:
    """No exception, not even one that the frame turned into a message."""
    assert not at.exception, at.exception
    assert not at.error, [one.value for one in at.error]
