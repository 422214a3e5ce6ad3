.PHONY: bench install run test check browser readme rails prove lock format
PY := .venv/bin/python
BIN := .venv/bin
PORT ?= 8000
LOCK := -q --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --exclude-newer "7 days" --custom-compile-command "make lock"
PIP := $(PY) -m pip install -q --disable-pip-version-check

install: .venv/.done
.venv/.done: requirements/dev.txt pyproject.toml
	python3 -m venv .venv
	$(PIP) --require-hashes -r requirements/dev.txt
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@

run: install  # the demo: open the address it prints; Ctrl-C ends it
	$(BIN)/paygate demo --port $(PORT)

test: install  # everything, on SQLite and on a PostgreSQL that a wheel brings
	$(PY) -m pytest -n 2 -m "not browser"

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(PY) -m pytest -q tests/house

.venv/.browser: requirements/browser.txt .venv/.done
	$(PIP) --require-hashes -r requirements/browser.txt
	touch $@

browser: .venv/.browser  # needs a chromium on this machine; pictures land in var/pictures
	PAYGATE_PICTURES=var/pictures $(PY) -m pytest -m browser tests/browser

rails: install
	$(BIN)/paygate conformance vnpay
	$(BIN)/paygate conformance vnptpay

readme: install  # runs the commands of README.md, word for word
	$(PY) -m tests.support.readme README.md

bench: install  # ratios within one run on this machine, some minutes; see python -m bench --help
	$(PY) -m bench

prove: install  # the same tests with every bar in full: an hour, not minutes
	$(PY) -m tests.support.prove

format:
	$(BIN)/ruff check --fix-only . ; $(BIN)/ruff format .

lock:  # needs uv, as nothing else does
	uv pip compile pyproject.toml $(LOCK) -o requirements/runtime.txt
	uv pip compile pyproject.toml $(LOCK) --extra dev -c requirements/runtime.txt -o requirements/dev.txt
	uv pip compile pyproject.toml $(LOCK) --extra browser -c requirements/dev.txt -o requirements/browser.txt
