/* test_snapshot.c - unit tests of snapshot.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "configtest.h"
#include "snapshot.h"

static struct aif_snapshot *load(const char *conf_dir)
{
    struct aif_snapshot *snapshot = NULL;
    struct aif_error err = {0};

    if (aif_snapshot_load(conf_dir, &snapshot, &err))
        fail_msg("%s", err.text);
    return snapshot;
}

static void test_loads_both_files(void **state)
{
    struct aif_snapshot *snapshot = load(ETC_DIR);

    (void)state;
    assert_int_equal(snapshot->policy->mode_count, 8);
    assert_int_equal(aif_alloctable_count(snapshot->allocs), 2);
    assert_null(snapshot->fabricmap);
    assert_int_equal(strspn(snapshot->hash, "0123456789abcdef"), 64);
    assert_int_equal(strlen(snapshot->hash), 64);
    aif_snapshot_put(snapshot);
    aif_snapshot_put(NULL);
}

static void write_file(const char *dir, const char *name, const char *text)
{
    char path[64];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    fclose(file);
}

/* A directory with the two files; NULL: that file is left out. */
static void make_dir(char *dir, const char *policy, const char *allocations)
{
    const char *const texts[] = {policy, allocations};
    static const char *const names[] = {"policy.json", "allocations.json"};

    strcpy(dir, "/tmp/aif-test-XXXXXX");
    assert_non_null(mkdtemp(dir));
    for (int i = 0; i < 2; i++) {
        if (texts[i])
            write_file(dir, names[i], texts[i]);
    }
}

static void unlink_file(const char *dir, const char *name)
{
    char path[64];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    unlink(path);
}

static void remove_dir(const char *dir)
{
    unlink_file(dir, "policy.json");
    unlink_file(dir, "allocations.json");
    unlink_file(dir, "balances.json");
    assert_int_equal(rmdir(dir), 0);
}

#define POLICY "{\"version\": 1, \"cluster\": \"c\", \"modes\": {\"m\": {}}}"
#define ALLOCATIONS "{\"version\": 1, \"allocations\": []}"

static void test_refuses_in_one_line(void **state)
{
    static const struct {
        const char *policy, *allocations;
        int code;
        const char *message;
    } cases[] = {
        {NULL, ALLOCATIONS, AIF_ENOENT,
         "policy.json: cannot be read: No such file or directory (AIF-C001)"},
        {POLICY, NULL, AIF_ENOENT,
         "allocations.json: cannot be read: No such file or directory (AIF-C001)"},
        {"{", ALLOCATIONS, AIF_ESYNTAX, "policy.json:1:2: "},
        {POLICY, "{", AIF_ESYNTAX, "allocations.json:1:2: "},
        {POLICY, "{\"version\": 1}", AIF_ESCHEMA, "allocations.json:1:1: allocations: required key"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_snapshot *snapshot = NULL;
        struct aif_error err = {0};
        char dir[32];

        make_dir(dir, cases[i].policy, cases[i].allocations);
        assert_int_equal(aif_snapshot_load(dir, &snapshot, &err), -1);
        assert_null(snapshot);
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(strncmp(err.text, dir, strlen(dir)), 0);
        assert_non_null(strstr(err.text, cases[i].message));
        assert_null(strchr(err.text, '\n'));
        remove_dir(dir);
    }
    assert_int_equal(aif_snapshot_load("/nonexistent", &(struct aif_snapshot *){NULL}, NULL), -1);
}

static void get_hash(const char *policy, const char *allocations, char hash[AIF_SNAPSHOT_HASH])
{
    struct aif_snapshot *snapshot;
    char dir[32];

    make_dir(dir, policy, allocations);
    snapshot = load(dir);
    strcpy(hash, snapshot->hash);
    aif_snapshot_put(snapshot);
    remove_dir(dir);
}

static void test_hash_is_of_both_contents(void **state)
{
    char first[AIF_SNAPSHOT_HASH], other[AIF_SNAPSHOT_HASH];

    (void)state;
    get_hash(POLICY, ALLOCATIONS, first);
    get_hash(POLICY, ALLOCATIONS, other);
    assert_string_equal(first, other); /* wherever the files are */
    get_hash(POLICY " ", ALLOCATIONS, other);
    assert_string_not_equal(first, other);
    get_hash(POLICY, " " ALLOCATIONS, first);
    assert_string_not_equal(first, other); /* same bytes, another border between the files */
}

/* Known answer, so that a hash in an old admin_comment can always be checked: see the formula in
 * snapshot.h. */
static void test_hash_is_stable(void **state)
{
    char hash[AIF_SNAPSHOT_HASH];

    (void)state;
    get_hash(POLICY, ALLOCATIONS, hash);
    assert_string_equal(hash, "bd92edde1484156521ec1629eb38794d7a3cadb790a0459beaaae3864ddf3b05");
}

/* ---- the membership ---- */

#define CLUBBED "{\"version\": 1, \"cluster\": \"c\", \"modes\": {\"m\": {\"residency\": \"CLUB\"}}}"
#define MEMBERS(until)                                                                             \
    "{\"version\": 1, \"groups\": {\"CLUB\": {\"source\": \"s\", \"members\": [{\"country\": "         \
    "\"FI\"}, {\"country\": \"SE\", \"until\": \"" until "\"}]}}}"

static void check_members(const char *dir, const char *file, const char *expected, bool ends,
                          char ret_hash[AIF_SNAPSHOT_HASH])
{
    char text[AIF_RESTAG_TEXT_MAX];
    struct aif_snapshot *snapshot;

    write_file(dir, "membership.json", file);
    snapshot = load(dir);
    assert_int_equal(
        aif_restag_format(snapshot->policy->modes[0].residency, text, sizeof(text)), 0);
    assert_string_equal(text, expected);
    assert_int_equal(snapshot->until > 0, ends);
    strcpy(ret_hash, snapshot->hash);
    aif_snapshot_put(snapshot);
}

static void test_membership_is_beside_the_policy(void **state)
{
    char dir[32], first[AIF_SNAPSHOT_HASH], other[AIF_SNAPSHOT_HASH];
    struct aif_snapshot *snapshot = NULL;
    struct aif_error err = {0};

    (void)state;
    make_dir(dir, CLUBBED, ALLOCATIONS);
    assert_int_equal(aif_snapshot_load(dir, &snapshot, &err), -1);
    assert_non_null(strstr(err.text, "\"CLUB\" is no country code or group"));
    check_members(dir, MEMBERS("2199-01-01"), "FI|SE", true, first);
    check_members(dir, MEMBERS("2020-01-01"), "FI", false, other);
    assert_string_not_equal(first, other);
    write_file(dir, "membership.json", "{");
    assert_int_equal(aif_snapshot_load(dir, &snapshot, &err), -1);
    assert_non_null(strstr(err.text, "membership.json:1:"));
    unlink_file(dir, "membership.json");
    remove_dir(dir);
}

/* ---- the map ---- */

#define MAPPED(path) "{\"version\": 1, \"cluster\": \"c\", \"modes\": {\"m\": {}}, \"placement\": {\"map\": \"" path "\"}}"
#define MAP(hosts) "{\"version\": 1, \"levels\": [{\"name\": \"g\", \"islands\": {\"a\": \"" hosts "\"}}]}"

static void test_map_is_beside_the_policy(void **state)
{
    struct aif_snapshot *snapshot, *refreshed = NULL;
    char dir[32], policy[256], first[AIF_SNAPSHOT_HASH];

    (void)state;
    make_dir(dir, MAPPED("map.json"), ALLOCATIONS);
    write_file(dir, "map.json", MAP("n[1-4]"));
    snapshot = load(dir);
    assert_string_equal(snapshot->fabricmap->levels[0].hosts[0], "n[1-4]");
    strcpy(first, snapshot->hash);
    assert_int_equal(aif_snapshot_refresh(snapshot, &refreshed, NULL), 0);
    assert_ptr_equal(refreshed->fabricmap, snapshot->fabricmap);
    aif_snapshot_put(snapshot);
    assert_string_equal(refreshed->fabricmap->levels[0].names[0], "a");
    aif_snapshot_put(refreshed);

    write_file(dir, "map.json", MAP("n[1-5]"));
    snapshot = load(dir);
    assert_string_not_equal(snapshot->hash, first);
    aif_snapshot_put(snapshot);

    snprintf(policy, sizeof(policy), MAPPED("%s/map.json"), dir);
    write_file(dir, "policy.json", policy);
    snapshot = load(dir);
    assert_string_equal(snapshot->fabricmap->levels[0].hosts[0], "n[1-5]");
    aif_snapshot_put(snapshot);
    unlink_file(dir, "map.json");
    remove_dir(dir);
}

static void test_bad_map_is_refused(void **state)
{
    struct aif_snapshot *snapshot = NULL;
    struct aif_error err = {0};
    char dir[32];

    (void)state;
    make_dir(dir, MAPPED("map.json"), ALLOCATIONS);
    assert_int_equal(aif_snapshot_load(dir, &snapshot, &err), -1);
    assert_non_null(strstr(err.text, "map.json: cannot be read: No such file or directory (AIF-C001)"));
    write_file(dir, "map.json", MAP("n[1-4"));
    assert_int_equal(aif_snapshot_load(dir, &snapshot, &err), -1);
    assert_non_null(strstr(err.text, ": levels[0].islands.a: out of range"));
    assert_null(snapshot);
    unlink_file(dir, "map.json");
    remove_dir(dir);
}

static void test_holder(void **state)
{
    struct aif_snapshot_holder *holder = aif_snapshot_holder_create();
    struct aif_snapshot *first = load(ETC_DIR), *second = load(ETC_DIR), *seen, *again;

    (void)state;
    assert_non_null(holder);
    assert_null(aif_snapshot_get(holder));
    aif_snapshot_swap(holder, first);
    seen = aif_snapshot_get(holder);
    again = aif_snapshot_get(holder);
    assert_ptr_equal(seen, first);
    assert_ptr_equal(again, first);
    aif_snapshot_swap(holder, second);
    assert_int_equal(seen->policy->mode_count, 8); /* still there for who holds it */
    aif_snapshot_put(seen);
    aif_snapshot_put(again);
    seen = aif_snapshot_get(holder);
    assert_ptr_equal(seen, second);
    aif_snapshot_put(seen);
    aif_snapshot_swap(holder, NULL);
    assert_null(aif_snapshot_get(holder));
    aif_snapshot_holder_destroy(holder);
    aif_snapshot_holder_destroy(NULL);
}

/* ---- balances ---- */

#define USED(n) "{\"version\":1,\"at\":\"2026-11-21T09:00:00Z\",\"allocations\":[{\"id\":\"A\",\"used\":" #n \
                ",\"inference\":0,\"free\":0,\"first_month\":\"2026-11\",\"months\":[" #n "]}]}"

/* A policy whose ledger is in the directory: the balances are beside it. */
static void make_site(char *dir)
{
    char policy[256];

    make_dir(dir, NULL, ALLOCATIONS);
    snprintf(policy, sizeof(policy),
             "{\"version\": 1, \"cluster\": \"c\", \"modes\": {\"m\": {}}, \"report\": {\"ledger\": \"%s/ledger.db\"}}", dir);
    write_file(dir, "policy.json", policy);
}

static uint64_t used(const struct aif_snapshot *snapshot)
{
    const struct aif_balance *balance = aif_balances_find(snapshot->balances, "A");

    return balance ? balance->used_secs : UINT64_MAX;
}

static void test_balances_are_beside_the_ledger(void **state)
{
    struct aif_snapshot *snapshot;
    char dir[32], hash[AIF_SNAPSHOT_HASH];

    (void)state;
    make_site(dir);
    snapshot = load(dir);
    assert_null(snapshot->balances); /* none yet, which is no problem */
    assert_int_equal(snapshot->balances_error.code, AIF_EOK);
    strcpy(hash, snapshot->hash);
    aif_snapshot_put(snapshot);
    write_file(dir, "balances.json", USED(7));
    snapshot = load(dir);
    assert_int_equal(used(snapshot), 7);
    assert_string_equal(snapshot->hash, hash); /* which names the policy */
    aif_snapshot_put(snapshot);
    remove_dir(dir);
}

static void test_refresh_shares_the_rest(void **state)
{
    struct aif_snapshot *first, *second = NULL, *third = NULL;
    struct aif_error err = {0};
    char dir[32];

    (void)state;
    make_site(dir);
    first = load(dir);
    write_file(dir, "balances.json", USED(7));
    assert_int_equal(aif_snapshot_refresh(first, &second, &err), 0);
    assert_ptr_equal(second->policy, first->policy);
    assert_ptr_equal(second->allocs, first->allocs);
    assert_string_equal(second->hash, first->hash);
    assert_null(first->balances);
    aif_snapshot_put(first);
    assert_int_equal(used(second), 7);
    assert_int_equal(aif_alloctable_count(second->allocs), 0);
    write_file(dir, "balances.json", "{");
    assert_int_equal(aif_snapshot_refresh(second, &third, &err), -1);
    assert_null(third);
    assert_non_null(strstr(err.text, "balances.json:1:"));
    unlink_file(dir, "balances.json");
    assert_int_equal(aif_snapshot_refresh(second, &third, &err), 0);
    assert_null(third->balances);
    aif_snapshot_put(second);
    aif_snapshot_put(third);
    remove_dir(dir);
}

static void test_broken_balances_do_not_replace_good_ones(void **state)
{
    struct aif_snapshot *good, *fresh;
    char dir[32];

    (void)state;
    make_site(dir);
    write_file(dir, "balances.json", USED(7));
    good = load(dir);
    write_file(dir, "balances.json", "{\"version\":1");
    fresh = load(dir);
    assert_null(fresh->balances);
    assert_int_equal(fresh->balances_error.code, AIF_ESYNTAX);
    aif_snapshot_keep_balances(fresh, NULL);
    assert_null(fresh->balances);
    aif_snapshot_keep_balances(fresh, good);
    aif_snapshot_put(good);
    assert_int_equal(used(fresh), 7);
    write_file(dir, "balances.json", USED(8));
    good = load(dir);
    aif_snapshot_keep_balances(good, fresh); /* has its own */
    assert_int_equal(used(good), 8);
    aif_snapshot_put(good);
    aif_snapshot_put(fresh);
    remove_dir(dir);
}

struct readers {
    struct aif_snapshot_holder *holder;
    atomic_bool stop;
    atomic_int bad;
};

static void *read_often(void *arg)
{
    struct readers *readers = arg;

    while (!atomic_load(&readers->stop)) {
        struct aif_snapshot *snapshot = aif_snapshot_get(readers->holder);

        if (!snapshot || snapshot->policy->mode_count != 8 ||
            !aif_alloctable_by_id(snapshot->allocs, "EHPC-AIF-2026FL01-991"))
            atomic_fetch_add(&readers->bad, 1);
        aif_snapshot_put(snapshot);
    }
    return NULL;
}

static void test_swap_under_readers(void **state)
{
    struct readers readers = {.holder = aif_snapshot_holder_create()};
    pthread_t threads[3];

    (void)state;
    aif_snapshot_swap(readers.holder, load(ETC_DIR));
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_often, &readers), 0);
    for (int i = 0; i < 50; i++) {
        struct aif_snapshot *fresh = load(ETC_DIR), *again = NULL;

        aif_snapshot_swap(readers.holder, fresh);
        fresh = aif_snapshot_get(readers.holder);
        assert_int_equal(aif_snapshot_refresh(fresh, &again, NULL), 0);
        aif_snapshot_put(fresh);
        aif_snapshot_swap(readers.holder, again);
    }
    atomic_store(&readers.stop, true);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&readers.bad), 0);
    aif_snapshot_holder_destroy(readers.holder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loads_both_files),
        cmocka_unit_test(test_refuses_in_one_line),
        cmocka_unit_test(test_hash_is_of_both_contents),
        cmocka_unit_test(test_hash_is_stable),
        cmocka_unit_test(test_membership_is_beside_the_policy),
        cmocka_unit_test(test_map_is_beside_the_policy),
        cmocka_unit_test(test_bad_map_is_refused),
        cmocka_unit_test(test_holder),
        cmocka_unit_test(test_swap_under_readers),
        cmocka_unit_test(test_balances_are_beside_the_ledger),
        cmocka_unit_test(test_refresh_shares_the_rest),
        cmocka_unit_test(test_broken_balances_do_not_replace_good_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
