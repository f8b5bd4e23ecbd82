/* balances_file.c - reading and writing the file of balances; see balances.h */
#include "balances.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "balances_private.h"
#include "jsonschema.h"
#include "names.h"
#include "rules.h"
#include "timetext.h"

/* ---- reading ---- */

static int read_at(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                   void *ret_value, struct aif_error *err)
{
    (void)field;
    if (aif_timetext_date(json_object_get_string(node->value), AIF_DAY_START, ret_value))
        return aif_jsonschema_range(node, "a date and time like \"2026-11-21T09:00:00Z\"", err);
    return 0;
}

static int read_id(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                   void *ret_value, struct aif_error *err)
{
    const char *text = json_object_get_string(node->value);

    (void)field;
    if (!aif_names_slurm(text) || strlen(text) >= sizeof(((struct aif_balance *)0)->id))
        return aif_jsonschema_range(node, "up to 63 " AIF_JSONSCHEMA_NAME, err);
    memcpy(ret_value, text, strlen(text) + 1);
    return 0;
}

static int read_secs(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                     void *ret_value, struct aif_error *err)
{
    int64_t secs = json_object_get_int64(node->value);

    (void)field;
    if (secs < 0 || secs > BALANCES_SECS_MAX)
        return aif_jsonschema_range(node, "seconds, 0 to 10^18", err);
    *(uint64_t *)ret_value = (uint64_t)secs;
    return 0;
}

/* "2026-09", as a day that aif_timetext_date() would take. */
static int read_month(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                      void *ret_value, struct aif_error *err)
{
    const char *text = json_object_get_string(node->value);
    char day[16];
    time_t unused;

    (void)field;
    if (strlen(text) != 7 || snprintf(day, sizeof(day), "%s-01", text) != 10 ||
        aif_timetext_date(day, AIF_DAY_START, &unused))
        return aif_jsonschema_range(node, "a month like \"2026-09\", years 2000 to 2199", err);
    *(int *)ret_value = atoi(text) * 12 + atoi(text + 5) - 1;
    return 0;
}

static int read_month_secs(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    return read_secs(node, NULL, ret_entry, err);
}

static int read_months(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_INT, sizeof(uint64_t), BALANCES_MONTHS,
                                            read_month_secs};
    struct aif_balance *balance = ret_value;

    (void)field;
    balance->by_month = aif_jsonschema_room(node, &entries, err);
    if (!balance->by_month)
        return -1;
    return aif_jsonschema_entries(node, &entries, balance->by_month, &balance->months, err);
}

#define BALANCE(member) offsetof(struct aif_balance, member)
static const struct aif_jsonfield balance_fields[] = {
    {"id", AIF_JSON_TEXT, true, read_id, BALANCE(id), 0, 0},
    {"used", AIF_JSON_INT, true, read_secs, BALANCE(used_secs), 0, 0},
    {"inference", AIF_JSON_INT, true, read_secs, BALANCE(inference_secs), 0, 0},
    {"free", AIF_JSON_INT, true, read_secs, BALANCE(free_secs), 0, 0},
    {"first_month", AIF_JSON_TEXT, true, read_month, BALANCE(first_month), 0, 0},
    {"months", AIF_JSON_ARRAY, true, read_months, 0, 0, 0},
    {0},
};

/* The numbers say the same twice: a file in which they do not was damaged or edited by hand. */
static int check_sums(const struct aif_jsonnode *node, const struct aif_balance *balance,
                      struct aif_error *err)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < balance->months && sum <= BALANCES_SECS_MAX; i++)
        sum += balance->by_month[i];
    if (sum != balance->used_secs)
        return aif_jsonschema_fail(
            node, AIF_C_RANGE, "let aif-reportd write the file anew", err,
            "out of range: used %" PRIu64 ", limit the sum of the months, %" PRIu64,
            balance->used_secs, sum);
    if (balance->inference_secs > balance->used_secs + balance->free_secs)
        return aif_jsonschema_fail(
            node, AIF_C_RANGE, "let aif-reportd write the file anew", err,
            "out of range: inference %" PRIu64 ", limit used and free, %" PRIu64,
            balance->inference_secs, balance->used_secs + balance->free_secs);
    if (balance->first_month + (int)balance->months - 1 > BALANCES_MONTH_LAST)
        return aif_jsonschema_fail(node, AIF_C_RANGE, "let aif-reportd write the file anew", err,
                                   "out of range: %zu months, limit the year 2199",
                                   balance->months);
    return 0;
}

static int read_balance(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    struct aif_balances *balances = node->file->context;
    struct aif_balance *balance = ret_entry;

    if (aif_jsonschema_object(node, balance_fields, balance, err) ||
        check_sums(node, balance, err))
        return -1;
    if (aif_nametable_add(balances->by_id, balance->id, balance))
        return aif_jsonschema_fail(node, AIF_C_DUPLICATE, "let aif-reportd write the file anew",
                                   err, "id given twice: \"%s\"", balance->id);
    return 0;
}

static int read_allocations(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                            void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_OBJECT, sizeof(struct aif_balance),
                                            AIF_ALLOC_MAX, read_balance};
    struct aif_balances *balances = ret_value;

    (void)field;
    balances->list = aif_jsonschema_room(node, &entries, err);
    if (!balances->list)
        return -1;
    balances->room = json_object_array_length(node->value);
    balances->by_id = aif_nametable_create(balances->room);
    if (!balances->by_id)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    return aif_jsonschema_entries(node, &entries, balances->list, &balances->count, err);
}

static int read_root(struct aif_jsonfile *file, struct aif_balances *balances,
                     struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"version", AIF_JSON_INT, true, aif_jsonschema_checked, 0, 1, 1},
        {"at", AIF_JSON_TEXT, true, read_at, offsetof(struct aif_balances, at), 0, 0},
        {"allocations", AIF_JSON_ARRAY, true, read_allocations, 0, 0, 0},
        {0},
    };
    struct aif_jsonnode root = aif_jsonschema_root(file);

    file->context = balances;
    return aif_jsonschema_object(&root, fields, balances, err);
}

int aif_balances_parse(const char *text, size_t length, const char *name,
                       struct aif_balances **ret_balances, struct aif_error *err)
{
    struct aif_jsonfile *file = NULL;
    struct aif_balances *balances;
    int rc;

    if (aif_jsonfile_parse(text, length, name, &file, err))
        return -1;
    balances = aif_balances_create(0);
    rc = balances ? read_root(file, balances, err)
                  : aif_error_set(err, AIF_ENOMEM, "%s: out of memory", name);
    aif_jsonfile_destroy(file);
    if (rc)
        aif_balances_destroy(balances);
    else
        *ret_balances = balances;
    return rc;
}

int aif_balances_load(const char *path, struct aif_balances **ret_balances, struct aif_error *err)
{
    char *text = NULL;
    size_t length = 0;
    int rc;

    if (aif_jsonfile_read(path, &text, &length, err))
        return -1;
    rc = aif_balances_parse(text, length, path, ret_balances, err);
    free(text);
    return rc;
}

/* ---- writing ---- */

static int compare_ids(const void *a, const void *b)
{
    const struct aif_balance *const *x = a, *const *y = b;

    return strcmp((*x)->id, (*y)->id);
}

/* In order of id, so that the same numbers give the same file whatever the order they came in. */
static const struct aif_balance **sorted(const struct aif_balances *balances)
{
    const struct aif_balance **order = calloc(balances->count + 1, sizeof(struct aif_balance *));

    for (size_t i = 0; order && i < balances->count; i++)
        order[i] = &balances->list[i];
    if (order)
        qsort(order, balances->count, sizeof(order[0]), compare_ids);
    return order;
}

static void write_balance(FILE *file, const struct aif_balance *balance)
{
    fprintf(file,
            "{\"id\":\"%s\",\"used\":%" PRIu64 ",\"inference\":%" PRIu64
            ",\"free\":%" PRIu64
            ",\"first_month\":\"%04d-%02d\",\"months\":[",
            balance->id, balance->used_secs, balance->inference_secs, balance->free_secs,
            balance->first_month / 12, balance->first_month % 12 + 1);
    for (size_t i = 0; i < balance->months; i++)
        fprintf(file, "%s%" PRIu64, i ? "," : "", balance->by_month[i]);
    fputs("]}", file);
}

static void write_all(FILE *file, const struct aif_balances *balances,
                      const struct aif_balance *const *order)
{
    char at[32] = "";
    struct tm tm;

    gmtime_r(&balances->at, &tm);
    strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &tm);
    fprintf(file, "{\"version\":1,\"at\":\"%s\",\"allocations\":[", at);
    for (size_t i = 0; i < balances->count; i++) {
        fputs(i ? ",\n" : "\n", file);
        write_balance(file, order[i]);
    }
    fputs("\n]}\n", file);
}

/* Takes over fd. 0, or errno. */
static int write_fd(int fd, const struct aif_balances *balances)
{
    const struct aif_balance **order = sorted(balances);
    FILE *file = order ? fdopen(fd, "w") : NULL;
    int error = file ? 0 : ENOMEM;

    if (file) {
        write_all(file, balances, order);
        if (fflush(file) || fsync(fd))
            error = errno;
        if (fclose(file) && !error)
            error = errno;
    } else {
        close(fd);
    }
    free(order);
    return error;
}

int aif_balances_save(const struct aif_balances *balances, const char *path, struct aif_error *err)
{
    char temporary[PATH_MAX];
    int fd, error;

    if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
        return aif_error_set(err, AIF_ELIMIT, "%.128s...: path too long", path);
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return aif_error_set(err, AIF_EIO, "%s: cannot be written: %s", temporary,
                             strerrordesc_np(errno));
    error = write_fd(fd, balances);
    if (!error && rename(temporary, path))
        error = errno;
    if (!error)
        return 0;
    unlink(temporary);
    return aif_error_set(err, AIF_EIO, "%s: cannot be written: %s", path, strerrordesc_np(error));
}
