/* aif-reportd-waldur-map.c - which resource of an offering is whose account's; see aif-reportd-waldur.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aif-reportd-waldur.h"

#define PAGES_MAX 1000

/* One page, asked for and read. */
struct page {
    struct waldur_sender *sender;
    unsigned number;
    struct aif_waldur_resource *items;
    size_t count;
    size_t on_page; /* with those that are of no account */
    bool refused;
    char note[400];
};

static enum aif_sink_outcome attempt(struct aif_sink *sink, void *data, long *ret_retry_after)
{
    struct page *page = data;
    char *path = aif_waldur_resources_path(sink->conf->offering, page->number);
    const struct aif_http_call call = {.method = "GET", .path = path};
    struct aif_http_answer answer = {0};
    struct aif_error err = {0};
    enum aif_sink_outcome outcome = AIF_SINK_RETRY;

    if (path) {
        aif_http_request(sink->http, &call, &answer);
        *ret_retry_after = answer.retry_after;
        outcome = aif_sink_judge(&answer, 200, "read the resources", &page->refused, page->note, sizeof(page->note));
        if (outcome == AIF_SINK_DONE && !page->refused &&
            aif_waldur_resources_parse(answer.body, answer.length, &page->items, &page->count, &page->on_page, &err) < 0) {
            snprintf(page->note, sizeof(page->note), "cannot read the resources: %.300s", err.text);
            outcome = AIF_SINK_RETRY;
        }
    }
    aif_http_answer_free(&answer);
    free(path);
    return outcome;
}

/* Takes over nothing: the page's items are copied. */
static int keep(struct waldur_sender *sender, const struct page *page)
{
    struct aif_waldur_resource *longer;

    if (!page->count)
        return 0;
    longer = reallocarray(sender->resources, sender->resource_count + page->count, sizeof(*longer));
    if (!longer)
        return aif_sink_fail(sender->sink, "out of memory");
    memcpy(longer + sender->resource_count, page->items, page->count * sizeof(*longer));
    sender->resources = longer;
    sender->resource_count += page->count;
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct aif_waldur_resource *)a)->account, ((const struct aif_waldur_resource *)b)->account);
}

int aif_waldur_resources_read(struct waldur_sender *sender)
{
    struct page page = {.sender = sender};
    int rc = 0;

    do {
        page = (struct page){.sender = sender, .number = page.number + 1};
        if (aif_sink_try(sender->sink, attempt, &page) != AIF_SINK_DONE || page.refused)
            return aif_sink_fail(sender->sink, "%s", page.note);
        rc = keep(sender, &page);
        free(page.items);
    } while (rc == 0 && page.on_page == AIF_WALDUR_PAGE && page.number < PAGES_MAX);
    if (sender->resource_count)
        qsort(sender->resources, sender->resource_count, sizeof(*sender->resources), compare);
    return rc;
}

static bool same_account(const struct waldur_sender *sender, const struct aif_waldur_resource *found, ptrdiff_t by)
{
    const ptrdiff_t at = found - sender->resources + by;

    return at >= 0 && at < (ptrdiff_t)sender->resource_count && !compare(found, &sender->resources[at]);
}

const char *aif_waldur_resource_of(const struct waldur_sender *sender, const struct aif_alloc *alloc)
{
    struct aif_waldur_resource key = {0};
    const struct aif_waldur_resource *found = NULL;

    if (alloc->waldur_resource)
        return alloc->waldur_resource;
    snprintf(key.account, sizeof(key.account), "%s", alloc->account);
    if (sender->resource_count && !alloc->next_of_account)
        found = bsearch(&key, sender->resources, sender->resource_count, sizeof(key), compare);
    /* Of two resources of one account, or two allocations, nobody knows which is meant. */
    if (!found || same_account(sender, found, -1) || same_account(sender, found, 1))
        return NULL;
    return found->uuid;
}
