# The core (no Slurm, no logging, no globals). SQLite stays out of what is loaded into slurmctld.
noinst_LTLIBRARIES += lib/libaif.la lib/libaifreport.la

lib_libaif_la_CPPFLAGS = $(AM_CPPFLAGS)
lib_libaif_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden $(JSONC_CFLAGS) $(CRYPTO_CFLAGS)
lib_libaif_la_LIBADD = $(JSONC_LIBS) $(CRYPTO_LIBS) -lpthread
lib_libaif_la_SOURCES =
include lib/config.mk
include lib/budget.mk
include lib/core.mk

# The same once more for the submit hook, see m4/aif_lto.m4.
if HAVE_LTO
noinst_LTLIBRARIES += lib/libaiflto.la
lib_libaiflto_la_CPPFLAGS = $(lib_libaif_la_CPPFLAGS)
lib_libaiflto_la_CFLAGS = $(lib_libaif_la_CFLAGS) $(LTO_CFLAGS)
lib_libaiflto_la_LIBADD = $(lib_libaif_la_LIBADD)
lib_libaiflto_la_SOURCES = $(lib_libaif_la_SOURCES)
HOOK_LIB = lib/libaiflto.la
else
HOOK_LIB = lib/libaif.la
endif

lib_libaifreport_la_CPPFLAGS = $(AM_CPPFLAGS)
lib_libaifreport_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden $(JSONC_CFLAGS) $(CRYPTO_CFLAGS) $(SQLITE_CFLAGS)
lib_libaifreport_la_LIBADD = lib/libaif.la $(JSONC_LIBS) $(CRYPTO_LIBS) $(SQLITE_LIBS)
lib_libaifreport_la_SOURCES =
include lib/report.mk
