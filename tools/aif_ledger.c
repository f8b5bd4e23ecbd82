/* aif_ledger.c - "aif ledger": the key that signs the usage ledger, the names in it, and its archives */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common.h"
#include "ledger_tool.h"
#include "pseudonym.h"

static const char help[] =
    "Usage: aif ledger key [--new | --rotate] [--ledger FILE] [--key FILE]\n"
    "       aif ledger user NAME\n"
    "       aif ledger archive --before DATE [--dry-run] [--ledger FILE] [--key FILE] FILE\n"
    "The key (Ed25519) that signs the usage ledger, the names that users have there, and archives.\n"
    "\n"
    "  key            print its public half, which auditors get\n"
    "  key --new      make it; aif-reportd signs as soon as the file is there\n"
    "  key --rotate   put a new one in its place, for which the old one vouches in the ledger\n"
    "\n"
    "  user NAME      print the name of that user in the ledger: the same, a pseudonym, or none\n"
    "\n"
    "  archive FILE   move what was written before a day to FILE, a signed export, with FILE.sig; the\n"
    "                 ledger keeps what totals and corrections need. Only while aif-reportd is stopped\n"
    "  --before DATE  that day, like 2026-06-01; not in this or the previous month\n"
    "  --dry-run      only tell what would be moved\n"
    "\n"
    "  --ledger FILE  default: the ledger that policy.json names\n"
    "  --key FILE     default: the key that policy.json names, or ledger.key beside the ledger\n"
    "\n"
    "As root or as the user of aif-reportd, which may go on running but for archive.\n"
    "Exit status: 0 ok, 1 not done, 2 wrong command line.\n";

struct ledger_command {
    struct aif_ledger_files files;
    const char *before;
    bool fresh;
    bool rotate;
    bool dry_run;
};

static void set_option(struct ledger_command *command, int opt, const char *value)
{
    if (opt == 'l')
        command->files.ledger = value;
    else if (opt == 'k')
        command->files.key = value;
    else if (opt == 'b')
        command->before = value;
    command->fresh |= opt == 'n';
    command->rotate |= opt == 'r';
    command->dry_run |= opt == 'd';
}

/* What no option said, policy.json says. */
static int fill(struct aif_cmd_context *ctx, struct aif_ledger_files *files)
{
    int rc;

    if (files->ledger && files->key)
        return AIF_EXIT_OK;
    rc = aif_tool_snapshot(ctx);
    if (rc != AIF_EXIT_OK)
        return rc;
    if (!files->ledger)
        files->ledger = ctx->snapshot->policy->report.ledger;
    if (!files->key)
        files->key = ctx->snapshot->policy->report.key;
    return AIF_EXIT_OK;
}

static int show_user(struct aif_cmd_context *ctx, const char *user)
{
    struct aif_pseudonym pseudonym;
    char name[AIF_PSEUDONYM_SIZE];
    struct aif_error err = {0};
    int rc = aif_tool_snapshot(ctx);

    if (rc != AIF_EXIT_OK)
        return rc;
    if (ctx->snapshot->policy->report.users == AIF_USERS_PLAIN)
        puts(user);
    if (ctx->snapshot->policy->report.users != AIF_USERS_PSEUDONYM)
        return AIF_EXIT_OK;
    if (aif_pseudonym_load(ctx->snapshot->policy->report.users_key, &pseudonym, &err) < 0 ||
        aif_pseudonym_name(&pseudonym, user, name, &err) < 0)
        return aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text);
    puts(name);
    return AIF_EXIT_OK;
}

static int archive(struct aif_cmd_context *ctx, const struct ledger_command *command, const char *path)
{
    struct aif_ledger_archive_wish wish = {.files = command->files, .before = command->before, .path = path,
                                           .dry_run = command->dry_run};
    int rc = aif_tool_snapshot(ctx);

    if (rc == AIF_EXIT_OK)
        rc = fill(ctx, &wish.files);
    if (rc != AIF_EXIT_OK)
        return rc;
    wish.conf = &ctx->snapshot->policy->report;
    return aif_ledger_archive(&wish);
}

static int key(struct aif_cmd_context *ctx, struct ledger_command *command)
{
    int rc = fill(ctx, &command->files);

    if (rc != AIF_EXIT_OK)
        return rc;
    if (command->fresh)
        return aif_ledger_key_new(&command->files);
    return command->rotate ? aif_ledger_key_rotate(&command->files) : aif_ledger_key_show(&command->files);
}

static int misused(void)
{
    return aif_tool_fail(AIF_EXIT_USAGE, "say \"aif ledger key [--new | --rotate]\", \"aif ledger user NAME\" or \"aif ledger "
                                         "archive --before DATE FILE\"; see \"aif ledger --help\"");
}

/* words: the arguments, count of them. */
static int run(struct aif_cmd_context *ctx, struct ledger_command *command, int count, char **words)
{
    const bool keys = command->fresh || command->rotate, archives = command->before || command->dry_run;

    if (count == 2 && !strcmp(words[0], "user") && !keys && !archives)
        return show_user(ctx, words[1]);
    if (count == 2 && !strcmp(words[0], "archive") && !keys && command->before)
        return archive(ctx, command, words[1]);
    if (count != 1 || strcmp(words[0], "key") || archives || (command->fresh && command->rotate))
        return misused();
    return key(ctx, command);
}

int aif_cmd_ledger(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {
        {"new", no_argument, NULL, 'n'},          {"rotate", no_argument, NULL, 'r'},
        {"ledger", required_argument, NULL, 'l'}, {"key", required_argument, NULL, 'k'},
        {"before", required_argument, NULL, 'b'}, {"dry-run", no_argument, NULL, 'd'},
        {"help", no_argument, NULL, 'h'},         {0},
    };
    struct ledger_command command = {0};
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "h", longs, help, &rc)) >= 0)
        set_option(&command, opt, optarg);
    if (opt == AIF_TOOL_OPT_DONE)
        return rc;
    return run(ctx, &command, argc - optind, argv + optind);
}
