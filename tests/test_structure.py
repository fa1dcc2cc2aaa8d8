"""The house itself: layers, sizes, complete declarations, and an entrypoint that starts without TensorFlow."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("explain", "model_zoo", "components", "pages")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
FORBIDDEN = {
    "explain": {"streamlit", "plotly", "model_zoo", "components", "pages"},
    "model_zoo": {"streamlit", "plotly", "components", "pages"},
    "components": {"pages"},
    "pages": {"tensorflow", "keras", "plotly"},
}


def imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_downward(path):
    package = path.relative_to(ROOT).parts[0]
    assert not imported(ast.parse(path.read_text())) & FORBIDDEN[package]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_stay_short(path):
    text = path.read_text()
    assert text.count("\n") <= (100 if path.parent.name == "pages" else 250)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            said = len((ast.get_docstring(node) or "").splitlines())
            assert node.end_lineno - node.lineno + 1 - said <= 40, node.name


def test_pictures_are_sent_with_the_page():
    """A file of its own may be gone before a slow browser asks for it."""
    paths = [path for path in FILES if path.name != "show.py"]
    assert [path.name for path in paths if "st.image(" in path.read_text()] == []


def test_figures_know_no_screen():
    for path in (ROOT / "components" / "figures").glob("*.py"):
        assert "streamlit" not in imported(ast.parse(path.read_text())), path.name


def test_the_app_and_its_numerics_load_without_tensorflow():
    code = (
        "import sys; import explain, model_zoo; from explain import METHODS; from components import frame, sidebar; "
        "assert METHODS; assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, check=True)


def test_only_one_module_owns_caches():
    owners = {
        str(path.relative_to(ROOT)) for path in FILES if "st.cache_" in path.read_text() and "components" in path.parts
    }
    assert owners <= {"components/compute.py"}


def test_no_screen_knows_a_method_by_name():
    """A method is found by what it declares: its key stands in its own file, in tests and in benchmarks."""
    keys = {path.stem for path in (ROOT / "explain" / "attribution").glob("*.py")} - {"__init__"}
    for folder in ("pages", "components"):
        for path in (ROOT / folder).rglob("*.py"):
            strings = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
            assert not strings & keys, f"{path.relative_to(ROOT)}: {strings & keys}"
