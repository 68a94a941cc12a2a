# make run    set everything up and serve the app on http://localhost:8501
# make test   set everything up and run lint, types, and all tests, the browser's included
# make fuzz   200,000 texts and syntax trees thrown at the formula evaluator, and new examples for every property test
# make bench  ratios against peers and latencies, measured in one run

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test fuzz bench clean

run: $(VENV)/run.stamp
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tests/browser/find_chromium.py
	$(BIN)/python -m pytest -n 2

fuzz: $(VENV)/dev.stamp
	$(BIN)/python -m tests.optim_core.fuzz_formula --cases 200000
	$(BIN)/python -m pytest -m hypothesis --hypothesis-profile=default

bench: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.core
	$(BIN)/python -m benchmarks.schedules
	$(BIN)/python -m benchmarks.sweep
	$(BIN)/python -m benchmarks.race
	$(BIN)/python -m benchmarks.theory
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.slices
	$(BIN)/python -m benchmarks.landscape
	$(BIN)/python -m benchmarks.formulas
	PYTHONPATH=tests/optim_core $(BIN)/python -m benchmarks.inside
	$(BIN)/python -m benchmarks.exports
	$(BIN)/python -m benchmarks.browser
	$(BIN)/python -m benchmarks.maps
	$(BIN)/python -m benchmarks.lessons
	$(BIN)/python -m benchmarks.surveys

clean:
	rm -rf $(VENV) static .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Descent Lab needs Python 3.11 or newer; name one with: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements.txt $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/run.stamp
