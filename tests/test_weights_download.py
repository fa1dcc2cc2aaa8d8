"""Fetching a weights file: from a server on this machine that behaves, or doesn't."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from weights_server import BODY, MD5, Server, left_in, serving, until, wanted_from

from model_zoo.download import DownloadCancelled, DownloadError, download
from model_zoo.entry import WeightsFile
from model_zoo.weights_file import file_status


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as server:
        yield server


@pytest.fixture
def wanted(server: Server, tmp_path: Path) -> Callable[[str], WeightsFile]:
    return lambda behaviour: wanted_from(server, tmp_path / "cache", behaviour)


def test_a_good_file_arrives_whole_and_alone(wanted):
    seen: list[tuple[int, int]] = []
    file = wanted("ok")
    assert file_status(file) == "absent"
    assert download(file, lambda done, total: seen.append((done, total))) == file.path
    assert file.path.read_bytes() == BODY
    assert left_in(file) == ["weights.h5"]
    assert seen[-1] == (len(BODY), len(BODY))
    assert file_status(file) == "whole"


def test_a_file_that_is_there_is_not_asked_for_again(server, wanted):
    download(wanted("ok"))
    download(wanted("ok"))
    assert server.requests == ["ok"]


def test_sha256_serves_as_well(wanted):
    file = replace(wanted("ok"), checksum=f"sha256:{hashlib.sha256(BODY).hexdigest()}")
    assert download(file).exists()


@pytest.mark.parametrize(
    ("behaviour", "code"), [("cut", "cut"), ("stall", "stalled"), ("refuse", "http_status"), ("long", "wrong_size")]
)
def test_a_bad_answer_leaves_nothing_and_names_the_file(wanted, behaviour, code):
    file = wanted(behaviour)
    with pytest.raises(DownloadError) as caught:
        download(file, timeout=0.5)
    assert caught.value.code == code
    assert caught.value.values["path"] == str(file.path)
    for part in (str(file.path), file.url, MD5):
        assert part in str(caught.value)
    assert left_in(file) == []


def test_a_wrong_hash_is_refused_and_deleted(wanted):
    file = replace(wanted("ok"), checksum="md5:" + "0" * 32)
    with pytest.raises(DownloadError) as caught:
        download(file)
    assert caught.value.code == "wrong_checksum"
    assert left_in(file) == []


def test_a_damaged_file_at_the_path_is_replaced(wanted):
    file = wanted("ok")
    file.path.parent.mkdir()
    file.path.write_bytes(b"\0" * len(BODY))
    assert file_status(file) == "wrong_checksum"
    download(file)
    assert file.path.read_bytes() == BODY


def test_a_damaged_file_survives_a_failed_download(wanted):
    file = wanted("cut")
    file.path.parent.mkdir()
    file.path.write_bytes(b"mine")
    assert file_status(file) == "wrong_size"
    with pytest.raises(DownloadError):
        download(file)
    assert file.path.read_bytes() == b"mine"


def test_no_server(wanted):
    file = replace(wanted("ok"), url="http://127.0.0.1:9/weights.h5")
    with pytest.raises(DownloadError) as caught:
        download(file, timeout=2)
    assert caught.value.code == "no_network"


def test_cancel_ends_a_stalled_download_at_once(server, wanted):
    file = wanted("held")
    with pytest.raises(DownloadCancelled):
        download(file, lambda done, total: False if done else None, timeout=20)
    server.release.set()
    until(lambda: left_in(file) == [])


def test_an_error_in_the_callback_comes_through_and_cancels(server, wanted):
    file = wanted("held")

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(file, stop)
    server.release.set()
    until(lambda: left_in(file) == [])


def test_two_callers_share_one_request_and_one_may_leave(server, wanted):
    file = wanted("held")
    outcomes: dict[str, object] = {}
    told: dict[str, int] = {}

    def ask(name: str, leaves: bool) -> None:
        def progress(done: int, total: int) -> bool:
            told[name] = done
            return not (leaves and len(told) == 3)

        try:
            outcomes[name] = download(file, progress)
        except DownloadCancelled as error:
            outcomes[name] = error

    threads = [threading.Thread(target=ask, args=(name, name == "leaver")) for name in ("first", "second", "leaver")]
    for thread in threads:
        thread.start()
    until(lambda: "leaver" in outcomes)
    server.release.set()
    for thread in threads:
        thread.join(10)
    assert outcomes["first"] == outcomes["second"] == file.path
    assert isinstance(outcomes["leaver"], DownloadCancelled)
    assert server.requests == ["held"]
    assert left_in(file) == ["weights.h5"]


def test_asking_again_after_a_cancel_starts_afresh(server, wanted):
    file = wanted("held")
    with pytest.raises(DownloadCancelled):
        download(file, lambda done, total: False if done else None)
    server.release.set()
    assert download(file) == file.path
    assert file.path.read_bytes() == BODY


def test_too_little_space_is_said_before_the_first_byte(server, wanted, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(DownloadError) as caught:
        download(wanted("ok"))
    assert caught.value.code == "disk_full"
    assert server.requests == []


def test_leftovers_of_a_killed_download_are_never_loaded_and_go(wanted):
    file = wanted("ok")
    file.path.parent.mkdir()
    old, young = (file.path.parent / f"weights.h5.{name}.part" for name in ("old", "young"))
    for part in (old, young):
        part.write_bytes(BODY[:1000])
    os.utime(old, (0, 0))
    assert file_status(file) == "absent"
    download(file)
    assert left_in(file) == ["weights.h5", "weights.h5.young.part"]
