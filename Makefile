# Needs Python 3.11+ and make; everything else goes into .venv, in this folder.
# Another Python: make run PYTHON=python3.12      Some notebooks only: make run N="01 03"
# The lecture's cut of 20 minutes, cells run live: make lecture WITH="--short --live"
PYTHON ?= python3
PY := .venv/bin/python
N ?=
WITH ?=

.PHONY: run lab lecture student solutions doctor notebooks site test test-all
run: .venv/ready
	$(PY) -m lecturelib run $(N)

lab: .venv/ready
	$(PY) -m lecturelib lab $(N)

lecture: .venv/ready
	$(PY) -m lecturelib lab --lecture $(WITH)

student solutions: .venv/ready
	$(PY) -m lecturelib editions $@

doctor: .venv/ready
	$(PY) -m lecturelib doctor

notebooks: .venv/ready-for-tests
	$(PY) -m lecturelib run --rebuild $(N)

test: .venv/ready-for-tests
	$(PY) tests/budget.py

site: .venv/ready-for-tests
	$(PY) -m lecturelib site

# Not in CI: the whole site, ten kills, checkpoints trained again, every notebook on a copy.
test-all: test run
	$(PY) -m pytest -q tests/slow

# Each of these two files holds the seconds that its installation took.
.venv/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit('Python 3.11 or newer is needed: make PYTHON=python3.12 ...' if sys.version_info < (3, 11) else 0)"
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@start=$$(date +%s) && $(PY) -m pip install --disable-pip-version-check --progress-bar off \
		-r requirements.txt -e . && echo $$(($$(date +%s) - start)) > $@

.venv/ready-for-tests: .venv/ready
	@start=$$(date +%s) && $(PY) -m pip install --disable-pip-version-check --progress-bar off \
		-e ".[test,peers,site]" && echo $$(($$(date +%s) - start)) > $@
