# Deciding, explaining, placing.
lib_libaif_la_SOURCES += \
	lib/admincomment.c lib/admincomment.h \
	lib/lane.c lib/lane.h \
	lib/message.c lib/message.h \
	lib/options.c lib/options.h \
	lib/rules.c lib/rules.h
