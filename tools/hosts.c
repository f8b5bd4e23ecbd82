/* hosts.c - see hosts.h */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "hosts.h"
#include "slurmconn.h"

#define SHOWN_MAX 200

void aif_hosts_expand(const char *text, struct aif_hosts *ret_hosts)
{
    aif_hostlist_t list;
    char *name;

    *ret_hosts = (struct aif_hosts){0};
    if (!text || !*text)
        return;
    aif_slurm_quiet();
    list = slurm_hostlist_create(text);
    aif_slurm_loud();
    if (!list)
        return;
    ret_hosts->names = aif_tool_alloc((size_t)slurm_hostlist_count(list) + 1, sizeof(char *));
    while ((name = slurm_hostlist_shift(list)))
        ret_hosts->names[ret_hosts->count++] = name;
    slurm_hostlist_destroy(list);
}

void aif_hosts_free(struct aif_hosts *hosts)
{
    for (size_t i = 0; i < hosts->count; i++)
        free(hosts->names[i]);
    free(hosts->names);
    *hosts = (struct aif_hosts){0};
}

char *aif_hosts_write(const char *const *names, size_t count)
{
    aif_hostlist_t list = slurm_hostlist_create("");
    char text[SHOWN_MAX + 1] = "";
    ssize_t length;

    for (size_t i = 0; list && i < count; i++)
        slurm_hostlist_push_host(list, names[i]);
    length = list ? slurm_hostlist_ranged_string(list, sizeof(text), text) : 0;
    if (list)
        slurm_hostlist_destroy(list);
    if (length >= 0)
        return aif_tool_strdup(text);
    /* Cut: back to the last whole item. */
    text[SHOWN_MAX] = '\0';
    text[strlen(text) > 4 ? strlen(text) - 4 : 0] = '\0';
    return aif_tool_format("%s, ...", text);
}
