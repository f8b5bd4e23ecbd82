/* verify_join.c - do a ledger and its archives fit together; see verifying.h */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger_archive.h"
#include "recordpack.h"
#include "verifying.h"

static bool about_a_row(const struct aif_event *event)
{
    return !strcmp(event->kind, "job") || !strcmp(event->kind, "correction");
}

static int not_kept(const struct aif_event *event, struct aif_error *err)
{
    return aif_error_set(err, AIF_ECHAIN, "event %llu: the ledger keeps something else of it", (unsigned long long)event->seq);
}

/* Packed, both have one form only. */
static bool same(const struct aif_record *a, const struct aif_record *b)
{
    struct aif_text left = {0}, right = {0};
    bool equal = aif_recordpack_write(a, &left) == 0 && aif_recordpack_write(b, &right) == 0 && !strcmp(left.data, right.data);

    aif_text_free(&left);
    aif_text_free(&right);
    return equal;
}

/* The last event of a row is kept as it was, of the others a later one. */
static int check_event(const struct aif_event *event, void *data, struct aif_error *err)
{
    struct aif_check *check = data;
    struct aif_record record, kept;
    int rc;

    if (!about_a_row(event))
        return 0;
    if (aif_record_parse(event->body, &record, err) < 0 || (rc = aif_ledger_kept_row(check->keeper, event->seq, &kept, err)) < 0)
        return -1;
    if (rc == 1) {
        check->kept++;
        return same(&record, &kept) ? 0 : not_kept(event, err);
    }
    rc = aif_ledger_kept_later(check->keeper, &record, event->seq, err);
    return rc == 0 ? not_kept(event, err) : rc < 0 ? -1 : 0;
}

static int check_file(struct aif_check *check, FILE *file, char ret_sha256[AIF_HASH_SIZE], struct aif_error *err)
{
    uint64_t bytes;

    if (aif_verify_digest(file, ret_sha256, &bytes, err) < 0)
        return -1;
    rewind(file);
    return aif_verify_jsonl(check, file, err);
}

/* The next archive; chain: where the one before ended. */
static int check_archive(struct aif_check *check, const char *path, struct aif_chain *chain, char ret_sha256[AIF_HASH_SIZE],
                         struct aif_error *err)
{
    FILE *file = fopen(path, "r");
    struct aif_error why;
    int rc;

    if (!file)
        return aif_error_set(err, AIF_EIO, "%s: %s", path, strerror(errno));
    rc = check_file(check, file, ret_sha256, &why);
    fclose(file);
    if (rc < 0)
        return aif_error_set(err, why.code, "%s: %s", path, why.text);
    if (check->joined_first && (check->after.count != chain->count || strcmp(check->after.head, chain->head)))
        return aif_error_set(err, AIF_ECHAIN, "%s: begins after event %llu, the archive before it ends with event %llu", path,
                             (unsigned long long)check->after.count, (unsigned long long)chain->count);
    if (!check->joined_first)
        check->joined_first = check->after.count + 1;
    *chain = check->chain;
    return 0;
}

static int check_ends(const struct aif_check *check, const struct aif_chain *chain, const char *sha256, struct aif_error *err)
{
    const char *path = check->archives[check->archive_count - 1];

    if (chain->count != check->anchor.last || strcmp(chain->head, check->anchor.head))
        return aif_error_set(err, AIF_ECHAIN, "%s: ends with event %llu, the ledger begins after event %llu", path,
                             (unsigned long long)chain->count, (unsigned long long)check->anchor.last);
    if (strcmp(sha256, check->anchor.sha256))
        return aif_error_set(err, AIF_ECHAIN, "%s: is not the file that event %llu of the ledger names", path,
                             (unsigned long long)check->anchor.seq);
    return 0;
}

static int check_archives(struct aif_check *check, struct aif_error *err)
{
    const struct aif_anchor anchor = check->anchor;
    char sha256[AIF_HASH_SIZE] = "";
    struct aif_chain chain = {0};
    uint64_t rows;

    if (!check->anchor.seq)
        return aif_error_set(err, AIF_ECHAIN, "no event of the ledger was moved to an archive");
    for (size_t i = 0; i < check->archive_count; i++)
        if (check_archive(check, check->archives[i], &chain, sha256, err) < 0)
            return -1;
    check->anchor = anchor; /* and not that of an archive */
    if (check_ends(check, &chain, sha256, err) < 0 ||
        aif_ledger_kept_rows(check->keeper, check->joined_first, &rows, err) < 0)
        return -1;
    if (rows != check->kept)
        return aif_error_set(err, AIF_ECHAIN, "the ledger keeps %llu rows of its archives, which have %llu of them",
                             (unsigned long long)rows, (unsigned long long)check->kept);
    return 0;
}

int aif_verify_join(struct aif_check *check, struct aif_ledger *ledger, struct aif_error *err)
{
    int rc = aif_ledger_anchor(ledger, &check->anchor, err);

    if (rc == 0 && check->archive_count) {
        check->visit = check_event;
        check->keeper = ledger;
        rc = check_archives(check, err);
        check->visit = NULL;
    }
    check->after.count = check->anchor.last;
    memcpy(check->after.head, check->anchor.head, sizeof(check->after.head));
    check->anchored = check->anchor.seq;
    return rc;
}
