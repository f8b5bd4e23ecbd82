# Amounts, their use over time, and the limits that follow.
lib_libaif_la_SOURCES += \
	lib/balances.c lib/balances_file.c lib/balances.h lib/balances_private.h \
	lib/charge.c lib/charge.h \
	lib/mirror.c lib/mirror.h \
	lib/pace.c lib/pace.h lib/pace_private.h \
	lib/pace_ceiling.c lib/pace_credit.c lib/pace_cut.c lib/pace_linear.c lib/pace_monthly.c \
	lib/paceclock.c lib/paceclock.h
