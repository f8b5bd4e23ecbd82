/* export_csv.c - rows of "aif export --format=csv"; see exporting.h */
#include "config.h"

#include <string.h>
#include <time.h>

#include "exporting.h"

#define DAY 86400
#define ROW_ROOM 4096 /* the longest row, each text doubled by quotes, is shorter */

void aif_export_csv_head(struct aif_text *text)
{
    aif_text_printf(text, "cluster,db_index,job_id,allocation,account,user,qos,mode,residency,partition,purpose,state,score,"
                          "submit,eligible,start,end,wait,elapsed,gpus,nodes,billing,gpu_seconds,node_seconds,"
                          "billing_seconds,cpus,timelimit,req_cpus,req_gpus,req_nodes,req_billing,seq,kind,hash\n");
}

/* RFC 4180: quote what needs it, double the quotes inside. */
static char *quoted(char *place, const char *value)
{
    *place++ = '"';
    for (; *value; value++) {
        if (*value == '"')
            *place++ = '"';
        *place++ = *value;
    }
    *place++ = '"';
    return place;
}

/* Each cell ends with a comma; the row's end takes the last one's place. */
static char *put_text(char *place, const char *value)
{
    char *start = place;

    for (const char *p = value; *p; p++) {
        if (*p == '"' || *p == ',' || *p == '\r' || *p == '\n') {
            place = quoted(start, value);
            break;
        }
        *place++ = *p;
    }
    *place++ = ',';
    return place;
}

static char *put_number(char *place, uint64_t number)
{
    place = aif_text_digits(place, number);
    *place++ = ',';
    return place;
}

static char *put_two(char *place, int64_t number, char end)
{
    *place++ = (char)('0' + number / 10);
    *place++ = (char)('0' + number % 10);
    *place++ = end;
    return place;
}

static char *put_time(struct aif_export_csv *csv, char *place, int64_t t)
{
    size_t length;

    if (!t) {
        *place++ = ',';
        return place;
    }
    if (t / DAY != csv->day || !csv->date[0]) {
        time_t when = (time_t)t;
        struct tm tm;

        csv->day = t / DAY;
        if (!gmtime_r(&when, &tm) || !strftime(csv->date, sizeof(csv->date), "%Y-%m-%dT", &tm))
            csv->date[0] = '\0';
    }
    length = strlen(csv->date);
    memcpy(place, csv->date, length);
    place = put_two(place + length, t % DAY / 3600, ':');
    place = put_two(place, t % 3600 / 60, ':');
    place = put_two(place, t % 60, 'Z');
    *place++ = ',';
    return place;
}

/* Of a job that never started there is no wait until its start. */
static char *put_wait(char *place, const struct aif_record *record)
{
    if (record->start)
        place = aif_text_digits(place, (uint64_t)aif_record_wait(record));
    *place++ = ',';
    return place;
}

static char *put_names(char *place, const struct aif_record *record)
{
    const char *const texts[] = {record->allocation, record->account,   record->user,    record->qos,  record->mode,
                                 record->residency,  record->partition, record->purpose, record->state,
                                 record->score};

    place = put_text(place, record->cluster);
    place = put_number(place, record->db_index);
    place = put_number(place, record->job_id);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        place = put_text(place, texts[i]);
    return place;
}

static void add(uint64_t *sum, uint64_t value)
{
    if (__builtin_add_overflow(*sum, value, sum))
        *sum = UINT64_MAX;
}

static char *put_counts(struct aif_export_csv *csv, char *place, const struct aif_record *record)
{
    const uint64_t gpu = aif_record_tres_secs(record, AIF_CHARGE_GPU);
    const uint64_t node = aif_record_tres_secs(record, AIF_CHARGE_NODE);
    const uint64_t billing = aif_record_tres_secs(record, AIF_CHARGE_BILLING);
    const uint64_t counts[] = {record->elapsed, record->gpus, record->nodes, record->billing, gpu, node, billing,
                               record->cpus, record->timelimit, record->req_cpus, record->req_gpus, record->req_nodes,
                               record->req_billing};

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        place = put_number(place, counts[i]);
    csv->jobs++;
    add(&csv->gpu_secs, gpu);
    add(&csv->node_secs, node);
    add(&csv->billing_secs, billing);
    return place;
}

int aif_export_csv_row(struct aif_export_csv *csv, const struct aif_record *record, const struct aif_event *event,
                       struct aif_text *text)
{
    const int64_t times[] = {record->submit, record->eligible, record->start, record->end};
    char *place;

    if (aif_text_reserve(text, ROW_ROOM) < 0)
        return -1;
    place = put_names(text->data + text->length, record);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        place = put_time(csv, place, times[i]);
    place = put_wait(place, record);
    place = put_counts(csv, place, record);
    place = put_number(place, event->seq);
    place = put_text(place, event->kind);
    place = put_text(place, event->hash);
    place[-1] = '\n';
    text->length = (size_t)(place - text->data);
    return 0;
}

int aif_export_csv_totals(const struct aif_export_csv *csv, const struct aif_chain *head, struct aif_text *text)
{
    return aif_text_printf(text, "# total jobs=%llu gpu_seconds=%llu node_seconds=%llu billing_seconds=%llu events=%llu head=%s\n",
                           (unsigned long long)csv->jobs, (unsigned long long)csv->gpu_secs,
                           (unsigned long long)csv->node_secs, (unsigned long long)csv->billing_secs,
                           (unsigned long long)head->count, head->head);
}
