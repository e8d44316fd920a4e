# Needs Python 3.11+ and make; everything else goes into .venv, in this folder.
# Another Python: make run PYTHON=python3.12      Some notebooks only: make run N="01 03"
PYTHON ?= python3
PY := .venv/bin/python
N ?=

.PHONY: run lab test test-all notebooks doctor
run: .venv/ready
	$(PY) -m lecturelib run $(N)

lab: .venv/ready
	$(PY) -m lecturelib lab $(N)

doctor: .venv/ready
	$(PY) -m lecturelib doctor

notebooks: .venv/ready-for-tests
	$(PY) -m lecturelib run --rebuild $(N)

test: .venv/ready-for-tests
	$(PY) tests/budget.py

test-all: test run

# Each of these two files holds the seconds that its installation took.
.venv/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit('Python 3.11 or newer is needed: make PYTHON=python3.12 ...' if sys.version_info < (3, 11) else 0)"
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@start=$$(date +%s) && $(PY) -m pip install --disable-pip-version-check --progress-bar off \
		-r requirements.txt -e . && echo $$(($$(date +%s) - start)) > $@

.venv/ready-for-tests: .venv/ready
	@start=$$(date +%s) && $(PY) -m pip install --disable-pip-version-check --progress-bar off \
		-e ".[test,peers]" && echo $$(($$(date +%s) - start)) > $@
