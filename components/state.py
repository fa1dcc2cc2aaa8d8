"""The view: what one session is pointing at, kept in the session and written to the URL.

One flat table of short strings: `model`, `picture`, `also` (more pictures), the Place (`layer`, `channel`, `cell`,
`target`, `minus`) and the settings of pages. Only values that differ from their default reach the URL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from components import scripts

DEFAULT_MODEL = "efficientnet_lite0"
DEFAULT_PICTURE = {"photographs": "chelsea", "fashion": "fashion/0"}
REMEMBERED = "convscope_model"
"""The cookie that keeps the last model; it never leaves this server and this browser."""
VIEW = "view"
PAGE, OWNED = "page", "owned"
DROPPED = "dropped"
TOP = "to_top"
HELD, HOLDS = "address_held", "address_holds"
DRAWN = "drawn"
"""How often each chart was drawn in this run: Streamlit refuses a second one of the same key."""
NO_RIVAL = "-"
"""`minus` of a view that explains a class alone, where a page would else hold it against the runner-up."""


@dataclass(frozen=True)
class Place:
    """Where in the network one is pointing; None where nothing is pinned."""

    layer: str | None = None
    channel: int | None = None
    row: int | None = None
    col: int | None = None
    target: int | None = None
    minus: int | None = None


def view() -> dict[str, str]:
    """Return this session's view, read from the URL on the session's first run."""
    if VIEW not in st.session_state:
        params = {str(key): str(value) for key, value in st.query_params.items()}
        if not params and (last := st.context.cookies.get(REMEMBERED)):
            params["model"] = str(last)
        st.session_state[VIEW] = params
    kept: dict[str, str] = st.session_state[VIEW]
    return kept


def put(**values: Any) -> None:
    """Set values of the view; None or "" removes one."""
    kept = view()
    for key, value in values.items():
        if value is None or value == "":
            kept.pop(key, None)
        else:
            kept[key] = str(value)


def number(key: str) -> int | None:
    """Return a whole number of the view, dropping one that is not."""
    text = view().get(key, "")
    if whole(text):
        return int(text)
    if text:
        drop(key)
    return None


def whole(text: str) -> bool:
    """Whether a text is a whole number from 0 to 999,999, in plain digits."""
    return text.isascii() and text.isdigit() and len(text) < 7


def drop(key: str) -> None:
    """Let go a value that can't be used here, and remember its name for the frame to say."""
    put(**{key: None})
    dropped: list[str] = st.session_state.setdefault(DROPPED, [])
    if key not in dropped:
        dropped.append(key)


def dropped() -> list[str]:
    """Return, once, the names of the values that could not be used."""
    names: list[str] = st.session_state.pop(DROPPED, [])
    return names


def place() -> Place:
    """Return the Place as pinned; whether it exists in the model is for the frame to check."""
    row, _, col = view().get("cell", "").partition("-")
    given = whole(row) and whole(col)
    if "cell" in view() and not given:
        drop("cell")
    return Place(
        layer=view().get("layer"),
        channel=number("channel"),
        row=int(row) if given else None,
        col=int(col) if given else None,
        target=number("target"),
        minus=None if alone() else number("minus"),
    )


def alone() -> bool:
    """Whether the target is to be explained alone, and not rather than another class."""
    return view().get("minus") == NO_RIVAL


def pin_layer(name: str | None) -> None:
    """Point at a layer; channel and cell belong to the layer before, so they are let go."""
    if name != view().get("layer"):
        put(layer=name, channel=None, cell=None, channels=None, input=None)


def to_top() -> None:
    """Ask for the page's headline to be in view when the page has changed under a click far below it."""
    st.session_state[TOP] = st.session_state.get(TOP, 0) + 1


def reset() -> None:
    """Forget everything but the model, the picture and the training that goes on."""
    kept = view()
    for key in set(kept) - {"model", "picture", "training"}:
        del kept[key]
    for key in [key for key in st.session_state if str(key).startswith("set_")]:
        del st.session_state[key]


def turn_to(page: str) -> None:
    """Note which page begins a run."""
    st.session_state[PAGE] = page
    st.session_state[DRAWN] = {}
    st.session_state[HELD] = st.session_state.pop(HOLDS, False)


def page() -> str:
    """Return which page is running."""
    return str(st.session_state.get(PAGE, ""))


def own(*names: str) -> None:
    """Note that the running page has settings of these names, so that they stand in its address and no other's."""
    owned: dict[str, set[str]] = st.session_state.setdefault(OWNED, {})
    for name in names:
        owned.setdefault(name, set()).add(st.session_state.get(PAGE, ""))


def on_screen() -> dict[str, str]:
    """Return the view without the settings of other pages: they are kept, and are back when their page is."""
    owned: dict[str, set[str]] = st.session_state.get(OWNED, {})
    page = st.session_state.get(PAGE, "")
    return {key: value for key, value in view().items() if page in owned.get(key, {page})}


def hold_address() -> None:
    """Let the next run leave the address as it is: each change of it is a step of the browser's Back."""
    st.session_state[HOLDS] = True


def publish() -> None:
    """Write what is on the screen to the URL where it differs from it, so that the address restores the screen."""
    if st.session_state.get(HELD):
        return
    shown = on_screen()
    wanted = {key: value for key, value in shown.items() if key not in ("model", "picture") or not is_default(key)}
    if {str(key): str(value) for key, value in st.query_params.items()} != wanted:
        st.query_params.from_dict(wanted)


def remember() -> None:
    """Keep the model that is open in a cookie of this browser, for its next visit."""
    model = view().get("model", DEFAULT_MODEL)
    if "/" in model:  # one of the user's own, which the next visit can't open
        return
    if st.session_state.get(REMEMBERED, st.context.cookies.get(REMEMBERED)) != model:
        st.session_state[REMEMBERED] = model
        scripts.run(scripts.REMEMBER, cookie=f"{REMEMBERED}={model}")


def is_default(key: str) -> bool:
    """Whether the model or the picture is the one a bare address opens."""
    kept = view()
    if key == "model":
        return kept.get("model") == DEFAULT_MODEL and REMEMBERED not in st.context.cookies
    return key == "picture" and kept.get("picture") in DEFAULT_PICTURE.values() and is_default("model")
