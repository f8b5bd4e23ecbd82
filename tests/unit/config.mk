# reading and holding the configuration
check_PROGRAMS += \
	tests/unit/test_alloc \
	tests/unit/test_error \
	tests/unit/test_jsonfile \
	tests/unit/test_jsonschema \
	tests/unit/test_jsonstrict \
	tests/unit/test_jsontext \
	tests/unit/test_names \
	tests/unit/test_nametable \
	tests/unit/test_policy \
	tests/unit/test_policymodes \
	tests/unit/test_policyplaces \
	tests/unit/test_projid \
	tests/unit/test_residency \
	tests/unit/test_snapshot \
	tests/unit/test_timetext
tests_unit_test_alloc_SOURCES = tests/unit/test_alloc.c tests/unit/configtest.h
tests_unit_test_alloc_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_alloc_LDADD = $(UNIT_LIBS)
tests_unit_test_error_SOURCES = tests/unit/test_error.c
tests_unit_test_error_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_error_LDADD = $(UNIT_LIBS)
tests_unit_test_jsonfile_SOURCES = tests/unit/test_jsonfile.c tests/unit/configtest.h
tests_unit_test_jsonfile_CPPFLAGS = $(UNIT_CPPFLAGS) $(JSONC_CFLAGS)
tests_unit_test_jsonfile_LDADD = $(UNIT_LIBS) $(JSONC_LIBS)
tests_unit_test_jsonschema_SOURCES = tests/unit/test_jsonschema.c tests/unit/configtest.h
tests_unit_test_jsonschema_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_jsonschema_LDADD = $(UNIT_LIBS)
tests_unit_test_jsonstrict_SOURCES = tests/unit/test_jsonstrict.c
tests_unit_test_jsonstrict_CPPFLAGS = $(UNIT_CPPFLAGS) $(JSONC_CFLAGS)
tests_unit_test_jsonstrict_LDADD = $(UNIT_LIBS) $(JSONC_LIBS)
tests_unit_test_jsontext_SOURCES = tests/unit/test_jsontext.c tests/unit/configtest.h
tests_unit_test_jsontext_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_jsontext_LDADD = $(UNIT_LIBS)
tests_unit_test_names_SOURCES = tests/unit/test_names.c tests/unit/configtest.h
tests_unit_test_names_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_names_LDADD = $(UNIT_LIBS)
tests_unit_test_nametable_SOURCES = tests/unit/test_nametable.c tests/unit/configtest.h
tests_unit_test_nametable_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_nametable_LDADD = $(UNIT_LIBS)
tests_unit_test_policy_SOURCES = tests/unit/test_policy.c tests/unit/configtest.h
tests_unit_test_policy_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policy_LDADD = $(UNIT_LIBS)
tests_unit_test_policymodes_SOURCES = tests/unit/test_policymodes.c tests/unit/configtest.h
tests_unit_test_policymodes_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policymodes_LDADD = $(UNIT_LIBS)
tests_unit_test_policyplaces_SOURCES = tests/unit/test_policyplaces.c tests/unit/configtest.h
tests_unit_test_policyplaces_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policyplaces_LDADD = $(UNIT_LIBS)
tests_unit_test_projid_SOURCES = tests/unit/test_projid.c tests/unit/configtest.h
tests_unit_test_projid_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_projid_LDADD = $(UNIT_LIBS)
tests_unit_test_residency_SOURCES = tests/unit/test_residency.c tests/unit/configtest.h
tests_unit_test_residency_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_residency_LDADD = $(UNIT_LIBS)
tests_unit_test_snapshot_SOURCES = tests/unit/test_snapshot.c tests/unit/configtest.h
tests_unit_test_snapshot_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_snapshot_LDADD = $(UNIT_LIBS) -lpthread
tests_unit_test_timetext_SOURCES = tests/unit/test_timetext.c tests/unit/configtest.h
tests_unit_test_timetext_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_timetext_LDADD = $(UNIT_LIBS)
EXTRA_DIST += tests/data/config
