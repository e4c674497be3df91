# What can be typed here; `make` alone lists it. scripts/setup.py does the rest, and nothing twice.
PYTHON ?=
TESTS ?=
JOBS ?= 2
PY := .venv/bin/python
# Some shells export a HOST of their own: only what is typed counts.
typed = $(if $(filter command line,$(origin $1)),--$2 "$($1)")
ADDRESS = $(call typed,HOST,host) $(call typed,PORT,port)
SETUP = python=$$(scripts/python "$(PYTHON)") && "$$python" scripts/setup.py $(if $(PYTHON),--python "$(PYTHON)")

# Package managers and browsers keep things at home; where there is no usable one, they do it here.
ifneq ($(shell test -d "$$HOME" && test -w "$$HOME" && echo usable),usable)
export HOME := $(CURDIR)/.stamps/home
$(shell mkdir -p .stamps/home)
endif

.PHONY: help run test faults soak bench bench-report setup setup-tests check format build demo lock clean

help: ## what can be typed
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 22

run: ## set up, build and serve on http://127.0.0.1:8000 (HOST=, PORT=, PYTHON=)
	@$(SETUP) run --serve $(ADDRESS)
	@exec $(PY) -m realtime serve $(ADDRESS)

test: setup-tests ## set up and run every test (TESTS=tests/test_text.py, JOBS=2)
	@$(if $(TESTS),,cd web && npm test --silent)
	@exec $(PY) -m pytest -n $(JOBS) $(TESTS)

faults: setup-tests ## break nodes, Redis and PostgreSQL under load (ROW=node-killed, SEEDS=20)
	@exec $(PY) -m tests.faults --report docs/reliability.md $(if $(ROW),--row $(ROW)) $(if $(SEEDS),--seeds $(SEEDS))

soak: setup-tests ## half an hour of load and faults, then docs/soak.md (MINUTES=30, SEED=1)
	@exec $(PY) -m tests.faults.soak --report docs $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

bench: setup-tests ## five minutes of figures, beside the peers, into bench/
	@exec $(PY) -m loadtest.report --quick --to bench

bench-report: setup-tests ## measure all that can be, then docs/performance.md (PART=writes)
	@exec $(PY) -m loadtest.report $(if $(PART),--part $(PART))

setup: ## what serving needs: .venv, node_modules, static
	@$(SETUP) run

setup-tests: ## what testing needs: tools, PostgreSQL, Redis and a browser
	@$(SETUP) test

check: ## format, lint and types, in Python and in TypeScript
	@$(SETUP) check
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	cd web && npm run --silent types
	cd web && npm run --silent lint

format: ## write all code as `check` wants it
	@$(SETUP) check
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .
	cd web && npm run --silent format

build: ## build the page into static/ anew
	@rm -f .stamps/page
	@$(SETUP) run

demo: setup ## people, pictures and posts to look at (ARGS="--users 50 --live")
	@exec $(PY) -m realtime demo $(ARGS)

lock: ## write the locks anew after a change of pyproject.toml or web/package.json (UPGRADE=1)
	@PYTHON="$(PYTHON)" UPGRADE="$(UPGRADE)" scripts/lock

clean: ## remove what `make` has made; posts and pictures stay
	rm -rf .venv .stamps web/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find static -mindepth 1 ! -name .gitkeep -delete
