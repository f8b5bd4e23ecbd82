/* auditor.c - see auditor.h */
#include "auditor.h"

#include <string.h>

#include "apel.h"

static int add_meta(struct aif_text *text, const char *key, const char *value, bool *first)
{
    if (!*value) /* a blank value is refused */
        return 0;
    if (aif_text_printf(text, "%s\"%s\":[", *first ? "" : ",", key) < 0 || aif_text_json(text, value) < 0)
        return -1;
    *first = false;
    return aif_text_printf(text, "]");
}

static int add_metas(struct aif_text *text, const char *site, const struct aif_record *record)
{
    bool first = true;

    if (add_meta(text, "site_id", site, &first) < 0 || add_meta(text, "user_id", record->user, &first) < 0 ||
        add_meta(text, "group_id", record->account, &first) < 0 ||
        add_meta(text, "allocation", record->allocation, &first) < 0 ||
        add_meta(text, "ai_mode", record->mode, &first) < 0 || add_meta(text, "cluster", record->cluster, &first) < 0)
        return -1;
    return add_meta(text, "state", record->state, &first);
}

static int add_component(struct aif_text *text, const char *name, uint64_t amount, bool *first)
{
    if (!amount)
        return 0;
    if (aif_text_printf(text, "%s{\"name\":\"%s\",\"amount\":%llu,\"scores\":[]}", *first ? "" : ",", name,
                        (unsigned long long)amount) < 0)
        return -1;
    *first = false;
    return 0;
}

static int add_time(struct aif_text *text, const char *key, int64_t t)
{
    time_t when = (time_t)t;
    char buffer[32] = "";
    struct tm tm;

    if (gmtime_r(&when, &tm))
        strftime(buffer, sizeof(buffer), "%Y-%m-%dT%H:%M:%SZ", &tm);
    return aif_text_printf(text, ",\"%s\":\"%s\"", key, buffer);
}

int aif_auditor_record(struct aif_text *text, const char *site, const struct aif_record *record)
{
    char id[AIF_APEL_JOB_SIZE];
    bool first = true;

    aif_apel_job_id(record, id);
    if (aif_text_printf(text, "{\"record_id\":") < 0 || aif_text_json(text, id) < 0 ||
        aif_text_printf(text, ",\"meta\":{") < 0 || add_metas(text, site, record) < 0 ||
        aif_text_printf(text, "},\"components\":[") < 0)
        return -1;
    if (add_component(text, "Cores", record->cpus, &first) < 0 || add_component(text, "GPU", record->gpus, &first) < 0 ||
        add_component(text, "Nodes", record->nodes, &first) < 0 || aif_text_printf(text, "]") < 0 ||
        add_time(text, "start_time", record->start) < 0 ||
        add_time(text, "stop_time", record->start + (int64_t)record->elapsed) < 0)
        return -1;
    return aif_text_printf(text, "}");
}

enum aif_delivery_verdict aif_auditor_classify(long status, const char *body)
{
    if (status == 500 && body && strstr(body, "RECORD_EXISTS"))
        return AIF_DELIVERY_DONE;
    return aif_delivery_classify(status, 200);
}

bool aif_auditor_can_update(const struct aif_record *before, const struct aif_record *now)
{
    return before->start == now->start && before->cpus == now->cpus && before->gpus == now->gpus &&
           before->nodes == now->nodes && !strcmp(before->allocation, now->allocation) &&
           !strcmp(before->account, now->account);
}
