/* plot_islands.c - a bar per island: used, free in fragments, free on idle nodes, out of service; see plot.h */
#include "config.h"

#include <inttypes.h>

#include "common.h"
#include "gnuplot.h"
#include "islandload.h"
#include "plot.h"
#include "slurmconn.h"

#define WIDTH_MIN 480
#define WIDTH_MAX 6000
#define HEIGHT 360

static unsigned width_for(size_t islands)
{
    const size_t width = 160 + 40 * islands;

    return width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : (unsigned)width;
}

static void write_bars(FILE *script, const struct aif_islandloads *loads)
{
    fputs("$islands << EOD\n", script);
    for (size_t i = 0; i < loads->count; i++) {
        const struct aif_islandload *load = &loads->islands[i];
        char name[AIF_GNUPLOT_WORD_SIZE];

        aif_gnuplot_word(load->name, name);
        fprintf(script, "%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", name, load->used, load->broken, load->idle, load->down);
    }
    fputs("EOD\n", script);
}

static int draw(const struct aif_islandloads *loads, const char *output)
{
    FILE *script = aif_gnuplot_start(output, width_for(loads->count), HEIGHT);

    if (!script)
        return AIF_EXIT_FAILED;
    write_bars(script, loads);
    fprintf(script, "set title 'GPUs of %zu islands: %" PRIu64 " used, %" PRIu64 " free, %u %% of these in fragments' noenhanced\n",
            loads->count, loads->all.used, loads->all.broken + loads->all.idle, aif_islandload_broken_percent(&loads->all));
    fputs("set style data histograms\nset style histogram rowstacked\nset style fill solid 0.8\nset boxwidth 0.7\nset grid y\n"
          "set key outside bottom center horizontal\nset yrange [0:*]\nset xtics rotate by -45 noenhanced\n"
          "plot $islands using 2:xtic(1) title 'used' lc rgb '#1565c0', '' using 3 title 'free on nodes in use' lc rgb '#ef6c00', "
          "'' using 4 title 'free on idle nodes' lc rgb '#2e7d32', '' using 5 title 'out of service' lc rgb '#90a4ae'\n",
          script);
    return aif_gnuplot_end(script);
}

int aif_plot_islands(struct aif_cmd_context *ctx, const char *output)
{
    struct aif_islandloads loads;
    int rc = aif_slurm_init();

    if (rc == AIF_EXIT_OK)
        rc = aif_islandloads_load(ctx, &loads);
    if (rc != AIF_EXIT_OK)
        return rc;
    rc = loads.count ? draw(&loads, output) : aif_tool_fail(AIF_EXIT_FAILED, "report plot: no node has GPUs");
    aif_islandloads_free(&loads);
    return rc;
}
