"""Cases 103 to 110: fetching a weights file where the network, the server, the disk or the process fails.

What an undisturbed download does is in test_weights_download.py.
"""

from __future__ import annotations

import errno
import hashlib
import inspect
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from screen import assert_fine, make_ready, notes, opened
from weights_server import BODY, MD5, Server, left_in, serving, until, wanted_from

from components import compute, weights
from model_zoo import MODELS, download_errors
from model_zoo.download import CHUNK, DownloadError, download
from model_zoo.entry import WeightsFile
from model_zoo.models import vgg16
from model_zoo.weights_file import file_status

ROOT = Path(__file__).parent.parent
NOBODY = "http://127.0.0.1:9/weights.h5"
CHILD = """
import resource, signal, sys
from pathlib import Path
from model_zoo.download import DownloadError, download
from model_zoo.entry import WeightsFile
url, path, size, checksum, limit = sys.argv[1:]
if int(limit):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
try:
    download(WeightsFile(url, Path(path), int(size), checksum, "none"))
except DownloadError as error:
    print(error.code, error, sep="|")
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as server:
        yield server


@pytest.fixture
def wanted(server: Server, tmp_path: Path) -> Callable[[str], WeightsFile]:
    return lambda behaviour: wanted_from(server, tmp_path / "cache", behaviour)


def message(file: WeightsFile, cause: str) -> str:
    """What every failed download says: the cause, that nothing was kept, and how to copy the file by hand."""
    return (
        f"download: {cause}. Nothing was kept. Try again, or fetch {file.url} by hand and save it as {file.path} "
        f"({file.bytes:,} bytes, {file.checksum})."
    )


def refused(file: WeightsFile, timeout: float = 5) -> str:
    with pytest.raises(DownloadError) as caught:
        download(file, timeout=timeout)
    return str(caught.value)


def child(file: WeightsFile, limit: int = 0) -> subprocess.Popen[str]:
    """Download in a process of its own, which may write no file larger than `limit` bytes."""
    asked = [file.url, str(file.path), str(file.bytes), file.checksum, str(limit)]
    return subprocess.Popen([sys.executable, "-c", CHILD, *asked], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_103_no_network_names_path_size_and_hash_for_a_copy_by_hand(wanted):
    file = replace(wanted("ok"), url=NOBODY)
    assert refused(file) == message(file, "the server could not be reached (127.0.0.1: Connection refused)")
    assert left_in(file) == []


def test_103_no_name_service_is_no_network(wanted, monkeypatch):
    def unknown(*_args: object, **_more: object) -> None:
        raise OSError(-2, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    file = replace(wanted("ok"), url="http://weights.invalid/weights.h5")
    cause = "the server could not be reached (weights.invalid: Name or service not known)"
    assert refused(file) == message(file, cause)


@pytest.fixture
def vgg16_of_nobody(tmp_path, monkeypatch):
    """VGG16 on screen, its file to be fetched from where nobody answers."""
    monkeypatch.setattr(vgg16, "URL", NOBODY)
    monkeypatch.setenv("CONVSCOPE_VGG16", str(tmp_path / "cache" / "vgg16.h5"))
    make_ready("vgg16")
    yield vgg16.whole_weights()
    compute.shared(weights.Fetch).__init__()


def fetched(at):
    next(button for button in at.button if button.label.startswith("Fetch")).click()
    at.run()
    compute.shared(weights.Fetch).thread.join()
    return at.run()


def test_103_on_screen_the_failure_says_how_to_copy_and_the_bundled_models_still_work(vgg16_of_nobody):
    file = vgg16_of_nobody
    at = fetched(opened("overview", model="vgg16"))
    said = message(file, "the server could not be reached (127.0.0.1: Connection refused)")
    assert [error.value for error in at.error] == [said]
    assert f"{file.path}\n{file.checksum}" in [code.value for code in at.code]
    assert not at.exception
    make_ready("fashion_cnn")
    assert_fine(opened("overview", model="fashion_cnn"))
    x = MODELS["vgg16"].preprocess(np.zeros((224, 224, 3), np.uint8))
    assert MODELS["vgg16"].build()(x[None]).shape == (1, 7, 7, 512), "the convolutions are there as before"


@pytest.mark.parametrize("tenths", range(10))
def test_104_a_download_cut_at_each_tenth_leaves_nothing_and_the_next_one_is_whole(wanted, tenths):
    file = wanted(f"cut/{tenths}")
    received = 300_000 * tenths // CHUNK * CHUNK
    assert refused(file) == message(file, f"the connection was cut ({received:,} of 3,000,000 bytes received)")
    assert left_in(file) == []
    assert file_status(file) == "absent"
    assert download(wanted("ok")).read_bytes() == BODY


def test_105_another_file_of_the_same_size_is_deleted_and_said(wanted):
    file = replace(wanted("lie"), checksum=MD5)
    found = f"md5:{hashlib.md5(BODY[::-1], usedforsecurity=False).hexdigest()}"
    cause = f"the file is not the expected one (what arrived has {found}, and was deleted)"
    assert refused(file) == message(file, cause)
    assert left_in(file) == []


def test_105_a_wrong_file_copied_by_hand_is_never_opened_and_said_on_screen(vgg16_of_nobody):
    file = vgg16_of_nobody
    file.path.parent.mkdir()
    file.path.write_bytes(b"half of it")
    assert MODELS["vgg16"].state() == "base"
    said = f"A file is at {file.path}, but it has another size than the published one, so it is not opened."
    assert said in notes(opened("overview", model="vgg16"))


def test_106_a_server_that_falls_silent_is_given_up(wanted):
    file = wanted("stall")
    assert refused(file, timeout=0.5) == message(
        file, "the server fell silent (no byte for 0.5 s, after 1,310,720 bytes)"
    )
    assert left_in(file) == []


def test_106_unless_told_otherwise_after_half_a_minute():
    assert inspect.signature(download).parameters["timeout"].default == 30


def test_107_two_sessions_at_once_make_one_download(server, wanted, monkeypatch):
    file, fetch = wanted("held"), weights.Fetch()
    fetch.start(file)
    until(lambda: bool(server.requests))
    fetch.start(file)  # a second session presses the button
    outcome: list[Path] = []
    other = threading.Thread(target=lambda: outcome.append(download(file)))  # a script in the same process
    other.start()
    until(lambda: fetch.done > 0)
    server.release.set()
    fetch.thread.join(10)
    other.join(10)
    assert (fetch.problem, outcome, server.requests) == ("", [file.path], ["held"])
    assert file.path.read_bytes() == BODY


def test_108_a_killed_download_is_never_loaded_and_the_next_start_clears_it_up(server, wanted, monkeypatch):
    file = wanted("held")
    process = child(file)
    until(lambda: any((file.path.parent / name).stat().st_size > 2**20 for name in left_in(file)))
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    assert process.returncode == -signal.SIGKILL
    assert len(left_in(file)) == 1, "the partial file, under another name"
    assert file_status(file) == "absent"
    server.release.set()
    monkeypatch.setattr("model_zoo.download.STALE_SECONDS", 0)
    download(wanted("ok"))
    assert left_in(file) == ["weights.h5"]
    assert file.path.read_bytes() == BODY


def test_108_what_another_server_is_writing_is_left_to_it(server, wanted, monkeypatch):
    file = wanted("held")
    process = child(file)
    until(lambda: any((file.path.parent / name).stat().st_size > 2**20 for name in left_in(file)))
    monkeypatch.setattr("model_zoo.download.STALE_SECONDS", 0)
    download(wanted("ok"))
    assert len(left_in(file)) == 2
    server.release.set()
    assert process.communicate(timeout=20) == ("", None)
    assert left_in(file) == ["weights.h5"]
    assert file.path.read_bytes() == BODY


class Full:
    """A file on a disk that has just become full."""

    def __init__(self, stream, number):
        self.stream, self.number = stream, number

    def __enter__(self):
        return self

    def __exit__(self, *_args):
        self.stream.close()

    def write(self, _chunk):
        raise OSError(self.number, os.strerror(self.number))


@pytest.mark.parametrize("number", download_errors.FULL, ids=errno.errorcode.get)
def test_109_a_disk_that_fills_up(wanted, monkeypatch, number):
    fdopen = os.fdopen
    monkeypatch.setattr("model_zoo.download.os.fdopen", lambda *args: Full(fdopen(*args), number))
    file = wanted("ok")
    assert refused(file) == message(file, f"there is not enough space ({os.strerror(number)})")
    assert left_in(file) == []


def test_109_the_system_itself_refuses_to_write_on(wanted):
    file = wanted("ok")
    said, _ = child(file, limit=1_000_000).communicate(timeout=30)
    assert said == f"disk_full|{message(file, 'there is not enough space (File too large)')}\n"
    assert left_in(file) == []


def test_110_a_folder_that_cannot_be_written_to(server, wanted, monkeypatch):
    def read_only(**_more: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), "/cache/weights.h5.part")

    monkeypatch.setattr(tempfile, "mkstemp", read_only)
    file = wanted("ok")
    assert refused(file) == message(file, "the folder can't be written to (Read-only file system)")
    assert server.requests == []


def test_110_a_place_where_no_folder_can_be_made(server, wanted, tmp_path):
    (tmp_path / "file").write_text("in the way")
    file = replace(wanted("ok"), path=tmp_path / "file" / "cache" / "weights.h5")
    assert refused(file) == message(file, f"the folder can't be written to ({os.strerror(errno.ENOTDIR)})")
    assert server.requests == []


def test_110_what_is_there_already_is_used_from_a_cache_that_cannot_be_written_to(server, wanted, monkeypatch):
    file = wanted("ok")
    download(file)
    monkeypatch.setattr(tempfile, "mkstemp", None)
    file.path.chmod(0o444)
    assert download(file) == file.path
    assert server.requests == ["ok"]
