# Reading and holding the configuration.
lib_libaif_la_SOURCES += \
	lib/alloc.c lib/alloc.h \
	lib/error.c lib/error.h \
	lib/jsonfile.c lib/jsonfile.h \
	lib/jsonschema.c lib/jsonschema.h \
	lib/jsonstrict.c lib/jsonstrict.h \
	lib/jsontext.c lib/jsontext.h \
	lib/names.c lib/names.h \
	lib/nametable.c lib/nametable.h \
	lib/policy.c lib/policy.h \
	lib/policymodes.c lib/policymodes.h \
	lib/policyplaces.c lib/policyplaces.h \
	lib/projid.c lib/projid.h \
	lib/residency.c lib/residency.h \
	lib/snapshot.c lib/snapshot.h \
	lib/timetext.c lib/timetext.h
