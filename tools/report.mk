# aif-reportd, and aif export and verify
tools_aif_SOURCES += tools/aif_export.c tools/aif_verify.c
