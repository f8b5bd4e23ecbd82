# Deciding, explaining, placing.
lib_libaif_la_SOURCES += \
	lib/admincomment.c lib/admincomment.h \
	lib/decide.c lib/decide.h lib/decide_private.h lib/decide_pick.c lib/decide_residency.c \
	lib/island.c lib/island.h \
	lib/lane.c lib/lane.h \
	lib/message.c lib/message.h \
	lib/options.c lib/options.h \
	lib/rules.c lib/rules.h
