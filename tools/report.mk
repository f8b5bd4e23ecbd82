# aif-reportd, and aif export and verify
tools_aif_SOURCES += tools/aif_audit.c tools/audit_show.c tools/audit_show.h tools/aif_export.c tools/export_csv.c tools/export_out.c tools/exporting.h tools/aif_report.c tools/report_advise.c tools/report_reconcile.c tools/report_tool.h tools/aif_verify.c tools/aif_ledger.c tools/ledger_key.c tools/ledger_archive.c tools/ledger_tool.h tools/verify_join.c tools/verifying.h \
	tools/aif-reportd.h tools/aif-reportd-reconcile.h tools/aif-reportd-reconcile.c tools/aif-reportd-reconcile-sinks.c tools/aif-reportd-ask.h tools/aif-reportd-ask.c \
	tools/aif-reportd-names.c tools/aif-reportd-row.c tools/aif-reportd-balances.c

sbin_PROGRAMS += tools/aif-reportd
tools_aif_reportd_CPPFLAGS = $(TOOL_CPPFLAGS)
tools_aif_reportd_CFLAGS = $(TOOL_CFLAGS) $(CURL_CFLAGS) $(CRYPTO_CFLAGS)
tools_aif_reportd_LDFLAGS = $(AM_LDFLAGS) $(NOW_LDFLAGS) $(SLURM_LDFLAGS) $(TOOL_EXPORTS)
tools_aif_reportd_SOURCES = tools/aif-reportd.c tools/aif-reportd.h plugins/compat/slurmdb.h tools/aif-reportd-audit.c tools/aif-reportd-balances.c tools/aif-reportd-checkpoint.c \
	tools/aif-reportd-ask.h tools/aif-reportd-ask.c tools/aif-reportd-collect.c tools/aif-reportd-http.c tools/aif-reportd-log.c tools/aif-reportd-names.c tools/aif-reportd-row.c \
	tools/aif-reportd-apel.c tools/aif-reportd-events.c tools/aif-reportd-file.c tools/aif-reportd-files.c tools/aif-reportd-metrics.c \
	tools/aif-reportd-sink.c tools/aif-reportd-sink.h tools/aif-reportd-sinks.c tools/aif-reportd-waldur.c \
	tools/aif-reportd-reconcile.h tools/aif-reportd-reconcile.c tools/aif-reportd-reconcile-sinks.c tools/aif-reportd-reconcile-daily.c \
	tools/live.c tools/live.h tools/treslist.c tools/treslist.h tools/aif-reportd-waldur.h tools/aif-reportd-waldur-map.c tools/aif-reportd-waldur-users.c
tools_aif_reportd_LDADD = tools/libaiftool.la lib/libaifreport.la lib/libaif.la $(SLURM_LIBS) $(JSONC_LIBS) $(CURL_LIBS) -lpthread
