/* policysinks.c - see policysinks.h */
#include "policysinks.h"

#include <stdlib.h>
#include <string.h>

#include "rules.h"

#define PATH_MAX_TEXT 4095
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-_"

/* In the order of enum aif_sink_type. */
static const char *const types[] = {"waldur", "apel", "auditor", "furms", "ood", "webhook", NULL};

const char *aif_sink_type_name(int type)
{
    return types[type];
}

int aif_policysinks_path(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                         void *ret_value, struct aif_error *err)
{
    char **text = ret_value;

    if (aif_jsonschema_text(node, field, ret_value, err))
        return -1;
    return **text == '/' ? 0 : aif_jsonschema_range(node, "an absolute path", err);
}

static int read_url(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                    void *ret_value, struct aif_error *err)
{
    static const char scheme[] = "https://";
    char **text = ret_value;
    char *host, *end;

    if (aif_jsonschema_text(node, field, ret_value, err))
        return -1;
    if (strchr(*text, '@')) /* not repeated in the message: it may hold a password */
        return aif_jsonschema_fail(
            node, AIF_C_RANGE, "take the name out; the token goes into token_file", err,
            "out of range: a URL with a user name, limit https://<host>[:<port>][/<path>]");
    host = *text + strlen(scheme);
    if (strncmp(*text, scheme, strlen(scheme)) || !*host || *host == '/' ||
        strpbrk(host, " ?#\\\""))
        return aif_jsonschema_range(
            node, "https://<host>[:<port>][/<path>] (the token travels with it)", err);
    for (end = host + strlen(host); end > host && end[-1] == '/'; end--)
        end[-1] = '\0';
    return 0;
}

static int read_type(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                     void *ret_value, struct aif_error *err)
{
    (void)field;
    return aif_jsonschema_choice(node, types, ret_value, err);
}

static int read_unit(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                     void *ret_value, struct aif_error *err)
{
    static const char *const words[] = {"hours", "minutes", "khours", NULL};

    (void)field;
    return aif_jsonschema_choice(node, words, ret_value, err);
}

/* A text, because it is passed on as it stands. */
static int read_decimal(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    const char *text;
    size_t whole, part;

    if (aif_jsonschema_text(node, field, ret_value, err))
        return -1;
    text = *(char **)ret_value;
    whole = strspn(text, "0123456789");
    part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") + 1 : 0;
    if (!whole || part == 1 || text[whole + part])
        return aif_jsonschema_range(node, "a decimal number such as \"11.5\"", err);
    return 0;
}

static int read_records(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    static const char *const words[] = {"summary", "individual", NULL};
    int index = 0;

    (void)field;
    if (aif_jsonschema_choice(node, words, &index, err))
        return -1;
    *(bool *)ret_value = index == 1;
    return 0;
}

#define SINK(member) offsetof(struct aif_sink_conf, member)
/* All that are reached by HTTPS; only Waldur takes no request without a token. */
#define NETWORK_FIELDS(token)                                                                      \
        {"url", AIF_JSON_TEXT, true, read_url, SINK(url), 1, 1023},                                \
        {"token_file", AIF_JSON_TEXT, token, aif_policysinks_path, SINK(token_file), 1, PATH_MAX_TEXT}, \
        {"ca_file", AIF_JSON_TEXT, false, aif_policysinks_path, SINK(ca_file), 1, PATH_MAX_TEXT},  \
        {"cert_file", AIF_JSON_TEXT, false, aif_policysinks_path, SINK(cert_file), 1, PATH_MAX_TEXT}, \
        {"key_file", AIF_JSON_TEXT, false, aif_policysinks_path, SINK(key_file), 1, PATH_MAX_TEXT}, \
        {"timeout", AIF_JSON_INT, false, aif_jsonschema_u32, SINK(timeout), 1, 600},               \
        {"backoff", AIF_JSON_INT, false, aif_jsonschema_u32, SINK(backoff), 1, 60000}
#define TYPE_FIELD {"type", AIF_JSON_TEXT, true, read_type, SINK(type), 0, 0}
#define WALDUR_FIELDS                                                                              \
        NETWORK_FIELDS(true),                                                                      \
        {"component", AIF_JSON_TEXT, true, aif_jsonschema_text, SINK(component), 1, 127},          \
        {"node_component", AIF_JSON_TEXT, false, aif_jsonschema_text, SINK(node_component), 1, 127}, \
        {"offering", AIF_JSON_TEXT, false, aif_jsonschema_text, SINK(offering), 32, 36},           \
        {"unit", AIF_JSON_TEXT, false, read_unit, SINK(unit), 0, 0},                               \
        {"users", AIF_JSON_BOOL, false, aif_jsonschema_bool, SINK(users), 0, 0}

static const struct aif_jsonfield short_waldur_fields[] = {WALDUR_FIELDS, {0}};
static const struct aif_jsonfield waldur_fields[] = {TYPE_FIELD, WALDUR_FIELDS, {0}};
static const struct aif_jsonfield apel_fields[] = {
    TYPE_FIELD,
    {"directory", AIF_JSON_TEXT, true, aif_policysinks_path, SINK(path), 1, PATH_MAX_TEXT},
    {"site", AIF_JSON_TEXT, true, aif_jsonschema_text, SINK(site), 1, 255},
    {"records", AIF_JSON_TEXT, false, read_records, SINK(individual), 0, 0},
    {"service_level", AIF_JSON_TEXT, false, read_decimal, SINK(service_level), 1, 15},
    {"gpu_model", AIF_JSON_TEXT, false, aif_jsonschema_text, SINK(gpu_model), 1, 255},
    {0},
};
static const struct aif_jsonfield auditor_fields[] = {
    TYPE_FIELD,
    NETWORK_FIELDS(false),
    {"site", AIF_JSON_TEXT, true, aif_jsonschema_text, SINK(site), 1, 255},
    {0},
};
static const struct aif_jsonfield file_fields[] = {
    TYPE_FIELD,
    {"file", AIF_JSON_TEXT, true, aif_policysinks_path, SINK(path), 1, PATH_MAX_TEXT},
    {0},
};
static const struct aif_jsonfield webhook_fields[] = {TYPE_FIELD, NETWORK_FIELDS(false), {0}};

static const struct aif_jsonfield *const fields_of[] = {
    [AIF_SINK_WALDUR] = waldur_fields,   [AIF_SINK_APEL] = apel_fields, [AIF_SINK_AUDITOR] = auditor_fields,
    [AIF_SINK_FURMS] = file_fields,      [AIF_SINK_OOD] = file_fields,  [AIF_SINK_WEBHOOK] = webhook_fields,
};

static int read_fields(const struct aif_jsonnode *node, const struct aif_jsonfield *fields,
                       struct aif_sink_conf *sink, const char *name, struct aif_error *err)
{
    sink->timeout = 30;
    sink->backoff = 1000;
    sink->name = strdup(name);
    if (!sink->name)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    if (aif_jsonschema_object(node, fields, sink, err))
        return -1;
    if (!sink->cert_file != !sink->key_file)
        return aif_jsonschema_fail(node, AIF_C_MISSING, "give both or neither", err,
                                   "one of \"cert_file\" and \"key_file\" without the other");
    return 0;
}

static int read_sink(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    static const struct aif_jsonfield type = TYPE_FIELD;
    struct aif_sink_conf *sink = ret_entry;
    size_t length = strlen(node->key);

    if (!length || length > AIF_SINK_NAME_MAX || strspn(node->key, NAME_CHARACTERS) != length)
        return aif_jsonschema_fail(node, AIF_C_RANGE, NULL, err,
                                   "out of range: sink \"%.64s\", limit %d small letters, digits, - or _",
                                   node->key, AIF_SINK_NAME_MAX);
    if (aif_jsonschema_member(node, &type, sink, err))
        return -1;
    return read_fields(node, fields_of[sink->type], sink, node->key, err);
}

int aif_policysinks_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                         void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_OBJECT, sizeof(struct aif_sink_conf),
                                            AIF_SINKS_MAX - 1, read_sink};
    struct aif_report_conf *report = &((struct aif_policy *)ret_value)->report;

    (void)field;
    report->sinks = aif_jsonschema_room(node, &entries, err);
    return report->sinks ? aif_jsonschema_entries(node, &entries, report->sinks, &report->sink_count, err) : -1;
}

int aif_policysinks_read_waldur(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                                void *ret_value, struct aif_error *err)
{
    struct aif_report_conf *report = &((struct aif_policy *)ret_value)->report;

    (void)field;
    for (size_t i = 0; i < report->sink_count; i++)
        if (!strcmp(report->sinks[i].name, types[AIF_SINK_WALDUR]))
            return aif_jsonschema_fail(node, AIF_C_DUPLICATE, "keep one of them", err,
                                       "sink \"waldur\" is given twice: here and in \"sinks\"");
    if (!report->sinks) /* else there is room for one more than were read */
        report->sinks = calloc(1, sizeof(*report->sinks));
    if (!report->sinks)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    return read_fields(node, short_waldur_fields, &report->sinks[report->sink_count++],
                       types[AIF_SINK_WALDUR], err);
}

void aif_policysinks_free(struct aif_report_conf *report)
{
    for (size_t i = 0; i < report->sink_count; i++) {
        struct aif_sink_conf *sink = &report->sinks[i];
        char *const texts[] = {sink->name,      sink->url,       sink->token_file,     sink->ca_file,  sink->cert_file,
                               sink->key_file,  sink->component, sink->node_component, sink->offering, sink->path,
                               sink->site,      sink->gpu_model, sink->service_level};

        for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
            free(texts[k]);
    }
    free(report->sinks);
}
