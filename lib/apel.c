/* apel.c - see apel.h */
#include "apel.h"

#include <stdio.h>

#define INFRASTRUCTURE "InfrastructureType: local\nInfrastructureDescription: slurm-aif\n"

void aif_apel_job_id(const struct aif_record *record, char ret_id[AIF_APEL_JOB_SIZE])
{
    snprintf(ret_id, AIF_APEL_JOB_SIZE, "%s-%u-%llu", record->cluster, record->job_id,
             (unsigned long long)record->db_index);
}

static uint64_t cpu_secs(const struct aif_record *record)
{
    uint64_t secs;

    return __builtin_mul_overflow(record->cpus, record->elapsed, &secs) ? UINT64_MAX : secs;
}

/* An empty value would be taken for "none": the key is left out. */
static int add_text(struct aif_text *text, const char *key, const char *value)
{
    return value && *value ? aif_text_printf(text, "%s: %s\n", key, value) : 0;
}

static int add_number(struct aif_text *text, const char *key, uint64_t value)
{
    return aif_text_printf(text, "%s: %llu\n", key, (unsigned long long)value);
}

static int add_service_level(struct aif_text *text, const char *service_level)
{
    return service_level ? aif_text_printf(text, "ServiceLevel: {hepscore23: %s}\n", service_level) : 0;
}

static int end_record(struct aif_text *text)
{
    return aif_text_printf(text, "%%%%\n");
}

static int add_whose(struct aif_text *text, const struct aif_record *record)
{
    char id[AIF_APEL_JOB_SIZE];

    aif_apel_job_id(record, id);
    if (add_text(text, "SubmitHost", record->cluster) < 0 || add_text(text, "MachineName", record->cluster) < 0 ||
        add_text(text, "Queue", record->partition) < 0 || add_text(text, "LocalJobId", id) < 0 ||
        add_text(text, "LocalUserId", record->user) < 0)
        return -1;
    return add_text(text, "VO", record->allocation);
}

static int add_used(struct aif_text *text, const struct aif_record *record)
{
    if (add_number(text, "WallDuration", record->elapsed) < 0 ||
        add_number(text, "CpuDuration", cpu_secs(record)) < 0 || add_number(text, "Processors", record->cpus) < 0 ||
        add_number(text, "NodeCount", record->nodes) < 0)
        return -1;
    if (add_number(text, "StartTime", (uint64_t)record->start) < 0)
        return -1;
    return add_number(text, "EndTime", (uint64_t)record->end);
}

int aif_apel_job(struct aif_text *text, const char *site, const char *service_level, const struct aif_record *record)
{
    if (add_text(text, "Site", site) < 0 || add_whose(text, record) < 0 || add_used(text, record) < 0 ||
        aif_text_printf(text, INFRASTRUCTURE) < 0 || add_service_level(text, service_level) < 0)
        return -1;
    return end_record(text);
}

/* "2026-11" as "Month: 11" and "Year: 2026". */
static int add_month(struct aif_text *text, const char *month)
{
    unsigned year = 0, number = 0;

    if (sscanf(month, "%u-%u", &year, &number) != 2)
        return -1;
    return aif_text_printf(text, "Month: %u\nYear: %u\n", number, year);
}

int aif_apel_summary(struct aif_text *text, const char *site, const char *cluster, const char *service_level,
                     const struct aif_usagesum_item *item)
{
    if (add_text(text, "Site", site) < 0 || add_month(text, item->month) < 0 ||
        add_text(text, "VO", item->allocation) < 0 || add_text(text, "SubmitHost", cluster) < 0 ||
        aif_text_printf(text, INFRASTRUCTURE) < 0)
        return -1;
    if (add_number(text, "EarliestEndTime", (uint64_t)item->first_end) < 0 ||
        add_number(text, "LatestEndTime", (uint64_t)item->last_end) < 0 ||
        add_number(text, "WallDuration", item->wall_secs) < 0 || add_number(text, "CpuDuration", item->cpu_secs) < 0 ||
        add_number(text, "NumberOfJobs", item->jobs) < 0 || add_service_level(text, service_level) < 0)
        return -1;
    return end_record(text);
}

int aif_apel_sync(struct aif_text *text, const char *site, const char *cluster, const char *month, uint64_t jobs)
{
    if (add_text(text, "Site", site) < 0 || add_text(text, "SubmitHost", cluster) < 0 ||
        add_number(text, "NumberOfJobs", jobs) < 0 || add_month(text, month) < 0)
        return -1;
    return end_record(text);
}

static int add_json(struct aif_text *text, const char *key, const char *value)
{
    if (aif_text_printf(text, ",\"%s\":", key) < 0)
        return -1;
    return aif_text_json(text, value);
}

int aif_apel_gpu(struct aif_text *text, const char *site, const char *model, const struct aif_record *record)
{
    char id[AIF_APEL_JOB_SIZE], month[AIF_MONTH_SIZE];
    unsigned year = 0, number = 0;

    aif_apel_job_id(record, id);
    aif_record_month_name(record->end, month);
    if (sscanf(month, "%u-%u", &year, &number) != 2 ||
        aif_text_printf(text, "{\"MeasurementMonth\":%u,\"MeasurementYear\":%u,\"AssociatedRecordType\":\"grid\"", number,
                        year) < 0 ||
        add_json(text, "AssociatedRecord", id) < 0 || add_json(text, "FQAN", record->allocation) < 0 ||
        add_json(text, "SiteName", site) < 0)
        return -1;
    if (aif_text_printf(text, ",\"Count\":%llu,\"ActiveDuration\":%llu,\"AvailableDuration\":%llu,\"Type\":\"GPU\"",
                        (unsigned long long)record->gpus, (unsigned long long)record->elapsed,
                        (unsigned long long)record->elapsed) < 0 ||
        add_json(text, "Model", model) < 0)
        return -1;
    return aif_text_printf(text, "}");
}
