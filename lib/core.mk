# Deciding, explaining, placing.
lib_libaif_la_SOURCES += \
	lib/admincomment.c lib/admincomment.h \
	lib/auditevent.c lib/auditevent.h \
	lib/auditqueue.c lib/auditqueue.h \
	lib/auditspool.c lib/auditspool.h \
	lib/decide.c lib/decide.h lib/decide_private.h lib/decide_advise.c lib/decide_budget.c lib/decide_count.c \
	lib/decide_mode.c lib/decide_pick.c lib/decide_residency.c lib/decide_start.c lib/decide_time.c \
	lib/decide_words.c \
	lib/devicepick.c lib/devicepick.h \
	lib/fabric.c lib/fabric.h lib/fabric_address.c lib/fabric_private.h lib/fabricpreset.c \
	lib/gpulinks.c lib/gpulinks.h \
	lib/lane.c lib/lane.h \
	lib/marks.c lib/marks.h \
	lib/message.c lib/message.h \
	lib/nodeplace.c lib/nodeplace.h \
	lib/options.c lib/options.h \
	lib/place.c lib/place.h lib/place_private.h lib/place_any.c lib/place_approach.c lib/place_cover.c lib/place_gather.c lib/place_greedy.c lib/place_key.c \
	lib/place_one.c lib/place_scratch.c lib/place_whole.c \
	lib/placement.c lib/placement.h \
	lib/placescore.c lib/placescore.h \
	lib/refusals.c lib/refusals.h \
	lib/rules.c lib/rules.h \
	lib/sharewindow.c lib/sharewindow_file.c lib/sharewindow.h lib/sharewindow_private.h \
	lib/tagmemo.c lib/tagmemo.h \
	lib/text.c lib/text.h \
	lib/ticket.c lib/ticket.h
