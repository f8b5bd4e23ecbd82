# deciding, explaining, placing
check_PROGRAMS += \
	tests/unit/test_admincomment \
	tests/unit/test_decide \
	tests/unit/test_decide_limits \
	tests/unit/test_decisions \
	tests/unit/test_island \
	tests/unit/test_lane \
	tests/unit/test_message \
	tests/unit/test_options \
	tests/unit/test_rules
tests_unit_test_admincomment_SOURCES = tests/unit/test_admincomment.c
tests_unit_test_admincomment_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_admincomment_LDADD = $(UNIT_LIBS)
tests_unit_test_decide_SOURCES = tests/unit/test_decide.c tests/unit/decide_fixture.c tests/unit/decide_fixture.h
tests_unit_test_decide_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_decide_LDADD = $(UNIT_LIBS)
tests_unit_test_island_SOURCES = tests/unit/test_island.c
tests_unit_test_island_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_island_LDADD = $(UNIT_LIBS)
tests_unit_test_lane_SOURCES = tests/unit/test_lane.c tests/unit/decide_fixture.c tests/unit/decide_fixture.h
tests_unit_test_lane_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_lane_LDADD = $(UNIT_LIBS)
tests_unit_test_message_SOURCES = tests/unit/test_message.c
tests_unit_test_message_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_message_LDADD = $(UNIT_LIBS)
tests_unit_test_options_SOURCES = tests/unit/test_options.c
tests_unit_test_options_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_options_LDADD = $(UNIT_LIBS)
tests_unit_test_rules_SOURCES = tests/unit/test_rules.c
tests_unit_test_rules_CPPFLAGS = $(UNIT_CPPFLAGS) -DLIB_DIR=\"$(abs_top_srcdir)/lib\"
tests_unit_test_rules_LDADD = $(UNIT_LIBS)
tests_unit_test_decide_limits_SOURCES = tests/unit/test_decide_limits.c tests/unit/decide_fixture.c tests/unit/decide_fixture.h
tests_unit_test_decide_limits_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_decide_limits_LDADD = $(UNIT_LIBS)
tests_unit_test_decisions_SOURCES = tests/unit/test_decisions.c
tests_unit_test_decisions_CPPFLAGS = $(UNIT_CPPFLAGS) $(JSONC_CFLAGS)
tests_unit_test_decisions_LDADD = $(UNIT_LIBS) $(JSONC_LIBS) -lm
EXTRA_DIST += tests/data/decisions
