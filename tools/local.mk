# aif and aif-reportd
include tools/aif.mk
include tools/report.mk
