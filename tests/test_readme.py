"""The README is true: its program prints what it says, its links lead somewhere, and it names what there is."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from components.presets import presets
from components.screens import screens
from explain import METHODS, Method
from model_zoo import MODELS, ModelEntry

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NAMED = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
DOCUMENTS = [*(ROOT / name for name in NAMED), *sorted((ROOT / "docs").rglob("*.md"))]
PROGRAM = re.compile(r"```python\n(.*?)```\s+prints\s+```text\n(.*?)```", re.DOTALL)


def table_row(first: str) -> str:
    """The row of a table that begins with a word."""
    return next(line for line in README.splitlines() if line.startswith(f"| {first} |"))


def test_the_program_prints_what_the_readme_says(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # the program measures this machine's speed, and keeps it there
    found = PROGRAM.findall(README)
    assert len(found) == README.count("```python") == 1
    for program, said in found:
        exec(compile(program, "README.md", "exec"), {})
        assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == said.splitlines()


@pytest.mark.parametrize("command", ["run", "test"])
def test_both_commands_are_shown_and_exist(command):
    assert f"\n    make {command} " in README
    assert re.search(rf"^{command}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_plain_way_is_shown():
    assert "pip install -r requirements.txt\n    streamlit run streamlit_app.py" in README


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_that_exist(document):
    for link in re.findall(r"\]\(([^)#\s]+)\)", document.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (document.parent / link).exists(), link


def test_each_page_has_its_question_and_a_small_picture():
    for screen in screens():
        assert f"| {screen.label} | {screen.question} |" in README
        picture = f"docs/screenshots/{screen.key}-light-1440.png"
        assert f"]({picture})" in README
        assert (ROOT / picture).stat().st_size <= 150_000


def test_models_and_methods_are_named():
    for key in MODELS:
        assert f"| `{key}` |" in README
    for method in METHODS.values():
        assert method.title.lower() in README.lower()


@pytest.mark.parametrize(("row", "kind"), [("method", Method), ("model", ModelEntry)])
def test_what_to_write_for_a_new_one_is_complete(row, kind):
    named = set(re.findall(r"`(\w+)`", table_row(row)))
    fields = {field.name for field in dataclasses.fields(kind)}
    assert named == fields


def test_addresses_in_the_readme_hold_settings_that_exist():
    known = {key for preset in presets() for key in preset.view} | {"minus"}
    for query in re.findall(r"localhost:8501/\w+\?(\S+)", README):
        assert {pair.partition("=")[0] for pair in query.split("&")} <= known
