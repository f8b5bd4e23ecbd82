/*
 * aif_rank.c - one rank's part of "aif topo", which runs it in each task of a step
 *
 * A program of its own, so that the command "aif" needs neither libpmix nor hwloc. "aif-rank" tells the other ranks through PMIx;
 * "aif-rank --local" prints what this process sees and asks nobody.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/common.h"
#include "exchange.h"
#include "facts.h"

static int print_local(void)
{
    struct aif_rankmap map = {0};
    struct json_object *object;

    aif_rank_facts(aif_rankmap_append(&map, 0));
    object = aif_rank_json(&map.ranks[0]);
    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
    json_object_put(object);
    aif_rankmap_clear(&map);
    return AIF_EXIT_OK;
}

int main(int argc, char **argv)
{
    if (argc == 1)
        return aif_tool_finish(aif_rank_exchange());
    if (argc == 2 && !strcmp(argv[1], "--local"))
        return aif_tool_finish(print_local());
    return aif_tool_fail(AIF_EXIT_USAGE, "aif-rank: give nothing or --local; \"aif topo\" is the command for people");
}
