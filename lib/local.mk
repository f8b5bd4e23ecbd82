# The core (no Slurm, no logging, no globals). SQLite stays out of what is loaded into slurmctld.
noinst_LTLIBRARIES += lib/libaif.la lib/libaifreport.la

lib_libaif_la_CPPFLAGS = $(AM_CPPFLAGS)
lib_libaif_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden $(JSONC_CFLAGS) $(CRYPTO_CFLAGS)
lib_libaif_la_LIBADD = $(JSONC_LIBS) $(CRYPTO_LIBS) -lpthread
lib_libaif_la_SOURCES =
include lib/config.mk
include lib/core.mk

lib_libaifreport_la_CPPFLAGS = $(AM_CPPFLAGS)
lib_libaifreport_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden $(JSONC_CFLAGS) $(CRYPTO_CFLAGS) $(SQLITE_CFLAGS)
lib_libaifreport_la_LIBADD = lib/libaif.la $(JSONC_LIBS) $(CRYPTO_LIBS) $(SQLITE_LIBS)
lib_libaifreport_la_SOURCES =
include lib/report.mk
