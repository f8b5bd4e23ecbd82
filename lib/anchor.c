/* anchor.c - see anchor.h */
#include "anchor.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int aif_anchor_write(const struct aif_anchor *anchor, struct aif_text *text)
{
    if (aif_text_printf(text, "{\"v\":1,\"last\":%llu,\"head\":\"%s\",\"kept\":%llu,\"digest\":\"%s\",\"begin\":%lld,"
                              "\"before\":%lld,\"file\":",
                        (unsigned long long)anchor->last, anchor->head, (unsigned long long)anchor->kept, anchor->digest,
                        (long long)anchor->begin, (long long)anchor->before) < 0 ||
        aif_text_json(text, anchor->file) < 0)
        return -1;
    return aif_text_printf(text, ",\"sha256\":\"%s\"}", anchor->sha256);
}

static void copy_text(json_object *object, const char *key, char *ret_value, size_t size)
{
    const char *value = json_object_get_string(json_object_object_get(object, key));

    snprintf(ret_value, size, "%s", value ? value : "");
}

static int64_t number_of(json_object *object, const char *key)
{
    return json_object_get_int64(json_object_object_get(object, key));
}

/* Whatever is not of the form is different when it is written again. */
static bool same(const struct aif_anchor *anchor, const char *body)
{
    struct aif_text text = {0};
    bool equal = aif_anchor_write(anchor, &text) == 0 && !strcmp(text.data, body);

    aif_text_free(&text);
    return equal;
}

int aif_anchor_read(const struct aif_event *event, struct aif_anchor *ret_anchor, struct aif_error *err)
{
    struct aif_anchor anchor = {.seq = event->seq};
    json_object *object = json_tokener_parse(event->body);

    anchor.last = (uint64_t)number_of(object, "last");
    anchor.kept = (uint64_t)number_of(object, "kept");
    anchor.begin = number_of(object, "begin");
    anchor.before = number_of(object, "before");
    copy_text(object, "head", anchor.head, sizeof(anchor.head));
    copy_text(object, "digest", anchor.digest, sizeof(anchor.digest));
    copy_text(object, "file", anchor.file, sizeof(anchor.file));
    copy_text(object, "sha256", anchor.sha256, sizeof(anchor.sha256));
    json_object_put(object);
    if (strcmp(event->kind, AIF_KIND_ARCHIVE) || !same(&anchor, event->body) || !anchor.last || anchor.last >= event->seq)
        return aif_error_set(err, AIF_ECHAIN, "event %llu: malformed event about an archive", (unsigned long long)event->seq);
    *ret_anchor = anchor;
    return 0;
}
