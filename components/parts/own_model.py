"""Opening a model of one's own: choosing the file, progress and Cancel while it is checked, a refusal in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from components import kept_models, opening, own_settings, scripts
from components.text import _, plain
from model_zoo import MODELS
from model_zoo.own.types import Limits

ANY = ""


def panel() -> None:
    """Draw the panel: what the operator allows, the file, and what comes of it."""
    job = opening.job()
    asked = bool(job or opening.outcome() or st.session_state.get(opening.OPEN))
    with (
        st.container(key="own_model"),
        st.expander(_("Your own model"), icon=":material/upload_file:", expanded=asked),
    ):
        if job is not None:
            opening.progress()
            return
        _refusal()
        if own_settings.uploads_allowed():
            _upload()
        else:
            _off()
        _folder()
    if st.session_state.pop(opening.SCROLL, False):
        scripts.run(scripts.INTO_VIEW, to=".st-key-own_model")


def _refusal() -> None:
    """Say why the last file was not opened. The model that was open stays."""
    said = opening.outcome()
    if said is None:
        return
    name, why, wanted = said
    if wanted:
        st.info(why, icon=":material/info:")
        return
    st.error(_("**{name}** was not opened. {why}").format(name=plain(name), why=plain(why)), icon=":material/healing:")


def _upload() -> None:
    limits = Limits.from_environment()
    st.caption(
        _(
            "A network saved by Keras, `.keras` or `.h5`. It is checked before anything of it is built, and it is gone "
            "from this server when your session ends."
        )
    )
    at = st.session_state.get(opening.ROUND, 0)
    file = st.file_uploader(
        _("Model file"),
        key=f"own_file_{at}",
        max_upload_size=max(1, limits.max_bytes >> 20),
        on_change=opening.warm,
        help=_(
            "One that is larger than that: save it without its optimizer, "
            '`keras.models.load_model("model.keras", compile=False).save("smaller.keras")`, or with float16 weights. '
            "Whoever runs this server can raise the limit, see docs/deploy.md."
        ),
    )
    st.selectbox(
        _("What is in it"),
        [ANY, *MODELS],
        key="own_architecture",
        format_func=lambda key: _("weights of {model}").format(model=MODELS[key].title) if key else _("a whole model"),
        help=_("A file of weights alone says nothing of the layers that they belong to: choose the model."),
    )
    st.button(
        _("Check and open it"),
        type="primary",
        disabled=file is None,
        key="own_start",
        on_click=lambda: _begin(file.name, file.getvalue()) if file else None,
    )


def _begin(name: str, data: bytes) -> None:
    opening.start(name, data, architecture=st.session_state["own_architecture"])


def _off() -> None:
    st.info(
        _(
            "On this server models can't be uploaded, since others than this machine can reach it. Who runs it can "
            "allow it: `CONVSCOPE_MODEL_UPLOADS=on`, see docs/security.md. Or start ConvScope on your own machine."
        ),
        icon=":material/lock:",
    )


def _folder() -> None:
    """Offer the models that the operator put on the server, and those trained and kept here, by file name."""
    kept = kept_models.kept()
    files = {**own_settings.folder(), **kept}
    if not files:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(_("Models on this server"), list(files), key="own_folder", width=320, on_change=opening.warm)
        st.button(
            _("Open it"),
            icon=":material/folder_open:",
            key="own_folder_open",
            on_click=lambda: _begin_there(files),
        )
        if st.session_state["own_folder"] in kept:
            st.button(
                _("Remove it"),
                icon=":material/delete:",
                key="own_folder_remove",
                on_click=lambda: kept_models.remove(st.session_state["own_folder"]),
            )


def _begin_there(files: Mapping[str, Path]) -> None:
    name = st.session_state["own_folder"]
    if name in files:
        opening.start(name, files[name], **kept_models.told(files[name]) if name in kept_models.kept() else {})
