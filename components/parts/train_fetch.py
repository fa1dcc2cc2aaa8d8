"""Pictures that are not here yet: a data set that is fetched on request, and a zip of the user's own."""

from __future__ import annotations

import hashlib
from typing import Any

import streamlit as st

from components import compute, state, training
from components.text import _, bytes_text, plain
from components.weights import Fetch
from explain.errors import ConvScopeError
from model_zoo.training.data import DATASETS, DataSet

SIDES = (28, 32, 64, 96)
TELL = 25
TURN, PROBLEM = "train_zip_turn", "train_zip_problem"


class Fetches(dict[str, Fetch]):
    """The downloads of data sets, by key; all sessions share them."""


def offer(data: DataSet) -> None:
    """Say that a data set isn't here, and offer to fetch it where it can be had."""
    if data.download is None:
        st.info(_("{title} is not on this machine.").format(title=data.title), icon=":material/cloud_off:")
        return
    st.info(
        _("{title} is not on this machine. It is fetched only if you ask.").format(title=data.title),
        icon=":material/cloud_download:",
    )
    _panel(data.key)


@st.fragment(run_every=0.7)
def _panel(key: str) -> None:
    data, fetch = DATASETS[key], compute.shared(Fetches).setdefault(key, Fetch())
    download = data.download
    if download is None:
        return
    if fetch.running:
        st.progress(
            min(fetch.done / max(fetch.total, 1), 1.0), text=f"{bytes_text(fetch.done)} / {bytes_text(fetch.total)}"
        )
        st.button(_("Cancel"), icon=":material/stop_circle:", key=f"fetch_stop_{key}", on_click=fetch.cancel)
        return
    if data.find():
        st.rerun()
    if fetch.problem:
        st.error(fetch.problem, icon=":material/cloud_off:")
    st.button(
        _("Fetch {size}").format(size=bytes_text(data.bytes)),
        icon=":material/download:",
        key=f"fetch_{key}",
        on_click=lambda: fetch.begin(download, data.bytes),
    )


def own_zip(choice: str) -> None:
    """Take a zip of class folders from the user; `choice` is the setting that then points at it."""
    said = st.session_state.get(PROBLEM)
    with st.expander(_("Your own pictures"), icon=":material/folder_zip:", expanded=bool(said)):
        st.caption(
            _(
                "A zip with one folder for each class, the pictures inside; a folder “test” beside them holds the "
                "test, else a fifth of each class does. All are cut to one size. They lie in a temporary folder of "
                "this server for as long as your session lasts."
            )
        )
        side = st.selectbox(_("Size of a picture"), SIDES, key="train_side", format_func=lambda n: f"{n}×{n}")
        grey = st.toggle(_("In grey"), key="train_grey")
        turn = st.session_state.get(TURN, 0)  # a new uploader lets the server forget a file that is dealt with
        file = st.file_uploader(_("Zip file"), ["zip"], key=f"train_zip_{turn}", max_upload_size=200)
        if file is not None:
            st.session_state[TURN] = turn + 1
            _take(file.getvalue(), int(side), grey, choice)
            st.rerun()
        if said:
            st.error(plain(said), icon=":material/folder_off:")


def _take(data: bytes, side: int, grey: bool, choice: str) -> None:
    """Open a zip; a refused one says why and changes nothing."""
    from model_zoo.training.folder import from_folder

    st.session_state.pop(PROBLEM, None)
    bar = st.progress(0.0, text=_("Opening the pictures"))
    try:
        pictures = from_folder(data, side, 1 if grey else 3, told=lambda done, of: _told(bar, done, of))
    except ConvScopeError as refused:
        st.session_state[PROBLEM] = str(refused)
        return
    key = f"{training.OWN}{hashlib.sha256(data).hexdigest()[:8]}-{side}{'g' if grey else ''}"
    training.take_pictures(key, pictures)
    state.put(**{choice: key})


def _told(bar: Any, done: int, count: int) -> None:
    """Say now and then how far it is; also where a run that nobody waits for any more comes to its end."""
    if done % TELL == 0:
        bar.progress(done / count, text=_("{done} of {n} pictures opened").format(done=f"{done:,}", n=f"{count:,}"))
