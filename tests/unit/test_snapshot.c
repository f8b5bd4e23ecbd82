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
    assert_int_equal(strspn(snapshot->hash, "0123456789abcdef"), 64);
    assert_int_equal(strlen(snapshot->hash), 64);
    aif_snapshot_put(snapshot);
    aif_snapshot_put(NULL);
}

/* A directory with the two files; NULL: that file is left out. */
static void make_dir(char *dir, const char *policy, const char *allocations)
{
    const char *const texts[] = {policy, allocations};
    static const char *const names[] = {"policy.json", "allocations.json"};

    strcpy(dir, "/tmp/aif-test-XXXXXX");
    assert_non_null(mkdtemp(dir));
    for (int i = 0; i < 2; i++) {
        char path[64];
        FILE *file;

        if (!texts[i])
            continue;
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        file = fopen(path, "w");
        assert_non_null(file);
        assert_true(fputs(texts[i], file) >= 0);
        fclose(file);
    }
}

static void remove_dir(const char *dir)
{
    char path[64];

    snprintf(path, sizeof(path), "%s/policy.json", dir);
    unlink(path);
    snprintf(path, sizeof(path), "%s/allocations.json", dir);
    unlink(path);
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
        {"{", ALLOCATIONS, AIF_ESYNTAX, "policy.json:1: "},
        {POLICY, "{", AIF_ESYNTAX, "allocations.json:1: "},
        {POLICY, "{\"version\": 1}", AIF_ESCHEMA, "allocations.json:1: allocations: required key"},
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
    for (int i = 0; i < 50; i++)
        aif_snapshot_swap(readers.holder, load(ETC_DIR));
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
        cmocka_unit_test(test_holder),
        cmocka_unit_test(test_swap_under_readers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
