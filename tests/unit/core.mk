# deciding, explaining, placing
check_PROGRAMS += \
	tests/unit/test_admincomment \
	tests/unit/test_auditevent \
	tests/unit/test_auditqueue \
	tests/unit/test_refusals \
	tests/unit/test_auditspool \
	tests/unit/test_decide \
	tests/unit/test_decide_advise \
	tests/unit/test_decide_again \
	tests/unit/test_decide_budget \
	tests/unit/test_decide_hold \
	tests/unit/test_decide_limits \
	tests/unit/test_decisions \
	tests/unit/test_fabric \
	tests/unit/test_gpulinks \
	tests/unit/test_lane \
	tests/unit/test_message \
	tests/unit/test_marks \
	tests/unit/test_nodeplace \
	tests/unit/test_options \
	tests/unit/test_placement \
	tests/unit/test_devicepick \
	tests/unit/test_place \
	tests/unit/test_place_large \
	tests/unit/test_place_oracle \
	tests/unit/test_place_property \
	tests/unit/test_placescore \
	tests/unit/test_property_lane \
	tests/unit/test_property_sharewindow \
	tests/unit/test_rules \
	tests/unit/test_seal \
	tests/unit/test_sharewindow \
	tests/unit/test_tagmemo \
	tests/unit/test_ticket
tests_unit_test_admincomment_SOURCES = tests/unit/test_admincomment.c
tests_unit_test_admincomment_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_admincomment_LDADD = $(UNIT_LIBS)
tests_unit_test_decide_again_SOURCES = tests/unit/test_decide_again.c tests/unit/configtest.h
tests_unit_test_decide_again_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_decide_again_LDADD = $(UNIT_LIBS)
tests_unit_test_tagmemo_SOURCES = tests/unit/test_tagmemo.c
tests_unit_test_tagmemo_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_tagmemo_LDADD = $(UNIT_LIBS) -lpthread
tests_unit_test_decide_SOURCES = tests/unit/test_decide.c tests/unit/decide_fixture.c tests/unit/decide_fixture.h
tests_unit_test_decide_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_decide_LDADD = $(UNIT_LIBS)
tests_unit_test_fabric_SOURCES = tests/unit/test_fabric.c
tests_unit_test_fabric_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_fabric_LDADD = $(UNIT_LIBS)
tests_unit_test_gpulinks_SOURCES = tests/unit/test_gpulinks.c
tests_unit_test_gpulinks_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_gpulinks_LDADD = $(UNIT_LIBS)
tests_unit_test_lane_SOURCES = tests/unit/test_lane.c tests/unit/decide_fixture.c tests/unit/decide_fixture.h
tests_unit_test_lane_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_lane_LDADD = $(UNIT_LIBS)
tests_unit_test_message_SOURCES = tests/unit/test_message.c
tests_unit_test_message_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_message_LDADD = $(UNIT_LIBS)
tests_unit_test_marks_SOURCES = tests/unit/test_marks.c
tests_unit_test_marks_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_marks_LDADD = $(UNIT_LIBS)
tests_unit_test_options_SOURCES = tests/unit/test_options.c
tests_unit_test_options_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_options_LDADD = $(UNIT_LIBS)
tests_unit_test_devicepick_SOURCES = tests/unit/test_devicepick.c
tests_unit_test_devicepick_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_devicepick_LDADD = $(UNIT_LIBS)
tests_unit_test_placement_SOURCES = tests/unit/test_placement.c
tests_unit_test_placement_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_placement_LDADD = $(UNIT_LIBS)
tests_unit_test_sharewindow_SOURCES = tests/unit/test_sharewindow.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_sharewindow_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sharewindow_LDADD = $(UNIT_LIBS)
tests_unit_test_placescore_SOURCES = tests/unit/test_placescore.c
tests_unit_test_placescore_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_placescore_LDADD = $(UNIT_LIBS)
PLACE_CASE = tests/unit/place_case.c tests/unit/place_case.h tests/unit/place_brute.c \
	tests/unit/property_seed.c tests/unit/property_seed.h
tests_unit_test_place_SOURCES = tests/unit/test_place.c
tests_unit_test_place_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_place_LDADD = $(UNIT_LIBS)
tests_unit_test_place_large_SOURCES = tests/unit/test_place_large.c tests/unit/property_seed.c tests/unit/property_seed.h
tests_unit_test_place_large_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_place_large_LDADD = $(UNIT_LIBS)
tests_unit_test_place_property_SOURCES = tests/unit/test_place_property.c $(PLACE_CASE)
tests_unit_test_place_property_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_place_property_LDADD = $(UNIT_LIBS)
tests_unit_test_place_oracle_SOURCES = tests/unit/test_place_oracle.c $(PLACE_CASE)
tests_unit_test_place_oracle_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_place_oracle_LDADD = $(UNIT_LIBS)
PROPERTY_SITE = tests/unit/property_seed.c tests/unit/property_seed.h \
	tests/unit/property_site.c tests/unit/property_site.h
tests_unit_test_property_lane_SOURCES = tests/unit/test_property_lane.c $(PROPERTY_SITE)
tests_unit_test_property_lane_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_property_lane_LDADD = $(UNIT_LIBS)
tests_unit_test_property_sharewindow_SOURCES = tests/unit/test_property_sharewindow.c $(PROPERTY_SITE)
tests_unit_test_property_sharewindow_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_property_sharewindow_LDADD = $(UNIT_LIBS)
tests_unit_test_rules_SOURCES = tests/unit/test_rules.c
tests_unit_test_rules_CPPFLAGS = $(UNIT_CPPFLAGS) -DLIB_DIR=\"$(abs_top_srcdir)/lib\"
tests_unit_test_rules_LDADD = $(UNIT_LIBS)
tests_unit_test_decide_limits_SOURCES = tests/unit/test_decide_limits.c tests/unit/decide_fixture.c tests/unit/decide_fixture.h
tests_unit_test_decide_limits_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_decide_limits_LDADD = $(UNIT_LIBS)
tests_unit_test_decisions_SOURCES = tests/unit/test_decisions.c tests/unit/decisions_read.c tests/unit/decisions_read.h tests/unit/decisions_relaxed.c tests/unit/decisions_relaxed.h
tests_unit_test_decisions_CPPFLAGS = $(UNIT_CPPFLAGS) $(JSONC_CFLAGS)
tests_unit_test_decisions_LDADD = $(UNIT_LIBS) $(JSONC_LIBS) -lm
EXTRA_DIST += tests/data/decisions
tests_unit_test_decide_advise_SOURCES = tests/unit/test_decide_advise.c tests/unit/decide_fixture.c tests/unit/decide_fixture.h
tests_unit_test_decide_advise_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_decide_advise_LDADD = $(UNIT_LIBS)
tests_unit_test_decide_budget_SOURCES = tests/unit/test_decide_budget.c tests/unit/decide_fixture.c tests/unit/decide_fixture.h
tests_unit_test_decide_budget_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_decide_budget_LDADD = $(UNIT_LIBS)
tests_unit_test_decide_hold_SOURCES = tests/unit/test_decide_hold.c tests/unit/decide_fixture.c tests/unit/decide_fixture.h
tests_unit_test_decide_hold_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_decide_hold_LDADD = $(UNIT_LIBS)
tests_unit_test_nodeplace_SOURCES = tests/unit/test_nodeplace.c
tests_unit_test_nodeplace_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_nodeplace_LDADD = $(UNIT_LIBS)
tests_unit_test_seal_SOURCES = tests/unit/test_seal.c lib/seal.c
tests_unit_test_seal_CPPFLAGS = $(UNIT_CPPFLAGS) $(MUNGE_CFLAGS)
tests_unit_test_seal_LDADD = $(UNIT_LIBS) $(MUNGE_LIBS)
tests_unit_test_ticket_SOURCES = tests/unit/test_ticket.c
tests_unit_test_ticket_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_ticket_LDADD = $(UNIT_LIBS)
tests_unit_test_auditevent_SOURCES = tests/unit/test_auditevent.c
tests_unit_test_auditevent_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_auditevent_LDADD = $(UNIT_LIBS)
tests_unit_test_refusals_SOURCES = tests/unit/test_refusals.c
tests_unit_test_refusals_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_refusals_LDADD = $(UNIT_LIBS)

tests_unit_test_auditqueue_SOURCES = tests/unit/test_auditqueue.c
tests_unit_test_auditqueue_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_auditqueue_LDADD = $(UNIT_LIBS)
tests_unit_test_auditspool_SOURCES = tests/unit/test_auditspool.c
tests_unit_test_auditspool_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_auditspool_LDADD = $(UNIT_LIBS)
