aifexampledir = $(docdir)/examples
dist_aifexample_DATA = etc/policy.json etc/allocations.json etc/membership.json etc/datasets.json etc/slurm.conf.snippet etc/plugstack.conf.snippet

# Example sites, each a directory of its own, and what doc/portals.md tells of.
EXTRA_DIST += etc/sites etc/portals tests/unit/test_sites_recipes.sh
install-data-local:
	$(MKDIR_P) $(DESTDIR)$(aifexampledir)
	cp -R $(srcdir)/etc/sites $(srcdir)/etc/portals $(DESTDIR)$(aifexampledir)/
uninstall-local:
	rm -rf $(DESTDIR)$(aifexampledir)/sites $(DESTDIR)$(aifexampledir)/portals

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = etc/completion/aif
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = etc/completion/_aif

# A test in bash, since what it tests is.
TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = bash
TESTS += tests/unit/test_completion.sh tests/unit/test_sites_recipes.sh tests/unit/test_spelling.sh
EXTRA_DIST += tests/unit/test_completion.sh tests/unit/test_spelling.sh

# The units name the installed programs.
systemdunitdir = $(prefix)/lib/systemd/system
nodist_systemdunit_DATA = etc/aif-reportd.service etc/aif-apply.service
dist_systemdunit_DATA = etc/aif-apply.timer
EXTRA_DIST += etc/aif-reportd.service.in etc/aif-apply.service.in
CLEANFILES += etc/aif-reportd.service etc/aif-apply.service
etc/aif-reportd.service: etc/aif-reportd.service.in
	$(AM_V_GEN)$(MKDIR_P) etc && sed 's|@sbindir[@]|$(sbindir)|' $(srcdir)/etc/aif-reportd.service.in > $@
etc/aif-apply.service: etc/aif-apply.service.in
	$(AM_V_GEN)$(MKDIR_P) etc && sed 's|@bindir[@]|$(bindir)|' $(srcdir)/etc/aif-apply.service.in > $@
