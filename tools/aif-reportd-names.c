/* aif-reportd-names.c - names of QOS by the numbers that job rows have; see aif-reportd.h */
#include "config.h"

#include <stdlib.h>

#include "aif-reportd.h"
#include "common.h"
#include "slurmconn.h"

static int compare(const void *a, const void *b)
{
    const struct aif_reportd_name *left = a, *right = b;

    return left->id < right->id ? -1 : left->id > right->id;
}

const char *aif_reportd_qos_name(const struct aif_reportd_names *names, uint32_t id)
{
    const struct aif_reportd_name key = {.id = id};
    const struct aif_reportd_name *found = NULL;

    if (names->count)
        found = bsearch(&key, names->items, names->count, sizeof(key), compare);
    return found ? found->text : "";
}

static int add(void *item, void *arg)
{
    const slurmdb_qos_rec_t *qos = item;
    struct aif_reportd_names *names = arg;

    names->items[names->count].id = qos->id;
    names->items[names->count++].text = aif_tool_strdup(qos->name ? qos->name : "");
    return 0;
}

void aif_reportd_names_fill(struct aif_reportd_names *names, list_t *qos)
{
    names->items = aif_tool_alloc((size_t)slurm_list_count(qos), sizeof(*names->items));
    aif_slurm_each(qos, add, names);
    qsort(names->items, names->count, sizeof(*names->items), compare);
}

void aif_reportd_names_free(struct aif_reportd_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i].text);
    free(names->items);
}
