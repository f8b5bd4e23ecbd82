# Records, ledger, federation wire formats.
lib_libaifreport_la_SOURCES += \
	lib/text.c lib/text.h \
	lib/record.c lib/record.h \
	lib/chain.c lib/chain.h \
	lib/ledger.c lib/ledger.h lib/ledger_db.c lib/ledger_db.h lib/ledger_read.c \
	lib/reportstate.c lib/reportstate.h \
	lib/trestext.c lib/trestext.h \
	lib/waldur.c lib/waldur.h
