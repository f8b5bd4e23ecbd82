/* aif_verify.c - "aif verify": has anyone changed the ledger, or what was exported of it */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "jsonout.h"
#include "ledger.h"
#include "statement.h"
#include "verifying.h"

static const char help[] =
    "Usage: aif verify [--public-key FILE] [--head HASH] [--json|--parsable] [FILE]\n"
    "       aif verify [--public-key FILE] [--head HASH] [--json|--parsable] --ledger FILE [--archive FILE]...\n"
    "Check a ledger, or what was exported of it, without any other file of the site. Prints one\n"
    "line: ok with the number of events and the head, or the first event that does not fit; and\n"
    "how far signatures reach, where there are any.\n"
    "\n"
    "  FILE               a complete jsonl export; default: standard input\n"
    "  FILE.csv           an export that was signed: FILE.csv.sig must be beside it\n"
    "  --ledger FILE      check the file itself, its guards and its structure too\n"
    "  --archive FILE     with --ledger: check that archive, too, and that the ledger goes on where it\n"
    "                     ends and keeps what it should; several, the oldest first\n"
    "  --public-key FILE  the site's public key in PEM, got by another way than the ledger: only\n"
    "                     its signatures count, and those of keys for which it vouched\n"
    "  --head HASH        also fail if no event has this hash: give the head of an earlier check to\n"
    "                     see that no events were cut off since\n"
    "  --json, --parsable what is ok for programs; what is not is a line of standard error all the same\n"
    "\n"
    "Exit status: 0 ok, 1 not ok, 2 wrong command line.\n";

static void note_head(struct aif_check *check, const char *hash)
{
    if (check->head && !strcmp(check->head, hash))
        check->head_found = true;
}

static int note_event(const struct aif_event *event, void *data, struct aif_error *err)
{
    (void)err;
    note_head(data, event->hash);
    return 0;
}

/* ---- exports ---- */

/* One line with its newline, at most size - 1 bytes: more is a line that cannot be ours, and is given cut. */
static size_t read_line(FILE *file, char *line, size_t size)
{
    size_t length = 0;
    int c = 0;

    while (length < size - 1 && c != '\n' && (c = getc_unlocked(file)) != EOF)
        line[length++] = (char)c;
    line[length] = '\0';
    return length;
}

static int check_line(struct aif_check *check, struct aif_chain_reader *reader, char *line, size_t length,
                      struct aif_error *err)
{
    if (aif_chain_reader_line(reader, line, length, err) < 0)
        return -1;
    if (reader->chain.count)
        note_head(check, reader->chain.head);
    if (!reader->event.seq)
        return 0;
    if (reader->event.seq == reader->anchored && aif_anchor_read(&reader->event, &check->anchor, err) < 0)
        return -1;
    if (check->visit && check->visit(&reader->event, check, err) < 0)
        return -1;
    return aif_witness_event(check->witness, &reader->event, err);
}

static int check_lines(struct aif_check *check, FILE *file, struct aif_chain_reader *reader, struct aif_error *err)
{
    char *line = aif_tool_alloc(AIF_LINE_MAX, 1);
    size_t length;
    int rc = 0;

    while (rc == 0 && (length = read_line(file, line, AIF_LINE_MAX)) > 0)
        rc = check_line(check, reader, line, length, err);
    free(line);
    return rc < 0 ? -1 : aif_chain_reader_finish(reader, err);
}

int aif_verify_jsonl(struct aif_check *check, FILE *file, struct aif_error *err)
{
    struct aif_chain_reader reader;
    int rc = aif_chain_reader_start(&reader, err);

    if (rc == 0)
        rc = check_lines(check, file, &reader, err);
    aif_chain_reader_end(&reader);
    check->chain = reader.chain;
    check->after = reader.after;
    check->anchored = reader.anchored;
    return rc;
}

/* ---- signed files ---- */

static int read_small(const char *path, char *text, size_t size, struct aif_error *err)
{
    FILE *file = fopen(path, "r");
    size_t length;

    if (!file)
        return aif_error_set(err, errno == ENOENT ? AIF_ENOENT : AIF_EIO, "%s: %s", path, strerror(errno));
    length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
    return strlen(text) == length ? 0 : aif_error_set(err, AIF_ECHAIN, "%s: not text", path);
}

int aif_verify_digest(FILE *file, char ret_sha256[AIF_HASH_SIZE], uint64_t *ret_bytes, struct aif_error *err)
{
    struct aif_digest *digest = aif_digest_create();
    char buffer[65536];
    size_t length;
    int rc = digest ? 0 : aif_error_set(err, AIF_ENOMEM, "out of memory");

    while (rc == 0 && (length = fread(buffer, 1, sizeof(buffer), file)) > 0)
        rc = aif_digest_update(digest, buffer, length, err);
    if (rc == 0)
        rc = aif_digest_finish(digest, ret_sha256, ret_bytes, err);
    aif_digest_destroy(digest);
    return rc;
}

/* Whether the file is the one that was signed; 0 also where there is no signature and none is needed. */
static int check_signature(struct aif_check *check, const char *path, FILE *file, bool needed, struct aif_error *err)
{
    char text[AIF_STATEMENT_MAX], sha256[AIF_HASH_SIZE];
    char *name = aif_tool_format("%s.sig", path);
    struct aif_statement statement;
    uint64_t bytes;
    int rc = read_small(name, text, sizeof(text), err);

    free(name);
    if (rc < 0)
        return needed || err->code != AIF_ENOENT ? -1 : 0;
    if (!check->key)
        return needed ? aif_error_set(err, AIF_EINVAL, "a signed file needs --public-key") : 0;
    if (aif_statement_read(text, check->key, &statement, err) < 0 || aif_verify_digest(file, sha256, &bytes, err) < 0)
        return -1;
    if (bytes != statement.bytes || strcmp(sha256, statement.sha256))
        return aif_error_set(err, AIF_ECHAIN, "is not the file that was signed");
    rewind(file);
    check->file_signed = true;
    check->chain.count = statement.events;
    memcpy(check->chain.head, statement.head, sizeof(statement.head));
    note_head(check, statement.head);
    return 0;
}

static bool is_csv(const char *path)
{
    const char *end = strrchr(path, '.');

    return end && !strcmp(end, ".csv");
}

static int check_path(struct aif_check *check, const char *path, struct aif_error *err)
{
    FILE *file = fopen(path, "r");
    struct aif_error why;
    int rc;

    if (!file)
        return aif_error_set(err, AIF_EIO, "%s: %s", path, strerror(errno));
    rc = check_signature(check, path, file, is_csv(path), &why);
    if (rc == 0 && !is_csv(path))
        rc = aif_verify_jsonl(check, file, &why);
    fclose(file);
    return rc < 0 ? aif_error_set(err, why.code, "%s: %s", path, why.text) : 0;
}

/* ---- ledgers ---- */

static int check_ledger(struct aif_check *check, struct aif_error *err)
{
    struct aif_ledger *ledger;
    int rc;

    if (aif_ledger_open(check->ledger, AIF_LEDGER_READ, &ledger, err) < 0)
        return -1;
    rc = aif_verify_join(check, ledger, err);
    if (rc == 0)
        rc = aif_ledger_verify_signed(ledger, check->witness, &check->chain, err);
    if (rc == 0 && check->head)
        rc = aif_ledger_iterate(ledger, note_event, check, err);
    aif_ledger_close(ledger);
    return rc;
}

/* ---- the verdict ---- */

#define TIME_SIZE 32

static const char *time_text(int64_t t, char text[TIME_SIZE])
{
    time_t when = (time_t)t;
    struct tm tm;

    if (!gmtime_r(&when, &tm) || !strftime(text, TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm))
        snprintf(text, TIME_SIZE, "?");
    return text;
}

static void print_signatures(const struct aif_testimony *testimony)
{
    char at[TIME_SIZE];

    if (testimony->checkpoints)
        printf("signed: events to %llu by key %s at %s\n", (unsigned long long)testimony->until, testimony->key,
               time_text(testimony->at, at));
}

/* Where the chain does not begin with event 1, something must stand for what is before. */
static int judge_begin(const struct aif_check *check)
{
    const struct aif_testimony *testimony = aif_witness_testimony(check->witness);

    if (!check->after.count || check->file_signed)
        return 0;
    if (!check->anchored)
        return aif_tool_fail(-1, "verify: begins after event %llu, and no event in it says where those before are",
                             (unsigned long long)check->after.count);
    if (testimony->until < check->anchored)
        return aif_tool_fail(-1, "verify: event %llu, which says where the events to %llu are, is not signed%s%s",
                             (unsigned long long)check->anchored, (unsigned long long)check->after.count,
                             check->key ? " by key " : "", check->key ? aif_signkey_id(check->key) : "");
    return 0;
}

static void print_events(const struct aif_check *check)
{
    if (check->after.count)
        printf("ok: events %llu to %llu, head %s\n", (unsigned long long)check->after.count + 1,
               (unsigned long long)check->chain.count, check->chain.head);
    else
        printf("ok: %llu events, head %s\n", (unsigned long long)check->chain.count, check->chain.head);
    if (check->archive_count)
        printf("joined: events %llu to %llu are in the archive\n", (unsigned long long)check->joined_first,
               (unsigned long long)check->after.count);
    else if (check->anchor.seq)
        printf("archived: events to %llu, in %s, SHA-256 %s\n", (unsigned long long)check->anchor.last, check->anchor.file,
               check->anchor.sha256);
}

/* ---- the same for programs ---- */

static json_object *signed_json(const struct aif_testimony *testimony)
{
    json_object *object = json_object_new_object();
    char at[TIME_SIZE];

    aif_jsonout_number(object, "to", (int64_t)testimony->until);
    aif_jsonout_text(object, "key", testimony->key);
    aif_jsonout_text(object, "at", time_text(testimony->at, at));
    return object;
}

static json_object *archived_json(const struct aif_anchor *anchor)
{
    json_object *object = json_object_new_object();

    aif_jsonout_number(object, "to", (int64_t)anchor->last);
    aif_jsonout_text(object, "file", anchor->file);
    aif_jsonout_text(object, "sha256", anchor->sha256);
    return object;
}

static void print_data(const struct aif_check *check, const struct aif_testimony *testimony)
{
    json_object *object = json_object_new_object();

    aif_jsonout_text(object, "verdict", "ok");
    aif_jsonout_number(object, "first", (int64_t)check->after.count + 1);
    aif_jsonout_number(object, "last", (int64_t)check->chain.count);
    aif_jsonout_text(object, "head", check->chain.head);
    if (check->archive_count)
        aif_jsonout_number(object, "joined_from", (int64_t)check->joined_first);
    else if (check->anchor.seq)
        json_object_object_add(object, "archived", archived_json(&check->anchor));
    if (testimony->checkpoints)
        json_object_object_add(object, "signed", signed_json(testimony));
    aif_jsonout_print(object, check->parsable);
}

static int verdict(const struct aif_check *check, bool chain_seen)
{
    const struct aif_testimony *testimony = aif_witness_testimony(check->witness);

    if (check->head && !check->head_found)
        return aif_tool_fail(AIF_EXIT_FAILED, "verify: no event has the hash %s; %llu events, head %s", check->head,
                             (unsigned long long)check->chain.count, check->chain.head);
    if (check->key && chain_seen && !testimony->checkpoints)
        return aif_tool_fail(AIF_EXIT_FAILED, "verify: nothing is signed by key %s; %llu events, head %s",
                             aif_signkey_id(check->key), (unsigned long long)check->chain.count, check->chain.head);
    if (judge_begin(check) < 0)
        return AIF_EXIT_FAILED;
    if (check->json || check->parsable) {
        print_data(check, testimony);
        return AIF_EXIT_OK;
    }
    print_events(check);
    print_signatures(testimony);
    return AIF_EXIT_OK;
}

/* path NULL: standard input, or the ledger. */
static int run(struct aif_check *check, const char *path)
{
    struct aif_error err = {0};
    int rc = 0;

    if (check->key_path)
        rc = aif_signkey_load_public(check->key_path, &check->key, &err);
    if (rc == 0 && !(check->witness = aif_witness_create(check->key, &err)))
        rc = -1;
    if (rc == 0 && check->ledger)
        rc = check_ledger(check, &err);
    else if (rc == 0)
        rc = path ? check_path(check, path, &err) : aif_verify_jsonl(check, stdin, &err);
    if (rc < 0)
        return aif_tool_fail(AIF_EXIT_FAILED, "verify: %s", err.text);
    return verdict(check, !path || !is_csv(path));
}

int aif_cmd_verify(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {
        {"ledger", required_argument, NULL, 'l'},
        {"head", required_argument, NULL, 'H'},
        {"public-key", required_argument, NULL, 'p'},
        {"archive", required_argument, NULL, 'a'},
        {"json", no_argument, NULL, 'j'},
        {"parsable", no_argument, NULL, 'P'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    struct aif_check check = {0};
    int opt, rc;

    (void)ctx;
    while ((opt = aif_tool_option(argc, argv, "h", longs, help, &rc)) >= 0) {
        if (opt == 'l')
            check.ledger = optarg;
        else if (opt == 'H')
            check.head = optarg;
        else if (opt == 'p')
            check.key_path = optarg;
        else if (opt == 'j')
            check.json = true;
        else if (opt == 'P')
            check.parsable = true;
        else if (check.archive_count == AIF_ARCHIVES_MAX)
            return aif_tool_fail(AIF_EXIT_USAGE, "--archive: more than %d", AIF_ARCHIVES_MAX);
        else
            check.archives[check.archive_count++] = optarg;
    }
    if (opt == AIF_TOOL_OPT_DONE)
        return rc;
    if (check.archive_count && !check.ledger)
        return aif_tool_fail(AIF_EXIT_USAGE, "--archive is for --ledger; an archive alone: \"aif verify FILE\"");
    if (argc - optind > (check.ledger ? 0 : 1) || (!check.ledger && optind == argc && isatty(STDIN_FILENO)))
        return aif_tool_fail(AIF_EXIT_USAGE, "say \"aif export | aif verify\", \"aif verify FILE\" or \"aif verify --ledger FILE\"");
    aif_chain_start(&check.chain);
    rc = run(&check, argv[optind]);
    aif_witness_destroy(check.witness);
    aif_signkey_destroy(check.key);
    return rc;
}
