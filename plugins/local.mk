# Plugins that slurmctld loads. They need the configured source tree of the installed Slurm.
SLURM_PLUGIN_CPPFLAGS = $(SLURM_SOURCE_CPPFLAGS) -I$(top_srcdir)/lib -I$(top_srcdir)/plugins/compat
SLURM_PLUGIN_CFLAGS = -std=gnu11 $(WARNING_CFLAGS) $(HARDENING_CFLAGS) -fvisibility=hidden $(JSONC_CFLAGS)
PLUGIN_LINK_FLAGS = -module -avoid-version -shared $(LAZY_LDFLAGS)
# What configure asks of a Slurm source tree, in any build.
EXTRA_DIST += plugins/compat/assume plugins/compat/assumptions.c tests/unit/test_assume.sh
if HAVE_SLURM_SOURCE
TESTS += tests/unit/test_assume.sh
include plugins/ctld.mk
include plugins/select.mk
endif
