/*
 * test_sites.c - accounts, QOS and project IDs as every EuroHPC site spells them
 *
 * All rows stand in one table of allocations with the shipped modes: each must be found by account,
 * project ID and QOS in any case, in the right mode. What the spelling alone tells is the fallback.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "alloc.h"
#include "configtest.h"
#include "names.h"
#include "policy.h"
#include "projid.h"

struct spelling {
    const char *site;
    const char *account;
    const char *id;  /* project ID */
    const char *qos; /* NULL: the lower-case project ID */
    const char *mode;
    const char *told; /* code that the account tells; NULL: nothing */
};

static const struct spelling spellings[] = {
    {"Discoverer+", "ehpc-aif-2026pg01-905", "EHPC-AIF-2026PG01-905", NULL, "playground", "PG"},
    {"Discoverer+", "ehpc-aif-2026pg01-1157", "EHPC-AIF-2026PG01-1157", NULL, "playground", "PG"},
    {"Discoverer+", "ehpc-aif-2026pg01-031", "EHPC-AIF-2026PG01-031", "2cpu-single-host",
     "playground", "PG"},
    {"Discoverer CPU", "ehpc-reg-2023r03-178", "EHPC-REG-2023R03-178", NULL, "regular", "R"},
    {"Discoverer CPU", "ehpc-dev-2024d05-047", "EHPC-DEV-2024D05-047", NULL, "development", "D"},
    {"Leonardo", "AIFAC_P02_222", "EHPC-AIF-2026PG01-222", NULL, "playground", "PG"},
    {"Leonardo", "AIFAC_F02_434", "EHPC-AIF-2026FL02-434", NULL, "fast-lane", "FL"},
    {"Leonardo", "AIFAC_L01_028", "EHPC-AIF-2026LS01-028", NULL, "large-scale", "LS"},
    {"Leonardo", "AIFAC_S07_041", "EHPC-AIF-2025SC07-041", NULL, "science", "SC"},
    {"Leonardo", "EUHPC_B38_121", "EHPC-BEN-2026B38-121", NULL, "benchmark", "B"},
    {"Leonardo", "EUHPC_D21_034", "EHPC-DEV-2024D21-034", NULL, "development", "D"},
    {"Leonardo", "EUHPC_R04_192", "EHPC-REG-2025R04-192", "boost_qos_lprod", "regular", "R"},
    {"Leonardo", "EUHPC_E02_013", "EHPC-EXT-2024E02-083", "boost_qos_bprod", "extreme-scale", "E"},
    {"MareNostrum 5", "ehpc628", "EHPC-AIF-2025FL01-445", "acc_ehpc", "fast-lane", NULL},
    {"MareNostrum 5", "etur017", "EHPC-REG-2026R01-017", NULL, "regular", NULL},
    {"MareNostrum 5", "epor018", "EHPC-REG-2026R01-018", NULL, "regular", NULL},
    {"JUPITER", "e-aif-2026fl01-991", "EHPC-AIF-2026FL01-991", NULL, "fast-lane", "FL"},
    {"LUMI", "project_465003186", "EHPC-AIF-2026PG01-756", NULL, "playground", NULL},
    {"MeluXina", "p201103", "EHPC-AI-2024A01-060", NULL, "science", NULL},
    {"Deucalion", "eehpc-ben-2025b09-021x", "EHPC-BEN-2025B09-021", "large-x86", "benchmark", "B"},
    {"any", "ben", "EHPC-BEN-2026B06-085", NULL, "benchmark", NULL},
    {"any", "ls", "EHPC-AIF-2026LS01-004", NULL, "large-scale", NULL},
    {"any", "sc", "EHPC-AIF-2025SC02-060", NULL, "science", NULL},
};

static struct aif_policy *policy;
static struct aif_alloctable *table;

static void add_entry(char *text, size_t size, const struct spelling *row)
{
    size_t used = strlen(text);

    snprintf(text + used, size - used,
             "%s{\"id\": \"%s\", \"account\": \"%s\", %s%s%s\"mode\": \"%s\", \"amount\": 1,"
             " \"unit\": \"gpu-hour\", \"start\": \"2026-09-02\", \"end\": \"2026-12-02\"}",
             row == spellings ? "" : ", ", row->id, row->account, row->qos ? "\"qos\": \"" : "",
             row->qos ? row->qos : "", row->qos ? "\", " : "", row->mode);
}

static int load_all(void **state)
{
    char text[16384] = "{\"version\": 1, \"allocations\": [";

    (void)state;
    for (size_t i = 0; i < COUNT_OF(spellings); i++)
        add_entry(text, sizeof(text), &spellings[i]);
    strcat(text, "]}");
    if (aif_policy_load(ETC_DIR "/policy.json", &policy, NULL))
        return -1;
    return aif_alloctable_parse(text, strlen(text), "f", policy, &table, NULL);
}

static int drop_all(void **state)
{
    (void)state;
    aif_alloctable_destroy(table);
    aif_policy_destroy(policy);
    return 0;
}

/* The name in lower case, in capitals, and in both by turns. */
static void spell(const char *name, int way, char ret_text[128])
{
    snprintf(ret_text, 128, "%s", name);
    aif_names_lower(ret_text);
    for (size_t i = 0; ret_text[i]; i++)
        if (ret_text[i] >= 'a' && ret_text[i] <= 'z' && (way == 1 || (way == 2 && i % 2)))
            ret_text[i] = (char)(ret_text[i] - 'a' + 'A');
}

static void check_found(const struct spelling *row, const struct aif_alloc *alloc, const char *name)
{
    if (!alloc)
        fail_msg("%s: %s is not found", row->site, name);
    assert_string_equal(alloc->id, row->id);
    assert_string_equal(alloc->mode->name, row->mode);
}

static void test_found_by_every_name_in_any_case(void **state)
{
    char name[128];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        for (int way = 0; way < 3; way++) {
            spell(spellings[i].account, way, name);
            check_found(&spellings[i], aif_alloctable_by_account(table, name), name);
            spell(spellings[i].id, way, name);
            check_found(&spellings[i], aif_alloctable_by_id(table, name), name);
            spell(spellings[i].qos ? spellings[i].qos : spellings[i].id, way, name);
            check_found(&spellings[i], aif_alloctable_by_qos(table, name), name);
        }
    }
}

static void test_account_is_kept_as_slurm_stores_it(void **state)
{
    char name[128];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        spell(spellings[i].account, 0, name);
        assert_string_equal(aif_alloctable_at(table, i)->account, name);
    }
}

/* Every project ID parses, and tells a mode that the site has, the old call for AI alone excepted.
 */
static void test_project_ids_tell_the_mode(void **state)
{
    char name[128];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        const struct aif_mode *mode;
        struct aif_projid id;

        spell(spellings[i].id, (int)(i % 3), name);
        assert_int_equal(aif_projid_parse(name, &id, NULL), 0);
        mode = aif_policy_mode_by_code(policy, id.code);
        if (strcmp(id.code, "A"))
            assert_string_equal(mode->name, spellings[i].mode);
        else
            assert_null(mode);
    }
}

static void test_what_an_account_tells(void **state)
{
    char name[128];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        for (int way = 0; way < 3; way++) {
            struct aif_projid id = {.code = "-"};

            spell(spellings[i].account, way, name);
            assert_int_equal(aif_projid_of_account(name, &id), spellings[i].told ? 0 : -1);
            assert_string_equal(id.code, spellings[i].told ? spellings[i].told : "-");
            if (spellings[i].told)
                assert_string_equal(aif_policy_mode_by_code(policy, id.code)->name,
                                    spellings[i].mode);
        }
    }
}

/* Near misses are no project: a guess would charge somebody else. */
static void test_near_misses(void **state)
{
    static const char *const accounts[] = {
        "aifac_p2_222",
        "aifac_x02_222",
        "aifac_p02_222_",
        "aifac-p02-222",
        "aifac_p02_22222",
        "euhpc_p02_222",
        "euhpc_b38_1",
        "e-aif-2026fl01-991x",
        "ee-aif-2026fl01-991",
        "e-2026fl01-991",
        "eehpc-ben-2025b09-021xy",
        "eehpc-ben-2025b09-021-x",
        "eehpc-ben-2025b09-021-",
        "465003186",
        "ehpc",
        "e-",
        "aifac_",
        "",
        "default_no_jobs",
        "xehpc-aif-2026pg01-905",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(accounts); i++) {
        struct aif_projid id = {.year = 7};

        if (aif_projid_of_account(accounts[i], &id) != -1 || id.year != 7)
            fail_msg("%s is taken for a project", accounts[i]);
        assert_null(aif_alloctable_by_account(table, accounts[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found_by_every_name_in_any_case),
        cmocka_unit_test(test_account_is_kept_as_slurm_stores_it),
        cmocka_unit_test(test_project_ids_tell_the_mode),
        cmocka_unit_test(test_what_an_account_tells),
        cmocka_unit_test(test_near_misses),
    };

    return cmocka_run_group_tests(tests, load_all, drop_all);
}
