# Reading and holding the configuration.
lib_libaif_la_SOURCES += lib/error.c lib/error.h
