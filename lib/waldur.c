/* waldur.c - see waldur.h */
#include "waldur.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    if (length > AIF_WALDUR_BODY_MAX)
        return NULL;
    return aif_jsonstrict_parse(body, length, JSON_DEPTH, NULL, NULL);
}

/* Waldur writes decimals as strings, or as JSON numbers in some versions; json-c keeps a number's own text. */
static int read_entry(json_object *entry, const char *component, bool *ret_match,
                      uint64_t *ret_hundredths, struct aif_error *err)
{
    json_object *type, *usage;

    if (!json_object_is_type(entry, json_type_object) ||
        !json_object_object_get_ex(entry, "type", &type) ||
        !json_object_is_type(type, json_type_string) ||
        !json_object_object_get_ex(entry, "usage", &usage) || !usage)
        return aif_error_set(err, AIF_ESCHEMA, "answer holds an entry without \"type\" and \"usage\"");
    *ret_match = !strcmp(json_object_get_string(type), component);
    if (*ret_match && aif_waldur_amount_parse(json_object_get_string(usage), ret_hundredths) < 0)
        return aif_error_set(err, AIF_ESCHEMA, "answer holds usage \"%.40s\" of %s; expected a number "
                                               "with two decimals",
                             json_object_get_string(usage), component);
    return 0;
}

static int read_list(json_object *root, const char *component, bool *ret_found,
                     uint64_t *ret_hundredths, struct aif_error *err)
{
    bool match = false;

    if (!json_object_is_type(root, json_type_array))
        return aif_error_set(err, AIF_ESYNTAX, "answer is not a JSON array");
    for (size_t i = 0; i < json_object_array_length(root); i++) {
        if (read_entry(json_object_array_get_idx(root, i), component, &match, ret_hundredths, err) < 0)
            return -1;
        if (match && *ret_found)
            return aif_error_set(err, AIF_ESCHEMA, "answer holds component %s twice", component);
        *ret_found |= match;
    }
    return 0;
}

int aif_waldur_list_parse(const char *body, size_t length, const char *component, bool *ret_found,
                          uint64_t *ret_hundredths, struct aif_error *err)
{
    json_object *root = parse_bounded(body, length);
    uint64_t hundredths = 0;
    bool found = false;
    int rc = read_list(root, component, &found, &hundredths, err);

    json_object_put(root);
    if (rc < 0)
        return -1;
    *ret_found = found;
    *ret_hundredths = hundredths;
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

enum aif_waldur_verdict aif_waldur_classify(long status, long expected)
{
    if (status == expected)
        return AIF_WALDUR_DONE;
    if (status == 401)
        return AIF_WALDUR_TOKEN;
    /* A success that is not the one expected comes from something else than the service: never count it as done. */
    if (status < 300 || status == 408 || status == 425 || status == 429 || status >= 500)
        return AIF_WALDUR_RETRY;
    return AIF_WALDUR_REFUSED;
}

uint32_t aif_waldur_wait_ms(unsigned attempt, uint32_t random, long retry_after)
{
    uint32_t most = AIF_WALDUR_WAIT_MAX * 1000;
    uint32_t least;

    if (attempt >= 1 && attempt < 7 && (1000U << (attempt - 1)) < most)
        most = 1000U << (attempt - 1);
    least = most / 2 + random % (most / 2 + 1);
    if (retry_after > AIF_WALDUR_RETRY_AFTER_MAX)
        retry_after = AIF_WALDUR_RETRY_AFTER_MAX;
    if (retry_after > 0 && least < (uint32_t)retry_after * 1000)
        return (uint32_t)retry_after * 1000;
    return least;
}

bool aif_waldur_month_safe(int64_t now, uint32_t margin)
{
    return now + (int64_t)margin < aif_record_month_start(now, 1);
}
