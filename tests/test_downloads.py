"""A file made on a click is there when the browser comes for it, however many others end their runs meanwhile."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit import runtime
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from components import downloads


@pytest.fixture
def files(monkeypatch):
    made = MediaFileManager(MemoryMediaFileStorage("/media"))
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: SimpleNamespace(media_file_mgr=made))
    return made


@pytest.mark.parametrize("data", [b"raw", b""])
def test_a_file_made_on_a_click_outlives_the_runs_of_others(data, files, monkeypatch):
    mine = SimpleNamespace(session_id="mine")
    monkeypatch.setattr(downloads, "get_script_run_ctx", lambda suppress_warning: mine)
    make = downloads._held(lambda: data, "map.npz", "application/octet-stream")
    url = files.execute_deferred(files.add_deferred(make, "application/octet-stream", "1.2", "map.npz"))
    for _ in range(3):
        files.remove_orphaned_files()
    assert files.read_file(url.rpartition("/")[2].partition(".")[0]).content == data
    files.clear_session_refs("mine")
    for _ in range(3):
        files.remove_orphaned_files()
    assert files.read_file(url.rpartition("/")[2].partition(".")[0]) is None


def test_without_a_session_a_file_is_made_all_the_same():
    assert downloads._held(lambda: b"raw", "map.npz", "application/octet-stream")() == b"raw"
