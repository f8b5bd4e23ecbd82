/* decide_fixture.c - see decide_fixture.h */
#include "decide_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char policy_text[] =
    "{\"version\": 1, \"cluster\": \"c\", \"time_excess\": \"reject\", \"foreign_jobs\": "
    "\"ignore\", \"modes\": {\n"
    " \"playground\": {\"code\": \"PG\", \"open\": true, \"gpus_per_job\": {\"max\": 8},\n"
    "   \"nodes_per_job\": {\"min\": 1, \"max\": 2}, \"wall_max\": \"04:00:00\", \"residency\": "
    "\"EUROHPC\"},\n"
    " \"fast-lane\": {\"code\": \"FL\", \"open\": true, \"wall_max\": \"1-00:00:00\", "
    "\"lane_boost\": 100000,\n"
    "   \"residency\": \"EU27\", \"partitions\": [\"gpu\", \"fast\"]},\n"
    " \"large-scale\": {\"code\": \"LS\", \"open\": true, \"gpus_per_job\": {\"min\": 16}},\n"
    " \"regular\": {\"code\": \"R\", \"open\": true},\n"
    " \"benchmark\": {\"code\": \"B\", \"open\": false, \"closed_note\": \"open again in "
    "January\"}},\n"
    " \"residency\": {\"home\": \"FI\", \"groups\": {\"NORDIC\": \"DK|FI|IS|NO|SE\"}},\n"
    " \"placement\": {\"enabled\": true},\n"
    " \"report\": {\"ledger\": \"/nonexistent/ledger.db\", \"interval\": 300, \"overlap\": 86400}}";

#define ALLOC(id, account, mode, amount, unit, start, end, more)                                   \
    "{\"id\": \"" id "\", \"account\": \"" account "\", \"mode\": \"" mode                         \
    "\", \"amount\": " amount ", \"unit\": \"" unit "\", \"start\": \"" start                      \
    "\", \"end\": \"" end "\"" more "}"
#define START "2026-09-02T00:00:00Z"
#define END "2026-12-02T23:59:59Z"
#define GPU(id, account, mode, amount, start, end, more)                                           \
    ALLOC(id, account, mode, amount, "gpu-hour", start, end, more)

static const char allocs_text[] = "{\"version\": 1, \"allocations\": [\n"
    /* one account, one live allocation */
    GPU("PG-1", "pg1", "playground", "5000", START, END,
        ", \"members\": [\"alice\", \"bob\"]") ",\n" GPU("FL-1", "fl1", "fast-lane", "12000", START,
                                                         END,
                                                         ", \"residency\": \"EEA30\"") ",\n" GPU("L"
                                                                                                 "S"
                                                                                                 "-"
                                                                                                 "1",
                                                                                                 "l"
                                                                                                 "s"
                                                                                                 "1",
                                                                                                 "l"
                                                                                                 "a"
                                                                                                 "r"
                                                                                                 "g"
                                                                                                 "e"
                                                                                                 "-"
                                                                                                 "s"
                                                                                                 "c"
                                                                                                 "a"
                                                                                                 "l"
                                                                                                 "e",
                                                                                                 "1"
                                                                                                 "0"
                                                                                                 "0"
                                                                                                 "0"
                                                                                                 "0"
                                                                                                 "0"
                                                                                                 "0"
                                                                                                 "0"
                                                                                                 "0"
                                                                                                 "0",
                                                                                                 START,
                                                                                                 END,
                                                                                                 "") ",\n" GPU("B-1",
                                                                                                               "b1",
                                                                                                               "benchmark",
                                                                                                               "10",
                                                                                                               START,
                                                                                                               END,
                                                                                                               "") ",\n" ALLOC("R-1",
                                                                                                                               "r1",
                                                                                                                               "regular",
                                                                                                                               "100",
                                                                                                                               "node-hour",
                                                                                                                               START,
                                                                                                                               END,
                                                                                                                               "") ",\n"
    /* not usable, each for its own reason */
    GPU("PG-OLD", "old", "playground", "10", "2026-01-01T00:00:00Z", "2026-03-31T23:59:59Z",
        "") ",\n" GPU("PG-NEW", "new", "playground", "10", "2027-01-01T00:00:00Z",
                      "2027-03-31T23:59:59Z",
                      "") ",\n" GPU("PG-PAUSED", "paused", "playground", "10", START, END,
                                    ", \"state\": \"paused\"") ",\n"
    /* several of one mode: the one that ends first is SAME-B; SAME-A has ended, SAME-D is paused */
    GPU("SAME-C", "same", "regular", "10", START, "2026-12-31T23:59:59Z", "") ",\n" GPU(
        "SAME-B", "same", "regular", "10", START, END,
        "") ",\n" GPU("SAME-A", "same", "regular", "10", "2026-01-01T00:00:00Z",
                      "2026-03-31T23:59:59Z", "") ",\n" GPU("SAME-D", "same", "regular", "10",
                                                            START, "2026-11-30T23:59:59Z",
                                                            ", \"state\": \"paused\"") ",\n"
    /* several of several modes */
    GPU("MIX-PG", "mix", "playground", "10", START, END,
        "") ",\n" GPU("MIX-R", "mix", "regular", "10", START, "2026-12-31T23:59:59Z", "") ",\n"
    /* of two modes, but bob is a member of one only */
    GPU("TEAM-PG", "team", "playground", "10", START, END, ", \"members\": [\"alice\"]") ",\n" GPU(
        "TEAM-R", "team", "regular", "10", START, "2026-12-31T23:59:59Z",
        ", \"members\": [\"bob\"]") ",\n"
    /* none usable: two expired, one in the future */
    GPU("PAST-A", "past", "regular", "10", "2026-01-01T00:00:00Z", "2026-03-31T23:59:59Z",
        "") ",\n" GPU("PAST-B", "past", "regular", "10", "2026-02-01T00:00:00Z",
                      "2026-06-30T23:59:59Z",
                      "") ",\n" GPU("NEXT-B", "next", "regular", "10", "2027-02-01T00:00:00Z",
                                    "2027-03-31T23:59:59Z",
                                    "") ",\n" GPU("NEXT-A", "next", "regular", "10",
                                                  "2027-01-01T00:00:00Z", "2027-06-30T23:59:59Z",
                                                  "") ",\n" GPU("NEXT-0", "next", "regular", "10",
                                                                "2026-01-01T00:00:00Z",
                                                                "2026-06-30T23:59:59Z", "") ",\n"
    /* residency that cannot agree with the mode's */
    GPU("FL-CH", "flch", "fast-lane", "10", START, END, ", \"residency\": \"CH\"") ",\n"
    /* agrees with the mode's in NO only */
    GPU("PG-NOR", "pgnor", "playground", "10", START, END, ", \"residency\": \"NO|US\"") "]}";

/* text with one replacement; malloc'ed */
static char *edited(const char *text, const char *edit)
{
    const char *tab = edit ? strchr(edit, '\t') : NULL;
    char old[200], *at, *result;

    if (!tab)
        return strdup(text);
    snprintf(old, sizeof(old), "%.*s", (int)(tab - edit), edit);
    at = strstr(text, old);
    if (!at || asprintf(&result, "%.*s%s%s", (int)(at - text), text, tab + 1, at + strlen(old)) < 0)
        abort();
    return result;
}

struct aif_snapshot *fixture_create(const char *policy_edit)
{
    struct aif_snapshot *snapshot = calloc(1, sizeof(*snapshot));
    char *policy = edited(policy_text, policy_edit);
    struct aif_error err;

    if (aif_policy_parse(policy, strlen(policy), "policy.json", &snapshot->policy, &err) < 0 ||
        aif_alloctable_parse(allocs_text, strlen(allocs_text), "allocations.json", snapshot->policy,
                             &snapshot->allocs, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    free(policy);
    return snapshot;
}

void fixture_destroy(struct aif_snapshot *snapshot)
{
    aif_alloctable_destroy(snapshot->allocs);
    aif_policy_destroy(snapshot->policy);
    free(snapshot);
}
