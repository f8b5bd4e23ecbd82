/*
 * config_init.h - "aif config init": sections of policy.json proposed from the running cluster
 */
#ifndef AIF_TOOL_CONFIG_INIT_H
#define AIF_TOOL_CONFIG_INIT_H

#include <stdbool.h>

/* Print them to stdout, ready to be put into policy.json; or a whole first one, with comments. Returns an exit code. */
int aif_config_init(bool whole);

#endif
