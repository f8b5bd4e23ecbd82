/* top_show.c - see top_show.h */
#include "config.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>

#include "common.h"
#include "jsonout.h"
#include "lanes_show.h"
#include "table.h"
#include "top_show.h"

#define ROWS_MAX 20 /* of allocations and islands on a screen */

/* ---- text ---- */

static const char *mode_name(const struct aif_lanestat *stat)
{
    return stat->mode ? stat->mode->name : "(none)";
}

static const char *lane_state(const struct aif_topdata *data, const struct aif_lanestat *stat)
{
    return stat->mode ? aif_lanes_show_state(data->lanes, stat->mode) : "none";
}

static void show_lanes(const struct aif_topdata *data)
{
    static const char *const titles[] = {"MODE", "LANE", ">WAITING", ">OUTSIDE", ">RUNNING", ">LONGEST", ">KEPT", ">BROKEN", NULL};
    struct aif_table *table = aif_table_create(titles);

    for (size_t i = 0; i <= data->lanes->snapshot->policy->mode_count; i++) {
        const struct aif_lanestat *stat = &data->stats[i];

        aif_table_add(table, aif_tool_strdup(mode_name(stat)));
        aif_table_add(table, aif_tool_strdup(lane_state(data, stat)));
        aif_table_add(table, aif_tool_format("%" PRIu64, stat->queued));
        aif_table_add(table, aif_tool_format("%" PRIu64, stat->outside));
        aif_table_add(table, aif_tool_format("%" PRIu64, stat->running));
        aif_table_add(table, stat->longest < 0 ? NULL : aif_tool_format("%" PRId64 ":%02d:%02d", stat->longest / 3600,
                                                                       (int)(stat->longest / 60 % 60), (int)(stat->longest % 60)));
        aif_table_add(table, aif_tool_format("%" PRIu64, stat->waits.kept));
        aif_table_add(table, aif_tool_format("%" PRIu64, stat->waits.broken));
    }
    aif_table_print(table, false);
    aif_table_destroy(table);
}

static void show_allocs(const struct aif_topdata *data)
{
    static const char *const titles[] = {"ALLOCATION", "MODE", ">USED", ">LEFT", "UNIT", ">DAYS", NULL};
    struct aif_table *table;

    printf("\nAllocations near their end (%d %% used, or less than %d days left): %zu\n", AIF_TOP_PERCENT, AIF_TOP_DAYS, data->alloc_count);
    if (!data->alloc_count)
        return;
    table = aif_table_create(titles);
    for (size_t i = 0; i < data->alloc_count && i < ROWS_MAX; i++) {
        const struct aif_top_alloc *row = &data->allocs[i];

        aif_table_add(table, aif_tool_strdup(row->alloc->id));
        aif_table_add(table, aif_tool_strdup(row->alloc->mode->name));
        aif_table_add(table, aif_tool_format("%u %%", row->percent));
        aif_table_add(table, aif_tool_format("%.2f", (double)row->left / 3600));
        aif_table_add(table, aif_tool_strdup(aif_unit_name(row->alloc->unit)));
        aif_table_add(table, aif_tool_format("%" PRId64, row->days));
    }
    aif_table_print(table, false);
    aif_table_destroy(table);
}

static void show_places(const struct aif_topdata *data)
{
    const struct aif_islandload *all = &data->islands.all;

    printf("\nGPUs: %" PRIu64 " used, %" PRIu64 " free, %u %% of these on nodes in use, %" PRIu64 " out of service; %zu islands\n", all->used,
           all->broken + all->idle, aif_islandload_broken_percent(all), all->down, data->islands.count);
    if (data->placed)
        printf("Placement of %" PRIu64 " running jobs: %.0f %% of the best possible in the mean, %u %% at worst\n", data->placed,
               (double)data->placed_sum / (double)data->placed, data->placed_least);
    else
        puts("Placement: no running job has a score");
}

static void show_lag(const struct aif_topdata *data)
{
    if (!data->ledger) {
        puts("Reporting: the ledger cannot be read here");
        return;
    }
    if (data->collected)
        printf("Reporting: slurmdbd read %" PRId64 " s ago\n", (int64_t)data->now - data->collected);
    else
        puts("Reporting: slurmdbd was never read; is aif-reportd running?");
    for (size_t i = 0; i < data->sink_count; i++) {
        const struct aif_top_sink *sink = &data->sinks[i];

        printf("  %s: %" PRIu64 " rows behind%s", sink->name, sink->backlog, sink->failing ? ", failing" : "");
        if (sink->success)
            printf(", had all %" PRId64 " s ago\n", (int64_t)data->now - sink->success);
        else
            puts(", never had all");
    }
}

void aif_top_show(const struct aif_topdata *data)
{
    show_lanes(data);
    show_allocs(data);
    show_places(data);
    show_lag(data);
}

/* ---- JSON ---- */

static json_object *lanes_json(const struct aif_topdata *data)
{
    json_object *list = json_object_new_array();

    for (size_t i = 0; i <= data->lanes->snapshot->policy->mode_count; i++) {
        const struct aif_lanestat *stat = &data->stats[i];
        json_object *object = json_object_new_object();

        aif_jsonout_text(object, "mode", stat->mode ? stat->mode->name : NULL);
        aif_jsonout_text(object, "lane", lane_state(data, stat));
        aif_jsonout_number(object, "waiting", (int64_t)stat->queued);
        aif_jsonout_number(object, "outside", (int64_t)stat->outside);
        aif_jsonout_number(object, "running", (int64_t)stat->running);
        json_object_object_add(object, "longest", stat->longest < 0 ? NULL : json_object_new_int64(stat->longest));
        aif_jsonout_number(object, "kept", (int64_t)stat->waits.kept);
        aif_jsonout_number(object, "broken", (int64_t)stat->waits.broken);
        json_object_array_add(list, object);
    }
    return list;
}

static json_object *allocs_json(const struct aif_topdata *data)
{
    json_object *list = json_object_new_array();

    for (size_t i = 0; i < data->alloc_count; i++) {
        const struct aif_top_alloc *row = &data->allocs[i];
        json_object *object = json_object_new_object();

        aif_jsonout_text(object, "allocation", row->alloc->id);
        aif_jsonout_text(object, "mode", row->alloc->mode->name);
        aif_jsonout_number(object, "used_percent", row->percent);
        aif_jsonout_number(object, "left_seconds", (int64_t)row->left);
        aif_jsonout_text(object, "unit", aif_unit_name(row->alloc->unit));
        aif_jsonout_number(object, "days_left", row->days);
        json_object_array_add(list, object);
    }
    return list;
}

static json_object *load_json(const struct aif_islandload *load)
{
    json_object *object = json_object_new_object();

    if (load->name)
        aif_jsonout_text(object, "island", load->name);
    aif_jsonout_number(object, "used", (int64_t)load->used);
    aif_jsonout_number(object, "free_fragments", (int64_t)load->broken);
    aif_jsonout_number(object, "free_idle", (int64_t)load->idle);
    aif_jsonout_number(object, "out_of_service", (int64_t)load->down);
    aif_jsonout_number(object, "fragments_percent", aif_islandload_broken_percent(load));
    return object;
}

static json_object *places_json(const struct aif_topdata *data)
{
    json_object *object = json_object_new_object(), *list = json_object_new_array();

    aif_jsonout_number(object, "jobs", (int64_t)data->placed);
    json_object_object_add(object, "mean_percent",
                           data->placed ? json_object_new_int64((int64_t)(data->placed_sum / data->placed)) : NULL);
    json_object_object_add(object, "least_percent", data->placed ? json_object_new_int64(data->placed_least) : NULL);
    json_object_object_add(object, "gpus", load_json(&data->islands.all));
    for (size_t i = 0; i < data->islands.count; i++)
        json_object_array_add(list, load_json(&data->islands.islands[i]));
    json_object_object_add(object, "islands", list);
    return object;
}

/* NULL where the ledger cannot be read. */
static json_object *lag_json(const struct aif_topdata *data)
{
    json_object *object, *list;

    if (!data->ledger)
        return NULL;
    object = json_object_new_object();
    list = json_object_new_array();
    aif_jsonout_number(object, "collected", data->collected);
    for (size_t i = 0; i < data->sink_count; i++) {
        json_object *sink = json_object_new_object();

        aif_jsonout_text(sink, "sink", data->sinks[i].name);
        aif_jsonout_number(sink, "backlog", (int64_t)data->sinks[i].backlog);
        aif_jsonout_number(sink, "success", data->sinks[i].success);
        json_object_object_add(sink, "failing", json_object_new_boolean(data->sinks[i].failing));
        json_object_array_add(list, sink);
    }
    json_object_object_add(object, "sinks", list);
    return object;
}

void aif_top_show_data(const struct aif_topdata *data, bool parsable)
{
    json_object *object = json_object_new_object();

    aif_jsonout_number(object, "now", data->now);
    json_object_object_add(object, "lanes", lanes_json(data));
    json_object_object_add(object, "ending", allocs_json(data));
    json_object_object_add(object, "placement", places_json(data));
    json_object_object_add(object, "reporting", lag_json(data));
    aif_jsonout_print(object, parsable);
}
