# amounts, their use over time, and the limits that follow
check_PROGRAMS += \
	tests/unit/test_balances \
	tests/unit/test_charge \
	tests/unit/test_mirror \
	tests/unit/test_pace \
	tests/unit/test_paceclock \
	tests/unit/test_property_bound \
	tests/unit/test_property_budget
tests_unit_test_balances_SOURCES = tests/unit/test_balances.c tests/unit/configtest.h
tests_unit_test_balances_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_balances_LDADD = $(UNIT_LIBS)
tests_unit_test_charge_SOURCES = tests/unit/test_charge.c
tests_unit_test_charge_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_charge_LDADD = $(UNIT_LIBS)
tests_unit_test_mirror_SOURCES = tests/unit/test_mirror.c
tests_unit_test_mirror_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_mirror_LDADD = $(UNIT_LIBS)
tests_unit_test_pace_SOURCES = tests/unit/test_pace.c
tests_unit_test_pace_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_pace_LDADD = $(UNIT_LIBS)
tests_unit_test_paceclock_SOURCES = tests/unit/test_paceclock.c
tests_unit_test_paceclock_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_paceclock_LDADD = $(UNIT_LIBS)
tests_unit_test_property_budget_SOURCES = tests/unit/test_property_budget.c tests/unit/property_world.c tests/unit/property_world.h
tests_unit_test_property_budget_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_property_budget_LDADD = $(UNIT_LIBS)
tests_unit_test_property_bound_SOURCES = tests/unit/test_property_bound.c tests/unit/property_world.c tests/unit/property_world.h
tests_unit_test_property_bound_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_property_bound_LDADD = $(UNIT_LIBS)
