/* policyclosures.c - see policyclosures.h */
#include "policyclosures.h"

#include <stdlib.h>

#include <json-c/json.h>

#include "policymodes.h"
#include "timetext.h"

#define CLOSURES_MAX 1024

static int read_closure(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"partitions", AIF_JSON_ARRAY, false, aif_jsonschema_texts,
         offsetof(struct aif_closure, partitions), 1, AIF_PARTITIONS_MAX},
        {"from", AIF_JSON_TEXT, false, aif_jsonschema_date, offsetof(struct aif_closure, from),
         AIF_DAY_START, 0},
        {"until", AIF_JSON_TEXT, false, aif_jsonschema_date, offsetof(struct aif_closure, until),
         AIF_DAY_END, 0},
        {"note", AIF_JSON_TEXT, false, aif_jsonschema_text, offsetof(struct aif_closure, note), 1,
         255},
        {0},
    };
    struct aif_jsonnode until = {.up = node, .file = node->file, .key = "until"};
    struct aif_closure *closure = ret_entry;

    if (aif_jsonschema_object(node, fields, closure, err))
        return -1;
    if (!closure->until || closure->until >= closure->from)
        return 0;
    json_object_object_get_ex(node->value, "until", &until.value);
    return aif_jsonschema_range(&until, "not before \"from\"", err);
}

int aif_policyclosures_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                            void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_OBJECT, sizeof(struct aif_closure),
                                            CLOSURES_MAX, read_closure};
    struct aif_mode *mode = ret_value;

    (void)field;
    mode->closures = aif_jsonschema_room(node, &entries, err);
    if (!mode->closures)
        return -1;
    return aif_jsonschema_entries(node, &entries, mode->closures, &mode->closure_count, err);
}

void aif_policyclosures_free(struct aif_mode *mode)
{
    for (size_t i = 0; i < mode->closure_count; i++) {
        aif_jsonschema_texts_destroy(mode->closures[i].partitions);
        free(mode->closures[i].note);
    }
    free(mode->closures);
}
