/* decide_residency.c - where a job's data may go: allocation, mode and option together */
#include "decide_private.h"

#include <stdio.h>

#include "rules.h"

/* One of the tags that apply to a job. */
struct tag {
    const char *owner; /* for people */
    const struct aif_residency *set;
};

static void tag_text(const struct tag *tag, char *ret_text, size_t size)
{
    char set[AIF_RESIDENCY_TEXT_MAX];

    if (aif_residency_format(tag->set, set, sizeof(set)) < 0)
        snprintf(set, sizeof(set), "a long list");
    snprintf(ret_text, size, "%s of %s", set, tag->owner);
}

static bool refuse_clash(struct aif_decider *decider, const struct tag *narrow,
                         const struct tag *other, bool own)
{
    char asked[AIF_RESIDENCY_TEXT_MAX + 64], limit[AIF_RESIDENCY_TEXT_MAX + 64];

    tag_text(narrow, asked, sizeof(asked));
    tag_text(other, limit, sizeof(limit));
    return aif_decide_refuse(
        decider, &(struct aif_message){
                     .what = "no country fits both residency tags",
                     .asked = asked,
                     .limit = limit,
                     .rule = AIF_R_EMPTY,
                     .next = own ? "choose --data-residency inside the limit, or leave it out"
                                 : "tell the site: these two can never agree"});
}

/* Text for the job's environment and admin_comment. */
static bool write_text(struct aif_decider *decider)
{
    struct aif_decision *out = decider->out;

    if (!aif_residency_format(&out->residency, out->residency_text, sizeof(out->residency_text)))
        return true;
    out->residency_text[0] = '\0';
    return aif_decide_refuse(
        decider,
        &(struct aif_message){.what = "the residency tag has too many countries to be written down",
                              .rule = AIF_R_SYNTAX,
                              .next = "narrow it with --data-residency"});
}

/* Which side clashes with tags[i]: one earlier tag alone, else all earlier ones together (before).
 */
static struct tag other_side(const struct tag *tags, size_t i, const struct aif_residency *before)
{
    for (size_t j = 0; j < i; j++) {
        struct aif_residency pair = *tags[i].set;

        if (!tags[j].set)
            continue;
        aif_residency_intersect(&pair, tags[j].set);
        if (aif_residency_empty(&pair))
            return tags[j];
    }
    return (struct tag){"allocation and mode together", before};
}

bool aif_decide_residency(struct aif_decider *decider)
{
    struct aif_decision *out = decider->out;
    const struct aif_alloc *alloc = out->alloc;
    const bool own = decider->options->residency[0] != '\0';
    const struct tag tags[] = {
        {"the allocation", alloc->has_residency ? &alloc->residency : NULL},
        {"the mode", alloc->mode->has_residency ? &alloc->mode->residency : NULL},
        {"the job", own ? &decider->asked_residency : NULL},
    };

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        const struct aif_residency before = out->residency;
        struct tag other;

        if (!tags[i].set)
            continue;
        if (out->has_residency)
            aif_residency_intersect(&out->residency, tags[i].set);
        else
            out->residency = *tags[i].set;
        out->has_residency = true;
        if (!aif_residency_empty(&out->residency))
            continue;
        other = other_side(tags, i, &before);
        return refuse_clash(decider, &tags[i], &other, tags[i].set == &decider->asked_residency);
    }
    return !out->has_residency || write_text(decider);
}
