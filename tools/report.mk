# aif-reportd, and aif export and verify
tools_aif_SOURCES += tools/aif_export.c tools/aif_verify.c

sbin_PROGRAMS += tools/aif-reportd
tools_aif_reportd_CPPFLAGS = $(TOOL_CPPFLAGS)
tools_aif_reportd_CFLAGS = $(TOOL_CFLAGS) $(CURL_CFLAGS) $(CRYPTO_CFLAGS)
tools_aif_reportd_LDFLAGS = $(AM_LDFLAGS) $(NOW_LDFLAGS) $(SLURM_LDFLAGS)
tools_aif_reportd_SOURCES = tools/aif-reportd.c tools/aif-reportd.h plugins/compat/slurmdb.h tools/aif-reportd-collect.c \
	tools/aif-reportd-http.c tools/aif-reportd-log.c tools/aif-reportd-row.c tools/aif-reportd-send.c
tools_aif_reportd_LDADD = tools/libaiftool.la lib/libaifreport.la lib/libaif.la $(SLURM_LIBS) $(JSONC_LIBS) $(CURL_LIBS)
