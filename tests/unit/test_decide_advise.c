/* test_decide_advise.c - unit tests of decide.h: rules that the policy does not apply */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "decide_fixture.h"
#include "rules.h"

/* The small site, with that said of its rules. */
static struct aif_snapshot *with(const char *enforce, const char *more)
{
    char edit[512];

    snprintf(edit, sizeof(edit), "\"foreign_jobs\":\t\"enforce\": %s, %s\"foreign_jobs\":", enforce, more);
    return fixture_create(edit);
}

static void check_advised(const struct aif_decision *decision, size_t index, const char *rule, const char *would, const char *message)
{
    assert_true(index < decision->advised_count);
    assert_string_equal(decision->advised.items[index].rule, rule);
    assert_string_equal(aif_would_name((enum aif_would)decision->advised.items[index].would), would);
    if (message)
        assert_string_equal(aif_decision_advised(decision, index), message);
}

static void test_all_that_is_in_the_way(void **state)
{
    struct aif_snapshot *own = with("\"advise\"", "");
    const struct job job = {.account = "pg1", .user = "alice", .gpus = 9, .nodes = 3, .minutes = 300, .used_hours = 5000};
    const struct aif_decision decision = decide_at(own, &job);

    (void)state;
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_null(decision.rule);
    assert_string_equal(decision.message, "");
    assert_string_equal(decision.qos, "pg-1");
    assert_int_equal(decision.minutes, 300);
    assert_int_equal(decision.advised_count, 4);
    check_advised(&decision, 0, "AIF-M005", "refuse",
                  "aif: number of GPUs per job in mode playground: asked 9 GPUs, limit 8 GPUs (AIF-M005); ask for fewer");
    check_advised(&decision, 1, "AIF-M006", "refuse", NULL);
    check_advised(&decision, 2, "AIF-M007", "refuse", NULL);
    check_advised(&decision, 3, "AIF-Q001", "refuse", NULL);
    assert_int_equal(decision.advised.gpu_secs, 9 * 300 * 60);
    assert_string_equal(decision.advised.account, "pg1");
    assert_string_equal(decision.advised.mode->name, "playground");
    fixture_destroy(own);
}

static void test_a_later_rule_refuses(void **state)
{
    struct aif_snapshot *own = with("{\"default\": \"advise\", \"rules\": {\"AIF-M007\": \"on\"}}", "");
    const struct aif_decision decision = decide_at(own, &(struct job){.account = "pg1", .gpus = 9, .minutes = 300});

    (void)state;
    assert_int_equal(decision.verdict, AIF_REJECT);
    assert_string_equal(decision.rule, "AIF-M007");
    assert_int_equal(decision.advised_count, 1);
    fixture_destroy(own);
}

static void test_what_is_off_is_not_told(void **state)
{
    struct aif_snapshot *own = with("{\"default\": \"off\", \"rules\": {\"AIF-M006\": \"advise\"}}", "");
    const struct aif_decision decision = decide_at(own, &(struct job){.account = "pg1", .gpus = 9, .nodes = 3, .minutes = 300});

    (void)state;
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_int_equal(decision.advised_count, 1);
    check_advised(&decision, 0, "AIF-M006", "refuse", NULL);
    fixture_destroy(own);
}

static void test_holds(void **state)
{
    struct aif_snapshot *own = with("\"advise\"", "\"hold\": [\"AIF-A002\", \"AIF-A004\"], ");
    struct aif_decision decision = decide_at(own, &(struct job){.account = "paused", .minutes = 1});

    (void)state;
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    check_advised(&decision, 0, "AIF-A004", "hold", NULL);
    /* Not held until its start, so it is judged as of now. */
    decision = decide_at(own, &(struct job){.account = "new", .gpus = 1, .minutes = 60});
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_int_equal(decision.advised_count, 1);
    check_advised(&decision, 0, "AIF-A002", "hold", NULL);
    fixture_destroy(own);
    own = with("{\"rules\": {\"AIF-A008\": \"advise\"}}", "\"hold\": [\"AIF-A004\"], ");
    decision = decide_at(own, &(struct job){.account = "paused", .gpus = 1, .minutes = 60});
    assert_int_equal(decision.verdict, AIF_HOLD);
    assert_int_equal(decision.advised_count, 0);
    fixture_destroy(own);
}

/* There is no time left until an end that has passed, and no end that would be in the way. */
static void test_after_the_end(void **state)
{
    struct aif_snapshot *own = with("{\"rules\": {\"AIF-A003\": \"advise\"}}", "");
    struct aif_decision decision = decide_at(own, &(struct job){.account = "old", .gpus = 1, .minutes = 60});

    (void)state;
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_int_equal(decision.advised_count, 1);
    assert_int_equal(decision.minutes, 60);
    decision = decide_at(own, &(struct job){.account = "old"});
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_int_equal(decision.minutes, AIF_MINUTES_UNKNOWN);
    fixture_destroy(own);
}

static void test_time_limits_are_not_lowered(void **state)
{
    const struct job job = {.account = "pg1", .gpus = 1, .minutes = 300};
    struct aif_snapshot *own = with("{\"rules\": {\"AIF-M007\": \"advise\"}}", "");
    struct aif_decision decision;

    (void)state;
    own->policy->time_excess = AIF_EXCESS_CAP;
    decision = decide_at(own, &job);
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_int_equal(decision.minutes, 300);
    assert_string_equal(decision.message, "");
    check_advised(&decision, 0, "AIF-M007", "lower", NULL);
    own->policy->enforce.relaxed = false;
    decision = decide_at(own, &job);
    assert_int_equal(decision.minutes, 240);
    assert_int_equal(decision.advised_count, 0);
    fixture_destroy(own);
}

static void test_what_costs_nobody_knows_what(void **state)
{
    struct aif_snapshot *own = with("\"advise\"", "");
    struct aif_decision decision = decide_at(own, &(struct job){.account = "pg1", .gpus = 1});

    (void)state;
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    check_advised(&decision, decision.advised_count - 1, "AIF-Q002", "refuse", NULL);
    assert_int_equal(decision.advised.gpu_secs, 0);
    decision = decide_at(own, &(struct job){.account = "pg1", .gpus = 1, .minutes = 60, .untracked = true});
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    check_advised(&decision, 0, "AIF-Q003", "refuse", NULL);
    fixture_destroy(own);
}

/* ---- which allocation ---- */

static void test_blanket_settings_are_not_for_booking(void **state)
{
    struct aif_snapshot *own = with("\"off\"", "");

    (void)state;
    assert_int_equal(decide_at(own, &(struct job){.account = "physics", .mode = "regular"}).verdict, AIF_REJECT);
    assert_int_equal(decide_at(own, &(struct job){.account = "r1", .qos = "normal"}).verdict, AIF_REJECT);
    assert_int_equal(decide_at(own, &(struct job){.account = "r1", .mode = "nonsense"}).verdict, AIF_REJECT);
    fixture_destroy(own);
}

static void check_left_alone(const struct aif_snapshot *own, const struct job *job, const char *rule)
{
    const struct aif_decision decision = decide_at(own, job);

    assert_int_equal(decision.verdict, AIF_IGNORE);
    assert_null(decision.alloc);
    assert_null(decision.rule);
    assert_int_equal(decision.advised_count, 1);
    check_advised(&decision, 0, rule, "refuse", NULL);
}

static void test_left_alone(void **state)
{
    struct aif_snapshot *own = with("{\"rules\": {\"AIF-A001\": \"advise\", \"AIF-A007\": \"advise\", \"AIF-A009\": \"advise\", "
                                    "\"AIF-A010\": \"advise\", \"AIF-M001\": \"advise\", \"AIF-M002\": \"advise\"}}", "");

    (void)state;
    check_left_alone(own, &(struct job){.account = "physics", .mode = "regular", .gpus = 1, .minutes = 1}, "AIF-A007");
    check_left_alone(own, &(struct job){.allocation = "NONE"}, "AIF-A001");
    check_left_alone(own, &(struct job){.account = "r1", .qos = "normal"}, "AIF-A009");
    check_left_alone(own, &(struct job){.account = "past", .allocation = "R-1"}, "AIF-A010");
    check_left_alone(own, &(struct job){.account = "r1", .mode = "nonsense"}, "AIF-M001");
    check_left_alone(own, &(struct job){.account = "r1", .mode = "fast-lane"}, "AIF-M002");
    check_left_alone(own, &(struct job){.account = "past", .allocation = "R-1", .mode = "fast-lane"}, "AIF-A010");
    fixture_destroy(own);
}

/* A job that is left alone is kept nowhere, so its data would be, too. */
static void test_a_tag_is_kept_whatever_is_said(void **state)
{
    struct aif_snapshot *own = with("{\"default\": \"off\", \"rules\": {\"AIF-A006\": \"off\", \"AIF-A007\": \"off\", \"AIF-A009\": \"off\", "
                                    "\"AIF-M001\": \"off\"}}", "");

    (void)state;
    assert_int_equal(decide_at(own, &(struct job){.account = "physics", .residency = "FI"}).verdict, AIF_REJECT);
    assert_int_equal(decide_at(own, &(struct job){.account = "fl1", .qos = "normal"}).verdict, AIF_REJECT);
    assert_int_equal(decide_at(own, &(struct job){.account = "pg1", .mode = "nonsense"}).verdict, AIF_REJECT);
    assert_int_equal(decide_at(own, &(struct job){.account = "mix"}).verdict, AIF_REJECT);
    assert_int_equal(decide_at(own, &(struct job){.account = "r1", .residency = "nowhere"}).verdict, AIF_REJECT);
    assert_string_equal(decide_at(own, &(struct job){.account = "flch", .partition = "gpu"}).rule, "AIF-R002");
    assert_int_equal(decide_at(own, &(struct job){.account = "r1", .mode = "nonsense"}).verdict, AIF_IGNORE);
    fixture_destroy(own);
}

/* ---- edges ---- */

static void test_more_words_than_there_is_room_for(void **state)
{
    struct aif_snapshot *own = with("\"advise\"", "");
    struct aif_decision decision;
    size_t known = 0;

    (void)state;
    ((struct aif_mode *)aif_policy_mode(own->policy, "playground"))->submits_per_user = 1;
    ((struct aif_mode *)aif_policy_mode(own->policy, "playground"))->submits_per_allocation = 1;
    ((struct aif_mode *)aif_policy_mode(own->policy, "playground"))->open = false;
    ((struct aif_mode *)aif_policy_mode(own->policy, "playground"))->interactive.forbidden = true;
    decision = decide_at(own, &(struct job){.account = "pg1", .gpus = 9, .nodes = 3, .minutes = 30000, .interactive = true,
                                            .used_hours = 5000, .submits = 5, .user_submits = 5});
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_int_equal(decision.advised_count, 9);
    for (size_t i = 0; i < decision.advised_count; i++)
        known += aif_decision_advised(&decision, i)[0] != '\0';
    assert_true(known >= 5 && known < decision.advised_count);
    assert_true(decision.advised.used <= sizeof(decision.advised.texts));
    fixture_destroy(own);
}

static void test_second_look(void **state)
{
    struct aif_snapshot *own = with("{\"rules\": {\"AIF-A003\": \"advise\", \"AIF-A004\": \"off\"}}", "");
    struct aif_decision decision;

    (void)state;
    aif_decide_start(own, aif_alloctable_by_id(own->allocs, "PG-OLD"), NULL, 60, NOW, &decision);
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_int_equal(decision.advised_count, 0);
    aif_decide_start(own, aif_alloctable_by_id(own->allocs, "PG-PAUSED"), NULL, 60, NOW, &decision);
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    aif_decide_start(own, aif_alloctable_by_id(own->allocs, "PG-NEW"), NULL, 60, NOW, &decision);
    assert_int_equal(decision.verdict, AIF_REJECT);
    fixture_destroy(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_that_is_in_the_way),
        cmocka_unit_test(test_a_later_rule_refuses),
        cmocka_unit_test(test_what_is_off_is_not_told),
        cmocka_unit_test(test_holds),
        cmocka_unit_test(test_after_the_end),
        cmocka_unit_test(test_time_limits_are_not_lowered),
        cmocka_unit_test(test_what_costs_nobody_knows_what),
        cmocka_unit_test(test_blanket_settings_are_not_for_booking),
        cmocka_unit_test(test_left_alone),
        cmocka_unit_test(test_a_tag_is_kept_whatever_is_said),
        cmocka_unit_test(test_more_words_than_there_is_room_for),
        cmocka_unit_test(test_second_look),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
