/* waldur.c - see waldur.h */
#include "waldur.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "delivery.h"
#include "jsonstrict.h"
#include "text.h"

#define JSON_DEPTH 16

void aif_waldur_amount_format(uint64_t hundredths, char ret_text[AIF_WALDUR_AMOUNT_SIZE])
{
    snprintf(ret_text, AIF_WALDUR_AMOUNT_SIZE, "%llu.%02u", (unsigned long long)(hundredths / 100),
             (unsigned)(hundredths % 100));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int aif_waldur_amount_parse(const char *text, uint64_t *ret_hundredths)
{
    uint64_t amount = 0;
    int decimals = 0;

    if (!is_digit(*text))
        return -1;
    for (; is_digit(*text); text++) {
        if (amount > AIF_WALDUR_AMOUNT_MAX / 1000)
            return -1;
        amount = amount * 10 + (uint64_t)(*text - '0');
    }
    if (*text == '.' && !is_digit(*++text))
        return -1;
    for (; is_digit(*text); text++, decimals++) {
        if (decimals >= 2 && *text != '0')
            return -1;
        if (decimals < 2)
            amount = amount * 10 + (uint64_t)(*text - '0');
    }
    for (; decimals < 2; decimals++)
        amount *= 10;
    if (*text)
        return -1;
    *ret_hundredths = amount;
    return 0;
}

uint64_t aif_waldur_amount(uint64_t secs, int unit)
{
    static const uint32_t seconds[] = {[AIF_SINK_HOURS] = 3600, [AIF_SINK_MINUTES] = 60, [AIF_SINK_KHOURS] = 3600000};
    const unsigned __int128 amount = ((unsigned __int128)secs * 100 + seconds[unit] / 2) / seconds[unit];

    return amount > AIF_WALDUR_AMOUNT_MAX ? AIF_WALDUR_AMOUNT_MAX : (uint64_t)amount;
}

/* Percent-encode all but unreserved characters (RFC 3986 section 2.3). */
static int append_encoded(struct aif_text *text, const char *value)
{
    int rc = 0;

    for (; *value && rc == 0; value++)
        if (is_digit(*value) || (*value >= 'a' && *value <= 'z') || (*value >= 'A' && *value <= 'Z') ||
            strchr("-._~", *value))
            rc = aif_text_append(text, value, 1);
        else
            rc = aif_text_printf(text, "%%%02X", (unsigned char)*value);
    return rc;
}

static char *finish(struct aif_text *text, int rc)
{
    if (rc == 0)
        return text->data;
    aif_text_free(text);
    return NULL;
}

char *aif_waldur_list_path(const char *resource, const char *month)
{
    struct aif_text text = {0};
    int rc = aif_text_printf(&text, "/api/marketplace-component-usages/?resource_uuid=");

    if (rc == 0)
        rc = append_encoded(&text, resource);
    if (rc == 0)
        rc = aif_text_printf(&text, "&billing_period=%s-01&field=uuid&field=type&field=usage"
                                    "&page_size=100", month);
    return finish(&text, rc);
}

char *aif_waldur_payload(const char *resource, const char *component, uint64_t hundredths,
                         const char *date)
{
    struct aif_text text = {0};
    char amount[AIF_WALDUR_AMOUNT_SIZE];
    int rc = aif_text_printf(&text, "{\"resource\":");

    aif_waldur_amount_format(hundredths, amount);
    if (rc == 0)
        rc = aif_text_json(&text, resource);
    if (rc == 0 && date)
        rc = aif_text_printf(&text, ",\"date\":\"%s\"", date);
    if (rc == 0)
        rc = aif_text_printf(&text, ",\"usages\":[{\"type\":");
    if (rc == 0)
        rc = aif_text_json(&text, component);
    if (rc == 0)
        rc = aif_text_printf(&text, ",\"amount\":\"%s\"}]}", amount);
    return finish(&text, rc);
}

static json_object *parse_bounded(const char *body, size_t length)
{
    if (length > AIF_DELIVERY_BODY_MAX)
        return NULL;
    return aif_jsonstrict_parse(body, length, JSON_DEPTH, NULL, NULL);
}

/* A UUID as Waldur writes it, with or without hyphens; "" where the key is not there. */
static int read_uuid(json_object *entry, const char *key, char ret_uuid[AIF_WALDUR_UUID_SIZE])
{
    json_object *value;
    size_t length;

    ret_uuid[0] = '\0';
    if (!json_object_object_get_ex(entry, key, &value))
        return 0;
    if (!json_object_is_type(value, json_type_string))
        return -1;
    length = strlen(json_object_get_string(value));
    if (length < 32 || length > 36 || strspn(json_object_get_string(value), "0123456789abcdefABCDEF-") != length)
        return -1;
    memcpy(ret_uuid, json_object_get_string(value), length + 1);
    return 0;
}

/* Waldur writes decimals as strings, or as JSON numbers in some versions; json-c keeps a number's own text. */
static int read_entry(json_object *entry, const char *component, bool *ret_match, struct aif_waldur_usage *ret_usage,
                      struct aif_error *err)
{
    json_object *type, *usage;

    if (!json_object_is_type(entry, json_type_object) ||
        !json_object_object_get_ex(entry, "type", &type) ||
        !json_object_is_type(type, json_type_string) ||
        !json_object_object_get_ex(entry, "usage", &usage) || !usage)
        return aif_error_set(err, AIF_ESCHEMA, "answer holds an entry without \"type\" and \"usage\"");
    *ret_match = !strcmp(json_object_get_string(type), component);
    if (*ret_match && aif_waldur_amount_parse(json_object_get_string(usage), &ret_usage->hundredths) < 0)
        return aif_error_set(err, AIF_ESCHEMA, "answer holds usage \"%.40s\" of %s; expected a number "
                                               "with two decimals",
                             json_object_get_string(usage), component);
    if (*ret_match && read_uuid(entry, "uuid", ret_usage->uuid) < 0)
        return aif_error_set(err, AIF_ESCHEMA, "answer holds a usage whose \"uuid\" is none");
    return 0;
}

static int read_list(json_object *root, const char *component, struct aif_waldur_usage *usage, struct aif_error *err)
{
    bool match = false;

    if (!json_object_is_type(root, json_type_array))
        return aif_error_set(err, AIF_ESYNTAX, "answer is not a JSON array");
    for (size_t i = 0; i < json_object_array_length(root); i++) {
        if (read_entry(json_object_array_get_idx(root, i), component, &match, usage, err) < 0)
            return -1;
        if (match && usage->found)
            return aif_error_set(err, AIF_ESCHEMA, "answer holds component %s twice", component);
        usage->found |= match;
    }
    return 0;
}

int aif_waldur_list_parse(const char *body, size_t length, const char *component, struct aif_waldur_usage *ret_usage,
                          struct aif_error *err)
{
    json_object *root = parse_bounded(body, length);
    struct aif_waldur_usage usage = {0};
    int rc = read_list(root, component, &usage, err);

    json_object_put(root);
    if (rc < 0)
        return -1;
    *ret_usage = usage;
    return 0;
}

/* ---- the parts of users ---- */

char *aif_waldur_users_path(const char *usage_uuid)
{
    struct aif_text text = {0};

    return finish(&text, aif_text_printf(&text, "/api/marketplace-component-usages/%s/set_user_usages/", usage_uuid));
}

int aif_waldur_users_begin(struct aif_text *text)
{
    return aif_text_printf(text, "{\"usages\":[");
}

int aif_waldur_users_add(struct aif_text *text, bool first, const char *user, uint64_t hundredths)
{
    char amount[AIF_WALDUR_AMOUNT_SIZE];

    aif_waldur_amount_format(hundredths, amount);
    if (aif_text_printf(text, "%s{\"username\":", first ? "" : ",") < 0 || aif_text_json(text, user) < 0)
        return -1;
    return aif_text_printf(text, ",\"usage\":\"%s\"}", amount);
}

int aif_waldur_users_end(struct aif_text *text)
{
    return aif_text_printf(text, "]}");
}

/* ---- the provider's resources ---- */

char *aif_waldur_resources_path(const char *offering, unsigned page)
{
    struct aif_text text = {0};
    int rc = aif_text_printf(&text, "/api/marketplace-provider-resources/?offering_uuid=");

    if (rc == 0)
        rc = append_encoded(&text, offering);
    if (rc == 0)
        rc = aif_text_printf(&text, "&state=OK&field=uuid&field=backend_id&page_size=%d&page=%u", AIF_WALDUR_PAGE, page);
    return finish(&text, rc);
}

/* 1: *ret_resource is filled, 0: it is of no account, -1. */
static int read_resource(json_object *entry, struct aif_waldur_resource *ret_resource, struct aif_error *err)
{
    json_object *account;
    const char *text;

    if (!json_object_is_type(entry, json_type_object) || read_uuid(entry, "uuid", ret_resource->uuid) < 0 ||
        !ret_resource->uuid[0])
        return aif_error_set(err, AIF_ESCHEMA, "answer holds a resource without a \"uuid\"");
    if (!json_object_object_get_ex(entry, "backend_id", &account) || !json_object_is_type(account, json_type_string))
        return 0;
    text = json_object_get_string(account);
    if (!*text || strlen(text) >= sizeof(ret_resource->account))
        return 0;
    for (size_t i = 0; i <= strlen(text); i++)
        ret_resource->account[i] = (char)tolower((unsigned char)text[i]);
    return 1;
}

static int read_resources(json_object *root, struct aif_waldur_resource *room, size_t *ret_count, struct aif_error *err)
{
    for (size_t i = 0; i < json_object_array_length(root); i++) {
        int rc = read_resource(json_object_array_get_idx(root, i), &room[*ret_count], err);

        if (rc < 0)
            return -1;
        *ret_count += (size_t)rc;
    }
    return 0;
}

int aif_waldur_resources_parse(const char *body, size_t length, struct aif_waldur_resource **ret_resources,
                               size_t *ret_count, size_t *ret_on_page, struct aif_error *err)
{
    json_object *root = parse_bounded(body, length);
    struct aif_waldur_resource *room = NULL;
    size_t count = 0, on_page;
    int rc;

    if (!json_object_is_type(root, json_type_array)) {
        json_object_put(root);
        return aif_error_set(err, AIF_ESYNTAX, "answer is not a JSON array");
    }
    on_page = json_object_array_length(root);
    if (on_page)
        room = calloc(on_page, sizeof(*room));
    rc = on_page && !room ? aif_error_set(err, AIF_ENOMEM, "out of memory") : read_resources(root, room, &count, err);
    json_object_put(root);
    if (rc < 0) {
        free(room);
        return -1;
    }
    *ret_resources = room;
    *ret_count = count;
    *ret_on_page = on_page;
    return 0;
}

enum aif_waldur_action aif_waldur_compare(uint64_t ours, bool found, uint64_t theirs)
{
    if (!found)
        return AIF_WALDUR_SEND;
    if (ours == theirs)
        return AIF_WALDUR_EQUAL;
    return ours > theirs ? AIF_WALDUR_SEND : AIF_WALDUR_ANOMALY;
}

bool aif_waldur_month_safe(int64_t now, uint32_t margin)
{
    return now + (int64_t)margin < aif_record_month_start(now, 1);
}
