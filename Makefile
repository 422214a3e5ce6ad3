.PHONY: install run test check browser readme prove lock format
PY := .venv/bin/python
BIN := .venv/bin
LOCK := -q --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --exclude-newer "7 days" --custom-compile-command "make lock"

install: .venv/.done
.venv/.done: requirements/dev.txt pyproject.toml
	python3 -m venv .venv
	$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(PY) -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

lock:  # needs uv, as nothing else does
	uv pip compile pyproject.toml $(LOCK) -o requirements/runtime.txt
	uv pip compile pyproject.toml $(LOCK) --extra dev -c requirements/runtime.txt -o requirements/dev.txt
	uv pip compile pyproject.toml $(LOCK) --extra browser -c requirements/dev.txt -o requirements/browser.txt
