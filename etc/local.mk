aifexampledir = $(docdir)/examples
dist_aifexample_DATA = etc/policy.json etc/allocations.json etc/slurm.conf.snippet etc/plugstack.conf.snippet

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = etc/completion/aif

# A test in bash, since what it tests is.
TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = bash
TESTS += tests/unit/test_completion.sh
EXTRA_DIST += tests/unit/test_completion.sh

# The unit names the installed daemon.
systemdunitdir = $(prefix)/lib/systemd/system
nodist_systemdunit_DATA = etc/aif-reportd.service
EXTRA_DIST += etc/aif-reportd.service.in
CLEANFILES += etc/aif-reportd.service
etc/aif-reportd.service: etc/aif-reportd.service.in
	$(AM_V_GEN)$(MKDIR_P) etc && sed 's|@sbindir[@]|$(sbindir)|' $(srcdir)/etc/aif-reportd.service.in > $@
