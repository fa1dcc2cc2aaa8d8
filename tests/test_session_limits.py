"""What a session keeps and gives up, what the log says and leaves out, who sees the operator's page, what is saved."""

from __future__ import annotations

import builtins
import errno
import io
import json
import os
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from screen import assert_fine, make_ready, notes, opened, texts
from seeds import pictures

from components import compute, forgetting, keeping, logs, memory, operating, screens, sessions, subjects
from components.memory import MB, MemoryShort
from components.sentences.images import image_note
from components.sizes import size
from explain import attribute
from explain.engine import Engine
from explain.types import Target


@pytest.fixture
def state():
    kept = keeping.st.session_state
    kept.clear()
    yield kept
    kept.clear()


def test_sizes_count_arrays_once_and_leave_out_what_is_not_the_sessions():
    values = np.zeros(1 << 20, np.uint8)
    twice = {"a": (values, [values]), "b": SimpleNamespace(inside=values)}
    assert 1 << 20 <= size(twice) < (1 << 20) + 2000
    assert size([print, str, lambda: values]) < 200


def picture():
    return subjects.Upload("", np.zeros(7 * MB, np.uint8), ())


def test_a_session_gives_up_the_oldest_until_40_mb_are_left(state):
    state["view"] = {"picture": "upload/1", "also": "upload/2"}
    state["uploads"] = {f"upload/{n}": picture() for n in range(4)}
    for n in range(3):
        state[f"partial_{n}"] = (("key", n), SimpleNamespace(map=np.zeros(8 * MB, np.uint8)))
        keeping.touch(f"partial_{n}")
    keeping.touch("partial_0")
    assert 52 * MB < keeping.held() < 53 * MB
    assert keeping.trim() == keeping.held() <= keeping.MOST
    assert [n for n in range(3) if f"partial_{n}" in state] == [0], "the one used last"
    assert len(state["uploads"]) == 4
    state["uploads"] |= {f"upload/{n}": picture() for n in (4, 5)}
    assert keeping.trim() <= keeping.MOST
    assert list(state["uploads"]) == [f"upload/{n}" for n in range(1, 6)], "the oldest that is not on the screen"
    assert keeping.gave_up()
    assert not keeping.gave_up()


def test_a_large_picture_is_averaged_and_told(state):
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 255, (3000, 4000, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "bmp")
    picture = subjects.uploads()[subjects.add_upload("large.bmp", file.getvalue())]
    assert picture.pixels.shape == (1500, 2000, 3)
    assert picture.pixels.nbytes * 4 <= keeping.MOST
    blocks = pixels.reshape(1500, 2, 2000, 2, 3).mean((1, 3))
    assert np.abs(picture.pixels - blocks).max() <= 0.51
    said = [image_note(note) for note in picture.notes]
    assert "Larger than a session keeps: blocks of 2×2 pixels were averaged, to 2000×1500." in said


def test_the_log_is_a_json_line_with_an_id_and_no_words_of_the_error(capsys):
    try:
        raise ValueError("/home/anna/holiday.png")
    except ValueError as error:
        ident = logs.failure("page", error)
    said = json.loads(capsys.readouterr().err.strip())
    assert (said["event"], said["id"], said["error"], said["level"]) == ("failed", ident, "ValueError", "ERROR")
    assert "anna" not in json.dumps(said)
    assert said["through"][-1].startswith("tests/test_session_limits.py:")
    assert logs.who("a-session") == logs.who("a-session") != logs.who("another")
    logs.once("only once")
    logs.once("only once")
    assert capsys.readouterr().err.count("only once") == 1


def test_memory_is_read_from_the_container_the_machine_and_the_operators_word(tmp_path, monkeypatch):
    for name, said in {"memory.max": 1000 * MB, "memory.current": 700 * MB}.items():
        (tmp_path / name).write_text(f"{said}\n")
    (tmp_path / "memory.stat").write_text(f"anon 5\ninactive_file {200 * MB}\n")
    monkeypatch.setattr(memory, "_CGROUPS", ((tmp_path, "memory.max", "memory.current", "inactive_file"),))
    monkeypatch.setattr(memory, "_of_machine", lambda: 9000 * MB)
    assert memory.free() == 500 * MB
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.free() == 9000 * MB
    monkeypatch.setenv(memory.BUDGET, "100")
    monkeypatch.setattr(memory, "held", lambda: 80 * MB)
    assert memory.free() == 20 * MB
    with pytest.raises(MemoryShort):
        memory.make_room()


def test_caches_are_let_go_before_no_is_said(monkeypatch):
    make_ready("fashion_cnn")
    compute.keep(("a result",), (np.zeros(5),))
    left = iter([10 * MB, 900 * MB])
    monkeypatch.setattr(memory, "free", lambda: next(left))
    memory.make_room()
    assert compute.kept(("a result",)) is None
    assert forgetting.SHARED.bytes == 0
    assert_fine(opened("kernels", model="fashion_cnn"))


def test_a_model_that_does_not_fit_is_said_and_the_others_go_on(monkeypatch):
    make_ready("fashion_cnn")
    compute._network.clear()
    monkeypatch.setattr(memory, "free", lambda: 10 * MB)
    at = opened("kernels", model="fashion_cnn")
    assert not at.exception
    assert "Memory is short on this server: this needs about " in notes(at)
    monkeypatch.undo()
    assert_fine(opened("kernels", model="fashion_cnn"))


def test_case_97_one_users_map_leaves_anothers_answer_bit_equal(skip_model):
    mine, theirs = pictures(2, (10, 10, 3))
    alone = Engine(skip_model).logits(mine[None])
    engine, found = Engine(skip_model), []
    working = threading.Thread(target=lambda: attribute(engine, theirs, "saliency", 1, smooth_samples=40))
    working.start()
    while working.is_alive():
        engine.memo._memo.clear()
        found.append(engine.logits(mine[None]).copy())
    working.join()
    found.append(engine.logits(mine[None]))
    assert all((one == alone).all() for one in found)


def test_cases_100_and_101_exports_are_made_in_memory_and_need_no_disk(monkeypatch):
    from components.parts import exports, targets

    subject = make_ready("fashion_cnn")
    glance = compute.glance(subject)
    one = targets.Explained(subject, glance, Target(9), "boot")
    engine = compute.engine(subject.model, subject.state)
    result = attribute(engine, compute.model_input(subject), "grad_cam", 9)

    def made() -> dict[str, bytes]:
        return {
            "overlay": exports.overlay_png(one, result.map, False, "recommended"),
            "map": exports.map_png(one, result.map, False, "grey"),
            "raw": exports.raw_npz(one, result),
        }

    def full(path, flags, *more, **others):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real_os(path, flags, *more, **others)

    def disk(file, mode="r", *more, **others):
        if set(mode) & set("wax+"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, mode, *more, **others)

    before, real, real_os = made(), builtins.open, os.open
    monkeypatch.setattr(builtins, "open", disk)
    monkeypatch.setattr(io, "open", disk)
    monkeypatch.setattr(os, "open", full)
    after = made()
    monkeypatch.undo()
    assert after["map"] == before["map"]
    assert after["overlay"] == before["overlay"]
    with np.load(io.BytesIO(after["raw"])) as file:
        np.testing.assert_array_equal(file["map"], result.map)


def test_the_operators_page_is_not_there_unless_asked_for(monkeypatch):
    assert "operator" not in {screen.key for screen in screens.screens()}
    monkeypatch.setenv(operating.OPERATOR, "on")
    assert "operator" in {screen.key for screen in screens.screens()}
    monkeypatch.setattr(operating, "on_loopback", lambda: False)
    assert "operator" not in {screen.key for screen in screens.screens()}, "others could see it"
    monkeypatch.setenv(operating.OPERATOR, "a long word to be asked for")
    assert "operator" in {screen.key for screen in screens.screens()}


def test_the_operators_page_says_how_it_goes(monkeypatch):
    monkeypatch.setenv(operating.OPERATOR, "on")
    logs.event("turned_away", level=30, job="map", why="line_full")
    at = opened("operator", model="fashion_cnn")
    assert_fine(at)
    assert any("of 2 long computations run, " in text for text in texts(at))
    assert {"Memory held", "Waiting in line", "Files refused"} <= {one.label for one in at.metric}
    assert "line_full" in str(at.dataframe[-1].value)
    monkeypatch.setattr(operating, "behind_a_proxy", lambda: True)
    at = opened("operator", model="fashion_cnn")
    assert "came through a proxy" in notes(at)
    assert not at.metric


def test_the_operators_token_is_asked(monkeypatch):
    from components.parts import operator

    monkeypatch.setattr(operator, "PAUSE", 0.0)
    monkeypatch.setenv(operating.OPERATOR, "a long word to be asked for")
    at = opened("operator", model="fashion_cnn")
    assert not at.metric
    at.text_input(key="operator_token").set_value("wrong").run()
    assert "That is not the token." in notes(at)
    at.text_input(key="operator_token").set_value("a long word to be asked for").run()
    assert_fine(at)
    assert at.metric


def test_every_end_of_a_session_has_its_words():
    from components import notices

    assert {why: notices.session_lost(why)[:24] for why in ("expired", "restarted")} == {
        "expired": "Your connection was gone",
        "restarted": "The server was restarted",
    }
    assert sessions.lifetime() <= 300 - sessions.SLOWEST, "let go within five minutes of leaving"
    assert sessions.lifetime() >= 60, "case 95: a connection cut for a minute finds its session again"


def test_a_refused_file_is_counted_without_its_name(capsys):
    make_ready("fashion_cnn")
    before = logs.counts["file_refused"]
    at = opened(model="fashion_cnn")
    at.file_uploader(key="files").upload("anna.png", b"not a picture", "image/png").run()
    assert logs.counts["file_refused"] == before + 1
    lines = [line for line in capsys.readouterr().err.splitlines() if '"file_refused"' in line]
    assert json.loads(lines[-1])["code"] == "not_an_image"
    assert "anna" not in lines[-1]
