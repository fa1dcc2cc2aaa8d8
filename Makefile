# make run   start the app                 make test  run every check and test
# make lint  style and types only          make shots take the README's screenshots
# Each does its own set-up: a virtual environment in .venv with the pinned packages.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN = $(VENV)/bin
PORT ?= 8501

.PHONY: run test lint shots clean

run: $(VENV)/app.ok
	$(BIN)/streamlit run streamlit_app.py --server.port $(PORT)

test: lint
	$(BIN)/python -m pytest

lint: $(VENV)/dev.ok
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

shots: $(VENV)/dev.ok
	$(BIN)/python scripts/take_screenshots.py

$(VENV)/made.ok:
	@test -n "$(PYTHON)" || { echo "ConvScope needs Python 3.11, 3.12 or 3.13; none was found. Set PYTHON=/path/to/python."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/app.ok: requirements.txt $(VENV)/made.ok
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements.txt
	@touch $@

$(VENV)/dev.ok: requirements-dev.txt requirements.txt $(VENV)/made.ok
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements-dev.txt
	@touch $@ $(VENV)/app.ok

clean:
	rm -rf $(VENV)
