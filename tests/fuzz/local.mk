# libFuzzer targets (--enable-fuzzing)
include tests/fuzz/config.mk
include tests/fuzz/budget.mk
include tests/fuzz/core.mk
include tests/fuzz/report.mk
