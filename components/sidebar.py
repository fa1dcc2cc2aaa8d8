"""The sidebar: the subject only. Which model, which picture, more pictures beside it, your own."""

from __future__ import annotations

import streamlit as st

from components import logs, models, opening, screens, scripts, sentences, state, subjects, training
from components.subjects import FASHION_COUNT, MOST_PICTURES, Subject
from components.text import _
from explain import ImageFileError
from model_zoo.fashion import CLASS_NAMES
from model_zoo.samples import fashion_labels, sample_title

TRAIN = "train"
FORMATS = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"]
MOST_MEGABYTES = 50
MOST_PROBLEMS = 3
"""Refused files that get a box of their own; more are listed in one."""


def show() -> None:
    """Draw the pickers of model and picture."""
    opened = opening.settle()
    if opened is not None:
        open_model(opened)
        state.to_top()
        st.rerun()
    subject = subjects.current()
    with st.sidebar:
        _model(subject)
        _own_model()
        _picture(subject)
        _more(subject)
        _own()
        _training()
        _link()
        _to_top()


def open_model(key: str) -> None:
    """Open another model; the picture stays where the model is meant for its kind."""
    kept, offered = state.view(), models.offered()
    now, pictures = offered.get(kept["model"]), offered[key].pictures
    fits = (now is not None and now.pictures == pictures) or kept["picture"].startswith("upload/")
    state.pin_layer(None)
    state.put(model=key, target=None, minus=None, titles=None, targets=None)
    if not fits:
        state.put(picture=state.DEFAULT_PICTURE[pictures], also=None)


def open_picture(picture: str) -> None:
    """Show another picture at the same Place; the target was this picture's answer, so it is let go."""
    state.put(picture=picture, target=None, minus=None, cell=None, titles=None, targets=None)


def _model(subject: Subject) -> None:
    offered = models.offered()
    st.session_state["pick_model"] = subject.model
    st.selectbox(
        _("Model"),
        list(offered),
        key="pick_model",
        format_func=lambda key: offered[key].title,
        on_change=lambda: open_model(st.session_state["pick_model"]),
    )
    st.caption(subject.entry.summary)


def _own_model() -> None:
    """Lead to the panel where a model of one's own is opened; on its page the panel itself says what goes on."""
    panel = screens.screens()[0]
    if opening.job() is not None and state.page() != panel.key:
        opening.progress()
    st.button(_("Your own model"), icon=":material/upload_file:", type="tertiary", key="own_go", on_click=opening.ask)
    if opening.asked() and state.page() != panel.key:
        st.switch_page(panel.file)


def _picture(subject: Subject) -> None:
    fashion = subject.entry.pictures == "fashion"
    options = subjects.sample_choices(subject.entry)
    if fashion:
        options = [*options, "fashion"]
    now = "fashion" if subject.picture.startswith("fashion/") and fashion else subject.picture
    if now not in options:
        options = [now, *options]
    if len(options) > 1 or not fashion:
        st.session_state["pick_picture"] = now
        st.selectbox(
            _("Picture"),
            options,
            key="pick_picture",
            format_func=_picture_title,
            on_change=lambda: open_picture(_first(st.session_state["pick_picture"])),
        )
    if now == "fashion":
        _fashion(subject)
    for note in subject.notes:
        st.caption(f":material/info: {sentences.image_note(note)}")


def _first(choice: str) -> str:
    return state.DEFAULT_PICTURE["fashion"] if choice == "fashion" else choice


def _picture_title(picture: str) -> str:
    if picture == "fashion":
        return _("Fashion-MNIST test pictures")
    uploaded = subjects.uploads().get(picture)
    if uploaded:
        return uploaded.title
    kind, _slash, number = picture.partition("/")
    return (
        f"{sample_title(picture)} · {subjects.nth_of_class(int(number))}"
        if kind == "fashion"
        else sample_title(picture)
    )


def _fashion(subject: Subject) -> None:
    """Browse the 10,000 test pictures: a class, then which of its pictures."""
    position = int(subject.picture.split("/")[1])
    label = int(fashion_labels()[position])
    members = subjects.fashion_of_class(label)
    st.session_state["pick_class"] = label
    st.selectbox(
        _("Class of the picture"),
        range(len(CLASS_NAMES)),
        key="pick_class",
        format_func=lambda i: CLASS_NAMES[i],
        on_change=lambda: open_picture(f"fashion/{subjects.fashion_of_class(st.session_state['pick_class'])[0]}"),
    )
    st.session_state["pick_nth"] = subjects.nth_of_class(position)
    st.number_input(
        _("Which of its {count:,} pictures").format(count=len(members)),
        1,
        len(members),
        key="pick_nth",
        help=_("In the address it is number {position} of the whole test set, 0 to {last:,}.").format(
            position=position, last=FASHION_COUNT - 1
        ),
        on_change=lambda: open_picture(f"fashion/{members[st.session_state['pick_nth'] - 1]}"),
    )


def _more(subject: Subject) -> None:
    """Choose up to three more pictures to see beside the first."""
    beside = [other.picture for other in subjects.others(subject)]
    options = [one for one in subjects.sample_choices(subject.entry) if one != subject.picture]
    if subject.entry.pictures == "fashion":
        firsts = [f"fashion/{subjects.fashion_of_class(label)[0]}" for label in range(10)]
        options += [one for one in firsts if one != subject.picture]
    options += [one for one in beside if one not in options]
    st.session_state["pick_also"] = beside
    st.multiselect(
        _("Compare with"),
        options,
        key="pick_also",
        format_func=_picture_title,
        max_selections=MOST_PICTURES - 1,
        placeholder=_("up to 3 more"),
        on_change=lambda: state.put(also=",".join(st.session_state["pick_also"]), titles=None, targets=None),
    )


def _own() -> None:
    """Open pictures from the user's disk or camera."""
    with st.expander(_("Your own picture"), icon=":material/upload:", expanded=bool(st.session_state.get("refused"))):
        files = st.file_uploader(
            _("Picture files"), FORMATS, accept_multiple_files=True, key="files", max_upload_size=MOST_MEGABYTES
        )
        shots = [st.camera_input(_("Camera"), key="camera")] if st.toggle(_("Use the camera"), key="camera_on") else []
        fresh = [file for file in [*files, *shots] if file and file.file_id not in st.session_state.get("opened", ())]
        if fresh or not files:
            st.session_state["refused"] = []
        opened = [picture for file in fresh if (picture := _open(file.name, file.getvalue()))]
        st.session_state["opened"] = {file.file_id for file in [*files, *shots] if file}
        if opened:
            open_picture(opened[0])
            state.put(also=",".join(opened[1:MOST_PICTURES]) or state.view().get("also"))
            st.rerun()
        problems = st.session_state.get("refused", [])
        for problem in problems[:MOST_PROBLEMS]:
            st.error(problem, icon=":material/broken_image:")
        if problems[MOST_PROBLEMS:]:
            st.error("\n".join(f"- {one}" for one in problems[MOST_PROBLEMS:]), icon=":material/broken_image:")


def _open(name: str, data: bytes) -> str | None:
    refused: list[str] = st.session_state.setdefault("refused", [])
    try:
        picture = subjects.add_upload(name, data)
    except ImageFileError as error:
        shown = subjects.file_name(name).replace("`", "")
        refused.append(f"`{shown}`: {str(error).removeprefix('image: ')}")
        logs.event("file_refused", code=error.code)
        return None
    return picture


def _training() -> None:
    """Lead back to this session's training from every other page."""
    if state.page() == TRAIN or not state.view().get(training.TOKEN):
        return
    now = training.current()
    screen = next((one for one in screens.screens() if one.key == TRAIN), None)
    if now is not None and screen is not None:
        said = _("Your training has ended") if now.ended else _("Your training goes on")
        st.page_link(screen.file, label=said, icon=":material/model_training:")


def _link() -> None:
    """Offer the address of what is on the screen, and a way back to the start."""
    with st.container(horizontal=True):
        with st.popover(_("Copy link"), icon=":material/link:", help=_("The address of what is on the screen")):
            st.code(address(), language=None, wrap_lines=True)
            st.caption(
                _("Opens this page, model, sample picture, place and settings. Your own pictures and models stay here.")
            )
        st.button(
            _("Reset"), icon=":material/restart_alt:", on_click=state.reset, help=_("Forget the place and settings")
        )


def _to_top() -> None:
    """Bring the page's headline into view, once, where a click has changed the page above it."""
    turn = st.session_state.get(state.TOP, 0)
    if turn > st.session_state.get("topped", 0):
        st.session_state["topped"] = turn
        scripts.run(scripts.INTO_VIEW, to="h1", turn=str(turn))


def address() -> str:
    """Return the full address of the present view, to hand on: without the training, which whoever has it may stop."""
    from urllib.parse import urlencode

    base = (st.context.url or "").split("?")[0]
    shown = {key: value for key, value in state.on_screen().items() if key != training.TOKEN}
    return f"{base}?{urlencode(shown)}"
