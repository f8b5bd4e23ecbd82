# Manual pages and guides. tests/unit/test_rules_page holds aif-rules(7) against lib/rules.c.
dist_man_MANS += doc/man1/aif.1 doc/man1/aif-lanes.1 \
	doc/man5/aif-policy.5 doc/man5/aif-allocations.5 doc/man5/aif-balances.5 doc/man5/aif-membership.5 doc/man5/aif-datasets.5 doc/man7/aif-rules.7 doc/man7/aif-lua.7 doc/man8/spank_aif.8 \
	doc/man8/job_submit_aif.8 doc/man8/priority_aif.8 doc/man8/select_cons_tres_aif.8 doc/man8/aif-reportd.8
schemadir = $(docdir)/schema
dist_schema_DATA = doc/schema/policy.schema.json doc/schema/allocations.schema.json doc/schema/membership.schema.json doc/schema/datasets.schema.json
dist_doc_DATA += doc/architecture.md doc/performance.md doc/user-guide.md doc/admin-guide.md doc/auditor-guide.md doc/moving.md doc/portals.md doc/residency-tag.md doc/aif-webhook.openapi.json

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_rules_page
tests_unit_test_rules_page_SOURCES = tests/unit/test_rules_page.c
tests_unit_test_rules_page_CPPFLAGS = $(UNIT_CPPFLAGS) -DRULES_PAGE=\"$(abs_top_srcdir)/doc/man7/aif-rules.7\"
tests_unit_test_rules_page_LDADD = $(UNIT_LIBS)
endif

# Drawn by "tests/try --pictures doc/pictures".
EXTRA_DIST += doc/pictures

TESTS += tests/unit/test_manual.sh
EXTRA_DIST += tests/unit/test_manual.sh

# For SchedMD: faults of Slurm that we met, each with a patch and a way to see it.
TESTS += tests/unit/test_upstream.sh
EXTRA_DIST += tests/unit/test_upstream.sh doc/upstream
