# `make run` and `make test` do all the set-up they need. PYTHON=... chooses the interpreter, PORT=... the port.
.PHONY: setup run test thorough check format bench pictures clean
.DEFAULT_GOAL := run

BIN := .venv/bin
PORT ?= 8501
# A second of start-up saved at every pip call.
export PIP_DISABLE_PIP_VERSION_CHECK := 1

setup: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3.14 python3 python; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; done; \
	if [ -z "$$found" ]; then echo "Deep Sandbox needs Python 3.11 or newer; none was found (say which with make PYTHON=/path/to/python)."; exit 2; fi; \
	if ! [ -x $(BIN)/pip ]; then echo "Making .venv with $$found"; \
	  $$found -m venv .venv || { rm -rf .venv; echo "Making a virtual environment failed; on Debian or Ubuntu: apt-get install python3-venv"; exit 2; }; fi
	@echo "Installing (a few minutes the first time) ..."
	@$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $@

run: setup
	@$(BIN)/sandbox studio --port $(PORT)

test: setup
	$(BIN)/pytest --numprocesses auto --dist worksteal

# What `make test` leaves out because it has six minutes; IGNORE=--ignore=FILE leaves a file out.
thorough: setup
	$(BIN)/pytest --numprocesses auto --dist worksteal -m thorough $(IGNORE)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	$(BIN)/sandbox bench --write

pictures: setup
	$(BIN)/python -m apps.shots --pictures
	$(BIN)/python -m envs.engine.overview docs/pictures/environments.png

clean:
	rm -rf .venv build *.egg-info .pytest_cache .ruff_cache
