/* gpucores.c - see gpucores.h */
#include "config.h"

#include "gpucores.h"

#include <stdlib.h>
#include <string.h>

#include "tools/common.h"
#include "gresconf.h"
#include "spank/conffile.h"
#include "spank/hosts.h"

#define DEFAULT_SLURM_CONF "/etc/slurm/slurm.conf"

static size_t add_entry(const struct aif_gresconf_entry *entry, size_t count, char *ret_cores[AIF_RANK_GPUS_MAX])
{
    for (uint32_t left = aif_gresconf_devices(entry); left && count < AIF_RANK_GPUS_MAX; left--)
        ret_cores[count++] = aif_tool_strdup(entry->cores);
    return count;
}

size_t aif_gpucores_read(const char *node, char *ret_cores[AIF_RANK_GPUS_MAX])
{
    struct aif_gresconf *conf = NULL;
    size_t length = 0, count = 0;
    char *text;

    setenv("SLURM_CONF", DEFAULT_SLURM_CONF, 0);
    text = spank_aif_conffile_read("gres.conf", &length);
    if (text && aif_gresconf_parse(text, length, "gres.conf", &conf, NULL) == 0) {
        for (size_t i = 0; i < conf->count; i++) {
            const struct aif_gresconf_entry *entry = &conf->entries[i];

            if (entry->name && !strcmp(entry->name, "gpu") && (!entry->nodes || spank_aif_hosts_have(entry->nodes, node)))
                count = add_entry(entry, count, ret_cores);
        }
        aif_gresconf_destroy(conf);
    }
    free(text);
    return count;
}
