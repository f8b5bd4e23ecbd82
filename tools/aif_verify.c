/* aif_verify.c - "aif verify": has anyone changed the ledger */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "ledger.h"

static const char help[] =
    "Usage: aif export | aif verify [--head HASH]\n"
    "       aif verify --ledger FILE [--head HASH]\n"
    "Check the hash chain of a complete export on standard input, or of a ledger's file.\n"
    "Prints one line: ok with the number of events and the head, or the first event that does\n"
    "not fit.\n"
    "\n"
    "  --ledger FILE  check the file itself, its guards and its structure too\n"
    "  --head HASH    also fail if no event has this hash: give the head of an earlier check to\n"
    "                 see that no events were cut off since\n"
    "\n"
    "Exit status: 0 ok, 1 not ok, 2 wrong command line.\n";

struct check {
    const char *ledger;
    const char *head; /* to be found; NULL: none asked for */
    bool head_found;
    struct aif_chain chain;
};

static void note_head(struct check *check, const char *hash)
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

/* One line with its newline, at most size - 1 bytes: more is a line that cannot be ours, and is given cut. */
static size_t read_line(char *line, size_t size)
{
    size_t length = 0;
    int c = 0;

    while (length < size - 1 && c != '\n' && (c = getc_unlocked(stdin)) != EOF)
        line[length++] = (char)c;
    line[length] = '\0';
    return length;
}

static int check_input(struct check *check, struct aif_error *err)
{
    struct aif_chain_reader reader;
    char *line = aif_tool_alloc(AIF_LINE_MAX, 1);
    size_t length;
    int rc = 0;

    aif_chain_reader_start(&reader);
    while (rc == 0 && (length = read_line(line, AIF_LINE_MAX)) > 0) {
        rc = aif_chain_reader_line(&reader, line, length, err);
        note_head(check, reader.chain.head);
    }
    free(line);
    if (rc == 0)
        rc = aif_chain_reader_finish(&reader, err);
    check->chain = reader.chain;
    return rc;
}

static int check_file(struct check *check, struct aif_error *err)
{
    struct aif_ledger *ledger;
    int rc;

    if (aif_ledger_open(check->ledger, AIF_LEDGER_READ, &ledger, err) < 0)
        return -1;
    rc = aif_ledger_verify(ledger, &check->chain, err);
    if (rc == 0 && check->head)
        rc = aif_ledger_iterate(ledger, note_event, check, err);
    aif_ledger_close(ledger);
    return rc;
}

static int run(struct check *check)
{
    struct aif_error err = {0};
    int rc = check->ledger ? check_file(check, &err) : check_input(check, &err);

    if (rc < 0)
        return aif_tool_fail(AIF_EXIT_FAILED, "verify: %s", err.text);
    if (check->head && !check->head_found)
        return aif_tool_fail(AIF_EXIT_FAILED, "verify: no event has the hash %s; %llu events, head %s", check->head,
                             (unsigned long long)check->chain.count, check->chain.head);
    printf("ok: %llu events, head %s\n", (unsigned long long)check->chain.count, check->chain.head);
    return AIF_EXIT_OK;
}

int aif_cmd_verify(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {
        {"ledger", required_argument, NULL, 'l'},
        {"head", required_argument, NULL, 'H'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    struct check check = {0};
    int opt, rc;

    (void)ctx;
    while ((opt = aif_tool_option(argc, argv, "h", longs, help, &rc)) >= 0) {
        if (opt == 'l')
            check.ledger = optarg;
        else
            check.head = optarg;
    }
    if (opt == AIF_TOOL_OPT_DONE)
        return rc;
    if (optind < argc || (!check.ledger && isatty(STDIN_FILENO)))
        return aif_tool_fail(AIF_EXIT_USAGE, "say \"aif export | aif verify\" or \"aif verify --ledger FILE\"");
    return run(&check);
}
