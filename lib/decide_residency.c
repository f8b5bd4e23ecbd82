/* decide_residency.c - where a job's data may go: allocation, mode, data sets and option together */
#include "decide_private.h"

#include <stdio.h>
#include <string.h>

#include "rules.h"

/* One of the tags that apply to a job. */
struct tag {
    const struct aif_restag *tag;
    const char *kind, *name; /* whose it is, for people, one after the other */
};

static const char *clash_text(enum aif_restag_clash clash)
{
    switch (clash) {
    case AIF_RESTAG_ZONE:
        return "two residency tags name different zones";
    case AIF_RESTAG_CLASS:
        return "two residency tags name different classes";
    case AIF_RESTAG_PERMITS:
        return "the permits of two residency tags are too many for one job";
    default:
        return "no country fits both residency tags";
    }
}

static void tag_text(const struct tag *tag, char *ret_text, size_t size)
{
    char text[AIF_RESTAG_TEXT_MAX];

    if (aif_restag_format(tag->tag, text, sizeof(text)) < 0)
        snprintf(text, sizeof(text), "a long list");
    snprintf(ret_text, size, "%s of %s%s", text, tag->kind, tag->name);
}

__attribute__((cold)) static bool refuse_clash(struct aif_decider *decider, enum aif_restag_clash clash,
                         const struct tag *narrow, const struct tag *other)
{
    char asked[AIF_RESTAG_TEXT_MAX + 128], limit[AIF_RESTAG_TEXT_MAX + 128];
    const bool own = narrow->tag == &decider->asked_residency;

    tag_text(narrow, asked, sizeof(asked));
    tag_text(other, limit, sizeof(limit));
    return aif_decide_refuse(
        decider, &(struct aif_message){
                     .what = clash_text(clash),
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

    if (!aif_restag_format(&out->residency, out->residency_text, sizeof(out->residency_text)))
        return true;
    out->residency_text[0] = '\0';
    return aif_decide_refuse(
        decider, &(struct aif_message){.what = "the residency tag is too long to be written down",
                                       .rule = AIF_R_SYNTAX,
                                       .next = "narrow it with --data-residency"});
}

/* Which side clashes with tags[i]: one earlier tag alone, else all earlier ones together (before). */
static struct tag other_side(const struct tag *tags, size_t i, const struct aif_restag *before)
{
    for (size_t j = 0; j < i; j++) {
        struct aif_restag pair = *tags[i].tag;

        if (tags[j].tag && aif_restag_intersect(&pair, tags[j].tag) != AIF_RESTAG_FITS)
            return tags[j];
    }
    return (struct tag){before, "the tags before it", " together"};
}

static bool narrow_by(struct aif_decider *decider, const struct tag *tags, size_t i)
{
    struct aif_decision *out = decider->out;
    enum aif_restag_clash clash;
    struct tag other;

    if (!tags[i].tag)
        return true;
    if (!out->has_residency) {
        out->residency = *tags[i].tag;
        out->has_residency = true;
        return true;
    }
    clash = aif_restag_intersect(&out->residency, tags[i].tag);
    if (clash == AIF_RESTAG_FITS)
        return true;
    other = other_side(tags, i, &out->residency);
    return refuse_clash(decider, clash, &tags[i], &other);
}

__attribute__((cold)) static bool refuse_dataset(struct aif_decider *decider, const char *id)
{
    return aif_decide_refuse(decider, &(struct aif_message){.what = "no such data set",
                                                            .asked = id,
                                                            .rule = AIF_R_DATASET,
                                                            .next = "ask the site for its id"});
}

__attribute__((cold)) static bool refuse_account(struct aif_decider *decider, const char *id)
{
    char what[AIF_WHAT_TEXT];

    snprintf(what, sizeof(what), "account %.64s may not process data set %s",
             decider->out->alloc->account, id);
    return aif_decide_refuse(
        decider, &(struct aif_message){.what = what,
                                       .rule = AIF_R_ACCOUNT,
                                       .next = "ask whoever gives out the data, or use the account "
                                               "of the project that has the permit"});
}

__attribute__((cold)) static bool refuse_files(struct aif_decider *decider, const char *id)
{
    char what[AIF_WHAT_TEXT];

    snprintf(what, sizeof(what), "the files of data set %s cannot be kept to its own jobs: the site has no staging directory",
             id);
    return aif_decide_refuse(decider, &(struct aif_message){.what = what,
                                                            .rule = AIF_R_GATING,
                                                            .next = "tell the site: datasets.json needs \"staging\""});
}

static bool is_allowed(struct aif_decider *decider, const struct aif_dataset *dataset)
{
    if (!aif_dataset_allows(dataset, decider->out->alloc->account))
        return refuse_account(decider, dataset->id);
    if (dataset->paths && !aif_datasets_staging(decider->snapshot->datasets))
        return refuse_files(decider, dataset->id);
    return true;
}

/* The tags of the data sets that the job names. */
static bool find_datasets(struct aif_decider *decider, struct tag *tags, size_t *count)
{
    const char *at = decider->options->datasets;
    char id[AIF_DATASETIDS_ID_SIZE];

    while (aif_datasetids_next(&at, id)) {
        const struct aif_dataset *dataset = aif_datasets_find(decider->snapshot->datasets, id);

        if (!dataset)
            return refuse_dataset(decider, id);
        if (!is_allowed(decider, dataset))
            return false;
        tags[(*count)++] = (struct tag){dataset->residency, "data set ", dataset->id};
    }
    if (decider->options->datasets[0])
        memcpy(decider->out->datasets, decider->options->datasets, sizeof(decider->out->datasets));
    return true;
}

__attribute__((cold)) static bool narrow(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;
    struct tag tags[3 + AIF_DATASETIDS_MAX] = {{alloc->residency, "the allocation", ""},
                                               {alloc->mode->residency, "the mode", ""}};
    size_t count = 2;

    if (!aif_decide_read_residency(decider) || !find_datasets(decider, tags, &count))
        return false;
    if (decider->options->residency[0])
        tags[count++] = (struct tag){&decider->asked_residency, "the job", ""};
    for (size_t i = 0; i < count; i++)
        if (!narrow_by(decider, tags, i))
            return false;
    return !decider->out->has_residency || write_text(decider);
}

/* ---- what was asked before ---- */

static struct aif_tagmemo_key key_of(const struct aif_decider *decider)
{
    const size_t index = aif_alloctable_index(decider->snapshot->allocs, decider->out->alloc);

    return (struct aif_tagmemo_key){index, decider->options->residency, decider->options->datasets};
}

static void copy_text(const char *from, char *to)
{
    memcpy(to, from, strlen(from) + 1);
}

/* An entry is only made of what passed all checks of this file. */
static bool recall(struct aif_decider *decider)
{
    const struct aif_tagmemo_key key = key_of(decider);
    const struct aif_tagmemo_tag *known = aif_tagmemo_find(decider->snapshot->tags, &key);
    struct aif_decision *out = decider->out;

    if (!known)
        return false;
    decider->unread = false;
    out->has_residency = true;
    out->residency = known->tag;
    out->marks = known->marks;
    out->note = known->note;
    copy_text(known->text, out->residency_text);
    copy_text(key.datasets, out->datasets);
    return true;
}

__attribute__((cold)) static bool narrow_anew(struct aif_decider *decider)
{
    struct aif_decision *out = decider->out;
    const struct aif_tagmemo_key key = key_of(decider);
    const struct aif_tagmemo_tag *known;

    if (!narrow(decider))
        return false;
    if (!out->has_residency)
        return true;
    known = aif_tagmemo_put(decider->snapshot->tags, &key, out->alloc, &out->residency, out->residency_text);
    out->marks = known ? known->marks : NULL;
    out->note = known ? known->note : NULL;
    return true;
}

bool aif_decide_residency(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;
    const struct aif_options *options = decider->options;
    const bool tagged = alloc->residency || alloc->mode->residency || options->residency[0] ||
                        options->datasets[0];

    return !tagged || recall(decider) || narrow_anew(decider);
}
