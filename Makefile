# make demo | test | long | mutants | bench | lint | lock | clean: each does its own set-up, on Debian or Ubuntu.
# ARGS passes options on:  make demo ARGS="--pace 20 --port 8123"    make test ARGS="-k journal"
.PHONY: demo test long mutants bench lint lock clean
.NOTPARALLEL:
BIN := .venv/bin
ARGS ?=
DEMO_READY = sh tools/setup.sh demo
TEST_READY = sh tools/setup.sh test
LINT = $(BIN)/ruff check . && $(BIN)/mypy

demo:
	@$(DEMO_READY)
	$(BIN)/python -m compsys demo $(ARGS)

# Lint, types, every test with its doctests and the browser; what fails is run once more alone, and named.
test:
	@$(TEST_READY)
	$(LINT)
	$(BIN)/python -m tests.run $(ARGS)

# Long doses with a new seed each time (printed; COMPSYS_SEED=N repeats one), then the mutants.
long:
	@$(TEST_READY)
	COMPSYS_SEED=$${COMPSYS_SEED:-$$(date +%s)} $(BIN)/python -m pytest -q -m long --durations 20 $(ARGS)
	$(BIN)/python -m tests.mutants

mutants:
	@$(TEST_READY)
	$(BIN)/python -m tests.mutants $(ARGS)

bench:
	@$(TEST_READY)
	$(BIN)/python -m tests.bench $(ARGS)

lint:
	@$(DEMO_READY)
	$(LINT)

# Pins again from pyproject.toml (needs pip-tools in the environment that runs it).
lock:
	sh tools/lock.sh

clean:
	rm -rf .venv .venv.lock .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
