# Frontdesk: `make demo` serves the bundled shop, `make test` passes the whole suite. Both set up what is missing.

PYTHON ?= python3
PORT ?= 8080
BIN := .venv/bin
STAMP := .venv/.installed
DATASETS ?= ../shared/datasets
REPORT ?= report
WITH ?=

.DEFAULT_GOAL := help

.PHONY: help demo test lint install browser wheel clean bench-accuracy bench-answers bench-risk bench-mining bench-mood bench-surges bench-learning bench-handovers bench-takeovers bench-teach bench-turns bench-loop bench-crash bench-diff bench-import bench-labelling bench-next bench-search bench-telegram bench-widget pictures

help:  ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: $(STAMP)  ## set everything up and serve the bundled shop on http://localhost:$(PORT)
	@$(BIN)/frontdesk demo --port $(PORT)

test: $(STAMP) browser  ## set up what is missing and pass the whole suite
	@echo "== tests"
	@$(BIN)/python -m pytest

lint: $(STAMP)  ## format, lint and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

install: $(STAMP)  ## the packages, in .venv

$(STAMP): pyproject.toml constraints.txt
	@echo "== setting up .venv (about 2 GB; torch is most of it)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --progress-bar on --disable-pip-version-check -c constraints.txt -e '.[dev,import,multilingual]' \
	  | awk '/^Collecting|^Installing/ {print "   " $$0; fflush()}'
	@$(BIN)/python -c 'import bot, torch' && touch $@

browser:  # Debian's Chromium for the browser tests, when root; else they are skipped with one clear line
	@if command -v chromium >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "== installing Debian's chromium for the browser tests"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; \
	else echo "== no chromium and not root: the browser tests will be skipped (apt-get install chromium)"; fi

wheel: $(STAMP)  ## build the wheel into dist/
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist .

bench-accuracy: $(STAMP)  ## accuracy on DATASETS=DIR, a table and a JSON line
	@$(BIN)/python -m benchmarks.accuracy --datasets $(DATASETS)

bench-answers: $(STAMP)  ## whether the reply is right: templates, pages and second messages of the demo shops, English and Chinese
	@$(BIN)/python -m benchmarks.answers

bench-risk: $(STAMP)  ## whether the stated risk is kept, on twenty random splits of DATASETS=DIR
	@$(BIN)/python -m benchmarks.risk --datasets $(DATASETS)

bench-learning: $(STAMP)  ## better every night, never worse: all of it on DATASETS=DIR, a report with verdicts into REPORT=DIR; WITH=--small tries it out
	@$(BIN)/python -m benchmarks.learning --datasets $(DATASETS) --report $(REPORT) $(WITH)

bench-mining: $(STAMP)  ## topics found without labels beside k-means and HDBSCAN, on DATASETS=DIR
	@$(BIN)/python -m benchmarks.mining --datasets $(DATASETS)

bench-mood: $(STAMP)  ## how often moods are heard rightly, language by language
	@$(BIN)/python -m benchmarks.mood

bench-surges: $(STAMP)  ## surges found in a simulated year, and false alarms, beside a fixed threshold
	@$(BIN)/python -m benchmarks.surges

bench-turns: $(STAMP)  ## messages per second through the HTTP API beside a naive loop
	@$(BIN)/python -m benchmarks.turns

bench-next: $(STAMP)  ## whether suggestions name what customers ask next, on a simulated log of the demo shop
	@$(BIN)/python -m benchmarks.whatnext

bench-handovers: $(STAMP)  ## 100,000 random orders of hand-overs and of the clock
	@$(BIN)/python -m benchmarks.handovers

bench-takeovers: $(STAMP)  ## a thousand races between answers on their way and operators who take over
	@$(BIN)/python -m benchmarks.takeovers

bench-teach: $(STAMP)  ## from an operator's approval of an answer to the first customer served with it
	@$(BIN)/python -m benchmarks.teach

bench-diff: $(STAMP)  ## releases diff over 100,000 questions made of DATASETS=DIR
	@$(BIN)/python -m benchmarks.replay --datasets $(DATASETS)

bench-import: $(STAMP)  ## importing 60,000 past messages in every form
	@$(BIN)/python -m benchmarks.importing

bench-labelling: $(STAMP) browser  ## what the review queue deals first, and labels a minute by the keyboard, on DATASETS=DIR
	@$(BIN)/python -m benchmarks.labelling --datasets $(DATASETS)

bench-search: $(STAMP)  ## searching 100,000 answers and pages made of DATASETS=DIR, and a million vectors
	@$(BIN)/python -m benchmarks.search --datasets $(DATASETS) --million

bench-loop: $(STAMP) browser  ## the whole loop on the demo shop: browser, Telegram, correction, retrain
	@$(BIN)/python -m benchmarks.loop

bench-crash: $(STAMP)  ## kill -9 ten times under 500 messages: nothing lost, nothing answered twice
	@$(BIN)/python -m benchmarks.crash

bench-telegram: $(STAMP)  ## Telegram on a bad day: repeats, disorder, kills, floods, cut-off answers
	@$(BIN)/python -m benchmarks.telegram

bench-widget: $(STAMP) browser  ## the widget as a visitor gets it: bytes, times, memory, policy, accessibility
	@$(BIN)/python -m benchmarks.widget

pictures: $(STAMP) browser  ## make the screenshots of the docs anew
	@FRONTDESK_PICTURES=docs $(BIN)/python -m pytest -q tests/bot/test_widget_pictures.py tests/bot/test_console_pictures.py tests/bot/test_console_review.py tests/bot/test_console_numbers.py tests/bot/test_console_people.py tests/bot/test_console_answers.py tests/bot/test_console_knowledge.py tests/bot/test_console_releases.py tests/bot/test_report_page.py

clean:  ## remove what can be made again
	@rm -rf dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
