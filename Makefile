# duct: containers by hand, a step at a time. `make` alone tells what there is.
#
# Every folder builds itself, with a Makefile of its own; this one only says
# what has to be there before what. STEP may be given as 2, 02 or
# 02-namespaces. V=1 shows the commands.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

V ?=
Q := $(if $(filter-out 0,$(V)),,@)
quietly := $(if $(filter-out 0,$(V)),,-s)
export V

steps := $(sort $(patsubst steps/%/Makefile,%,$(wildcard steps/[0-9]*/Makefile)))

# ---------------------------------------------------------------- STEP=NN

# The engine is no step, but can be tried and shown like one: STEP=final.
engine := $(if $(filter demo test sanitize,$(MAKECMDGOALS)),final)

STEP ?=
step := $(firstword $(filter $(STEP) $(STEP)-% 0$(STEP)-%,$(steps) $(engine)))
ifneq ($(STEP),)
ifeq ($(step),)
$(error There is no step "$(STEP)". The steps are: $(strip $(steps) $(engine)))
endif
endif

ifneq ($(filter start check hint solution diff judge,$(MAKECMDGOALS)),)
ifeq ($(STEP),)
$(error Which step? For example STEP=02. The steps are: $(steps))
endif
endif

# Where a target is about one step, the one that was named; else all of them.
chosen := $(or $(step),$(steps) $(engine))
chosen_programs := $(patsubst steps/final/duct,final,$(chosen:%=steps/%/duct))

# Suites, lessons and demonstrations look at the same host: one at a time.
alone := tools/alone.sh

# -------------------------------------------------------------------- help

define HELP
duct: containers by hand, a step at a time

  Everybody
    sudo make demo             set up, build, walk through every step
    sudo make test             set up, build, run every suite and check
    make doctor                what this machine's kernel can do

  Student
    make start STEP=02         your own copy to work on: workshop/02-namespaces
    sudo make check STEP=02    judge it (FAILFAST=1: stop at the first failure)
    make hint STEP=02          the next hint
    make solution STEP=02      compare with the model (PASTE=1: take it over)

  Self-learner
    make diff STEP=02          what a step adds to the one before, in colour
    sudo make test STEP=02     one step's suite

  Instructor
    sudo make demo STEP=02     a paced demonstration (PAUSE=0: without stops)
    make rootfs                rootfs/busybox, as new
    sudo make rootfs-debian    rootfs/debian (MIRROR=, SUITE=)
    sudo make clean-host       remove what containers left on this machine

  User of the engine
    sudo make install          final's duct, its manual page and completion
                               (PREFIX=/usr/local, DESTDIR=)

  Contributor
    sudo make setup            install what is missing
    make all                   build every step, and the engine
    make final                 build the engine: final/duct
    make fmt lint              the house style, and what the linters say
    sudo make sanitize         the suites under ASan/UBSan (MODE=valgrind)
    make fuzz                  whatever comes to mind, for each of the engine's
                               parsers (SECONDS=5 or RUNS=, TARGET=)
    sudo make judge STEP=02    the suite's own exam
    sudo make bench            memory, and starts compared (RUNS=, DOCKER=)
    sudo make test-vm          the suites on a pure cgroup v2 machine, in QEMU
    sudo make test-lessons     run every command of every lesson
    make check-ladder          adjacent steps differ by one room and its wiring
    make check-lessons         quoted code is the code, every hunk is explained
    make test-tools            the tests of these checks themselves
    make clean                 remove what the build made

  The steps: $(steps)
endef

.PHONY: help
help:
	$(info $(HELP))
	@:

# ------------------------------------------------------------- setting up

# setup installs, as root, what is missing of a set of packages. The other
# targets ask for the sets they need; with nothing missing that takes 20 ms.
.PHONY: setup
setup:
	$(Q)tools/setup.sh student

setup-%: force
	$(Q)tools/setup.sh -q $(subst -, ,$*)

.PHONY: doctor rootfs rootfs-ready rootfs-debian rootfs-debian-try
doctor:
	$(Q)tools/doctor.sh

rootfs: | setup-run
	$(Q)tools/rootfs-busybox.sh --fresh

rootfs-ready: | setup-run $(filter rootfs,$(MAKECMDGOALS))
	$(Q)tools/rootfs-busybox.sh

rootfs-debian: need-root | setup-run
	$(Q)tools/rootfs-debian.sh

rootfs-debian-try: | setup-run $(filter rootfs-debian,$(MAKECMDGOALS))
	$(Q)tools/rootfs-debian.sh --if-reachable

# First thing, before anything is built for nothing.
.PHONY: need-root
need-root:
	@[ "$$(id -u)" -eq 0 ] || { \
		echo 'This needs root: sudo make $(MAKECMDGOALS) $(MAKEOVERRIDES)'; \
		exit 1; }

# ---------------------------------------------------------------- building

# A folder knows best what is out of date in it, so it is always asked; it
# says nothing when nothing is. What root builds goes to the clone's owner.
build = $(if $(quietly),$(MAKE) -q -C $1 $2 2>/dev/null || echo "  build  $3";) \
	$(MAKE) $(quietly) -C $1 $2 && tools/own.sh $1 build

programs := $(steps:%=steps/%/duct)
suites := $(patsubst tests/%/suite.c,build/tests/%,\
	$(wildcard $(steps:%=tests/%/suite.c)))

.PHONY: all final suites units manual force
all: $(programs) final

final: force | setup-build
	+$(Q)$(call build,final,all,final)

$(programs): %/duct: force | setup-build
	+$(Q)$(call build,$*,duct,$*)

suites: force | setup-build-test
	+$(Q)$(call build,tests,$(if $(step),$(abspath build/tests/$(step))),tests)

# Those of final's functions that need no container.
units: final force | setup-build-test
	+$(Q)$(call build,tests,final-units,final-units)

manual: force | setup-build
	+$(Q)$(call build,final,manual/duct.1 manual/duct.bash,final/manual)

# ------------------------------------------------------------- installing

# The engine, that is final's duct: a step's is for its own folder.
.PHONY: install
install: | setup-build
	+$(Q)$(call build,final,duct duct-archive manual/duct.1 manual/duct.bash,final/duct)
	+$(Q)$(MAKE) $(quietly) -C final install

# ---------------------------------------------------------------- looking

.PHONY: demo diff
demo: need-root setup-build-run $(chosen_programs) rootfs-ready rootfs-debian-try
	$(Q)$(alone) tools/demo.sh $(step)

diff:
	$(Q)tools/diff.sh $(step)

# ---------------------------------------------------------------- working

.PHONY: start check hint solution
start:
	$(Q)tools/workshop.sh start $(step)

check: need-root setup-build-run-test suites rootfs-ready
	$(Q)$(alone) tools/workshop.sh check $(step)

hint:
	$(Q)tools/workshop.sh hint $(step)

solution:
	$(Q)tools/workshop.sh solution $(step)

# ---------------------------------------------------------------- judging

.PHONY: test judge test-vm test-tools test-lessons check-ladder check-lessons \
	check-workshop sanitize
test: need-root setup-build-run-test $(chosen_programs) suites \
		$(if $(filter final,$(chosen)),units manual) rootfs
	$(Q)$(alone) tools/test.sh $(step)

judge: need-root setup-build-run-test all suites rootfs-ready
	$(Q)tools/judge $(step)

test-vm: setup-build-run-test-vm all suites rootfs-ready
	$(Q)tools/vm/run

test-lessons: need-root setup-build-run-test all rootfs-ready
	$(Q)$(alone) tools/test.sh --lessons $(step)

test-tools: | setup-build-test
	$(Q)tests/lessons/test-tools

check-ladder: | setup-build-test
	$(Q)tools/check-ladder

check-lessons: | setup-test
	$(Q)tools/check-lessons

check-workshop: rootfs-ready | setup-build-test
	$(Q)tools/check-workshop.sh

# What final's build makes for itself, the targets need as well.
.PHONY: fuzz fuzz-ready fuzz-targets
fuzz-ready: | setup-build-fuzz
	+$(Q)$(MAKE) $(quietly) -C final kernel/seccomp/default.h kernel/init-program.o

fuzz-targets: fuzz-ready
	$(Q)tools/fuzz.sh --build

fuzz: fuzz-ready
	$(Q)FUZZ_SECONDS=$(or $(SECONDS),5) FUZZ_RUNS=$(RUNS) tools/fuzz.sh $(TARGET)

sanitize: need-root setup-build-run-test-sanitize rootfs-ready $(if $(engine),final)
	$(Q)$(alone) tools/sanitize.sh $(step)

# --------------------------------------------------------------- measuring

.PHONY: bench
bench: need-root rootfs-ready | setup-build-run
	+$(Q)$(call build,final,duct duct-archive,final/duct)
	+$(Q)$(call build,bench,floor,bench/floor)
	$(Q)$(alone) bench/memory
	$(Q)$(alone) bench/run $(if $(RUNS),--runs $(RUNS)) $(if $(DOCKER),--docker $(DOCKER))

# ---------------------------------------------------------------- tidying

.PHONY: fmt lint clean clean-host
fmt: | setup-lint
	$(Q)tools/lint.sh --fmt

lint: | setup-build-lint
	$(Q)tools/lint.sh

# The root file systems and students' work stay; so does what took long.
clean:
	$(Q)tools/clean.sh

clean-host:
	$(Q)$(alone) tools/clean-host.sh
