"""The Dockerfile as a text: nothing here can build it, so what can be read off it is held."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from image_files import ROOT, copied, instructions

DOCKER = dict(instructions())
IGNORED = [
    line for line in (ROOT / ".dockerignore").read_text().splitlines() if line.strip() and not line.startswith("#")
]


def test_the_base_is_the_python_that_the_app_was_tested_with():
    assert [rest for name, rest in instructions() if name == "FROM"] == ["python:3.11-slim"]
    assert "with Python 3.11" in (ROOT / "README.md").read_text()


def test_packages_come_from_the_pinned_list_alone():
    runs = [rest for name, rest in instructions() if name == "RUN"]
    pips = [run for run in runs if "pip" in run]
    assert pips == ["pip install --no-cache-dir --disable-pip-version-check -r requirements.txt"]
    assert not re.search(r"\b(curl|wget|apt|git|index-url|trusted-host|https?:)", " ".join(runs))


def test_the_app_runs_as_somebody_who_may_change_nothing():
    names = [name for name, _ in instructions()]
    assert DOCKER["USER"] == "10001"
    assert names.index("USER") > max(place for place, name in enumerate(names) if name in ("COPY", "RUN"))
    assert "chown" not in (ROOT / "Dockerfile").read_text()
    assert "--uid 10001" in next(rest for name, rest in instructions() if name == "RUN")


def test_health_is_streamlits_own_and_its_command_is_python():
    options, _, command = DOCKER["HEALTHCHECK"].partition("CMD ")
    assert set(re.findall(r"--([\w-]+)=", options)) == {"interval", "timeout", "start-period", "retries"}
    program, flag, code = json.loads(command)
    assert (program, flag) == ("python", "-c")
    assert "http://127.0.0.1:8501/_stcore/health" in code
    compile(code, "HEALTHCHECK", "exec")


def test_the_command_starts_the_app_on_the_exposed_port():
    command = json.loads(DOCKER["CMD"])
    assert command[:3] == ["streamlit", "run", "streamlit_app.py"]
    assert command[3:] == ["--server.address", "0.0.0.0", "--server.port", DOCKER["EXPOSE"]]


@pytest.mark.parametrize(("source", "target"), copied())
def test_what_is_copied_exists_and_is_tracked(source, target):
    assert (ROOT / source).exists()
    assert target.removeprefix("./") == source
    if (ROOT / ".git").exists():
        tracked = subprocess.run(["git", "ls-files", source], cwd=ROOT, capture_output=True, text=True, check=True)
        assert tracked.stdout.strip()


def test_nothing_else_reaches_the_build():
    assert IGNORED[0] == "*"
    assert {line[1:] for line in IGNORED if line.startswith("!")} == {source for source, _ in copied()}
    assert {"**/__pycache__", "**/*.pyc", ".streamlit/secrets.toml"} <= set(IGNORED)


def test_no_secret_is_built_in():
    said = "\n".join(rest for _, rest in instructions())
    assert not [name for name, _ in instructions() if name == "ARG"]
    assert not re.search("secret|token|password|passwd|_key|credential", said, re.IGNORECASE)
