/* topo_svg.c - the map as a picture: islands as frames, nodes in them, a row per rank with its GPUs; see topo.h */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "topo.h"

#define MARGIN 16
#define WIDTH 560
#define ROW 22
#define GPU 18
#define GPUS_LEFT 250
#define NEAR "#2e7d32"
#define FAR "#c62828"
#define LOOSE "#ef6c00"
#define UNKNOWN "#607d8b"

struct drawing {
    FILE *out;
    unsigned y;
};

static void put_escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("<>&\"'", *text))
            fprintf(out, "&#%d;", *text);
        else
            fputc((unsigned char)*text < ' ' ? '?' : *text, out);
    }
}

static void put_text(struct drawing *drawing, unsigned x, const char *style, const char *text)
{
    fprintf(drawing->out, "<text x=\"%u\" y=\"%u\" class=\"%s\">", x, drawing->y + 15, style);
    put_escaped(drawing->out, text);
    fputs("</text>\n", drawing->out);
}

static const char *colour(struct aif_rank_verdict verdict)
{
    if (verdict.far || verdict.far_nic)
        return FAR;
    if (verdict.loose || verdict.shares)
        return LOOSE;
    return verdict.known ? NEAR : UNKNOWN;
}

static void draw_rank(struct drawing *drawing, const struct aif_rankmap *map, size_t i)
{
    const struct aif_rank *rank = &map->ranks[i];
    char *cores = aif_tool_format("cores %.24s", rank->cores ? rank->cores : "?");
    char *name = rank->rank == AIF_RANK_NONE ? aif_tool_strdup("job") : aif_tool_format("rank %u", rank->rank);

    put_text(drawing, MARGIN + 24, "rank", name);
    put_text(drawing, MARGIN + 100, "small", cores);
    for (size_t g = 0; g < rank->gpu_count; g++) {
        unsigned x = GPUS_LEFT + (unsigned)g * (GPU + 4);

        fprintf(drawing->out, "<rect x=\"%u\" y=\"%u\" width=\"%d\" height=\"%d\" rx=\"3\" fill=\"%s\"/>\n", x, drawing->y + 2, GPU, GPU,
                colour(aif_rankmap_judge(map, i)));
        fprintf(drawing->out, "<text x=\"%u\" y=\"%u\" class=\"gpu\">%u</text>\n", x + GPU / 2, drawing->y + 15, rank->gpus[g].index);
    }
    drawing->y += ROW;
    free(cores);
    free(name);
}

/* A rank of the next node, or of the next island, gets a heading; ranks are drawn island by island. */
static void draw_heading(struct drawing *drawing, const struct aif_rank *rank, const struct aif_rank *last)
{
    char *island = aif_topo_island(rank), *before = last ? aif_topo_island(last) : NULL;

    if (!before || strcmp(island, before)) {
        drawing->y += 8;
        fprintf(drawing->out, "<line x1=\"%d\" y1=\"%u\" x2=\"%d\" y2=\"%u\" stroke=\"#90a4ae\"/>\n", MARGIN, drawing->y, WIDTH - MARGIN,
                drawing->y);
        put_text(drawing, MARGIN, "island", island);
        drawing->y += ROW;
    }
    if (!last || strcmp(rank->node, last->node)) {
        put_text(drawing, MARGIN + 12, "node", rank->node);
        drawing->y += ROW;
    }
    free(island);
    free(before);
}

/* ---- order and size ---- */

struct place {
    const struct aif_rank *rank;
    size_t index;
};

static int by_place(const void *a, const void *b)
{
    const struct place *first = a, *second = b;
    int order = strcmp(first->rank->address ? first->rank->address : "", second->rank->address ? second->rank->address : "");

    if (!order)
        order = strcmp(first->rank->node, second->rank->node);
    return order ? order : (first->index > second->index) - (first->index < second->index);
}

static struct place *sort_places(const struct aif_rankmap *map)
{
    struct place *places = aif_tool_alloc(map->count, sizeof(*places));

    for (size_t i = 0; i < map->count; i++)
        places[i] = (struct place){&map->ranks[i], i};
    qsort(places, map->count, sizeof(*places), by_place);
    return places;
}

static void draw_ranks(struct drawing *drawing, const struct aif_topo *topo)
{
    struct place *places = sort_places(&topo->map);

    for (size_t i = 0; i < topo->map.count; i++) {
        draw_heading(drawing, places[i].rank, i ? places[i - 1].rank : NULL);
        draw_rank(drawing, &topo->map, places[i].index);
    }
    free(places);
}

static void draw_title(struct drawing *drawing, const struct aif_topo *topo)
{
    struct aif_rankmap_score score = aif_rankmap_score(&topo->map);
    char *title = aif_tool_format("job %u: %zu %s, score %u of 100", topo->job, topo->map.count,
                                  topo->map.count && topo->map.ranks[0].rank != AIF_RANK_NONE ? "ranks" : "nodes",
                                  aif_topo_percent(topo, &score));

    put_text(drawing, MARGIN, "title", title);
    drawing->y += ROW;
    put_text(drawing, MARGIN, "small", "GPUs: green near to the rank's cores, red far, orange shared or loosely bound, grey not known");
    drawing->y += ROW;
    free(title);
}

/* The picture's height stands before it, so the body is made first. */
static char *draw_body(const struct aif_topo *topo, unsigned *ret_height)
{
    char *text = NULL;
    size_t length = 0;
    struct drawing drawing = {.out = open_memstream(&text, &length), .y = MARGIN};

    if (!drawing.out)
        return aif_tool_strdup("");
    draw_title(&drawing, topo);
    draw_ranks(&drawing, topo);
    fclose(drawing.out);
    *ret_height = drawing.y + MARGIN;
    return text;
}

int aif_topo_draw(const struct aif_topo *topo, const char *path)
{
    unsigned height = 0;
    char *body = draw_body(topo, &height);
    FILE *out = fopen(path, "w");
    bool fine = false;

    if (out) {
        fprintf(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\" font-family=\"sans-serif\">\n"
                "<style>.title{font-size:15px;font-weight:bold}.island{font-size:12px;font-weight:bold;fill:#37474f}"
                ".node{font-size:12px}.rank{font-size:12px}.small{font-size:10px;fill:#546e7a}"
                ".gpu{font-size:10px;fill:#fff;text-anchor:middle}</style>\n"
                "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n%s</svg>\n",
                WIDTH, height, WIDTH, height, body);
        fine = !ferror(out);
        fine = !fclose(out) && fine;
    }
    free(body);
    return fine ? AIF_EXIT_OK : aif_tool_fail(AIF_EXIT_FAILED, "topo: cannot write %s: %s", path, strerror(errno));
}
