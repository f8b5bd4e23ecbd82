# reading and holding the configuration
check_PROGRAMS += \
	tests/unit/test_advice \
	tests/unit/test_alloc \
	tests/unit/test_allocblock \
	tests/unit/test_allocentry \
	tests/unit/test_datasetids \
	tests/unit/test_datasets \
	tests/unit/test_error \
	tests/unit/test_fabricmap \
	tests/unit/test_gresconf \
	tests/unit/test_jsonfile \
	tests/unit/test_jsonschema \
	tests/unit/test_jsonstrict \
	tests/unit/test_jsontext \
	tests/unit/test_membership \
	tests/unit/test_names \
	tests/unit/test_nametable \
	tests/unit/test_bigmem \
	tests/unit/test_policy \
	tests/unit/test_policyaward \
	tests/unit/test_policybudget \
	tests/unit/test_policycategory \
	tests/unit/test_policycharge \
	tests/unit/test_policyclosures \
	tests/unit/test_policyenforce \
	tests/unit/test_policylane \
	tests/unit/test_policymodes \
	tests/unit/test_policypacing \
	tests/unit/test_policyplacement \
	tests/unit/test_policyplaces \
	tests/unit/test_policyreport \
	tests/unit/test_policyshares \
	tests/unit/test_policysinks \
	tests/unit/test_projid \
	tests/unit/test_property_restag \
	tests/unit/test_residency \
	tests/unit/test_restag \
	tests/unit/test_siblings \
	tests/unit/test_sites \
	tests/unit/test_snapshot \
	tests/unit/test_timetext
tests_unit_test_advice_SOURCES = tests/unit/test_advice.c tests/unit/configtest.h
tests_unit_test_advice_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_advice_LDADD = $(UNIT_LIBS)
tests_unit_test_alloc_SOURCES = tests/unit/test_alloc.c tests/unit/configtest.h
tests_unit_test_alloc_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_alloc_LDADD = $(UNIT_LIBS)
tests_unit_test_allocblock_SOURCES = tests/unit/test_allocblock.c tests/unit/policytest.h
tests_unit_test_allocblock_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_allocblock_LDADD = $(UNIT_LIBS)
tests_unit_test_allocentry_SOURCES = tests/unit/test_allocentry.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_allocentry_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_allocentry_LDADD = $(UNIT_LIBS)
tests_unit_test_error_SOURCES = tests/unit/test_error.c
tests_unit_test_error_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_error_LDADD = $(UNIT_LIBS)
tests_unit_test_fabricmap_SOURCES = tests/unit/test_fabricmap.c tests/unit/configtest.h
tests_unit_test_fabricmap_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_fabricmap_LDADD = $(UNIT_LIBS)
tests_unit_test_gresconf_SOURCES = tests/unit/test_gresconf.c
tests_unit_test_gresconf_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_gresconf_LDADD = $(UNIT_LIBS)
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
tests_unit_test_bigmem_SOURCES = tests/unit/test_bigmem.c
tests_unit_test_bigmem_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_bigmem_LDADD = $(UNIT_LIBS)
tests_unit_test_nametable_SOURCES = tests/unit/test_nametable.c tests/unit/configtest.h
tests_unit_test_nametable_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_nametable_LDADD = $(UNIT_LIBS)
tests_unit_test_policy_SOURCES = tests/unit/test_policy.c tests/unit/configtest.h
tests_unit_test_policy_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policy_LDADD = $(UNIT_LIBS)
tests_unit_test_policyaward_SOURCES = tests/unit/test_policyaward.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_policyaward_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policyaward_LDADD = $(UNIT_LIBS)
tests_unit_test_policyenforce_SOURCES = tests/unit/test_policyenforce.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_policyenforce_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policyenforce_LDADD = $(UNIT_LIBS)
tests_unit_test_policybudget_SOURCES = tests/unit/test_policybudget.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_policybudget_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policybudget_LDADD = $(UNIT_LIBS)
tests_unit_test_policycategory_SOURCES = tests/unit/test_policycategory.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_policycategory_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policycategory_LDADD = $(UNIT_LIBS)
tests_unit_test_policycharge_SOURCES = tests/unit/test_policycharge.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_policycharge_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policycharge_LDADD = $(UNIT_LIBS)
tests_unit_test_policyclosures_SOURCES = tests/unit/test_policyclosures.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_policyclosures_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policyclosures_LDADD = $(UNIT_LIBS)
tests_unit_test_policymodes_SOURCES = tests/unit/test_policymodes.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_policymodes_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policymodes_LDADD = $(UNIT_LIBS)
tests_unit_test_policylane_SOURCES = tests/unit/test_policylane.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_policylane_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policylane_LDADD = $(UNIT_LIBS)
tests_unit_test_policypacing_SOURCES = tests/unit/test_policypacing.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_policypacing_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policypacing_LDADD = $(UNIT_LIBS)
tests_unit_test_policyplacement_SOURCES = tests/unit/test_policyplacement.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_policyplacement_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policyplacement_LDADD = $(UNIT_LIBS)
tests_unit_test_policyplaces_SOURCES = tests/unit/test_policyplaces.c tests/unit/configtest.h
tests_unit_test_policyplaces_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policyplaces_LDADD = $(UNIT_LIBS)
tests_unit_test_policyreport_SOURCES = tests/unit/test_policyreport.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_policyreport_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policyreport_LDADD = $(UNIT_LIBS)
tests_unit_test_policysinks_SOURCES = tests/unit/test_policysinks.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_policysinks_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policysinks_LDADD = $(UNIT_LIBS)
tests_unit_test_policyshares_SOURCES = tests/unit/test_policyshares.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_policyshares_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policyshares_LDADD = $(UNIT_LIBS)
tests_unit_test_projid_SOURCES = tests/unit/test_projid.c tests/unit/configtest.h
tests_unit_test_projid_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_projid_LDADD = $(UNIT_LIBS)
tests_unit_test_residency_SOURCES = tests/unit/test_residency.c tests/unit/configtest.h
tests_unit_test_residency_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_residency_LDADD = $(UNIT_LIBS)
tests_unit_test_sites_SOURCES = tests/unit/test_sites.c tests/unit/configtest.h
tests_unit_test_sites_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sites_LDADD = $(UNIT_LIBS)
tests_unit_test_snapshot_SOURCES = tests/unit/test_snapshot.c tests/unit/configtest.h
tests_unit_test_snapshot_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_snapshot_LDADD = $(UNIT_LIBS) -lpthread
tests_unit_test_timetext_SOURCES = tests/unit/test_timetext.c tests/unit/configtest.h
tests_unit_test_timetext_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_timetext_LDADD = $(UNIT_LIBS)
EXTRA_DIST += tests/data/config
tests_unit_test_membership_SOURCES = tests/unit/test_membership.c tests/unit/configtest.h
tests_unit_test_membership_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_membership_LDADD = $(UNIT_LIBS)
tests_unit_test_restag_SOURCES = tests/unit/test_restag.c tests/unit/configtest.h
tests_unit_test_restag_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_restag_LDADD = $(UNIT_LIBS)
tests_unit_test_property_restag_SOURCES = tests/unit/test_property_restag.c tests/unit/property_seed.c tests/unit/property_seed.h
tests_unit_test_property_restag_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_property_restag_LDADD = $(UNIT_LIBS)
tests_unit_test_datasetids_SOURCES = tests/unit/test_datasetids.c
tests_unit_test_datasetids_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_datasetids_LDADD = $(UNIT_LIBS)
tests_unit_test_datasets_SOURCES = tests/unit/test_datasets.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_datasets_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_datasets_LDADD = $(UNIT_LIBS)
tests_unit_test_siblings_SOURCES = tests/unit/test_siblings.c tests/unit/configtest.h tests/unit/policytest.h
tests_unit_test_siblings_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_siblings_LDADD = $(UNIT_LIBS)
