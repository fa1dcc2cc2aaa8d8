"""Weights that are fetched on request only: what is missing, how big it is, and fetching it in view of the user."""

from __future__ import annotations

import threading
from collections.abc import Callable

import streamlit as st

from components import compute, logs
from components.subjects import Subject
from components.text import _, bytes_text
from model_zoo.download import DownloadCancelled, DownloadError, Progress, download
from model_zoo.entry import WeightsFile
from model_zoo.weights_file import file_status


class Fetch:
    """One download for all sessions, running in a thread; sessions watch it and may cancel it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.done = 0
        self.total = 0
        self.problem = ""
        self.cancelled = False
        self.thread: threading.Thread | None = None

    def start(self, file: WeightsFile) -> None:
        """Begin to fetch a file of weights, unless one is under way."""
        self.begin(lambda progress: download(file, progress), file.bytes)

    def begin(self, work: Callable[[Progress], object], total: int) -> None:
        """Begin to fetch `total` bytes, unless it is under way; `work` is told where to say how far it is."""
        with self.lock:
            if self.thread and self.thread.is_alive():
                return
            self.done, self.total, self.problem, self.cancelled = 0, total, "", False
            self.thread = threading.Thread(target=self._run, args=(work,), daemon=True, name="fetch weights")
            self.thread.start()

    def cancel(self) -> None:
        """Want nothing of it any more."""
        self.cancelled = True

    def _run(self, work: Callable[[Progress], object]) -> None:
        try:
            work(self._progress)
        except DownloadCancelled:
            self.problem = _("Cancelled. Nothing was kept.")
        except DownloadError as error:
            self.problem = str(error)
        except Exception as error:
            code = logs.failure("fetching weights", error)
            self.problem = _(
                "The file could not be fetched. Try again; if it stays, report it with the code {code}."
            ).format(code=code)

    def _progress(self, done: int, total: int) -> bool:
        self.done, self.total = done, total
        return not self.cancelled

    @property
    def running(self) -> bool:
        """Whether bytes are still coming."""
        return self.thread is not None and self.thread.is_alive()


def offer(subject: Subject) -> None:
    """Offer to fetch what a model lacks; say the size first."""
    if subject.entry.labels() or subject.entry.fetchable is None:
        return
    file = subject.entry.fetchable()
    st.markdown(
        _(
            "**What is here:** the 13 convolution layers with their ImageNet kernels, so Kernels, Activations and "
            "Architecture work. **What is missing:** the classifier behind them, so there is no answer to explain. "
            "It is in one file of **{size}** from {source}. It is fetched only if you ask."
        ).format(size=bytes_text(file.bytes), source=file.url.split("/")[2])
    )
    _wrong_file(file)
    _panel(file)
    with st.expander(_("No network here? Copy the file yourself")):
        st.markdown(
            _("Put it at the first path, or name any path in the environment variable `CONVSCOPE_VGG16`. Checksum:")
        )
        st.code(f"{file.path}\n{file.checksum}", language=None)


def _wrong_file(file: WeightsFile) -> None:
    """Say so if there is a file that isn't the right one, such as a copy that was broken off."""
    wrong = {"wrong_size": _("size"), "wrong_checksum": _("checksum")}.get(file_status(file))
    if wrong:
        said = _("A file is at {path}, but it has another {property} than the published one, so it is not opened.")
        st.warning(said.format(path=file.path, property=wrong), icon=":material/error:")


@st.fragment(run_every=0.7)
def _panel(file: WeightsFile) -> None:
    fetch = compute.shared(Fetch)
    if fetch.running:
        st.progress(
            min(fetch.done / max(fetch.total, 1), 1.0),
            text=f"{bytes_text(fetch.done)} / {bytes_text(fetch.total)}",
        )
        st.button(_("Cancel"), icon=":material/stop_circle:", on_click=fetch.cancel)
        return
    if file.path.exists() and fetch.thread is not None and not fetch.problem:
        fetch.thread = None
        st.rerun()
    if fetch.problem:
        st.error(fetch.problem, icon=":material/cloud_off:")
    st.button(
        _("Fetch {size}").format(size=bytes_text(file.bytes)),
        icon=":material/download:",
        on_click=lambda: fetch.start(file),
    )
