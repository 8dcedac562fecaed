# The commands of the project; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help serve chat test check evaluate train encoder clean

PYTHON ?= python3
BIN := .venv/bin
export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1

help:  ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

.PHONY: environment
environment:
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "linden: $(PYTHON) is not installed; Python 3.8 or later is needed" >&2; exit 1; }
	@$(PYTHON) scripts/setup.py $(GROUPS)

serve: environment  ## set up, train if needed, and serve on http://127.0.0.1:5005 (PORT=... moves it)
	@$(BIN)/linden serve

chat: environment  ## the same assistant in this terminal
	@$(BIN)/linden chat

train: environment  ## train, also when nothing changed
	@$(BIN)/linden train

test: GROUPS := dev
test: environment  ## set up and run the whole test suite
	@$(BIN)/python -m pytest

check: GROUPS := dev
check: environment  ## lint, types, words, data
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/linden content
	@$(BIN)/rasa data validate --fail-on-warnings --quiet 2>&1 | grep -v -e Warning -e '^ ' ; exit $${PIPESTATUS[0]}
