/* exchange.c - see exchange.h */
#include "config.h"

#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/common.h"
#include "facts.h"

#ifdef HAVE_PMIX

#include <pmix.h>

#define KEY "aif.topo"

static int failed(const char *what, pmix_status_t status)
{
    return aif_tool_fail(AIF_EXIT_SLURM, "topo: PMIx cannot %s: %s; try \"srun --mpi=pmix\", or aif topo without it", what,
                         PMIx_Error_string(status));
}

/* ---- this rank ---- */

static char *describe(uint32_t number)
{
    struct aif_rankmap map = {0};
    struct aif_rank *rank = aif_rankmap_append(&map, number);
    struct json_object *object;
    char *text;

    aif_rank_facts(rank);
    object = aif_rank_json(rank);
    text = aif_tool_strdup(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
    json_object_put(object);
    aif_rankmap_clear(&map);
    return text;
}

static int publish(uint32_t number)
{
    char *text = describe(number);
    pmix_value_t value = {.type = PMIX_STRING, .data.string = text};
    bool collect = true;
    pmix_info_t info = {.key = PMIX_COLLECT_DATA, .value = {.type = PMIX_BOOL, .data.flag = collect}};
    pmix_status_t status = PMIx_Put(PMIX_GLOBAL, KEY, &value);

    free(text);
    if (status == PMIX_SUCCESS)
        status = PMIx_Commit();
    if (status == PMIX_SUCCESS)
        status = PMIx_Fence(NULL, 0, &info, 1);
    return status == PMIX_SUCCESS ? AIF_EXIT_OK : failed("bring the ranks together", status);
}

/* ---- rank 0 ---- */

static void print_job(void)
{
    static const char *const names[][2] = {{"mode", "AIF_MODE"}, {"allocation", "AIF_ALLOCATION"}, {"residency", "AIF_RESIDENCY"}};
    struct json_object *object = json_object_new_object();

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i][1]);

        json_object_object_add(object, names[i][0], value ? json_object_new_string(value) : NULL);
    }
    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
    json_object_put(object);
}

static pmix_status_t count_ranks(const pmix_proc_t *me, uint32_t *ret_count)
{
    pmix_proc_t job = *me;
    pmix_value_t *value = NULL;
    pmix_status_t status;

    job.rank = PMIX_RANK_WILDCARD;
    status = PMIx_Get(&job, PMIX_JOB_SIZE, NULL, 0, &value);
    if (status != PMIX_SUCCESS)
        return status;
    *ret_count = value->data.uint32;
    PMIX_VALUE_RELEASE(value);
    return *ret_count <= AIF_RANKS_MAX ? PMIX_SUCCESS : PMIX_ERR_OUT_OF_RESOURCE;
}

static int print_ranks(const pmix_proc_t *me)
{
    uint32_t count = 0;
    pmix_status_t status = count_ranks(me, &count);

    for (uint32_t i = 0; status == PMIX_SUCCESS && i < count; i++) {
        pmix_proc_t other = *me;
        pmix_value_t *value = NULL;

        other.rank = i;
        status = PMIx_Get(&other, KEY, NULL, 0, &value);
        if (status != PMIX_SUCCESS)
            break;
        if (value->type == PMIX_STRING)
            puts(value->data.string);
        PMIX_VALUE_RELEASE(value);
    }
    return status == PMIX_SUCCESS ? AIF_EXIT_OK : failed("read what the ranks said", status);
}

int aif_rank_exchange(void)
{
    pmix_proc_t me;
    pmix_status_t status = PMIx_Init(&me, NULL, 0);
    int rc;

    if (status != PMIX_SUCCESS)
        return failed("reach a server", status);
    rc = publish(me.rank);
    if (rc == AIF_EXIT_OK && me.rank == 0) {
        print_job();
        rc = print_ranks(&me);
    }
    PMIx_Finalize(NULL, 0);
    return rc;
}

#else

int aif_rank_exchange(void)
{
    return aif_tool_fail(AIF_EXIT_SLURM, "topo: this slurm-aif was built without PMIx (libpmix-dev)");
}

#endif
