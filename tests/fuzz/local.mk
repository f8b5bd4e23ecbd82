# libFuzzer targets (--enable-fuzzing)
include tests/fuzz/core.mk
