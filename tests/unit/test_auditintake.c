/* test_auditintake.c - unit tests of auditintake.h */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "auditintake.h"
#include "auditspool.h"
#include "report_helper.h"

#define NOW 1763712000

struct world {
    struct fixture *fixture;
    char dir[96];
    struct aif_auditintake intake;
    int fail_at; /* prepare() fails at the event with this number; 0: never */
    int seen;
};

static int prepare(void *data, struct aif_auditevent *event, struct aif_error *err)
{
    struct world *world = data;

    if (world->fail_at && ++world->seen == world->fail_at)
        return aif_error_set(err, AIF_EIO, "for the test");
    aif_auditevent_set(event->user, sizeof(event->user), "named");
    return 0;
}

static int setup(void **state)
{
    struct world *world;
    void *fixture;

    if (fixture_setup(&fixture) < 0)
        return -1;
    world = calloc(1, sizeof(*world));
    world->fixture = fixture;
    snprintf(world->dir, sizeof(world->dir), "%s/spool", world->fixture->dir);
    world->intake = (struct aif_auditintake){.ledger = world->fixture->ledger, .dir = world->dir, .cluster = "c1", .now = NOW,
                                             .prepare = prepare, .data = world};
    *state = world;
    return 0;
}

static int files(const struct world *world, bool remove)
{
    DIR *dir = opendir(world->dir);
    struct dirent *entry;
    int count = 0;

    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.') {
            count++;
            if (remove)
                unlinkat(dirfd(dir), entry->d_name, 0);
        }
    if (dir)
        closedir(dir);
    return count;
}

static int teardown(void **state)
{
    struct world *world = *state;
    void *fixture = world->fixture;

    files(world, true);
    rmdir(world->dir);
    free(world);
    return fixture_teardown(&fixture);
}

/* What is in the ledger: "place 7" for each event, separated by ",". */
static int visit(const struct aif_event *carrier, void *data, struct aif_error *err)
{
    struct aif_text *text = data;
    struct aif_auditevent event;

    assert_int_equal(aif_auditevent_parse(carrier->body, strlen(carrier->body), &event, err), 0);
    assert_string_equal(carrier->kind, event.kind == AIF_AUDIT_ADVISE ? "advice" : "residency");
    if (event.kind != AIF_AUDIT_LOST)
        assert_string_equal(event.user, "named");
    aif_text_printf(text, "%s%s %u", text->length ? "," : "", aif_auditevent_kind_name(event.kind), event.job);
    aif_auditevent_clear(&event);
    return 0;
}

static void assert_ledger(const struct world *world, const char *want)
{
    struct aif_text text = {0};
    struct aif_error err = {0};
    struct aif_chain chain;

    assert_int_equal(aif_ledger_iterate(world->fixture->ledger, visit, &text, &err), 0);
    assert_string_equal(text.data ? text.data : "", want);
    assert_int_equal(aif_ledger_verify(world->fixture->ledger, &chain, &err), 0);
    aif_text_free(&text);
}

static int run(const struct world *world)
{
    struct aif_error err = {0};
    uint64_t count;

    return aif_auditintake_run(&world->intake, &count, &err) < 0 ? -1 : (int)count;
}

static struct aif_auditspool *writer(const struct world *world)
{
    struct aif_auditspool *spool = aif_auditspool_create(world->dir, "w", &aif_auditspool_limits);

    assert_non_null(spool);
    return spool;
}

static void append_kind(struct aif_auditspool *spool, uint32_t job, enum aif_auditevent_kind kind)
{
    struct aif_auditevent event = {.kind = kind, .at = NOW - 5, .job = job};
    struct aif_text text = {0};

    aif_auditevent_set(event.user, sizeof(event.user), "1000");
    assert_int_equal(aif_auditevent_write(&event, &text), 0);
    assert_int_equal(aif_text_append(&text, "\n", 1), 0);
    assert_int_equal(aif_auditspool_append(spool, text.data, text.length, NULL), 0);
    aif_text_free(&text);
}

static void append(struct aif_auditspool *spool, uint32_t job)
{
    append_kind(spool, job, AIF_AUDIT_PLACE);
}

static void test_nothing(void **state)
{
    const struct world *world = *state;

    assert_int_equal(run(world), 0);
    assert_int_equal(mkdir(world->dir, 0700), 0);
    assert_int_equal(run(world), 0);
    assert_ledger(world, "");
}

static void test_while_it_is_written(void **state)
{
    const struct world *world = *state;
    struct aif_auditspool *spool = writer(world);

    append(spool, 1);
    assert_int_equal(run(world), 1);
    assert_int_equal(run(world), 0);
    append(spool, 2);
    assert_int_equal(aif_auditspool_append(spool, "{\"v\":1,", 7, NULL), 0); /* a line that is being written */
    assert_int_equal(run(world), 1);
    assert_int_equal(files(world, false), 1);
    assert_ledger(world, "place 1,place 2");
    aif_auditspool_destroy(spool);
    assert_int_equal(run(world), 1); /* the writer is gone: it was cut off */
    assert_int_equal(files(world, false), 0);
    assert_ledger(world, "place 1,place 2,lost 0");
    assert_int_equal(run(world), 0);
}

static void test_advice_is_a_kind_of_its_own(void **state)
{
    const struct world *world = *state;
    struct aif_auditspool *spool = writer(world);

    append_kind(spool, 1, AIF_AUDIT_ADVISE);
    append(spool, 2);
    aif_auditspool_destroy(spool);
    assert_int_equal(run(world), 2);
    assert_ledger(world, "advise 1,place 2");
}

static void test_several_writers(void **state)
{
    const struct world *world = *state;

    for (uint32_t job = 1; job <= 3; job++) {
        struct aif_auditspool *spool = writer(world);

        append(spool, 7);
        append(spool, 7);
        aif_auditspool_destroy(spool);
    }
    assert_int_equal(files(world, false), 3);
    assert_int_equal(run(world), 6);
    assert_int_equal(files(world, false), 0);
    assert_ledger(world, "place 7,place 7,place 7,place 7,place 7,place 7");
}

static void test_lines_that_are_none(void **state)
{
    const struct world *world = *state;
    struct aif_auditspool *spool = writer(world);

    assert_int_equal(aif_auditspool_append(spool, "\n{}\nnonsense\n", 13, NULL), 0);
    append(spool, 1);
    aif_auditspool_destroy(spool);
    assert_int_equal(run(world), 4);
    assert_ledger(world, "lost 0,lost 0,lost 0,place 1");
}

/* A failure in the midst leaves neither half of the events nor a file half read. */
static void test_a_failure_in_between(void **state)
{
    struct world *world = *state;
    struct aif_auditspool *spool = writer(world);

    append(spool, 1);
    append(spool, 2);
    append(spool, 3);
    world->fail_at = 2;
    assert_int_equal(run(world), -1);
    assert_ledger(world, "");
    world->fail_at = 0;
    assert_int_equal(run(world), 3);
    append(spool, 4);
    aif_auditspool_destroy(spool);
    world->fail_at = 1;
    world->seen = 0;
    assert_int_equal(run(world), -1);
    assert_int_equal(files(world, false), 1);
    world->fail_at = 0;
    assert_int_equal(run(world), 1);
    assert_ledger(world, "place 1,place 2,place 3,place 4");
    assert_int_equal(files(world, false), 0);
}

/* The reader dies between its commit and the removal of the file: the state in the ledger tells. */
static void test_a_file_that_comes_back(void **state)
{
    const struct world *world = *state;
    struct aif_auditspool *spool = writer(world);

    append(spool, 1);
    assert_int_equal(run(world), 1); /* not removed, since the writer is there; its bytes are noted */
    aif_auditspool_destroy(spool);
    assert_int_equal(run(world), 0);
    assert_int_equal(files(world, false), 0);
    assert_ledger(world, "place 1");
}

static void test_what_is_no_file_of_ours(void **state)
{
    const struct world *world = *state;
    char path[160];

    assert_int_equal(mkdir(world->dir, 0700), 0);
    snprintf(path, sizeof(path), "%s/w-1.jsonl.new", world->dir);
    assert_int_equal(symlink("/dev/null", path), 0);
    assert_int_equal(run(world), 0);
    snprintf(path, sizeof(path), "%s/w-1.jsonl", world->dir);
    assert_int_equal(symlink("/dev/null", path), 0);
    assert_int_equal(run(world), -1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(run(world), -1);
    assert_int_equal(files(world, false), 2);
}

/* More than is read at once. */
static void test_much(void **state)
{
    const struct world *world = *state;
    struct aif_auditspool_limits limits = {.file = UINT64_C(64) << 20, .total = UINT64_C(64) << 20};
    struct aif_auditspool *spool = aif_auditspool_create(world->dir, "w", &limits);
    struct aif_auditevent event = {.kind = AIF_AUDIT_PLACE, .at = NOW, .job = 1};
    char nodes[AIF_AUDITEVENT_NODES_MAX];
    struct aif_text text = {0};

    memset(nodes, 'n', sizeof(nodes) - 1);
    nodes[sizeof(nodes) - 1] = '\0';
    aif_auditevent_set_nodes(&event, nodes);
    assert_int_equal(aif_auditevent_write(&event, &text), 0);
    assert_int_equal(aif_text_append(&text, "\n", 1), 0);
    for (int i = 0; i < 200; i++)
        assert_int_equal(aif_auditspool_append(spool, text.data, text.length, NULL), 0);
    aif_auditspool_destroy(spool);
    assert_int_equal(run(world), 200);
    assert_int_equal(files(world, false), 0);
    aif_text_free(&text);
    aif_auditevent_clear(&event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_while_it_is_written, setup, teardown),
        cmocka_unit_test_setup_teardown(test_advice_is_a_kind_of_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(test_several_writers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lines_that_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_failure_in_between, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_file_that_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_file_of_ours, setup, teardown),
        cmocka_unit_test_setup_teardown(test_much, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
