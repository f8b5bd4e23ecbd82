/* gresconf_links.c - see gresconf.h: what the lines of one node say of its GPUs */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gresconf.h"
#include "rules.h"

#define DEVICES_MAX 1024
#define LINKS_MAX 65535

/* ---- how many ---- */

/* A number of at most nine digits at *at, which moves behind it; -1: none. */
static long read_number(const char **at)
{
    const char *const start = *at;
    long number = 0;

    while (isdigit((unsigned char)**at) && *at - start < 9)
        number = number * 10 + *(*at)++ - '0';
    return *at == start || isdigit((unsigned char)**at) ? -1 : number;
}

/* Numbers in "0-3,7]"; *at moves behind the bracket. 0: not understood. */
static long count_ranges(const char **at)
{
    long sum = 0;

    for (;;) {
        const long from = read_number(at);
        long to = from;

        if (**at == '-') {
            ++*at;
            to = read_number(at);
        }
        if (from < 0 || to < from || to - from >= DEVICES_MAX || sum > DEVICES_MAX)
            return 0;
        sum += to - from + 1;
        if (**at == ']') {
            ++*at;
            return sum;
        }
        if (*(*at)++ != ',')
            return 0;
    }
}

/* Files of "/dev/nvidia[0-3],/dev/other": brackets of one file multiply. */
static uint32_t count_files(const char *at)
{
    long sum = 0, product = 1;

    for (;; at++) {
        if (*at == '[') {
            at++;
            product *= count_ranges(&at);
            at--;
        } else if (*at == ',' || !*at) {
            sum += product;
            product = 1;
        }
        if (product <= 0 || product > DEVICES_MAX || sum > DEVICES_MAX)
            return 0;
        if (!*at)
            return (uint32_t)sum;
    }
}

uint32_t aif_gresconf_devices(const struct aif_gresconf_entry *entry)
{
    const char *at = entry->count;
    long count;

    if (entry->file)
        return count_files(entry->file);
    if (!at)
        return 1;
    count = read_number(&at);
    return count > 0 && count <= DEVICES_MAX && !*at ? (uint32_t)count : 0;
}

/* ---- links ---- */

struct matrix {
    const char *name;
    uint32_t count;
    uint16_t links[AIF_GPULINKS_GPUS_MAX * AIF_GPULINKS_GPUS_MAX];
    uint16_t sockets[AIF_GPULINKS_GPUS_MAX];
    bool given[AIF_GPULINKS_GPUS_MAX]; /* this GPU had its line */
    bool any;                          /* some line has Links */
    bool bound;
};

static int refuse(const struct matrix *matrix, const struct aif_gresconf_entry *entry,
                  struct aif_error *err, const char *what)
{
    return aif_error_set(err, AIF_EINVAL,
                         "%.200s:%u: Links: %s: \"%.64s\", limit %u figures, -1 at the GPU itself "
                         "(" AIF_C_RANGE "); correct it",
                         matrix->name, (unsigned)entry->line, what, entry->links,
                         (unsigned)matrix->count);
}

/* The figures of a line into row; *ret_self is where "-1" stands, or -1. */
static int read_row(const struct matrix *matrix, const struct aif_gresconf_entry *entry,
                    uint16_t *row, int *ret_self, struct aif_error *err)
{
    const char *at = entry->links;

    *ret_self = -1;
    for (uint32_t i = 0; i < matrix->count; i++) {
        long number = 0;

        if (!strncmp(at, "-1", 2) && *ret_self < 0) {
            *ret_self = (int)i;
            at += 2;
        } else {
            number = read_number(&at);
        }
        if (number < 0 || number > LINKS_MAX)
            return refuse(matrix, entry, err, "not understood");
        row[i] = (uint16_t)number;
        if (i + 1 < matrix->count && *at++ != ',')
            return refuse(matrix, entry, err, "too few");
    }
    return *at ? refuse(matrix, entry, err, "too many") : 0;
}

static uint16_t socket_of(const struct aif_gresconf_entry *entry, uint32_t cores_per_socket)
{
    const char *at = entry->cores;
    const long core = at ? read_number(&at) : -1;

    return core < 0 || !cores_per_socket ? 0 : (uint16_t)((uint32_t)core / cores_per_socket);
}

/* Put a device at the place that its line, or else the order, gives it. */
static int place_device(struct matrix *matrix, const struct aif_gresconf_entry *entry, int self,
                        const uint16_t *row, uint16_t socket, struct aif_error *err)
{
    uint32_t at = 0;

    while (self < 0 && at < matrix->count && matrix->given[at])
        at++;
    if (self >= 0)
        at = (uint32_t)self;
    if (matrix->given[at])
        return refuse(matrix, entry, err, "two lines of one GPU");
    matrix->given[at] = true;
    matrix->sockets[at] = socket;
    memcpy(&matrix->links[at * matrix->count], row, matrix->count * sizeof(*row));
    return 0;
}

static int read_entry(struct matrix *matrix, const struct aif_gresconf_entry *entry,
                      uint32_t cores_per_socket, struct aif_error *err)
{
    const uint32_t devices = aif_gresconf_devices(entry);
    uint16_t row[AIF_GPULINKS_GPUS_MAX] = {0};
    int self = -1;

    if (entry->links) {
        matrix->any = true;
        if (read_row(matrix, entry, row, &self, err))
            return -1;
    }
    matrix->bound = matrix->bound && entry->cores;
    for (uint32_t i = 0; i < devices; i++)
        if (place_device(matrix, entry, devices == 1 ? self : -1, row,
                         socket_of(entry, cores_per_socket), err))
            return -1;
    return 0;
}

/* Lines with a "-1" say where they belong; the rest fills what is left, so it comes second. */
static int read_entries(struct matrix *matrix, const struct aif_gresconf_entry *const *entries,
                        size_t count, uint32_t cores_per_socket, struct aif_error *err)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < count; i++) {
            const bool first = entries[i]->links && strstr(entries[i]->links, "-1") &&
                               aif_gresconf_devices(entries[i]) == 1;

            if (first == !pass && read_entry(matrix, entries[i], cores_per_socket, err))
                return -1;
        }
    return 0;
}

int aif_gresconf_links(const struct aif_gresconf_entry *const *entries, size_t count,
                       uint32_t cores_per_socket, const char *name, struct aif_gpulinks **ret_links,
                       bool *ret_bound, struct aif_error *err)
{
    struct matrix matrix = {.name = name, .bound = true};
    struct aif_gpulinks *links = NULL;

    for (size_t i = 0; i < count; i++) {
        const uint32_t devices = aif_gresconf_devices(entries[i]);

        matrix.count += devices;
        if (!devices || matrix.count > AIF_GPULINKS_GPUS_MAX) {
            matrix.count = 0;
            break;
        }
    }
    if (matrix.count && read_entries(&matrix, entries, count, cores_per_socket, err))
        return -1;
    if (matrix.any && aif_gpulinks_create(matrix.count, matrix.links, matrix.sockets, &links, err))
        return -1;
    *ret_links = links;
    *ret_bound = matrix.count && matrix.bound;
    return 0;
}
