# records, ledger, wire formats
check_PROGRAMS += tests/unit/test_text tests/unit/test_record tests/unit/test_chain tests/unit/test_ledger \
	tests/unit/test_reportstate tests/unit/test_trestext tests/unit/test_waldur
tests_unit_test_text_SOURCES = tests/unit/test_text.c
tests_unit_test_text_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_text_LDADD = $(UNIT_LIBS_REPORT)
tests_unit_test_record_SOURCES = tests/unit/test_record.c
tests_unit_test_record_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_record_LDADD = $(UNIT_LIBS_REPORT)
tests_unit_test_chain_SOURCES = tests/unit/test_chain.c
tests_unit_test_chain_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_chain_LDADD = $(UNIT_LIBS_REPORT)
tests_unit_test_ledger_SOURCES = tests/unit/test_ledger.c tests/unit/report_helper.h
tests_unit_test_ledger_CPPFLAGS = $(UNIT_CPPFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_ledger_LDADD = $(UNIT_LIBS_REPORT) $(SQLITE_LIBS)
tests_unit_test_reportstate_SOURCES = tests/unit/test_reportstate.c tests/unit/report_helper.h
tests_unit_test_reportstate_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_reportstate_LDADD = $(UNIT_LIBS_REPORT)
tests_unit_test_waldur_SOURCES = tests/unit/test_waldur.c
tests_unit_test_waldur_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_waldur_LDADD = $(UNIT_LIBS_REPORT)
tests_unit_test_trestext_SOURCES = tests/unit/test_trestext.c
tests_unit_test_trestext_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trestext_LDADD = $(UNIT_LIBS_REPORT)
