/* topo_ranks.c - "aif topo" with PMIx: aif-rank talks to the other ranks, we read what it prints; see topo.h */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "common.h"
#include "topo.h"

static char *take_text(struct json_object *object, const char *key)
{
    struct json_object *text = json_object_object_get(object, key);

    return json_object_is_type(text, json_type_string) ? aif_tool_strdup(json_object_get_string(text)) : NULL;
}

/* The first line is about the job. */
static int take_line(struct aif_topo *topo, const char *line, bool first, struct aif_error *err)
{
    struct json_object *object = json_tokener_parse(line);
    int rc = 0;

    if (!json_object_is_type(object, json_type_object)) {
        rc = aif_error_set(err, AIF_ESYNTAX, "aif-rank printed what is no JSON object");
    } else if (first) {
        topo->mode = take_text(object, "mode");
        topo->allocation = take_text(object, "allocation");
        topo->residency = take_text(object, "residency");
    } else {
        rc = aif_rankmap_read(&topo->map, object, err);
    }
    json_object_put(object);
    return rc;
}

static int read_lines(struct aif_topo *topo, FILE *in, size_t *ret_count, struct aif_error *err)
{
    char *line = NULL;
    size_t size = 0;
    int rc = 0;

    for (*ret_count = 0; rc == 0 && getline(&line, &size, in) > 0; ++*ret_count)
        rc = take_line(topo, line, !*ret_count, err);
    free(line);
    return rc;
}

int aif_topo_ask_ranks(struct aif_topo *topo, bool *ret_here)
{
    struct aif_error err = {0};
    size_t lines = 0;
    FILE *in = popen("exec '" AIF_RANK_PROGRAM "'", "r");
    int status, rc;

    if (!in)
        return aif_tool_fail(AIF_EXIT_FAILED, "topo: cannot run %s: %s", AIF_RANK_PROGRAM, strerror(errno));
    rc = read_lines(topo, in, &lines, &err);
    while (fgetc(in) != EOF)
        ; /* or it would end at a closed pipe */
    status = pclose(in);
    *ret_here = lines > 0;
    topo->from_ranks = true;
    topo->map.domain = "NUMA";
    if (rc < 0)
        return aif_tool_fail(AIF_EXIT_FAILED, "topo: %s", err.text);
    return WIFEXITED(status) ? WEXITSTATUS(status) : AIF_EXIT_FAILED;
}
