/* datasetids.c - see datasetids.h */
#include "datasetids.h"

#include <ctype.h>
#include <string.h>

#include "names.h"

/* Length of the id that text begins with; 0 if it is none or too long. */
static size_t id_length(const char *text)
{
    size_t length = 0;

    while (isascii((unsigned char)text[length]) && text[length] &&
           (isalnum((unsigned char)text[length]) || strchr("._-", text[length])))
        length++;
    return length < AIF_DATASETIDS_ID_SIZE ? length : 0;
}

bool aif_datasetids_is_id(const char *text)
{
    size_t length = id_length(text);

    return length && !text[length];
}

bool aif_datasetids_next(const char **at, char ret_id[AIF_DATASETIDS_ID_SIZE])
{
    size_t length = id_length(*at);

    if (!length)
        return false;
    memcpy(ret_id, *at, length);
    ret_id[length] = '\0';
    *at += length + ((*at)[length] == ',');
    return true;
}

static bool has(const char *ids, const char *id)
{
    char one[AIF_DATASETIDS_ID_SIZE];

    while (aif_datasetids_next(&ids, one))
        if (!strcmp(one, id))
            return true;
    return false;
}

static size_t count_of(const char *ids)
{
    size_t count = *ids != '\0';

    for (; *ids; ids++)
        count += *ids == ',';
    return count;
}

/* False if there is no room. */
static bool add_one(char ids[AIF_DATASETIDS_SIZE], const char *id)
{
    size_t used = strlen(ids);

    if (has(ids, id))
        return true;
    if (count_of(ids) == AIF_DATASETIDS_MAX || used + strlen(id) + 2 > AIF_DATASETIDS_SIZE)
        return false;
    if (used)
        ids[used++] = ',';
    strcpy(ids + used, id);
    return true;
}

int aif_datasetids_add(char ids[AIF_DATASETIDS_SIZE], const char *more)
{
    char all[AIF_DATASETIDS_SIZE], id[AIF_DATASETIDS_ID_SIZE];

    memcpy(all, ids, sizeof(all));
    do {
        size_t length = id_length(more);

        if (!length)
            return -1;
        memcpy(id, more, length);
        id[length] = '\0';
        aif_names_lower(id);
        if (!add_one(all, id))
            return -1;
        more += length;
    } while (*more++ == ',');
    if (more[-1])
        return -1;
    memcpy(ids, all, sizeof(all));
    return 0;
}

bool aif_datasetids_within(const char *few, const char *many)
{
    char id[AIF_DATASETIDS_ID_SIZE];

    while (aif_datasetids_next(&few, id))
        if (!has(many, id))
            return false;
    return true;
}
