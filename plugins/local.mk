# Plugins that slurmctld loads. They need the configured source tree of the installed Slurm.
SLURM_PLUGIN_CPPFLAGS = $(SLURM_SOURCE_CPPFLAGS) -I$(top_srcdir)/lib -I$(top_srcdir)/plugins/compat
SLURM_PLUGIN_CFLAGS = -std=gnu11 $(WARNING_CFLAGS) $(HARDENING_CFLAGS) -fvisibility=hidden $(JSONC_CFLAGS)
PLUGIN_LINK_FLAGS = -module -avoid-version -shared $(LAZY_LDFLAGS)
if HAVE_SLURM_SOURCE
include plugins/ctld.mk
include plugins/select.mk
endif
