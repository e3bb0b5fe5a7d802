# `make run` installs Footnote into .venv and opens the chat. `make` alone lists what else there is.
# Everything comes from the two lock files (made by `make lock`) and is checked against their hashes,
# but for PyTorch: which build of it fits depends on the machine.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
TORCH := 2.13.0
# Where Linux without an NVIDIA card gets PyTorch's small build if the configured package index lacks it.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip
# Models for the tests; several clones can share one folder.
MODELS := $(abspath $(or $(FOOTNOTE_MODELS),.models))
# The question sets that the evidence model is trained and measured on.
DATA ?= ../shared/data/qa
PYTEST := FOOTNOTE_MODELS="$(MODELS)" $(BIN)/python -m pytest
SYSTEM := chromium fonts-noto-cjk postgresql

# Installs one lock file ($1), showing one counting line in place of pip's hundreds.
define install_lock
set -o pipefail; total=$$(grep -c '^[a-z0-9].*==' $1); \
$(PIP) install --no-deps --require-hashes -r $1 | { n=0; while IFS= read -r line; do case "$$line" in \
	Collecting*|Processing*|Ignoring*|Requirement\ already*) n=$$((n+1)); \
		if [ -t 1 ]; then name=$${line#*[gd:] }; printf '\r\033[K      %d of %d  %s' $$n $$total "$${name%%[ ;:]*}"; fi;; \
	Installing*) if [ -t 1 ]; then printf '\r\033[K'; fi; echo "      $$n of $$total there, unpacking ...";; \
	esac; done; if [ -t 1 ]; then printf '\r\033[K'; fi; }
endef

.PHONY: help run install dev models setup-system test test-slow check format lint types bench screenshots evidence-model lock clean

help:  ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: install  ## Install what is missing and open the chat on http://localhost:8501
	@$(BIN)/footnote serve $(ARGS)

install: $(VENV)/installed  ## Install Footnote into .venv

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Footnote needs Python 3.11 or newer; $(PYTHON) is older or missing. Name another one: make run PYTHON=python3.12" >&2; exit 1; }
	@echo "[1/4] Creating $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing. On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/packages: requirements.lock $(VENV)/created
	@echo "[2/4] Installing the packages of requirements.lock (about 350 MB) ..."
	@$(call install_lock,requirements.lock)
	@touch $@

# On Linux the plain release brings several GB of CUDA. Without an NVIDIA card, first ask the configured
# package index for the CPU build, then PyTorch's own; only where neither has it take the plain release.
$(VENV)/torch-$(TORCH): $(VENV)/packages
	@echo "[3/4] Installing PyTorch $(TORCH) (about 190 MB without CUDA) ..."
	@if [ "$$(uname -s)" != Linux ] || command -v nvidia-smi > /dev/null; then \
		$(PIP) install torch==$(TORCH); \
	elif ! $(PIP) install --no-deps torch==$(TORCH)+cpu 2> /dev/null \
		&& ! $(PIP) install --no-deps --retries 1 --timeout 15 --index-url "$(TORCH_INDEX)" torch==$(TORCH)+cpu; then \
		echo "      No CPU build to be had; taking the plain one with CUDA, several GB. To stop: Ctrl-C, then make run TORCH_INDEX=URL"; \
		$(PIP) install torch==$(TORCH); \
	fi
	@touch $@

$(VENV)/installed: pyproject.toml $(VENV)/torch-$(TORCH)
	@echo "[4/4] Installing Footnote ..."
	@$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@

dev: $(VENV)/dev

$(VENV)/dev: requirements-dev.lock $(VENV)/installed
	@echo "Installing the tools of requirements-dev.lock ..."
	@$(call install_lock,requirements-dev.lock)
	@touch $@

models: $(VENV)/installed  ## Fetch the two default models for the tests, into FOOTNOTE_MODELS or .models
	FOOTNOTE_MODELS="$(MODELS)" $(BIN)/footnote models pull

setup-system:  ## Install what the browser and database tests need (Debian, Ubuntu; as root)
	dpkg -s $(SYSTEM) > /dev/null 2>&1 || { apt-get update -q && \
		DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends $(SYSTEM); }

test: check models  ## Run every check and the test suite
	$(PYTEST) $(ARGS)

test-slow: dev models  ## Run the tests that the suite leaves out for their length
	$(PYTEST) -m slow $(ARGS)

check: dev lint types  ## Check format, lint, imports, types and the installed packages
	$(BIN)/ruff format --check .
# openvino-telemetry is left out on purpose: it sends data without asking, and openvino runs without it.
	@complaints=$$($(BIN)/python -m pip check | grep -v -e 'requires openvino-telemetry' -e '^No broken' || true); \
		if [ -n "$$complaints" ]; then echo "$$complaints" >&2; exit 1; fi

lint: dev  ## Check style and the direction of imports
	$(BIN)/ruff check .
	PYTHONPATH=. $(BIN)/lint-imports

types: dev  ## Check types
	$(BIN)/mypy

format: dev  ## Format the code and mend what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

screenshots: dev  ## Take the README's screenshots anew
	$(BIN)/python -m tests.web.screenshots .github/screenshots

evidence-model: dev models  ## Train the evidence model anew and measure it (hours; goes on where it was stopped)
	$(TRAINING) --work .evidence/first --out .evidence/first.safetensors $(ARGS)
	$(TRAINING) --work .evidence/second --start .evidence/first.safetensors $(ARGS)
	$(TRAINING) --measure

# A thread that waits sleeps; by default it spins, and takes the core from what else the machine has to do.
TRAINING = OMP_WAIT_POLICY=passive $(BIN)/python -m qa.evidence.training --data "$(DATA)" --model "$(MODELS)/multilingual-e5-small"

bench: dev models  ## Run the benchmarks and draw what they found
	FOOTNOTE_MODELS="$(MODELS)" $(BIN)/python -m tests.benchmarks.reference
	mkdir -p .benchmarks
	$(PYTEST) -o addopts='-ra --strict-markers' --benchmark-only --benchmark-json=.benchmarks/latest.json $(or $(ARGS),tests/benchmarks)
	$(BIN)/python -m tests.benchmarks.plot .benchmarks/latest.json .github/plots/answers.png

# Resolves for every system and Python version at once. Keeps the versions that still fit; all anew: make lock ARGS=--upgrade
lock: $(VENV)/created  ## Write both lock files anew from pyproject.toml
	$(PIP) install -q uv==0.13.9
	echo torch==$(TORCH) | $(call compile,pyproject.toml -c -,requirements.lock)
	$(call compile,--group dev -c requirements.lock,requirements-dev.lock)
	for lock in requirements.lock requirements-dev.lock; do \
		awk 'BEGIN {print "# Made by make lock, from pyproject.toml."} /^[a-z0-9]/ {out = /^(torch==|triton==|cuda-|nvidia-|openvino-telemetry==)/} !out' \
			$$lock > $$lock.part; mv $$lock.part $$lock; done

compile = $(BIN)/uv pip compile $1 --universal --python-version 3.11 --generate-hashes --no-header --quiet $(ARGS) -o $2

clean:  ## Remove .venv, caches and builds; keeps the models
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find ingest qa storage ui tests -name __pycache__ -type d -prune -exec rm -rf {} +
