# `make demo` and `make test` are all that a fresh machine needs: Python 3.11 or newer, pip and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test browser screenshots bench clean

# The stamp depends on pyproject.toml, so that new dependencies are installed when they are declared.
$(VENV)/.ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tracker needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	$(BIN)/python -m compileall -q tracker
	touch $@

demo: $(VENV)/.ready  ## play the bundled history offline, build its pages and serve them
	$(BIN)/tracker demo $(ARGS)

test: $(VENV)/.ready  ## lint, then every test that this machine can run
	$(BIN)/ruff check tracker tests benchmarks docs
	$(BIN)/ruff format --check tracker tests benchmarks docs
	$(BIN)/python -m pytest -q -r s $(ARGS)

browser:  ## Debian's Chromium, for the tests and screenshots that need a browser
	command -v chromium >/dev/null || { apt-get update -q && apt-get install -qy --no-install-recommends chromium; }

screenshots: $(VENV)/.ready browser  ## take the README's pictures in headless Chromium
	$(BIN)/python docs/screenshot.py

bench: $(VENV)/.ready  ## race against other trackers on the same pages: writes benchmarks/RESULTS.md (ARGS=--quick: in minutes)
	$(BIN)/python benchmarks/race.py $(ARGS)

clean:
	rm -rf $(VENV) demo site
