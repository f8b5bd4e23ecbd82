/* plot_use.c - consumption against pace, by day; see plot.h */
#include "config.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "charge.h"
#include "common.h"
#include "gnuplot.h"
#include "ledger.h"
#include "ledger_tool.h"
#include "pace.h"
#include "plot.h"

#define DAY 86400
#define DAYS_MAX 4000
#define CHARTS_MAX 12 /* of one picture */
#define WIDTH 900
#define HEIGHT 320 /* of one chart */

struct chart {
    const struct aif_alloc *alloc;
    double *days; /* TRES-seconds of each day since the start */
    size_t count;
};

struct plot {
    const struct aif_snapshot *snapshot;
    struct chart charts[CHARTS_MAX];
    size_t count;
    time_t now;
};

/* ---- which ---- */

static void add_chart(struct plot *plot, const struct aif_alloc *alloc)
{
    struct chart *chart = &plot->charts[plot->count++];
    time_t days = (alloc->end - alloc->start) / DAY + 1;

    chart->alloc = alloc;
    chart->count = (size_t)(days < DAYS_MAX ? days : DAYS_MAX);
    chart->days = aif_tool_alloc(chart->count, sizeof(*chart->days));
}

/* The named one, else those that run now. Returns AIF_EXIT_OK, or an exit code after one line. */
static int choose(struct plot *plot, const char *name)
{
    const struct aif_alloctable *allocs = plot->snapshot->allocs;
    const struct aif_alloc *named = name ? aif_alloctable_by_id(allocs, name) : NULL;
    size_t left_out = 0;

    if (named)
        add_chart(plot, named);
    if (name)
        return named ? AIF_EXIT_OK : aif_tool_fail(AIF_EXIT_FAILED, "report plot: no allocation \"%s\" in allocations.json", name);
    for (size_t i = 0; i < aif_alloctable_count(allocs); i++) {
        const struct aif_alloc *alloc = aif_alloctable_at(allocs, i);

        if (alloc->start > plot->now || alloc->end < plot->now)
            continue;
        if (plot->count < CHARTS_MAX)
            add_chart(plot, alloc);
        else
            left_out++;
    }
    if (!plot->count)
        return aif_tool_fail(AIF_EXIT_FAILED, "report plot: no allocation runs today; name one with --allocation");
    if (left_out)
        aif_tool_fail(0, "report plot: the first %d allocations are drawn, %zu are not; name one with --allocation", CHARTS_MAX, left_out);
    return AIF_EXIT_OK;
}

/* ---- what was used ---- */

static uint64_t tres_of(const struct aif_record *record, const struct aif_alloc *alloc)
{
    if (alloc->charge.tres == AIF_CHARGE_GPU)
        return record->gpus;
    return alloc->charge.tres == AIF_CHARGE_NODE ? record->nodes : record->billing;
}

/* A job's seconds lie evenly between its start and its end. */
static void spread(struct chart *chart, const struct aif_record *record)
{
    const double all = (double)tres_of(record, chart->alloc) * (double)record->elapsed;
    const double span = (double)(record->end - record->start);
    const int64_t first = chart->alloc->start;

    for (int64_t from = record->start; from < record->end;) {
        int64_t day = from < first ? 0 : (from - first) / DAY;
        int64_t until = first + (day + 1) * DAY;

        if (day >= (int64_t)chart->count)
            return;
        if (until > record->end)
            until = record->end;
        chart->days[day] += all * (double)(until - from) / span;
        from = until;
    }
}

static int take_event(const struct aif_event *event, void *arg, struct aif_error *err)
{
    struct plot *plot = arg;
    struct aif_record record;

    if (aif_record_parse(event->body, &record, err) < 0)
        return -1;
    if (!record.start || record.end <= record.start)
        return 0;
    for (size_t i = 0; i < plot->count; i++)
        if (!strcmp(plot->charts[i].alloc->id, record.allocation) && !aif_ledger_free(&record, plot->charts[i].alloc))
            spread(&plot->charts[i], &record);
    return 0;
}

static int64_t earliest(const struct plot *plot)
{
    int64_t start = plot->now;

    for (size_t i = 0; i < plot->count; i++)
        if (plot->charts[i].alloc->start < start)
            start = plot->charts[i].alloc->start;
    return start;
}

static int read_ledger(struct plot *plot, const char *path)
{
    struct aif_ledger *ledger = NULL;
    struct aif_error err = {0};
    int rc = aif_ledger_open(path, AIF_LEDGER_READ, &ledger, &err);

    if (rc == 0)
        rc = aif_ledger_tell_archived(ledger, earliest(plot), &err);
    if (rc == 0)
        rc = aif_ledger_iterate_latest(ledger, take_event, plot, &err);
    aif_ledger_close(ledger);
    return rc < 0 ? aif_tool_fail(AIF_EXIT_FAILED, "report plot: %s", err.text) : AIF_EXIT_OK;
}

/* ---- drawing ---- */

static double hours(const struct aif_alloc *alloc, double tres_secs)
{
    return (double)aif_charge_cost(&alloc->charge, (uint64_t)tres_secs) / 3600;
}

static double used_hours(const struct chart *chart)
{
    double sum = 0;

    for (size_t i = 0; i < chart->count; i++)
        sum += chart->days[i];
    return hours(chart->alloc, sum);
}

/* Days in UTC as gnuplot reads them; up to today. */
static void write_days(FILE *script, const struct plot *plot, const struct chart *chart)
{
    double sum = 0;

    fprintf(script, "%" PRId64 " 0\n", (int64_t)chart->alloc->start);
    for (size_t i = 0; i < chart->count && chart->alloc->start + (time_t)i * DAY <= plot->now; i++) {
        int64_t at = (int64_t)chart->alloc->start + (int64_t)(i + 1) * DAY;

        sum += chart->days[i];
        fprintf(script, "%" PRId64 " %.4f\n", at < plot->now ? at : (int64_t)plot->now, hours(chart->alloc, sum));
    }
    fputs("e\n", script);
}

static void write_chart(FILE *script, const struct plot *plot, const struct chart *chart)
{
    const struct aif_alloc *alloc = chart->alloc;
    const double amount = (double)alloc->amount_secs / 3600, used = used_hours(chart);
    struct aif_pace pace;
    char name[AIF_GNUPLOT_WORD_SIZE];

    aif_gnuplot_word(alloc->id, name);
    aif_pace(alloc, &(struct aif_pace_use){.used_secs = (uint64_t)(used * 3600)}, plot->now, &pace);
    fprintf(script, "set title '%s: %.2f of %.0f %ss used, %" PRId32 " %% of an even pace' noenhanced\n", name, used, amount,
            aif_unit_name(alloc->unit), pace.percent);
    fprintf(script, "set xrange [%" PRId64 ":%" PRId64 "]\nset yrange [0:%.4f]\n", (int64_t)alloc->start, (int64_t)alloc->end,
            (used > amount ? used : amount) * 1.05);
    fputs("plot '-' using 1:2 with lines lw 2 lc rgb '#90a4ae' title 'even pace', "
          "'-' using 1:2 with lines dt 2 lc rgb '#c62828' title 'amount', "
          "'-' using 1:2 with filledcurves y1=0 fs transparent solid 0.35 lc rgb '#1565c0' title 'used'\n",
          script);
    fprintf(script, "%" PRId64 " 0\n%" PRId64 " %.4f\ne\n", (int64_t)alloc->start, (int64_t)alloc->end, amount);
    fprintf(script, "%" PRId64 " %.4f\n%" PRId64 " %.4f\ne\n", (int64_t)alloc->start, amount, (int64_t)alloc->end, amount);
    write_days(script, plot, chart);
}

static int draw(const struct plot *plot, const char *output)
{
    FILE *script = aif_gnuplot_start(output, WIDTH, HEIGHT * (unsigned)plot->count);

    if (!script)
        return AIF_EXIT_FAILED;
    fprintf(script,
            "set xdata time\nset timefmt '%%s'\nset format x '%%Y-%%m-%%d'\nset key left top\nset grid\n"
            "set multiplot layout %zu,1\n",
            plot->count);
    for (size_t i = 0; i < plot->count; i++)
        write_chart(script, plot, &plot->charts[i]);
    fputs("unset multiplot\n", script);
    return aif_gnuplot_end(script);
}

int aif_plot_consumption(struct aif_cmd_context *ctx, const char *ledger, const char *allocation, const char *output)
{
    struct plot plot = {.snapshot = ctx->snapshot, .now = time(NULL)};
    int rc = choose(&plot, allocation);

    if (rc == AIF_EXIT_OK)
        rc = read_ledger(&plot, ledger);
    if (rc == AIF_EXIT_OK)
        rc = draw(&plot, output);
    for (size_t i = 0; i < plot.count; i++)
        free(plot.charts[i].days);
    return rc;
}
