# Two commands do everything: `make demo` and `make test`. Both make a virtual environment in .venv first.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
# The core is built with the same options for the module, for the library and for wheels: a compiler that remembers does it once.
ifneq ($(shell command -v ccache),)
export CMAKE_C_COMPILER_LAUNCHER ?= ccache
export CMAKE_CXX_COMPILER_LAUNCHER ?= ccache
endif
# What the native module is built from: when one of these changes, the package is installed again.
SOURCES := pyproject.toml CMakeLists.txt $(shell find core plugins -name '*.[ch]' -o -name '*.cpp')

.PHONY: help demo test docs lint format smoke fuzz sanitize challenge firmware budget clean stack-zarr2 stack-zarr3 test-zarr2 test-zarr3 ecosystem rtl

help: ## show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.installed ## set up, measure n1 and the best of each group on two synthetic recordings, and write report/
	$(BIN)/python scripts/demo.py report

# processes of the suite; some of its tests wait for a clock or a disk
WORKERS ?= 2
test: $(VENV)/.installed ## set up, then run the tests: make test WORKERS=3
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

docs: $(VENV)/.installed ## set up, then build the documentation as a web site
	$(BIN)/python -m sphinx -q -W --keep-going docs build/site
	@echo "open build/site/index.html"

lint: $(VENV)/.linters ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.linters ## put the code into its standard shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

smoke: $(VENV)/.installed ## a few seconds of the main job, to see that an installation works
	$(BIN)/n1codec --version
	$(BIN)/n1codec bench --codec bz2 --codec lattice+delta+rice --repeat 1
	$(BIN)/python -m pytest -q tests/bytes/test_envelope.py tests/commands/test_registry.py tests/damage/test_corruption.py

# The core under sanitizers, for the C programs in tests/c.
SANITIZED := -std=c11 -O1 -g -ffp-contract=off -fsanitize=address,undefined -fno-sanitize-recover=all -Icore/include -Icore/src
CORE_OBJECTS := $(patsubst core/src/%.c,build/sanitized/%.o,$(shell find core/src -name '*.c'))
FUZZERS := $(addprefix build/sanitized/,fuzz_entropy fuzz_transforms fuzz_n1 fuzz_widths fuzz_wire fuzz_stream)

build/sanitized/%.o: core/src/%.c $(shell find core tests/c -name '*.h')
	@mkdir -p $(@D)
	@$(CC) $(SANITIZED) -c $< -o $@

$(FUZZERS): build/sanitized/%: tests/c/%.c $(CORE_OBJECTS)
	@$(CC) $(SANITIZED) -o $@ $^

build/sanitized/fuzz_hdf5: tests/c/fuzz_hdf5.c $(wildcard plugins/hdf5/*.[ch]) $(CORE_OBJECTS)
	@$(CC) $(SANITIZED) -Iplugins/hdf5 -o $@ $(filter %.c %.o,$^) -ldl

# The same without the kernels of any machine, as it is where there are none.
build/sanitized/fuzz_n1_portable: tests/c/fuzz_n1.c $(shell find core/src -name '*.c') $(shell find core tests/c -name '*.h')
	@mkdir -p $(@D)
	@$(CC) -std=c11 -O1 -ffp-contract=off -DN1_SCALAR_ONLY -Icore/include -Icore/src -o $@ $(filter %.c,$^)

MUTANTS ?= 20000
# hostile packets for streams; PACKETS=10000000 takes some minutes
PACKETS ?= 200000
SEED    ?= 1
fuzz: $(FUZZERS) build/sanitized/fuzz_hdf5 build/sanitized/fuzz_n1_portable ## hostile input for the native coders and transforms under sanitizers: make fuzz MUTANTS=200000 SEED=2
	build/sanitized/fuzz_entropy $(MUTANTS) $(SEED)
	build/sanitized/fuzz_transforms $(MUTANTS) $(SEED)
	build/sanitized/fuzz_n1 $$(( $(MUTANTS) / 4 )) $(SEED)
	build/sanitized/fuzz_n1_portable $$(( $(MUTANTS) / 16 )) $(SEED)
	build/sanitized/fuzz_widths $$(( $(MUTANTS) / 40 )) $(SEED)
	build/sanitized/fuzz_wire $(MUTANTS) $(SEED)
	build/sanitized/fuzz_stream $(PACKETS) $(SEED)
	build/sanitized/fuzz_hdf5 $$(( $(MUTANTS) / 8 )) $(SEED)

# A second environment beside .venv, whose module is built with sanitizers; it borrows all other packages from .venv.
SANE := build/sanitized/venv
$(SANE)/.installed: $(SOURCES) $(shell find src -name '*.py') $(VENV)/.installed
	$(BIN)/python -m venv $(SANE)
	$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
	    > $$($(SANE)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/borrowed.pth
	$(SANE)/bin/python -m pip install --quiet --no-deps --force-reinstall . --config-settings=build-dir=build/sanitized/module \
	    --config-settings=cmake.define.N1_SANITIZE=ON --config-settings=cmake.define.N1_WERROR=ON
	@touch $@

BATTERY := tests/exact tests/damage/test_corruption.py tests/damage/test_hostile.py tests/bytes/test_envelope.py tests/small/test_n1_choices.py
library = $(shell $(CC) -print-file-name=$(1))
sanitize: $(SANE)/.installed ## the tests of all codecs with the native module under address and UB sanitizers: make sanitize BATTERY=...
	LD_PRELOAD='$(call library,libasan.so) $(call library,libstdc++.so)' ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=16 \
	    UBSAN_OPTIONS=print_stacktrace=1 $(SANE)/bin/python -m pytest -n 2 --dist worksteal -q $(BATTERY)

# Pinned environments of the libraries of the field, with n1codec as a wheel (scripts/stack.sh), and the tests that run on them.
stack-zarr2: ## make the environment build/stacks/zarr2: Python 3.11, zarr 2, SpikeInterface, pynwb
	@scripts/stack.sh zarr2

stack-zarr3: ## make the environment build/stacks/zarr3: Python 3.13 or 3.12, zarr 3, pynwb, xarray, Dask
	@scripts/stack.sh zarr3

test-zarr2 test-zarr3: test-%: stack-% ## the tests of tests/ecosystem on that stack: make test-zarr2 ONLY=tests/ecosystem/test_stack.py
	N1CODEC_STACK=$* build/stacks/$*/bin/python -m pytest -q -p no:cacheprovider -W default $(ONLY)

ONLY ?= tests/ecosystem
ecosystem: test-zarr2 test-zarr3 ## both stacks and their tests

LIBERTY ?=
rtl: $(VENV)/.installed ## the encoder in Verilog: compare it with the core in Icarus Verilog, count its gates with Yosys: make rtl LIBERTY=cells.lib
	$(BIN)/python -m pytest -q -rs tests/exact/test_rtl.py
	@mkdir -p build/rtl
	@if command -v yosys >/dev/null; then $(BIN)/python scripts/measure_rtl.py $(LIBERTY) --out build/rtl/gates.md; \
	    else echo "yosys is not here: gates are not counted"; fi

challenge: ## build the two programs of the compression challenge: build/challenge/encode and decode
	@$(MAKE) --no-print-directory -C challenge OUT=$(CURDIR)/build/challenge

firmware: ## write the encoder of each stream profile as one C file that needs nothing: build/firmware/n1_lite.c, n1_full.c
	@$(PYTHON) scripts/make_firmware.py

RECORDINGS ?= ../shared/data/neuralink
budget: $(VENV)/.installed firmware ## count what encoders cost on small processors; needs cc, and uses the cross compilers there are
	@$(call extra,budget) | $(BIN)/python -m pip install --quiet --requirement /dev/stdin
	@PYTHONPATH=scripts $(BIN)/python -m budget $(wildcard $(RECORDINGS))

clean: ## remove the virtual environment and everything built
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "n1codec needs Python 3.11 or newer: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: $(SOURCES) | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[all,test,docs]' --config-settings=cmake.define.N1_WERROR=ON
	@$(BIN)/python -m pip install --quiet 'pylsl>=1.18.2' || echo "WARNING: no pylsl for this system: Lab Streaming Layer is NOT tested"
	@touch $@

# What an extra asks for, a line each: by its name, the package itself would be built once more.
extra = $(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["$(1)"], sep="\n")'

$(VENV)/.linters: $(VENV)/.installed
	@$(call extra,lint) | $(BIN)/python -m pip install --quiet --requirement /dev/stdin
	@touch $@
