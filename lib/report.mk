# Records, ledger, federation wire formats.
lib_libaifreport_la_SOURCES += \
	lib/record.c lib/record.h lib/record_fields.h lib/record_text.c lib/recordpack.c lib/recordpack.h \
	lib/chain.c lib/chain.h \
	lib/signkey.c lib/signkey.h \
	lib/witness.c lib/witness.h lib/anchor.c lib/anchor.h \
	lib/statement.c lib/statement.h \
	lib/pseudonym.c lib/pseudonym.h \
	lib/ledger.c lib/ledger.h lib/ledger_db.c lib/ledger_db.h lib/ledger_read.c lib/ledger_check.c lib/ledger_sign.c lib/ledger_schema.c lib/ledger_schema.h \
	lib/ledger_kept.c lib/ledger_kept.h lib/ledger_archive.c lib/ledger_archive.h \
	lib/ledgerbalance.c lib/ledgerbalance.h \
	lib/reconcile.c lib/reconcile.h \
	lib/reportstate.c lib/reportstate.h \
	lib/trestext.c lib/trestext.h \
	lib/waldur.c lib/waldur.h \
	lib/apel.c lib/apel.h \
	lib/auditor.c lib/auditor.h \
	lib/auditintake.c lib/auditintake.h \
	lib/delivery.c lib/delivery.h \
	lib/furms.c lib/furms.h \
	lib/metrics.c lib/metrics.h \
	lib/oodbalances.c lib/oodbalances.h \
	lib/usagesum.c lib/usagesum.h \
	lib/usershare.c lib/usershare.h \
	lib/webhook.c lib/webhook.h
