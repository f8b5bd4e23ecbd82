/*
 * gresconf.h - what Slurm's gres.conf says of GPUs
 *
 * Read the way Slurm reads it (gres.conf(5)): '#' starts a comment, '\' at the end of a line goes on with the next,
 * "Key=value" with blanks between, keys without regard to case, values in quotes or without blanks. Host lists stay text,
 * for only Slurm may expand them; an Include is handed to the caller, who may read that file, too. Pure.
 */
#ifndef AIF_GRESCONF_H
#define AIF_GRESCONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "gpulinks.h"

#define AIF_GRESCONF_ENTRIES_MAX 100000
#define AIF_GRESCONF_LINE_MAX 65536 /* bytes, with what was continued */

/* A line with Name, or with AutoDetect alone. Texts are as written; NULL where the line does not say. */
struct aif_gresconf_entry {
    uint32_t line;    /* the first one */
    char *nodes;      /* host list; NULL: every node */
    char *name;       /* "gpu" */
    char *type;
    char *file;       /* list of device files */
    char *cores;      /* "0-15,32-47" */
    char *links;      /* "-1,4,0,0" */
    char *count;
    char *autodetect; /* "nvml": the node itself says what stands in the rest */
};

struct aif_gresconf {
    struct aif_gresconf_entry *entries;
    size_t count;
    char **includes; /* [include_count]: file names as written, in order */
    size_t include_count;
};

/*
 * Read the text of a file; name stands for it in messages. Keys that are not above are left out, for versions of Slurm
 * know different ones. Refused, as "<name>:<line>: …": what is no Key=value, a quote that does not close, a key twice, a
 * line without Name or AutoDetect, control characters, and more than the caps.
 */
int aif_gresconf_parse(const char *text, size_t length, const char *name, struct aif_gresconf **ret_conf,
                       struct aif_error *err);
void aif_gresconf_destroy(struct aif_gresconf *conf);

/* Devices that an entry makes: those of its files, else its count, else 1. 0: the text is not understood, or over 1024. */
uint32_t aif_gresconf_devices(const struct aif_gresconf_entry *entry);

/*
 * How the GPUs of one node are linked, from the entries for that node in order. A line's "-1" says which GPU it is, else
 * the order does. cores_per_socket tells Cores and sockets (0: one socket). *ret_links is NULL where no entry has Links, or
 * there are more GPUs than AIF_GPULINKS_GPUS_MAX. *ret_bound: every GPU has Cores. Fails, in one line, where Links contradict
 * themselves: too few or too many figures, two lines of one GPU.
 */
int aif_gresconf_links(const struct aif_gresconf_entry *const *entries, size_t count, uint32_t cores_per_socket,
                       const char *name, struct aif_gpulinks **ret_links, bool *ret_bound, struct aif_error *err);

#endif
