# aif-reportd, and aif export and verify
