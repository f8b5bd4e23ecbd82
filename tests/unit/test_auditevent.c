/* test_auditevent.c - unit tests of auditevent.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "auditevent.h"

static const char sample_text[] =
    "{\"v\":1,\"kind\":\"place\",\"at\":1763712000,\"job\":17,\"parent\":12,\"lost\":0,\"user\":\"alice\",\"by\":\"\",\"account\":"
    "\"tagged\",\"allocation\":\"EHPC-1\",\"mode\":\"fast-lane\",\"policy\":\"0123456789abcdef\",\"tag\":\"FI|SE;permit=A+B\","
    "\"sources\":\"allocation+user\",\"datasets\":\"health,b\",\"rule\":\"\",\"reason\":\"\",\"nodes\":\"n[1-2]\"}";

static struct aif_auditevent *sample(void)
{
    struct aif_auditevent *event = aif_auditevent_create(AIF_AUDIT_PLACE, 1763712000);

    assert_non_null(event);
    event->job = 17;
    event->parent = 12;
    aif_auditevent_set(event->user, sizeof(event->user), "alice");
    aif_auditevent_set(event->account, sizeof(event->account), "tagged");
    aif_auditevent_set(event->allocation, sizeof(event->allocation), "EHPC-1");
    aif_auditevent_set(event->mode, sizeof(event->mode), "fast-lane");
    aif_auditevent_set(event->policy, sizeof(event->policy), "0123456789abcdef");
    aif_auditevent_set(event->tag, sizeof(event->tag), "FI|SE;permit=A+B");
    aif_auditevent_set(event->datasets, sizeof(event->datasets), "health,b");
    aif_auditevent_add_source(event, "allocation");
    aif_auditevent_add_source(event, "user");
    aif_auditevent_set_nodes(event, "n[1-2]");
    return event;
}

static int parse(const char *text, struct aif_auditevent *ret_event)
{
    return aif_auditevent_parse(text, strlen(text), ret_event, NULL);
}

static void test_there_and_back(void **state)
{
    struct aif_auditevent *event = sample(), read;
    struct aif_text text = {0}, again = {0};

    (void)state;
    assert_int_equal(aif_auditevent_write(event, &text), 0);
    assert_string_equal(text.data, sample_text);
    assert_int_equal(parse(text.data, &read), 0);
    assert_int_equal(read.kind, AIF_AUDIT_PLACE);
    assert_string_equal(read.sources, "allocation+user");
    assert_int_equal(aif_auditevent_write(&read, &again), 0);
    assert_string_equal(again.data, sample_text);
    aif_auditevent_clear(&read);
    aif_text_free(&text);
    aif_text_free(&again);
    aif_auditevent_destroy(event);
    aif_auditevent_destroy(NULL);
}

static void test_each_kind(void **state)
{
    (void)state;
    for (int kind = 0; kind < AIF_AUDIT_KINDS; kind++) {
        struct aif_auditevent event = {.kind = (enum aif_auditevent_kind)kind, .at = 1, .lost = 7}, read;
        struct aif_text text = {0};

        assert_int_equal(aif_auditevent_write(&event, &text), 0);
        assert_non_null(strstr(text.data, aif_auditevent_kind_name(event.kind)));
        assert_int_equal(parse(text.data, &read), 0);
        assert_int_equal(read.kind, kind);
        assert_int_equal(read.lost, 7);
        assert_null(read.nodes);
        aif_text_free(&text);
    }
}

/* Events about advice have two keys more, and a kind of their own in the ledger. */
static void test_advice(void **state)
{
    static const char tail[] = "\"nodes\":\"\",\"gpu_secs\":3600,\"would\":\"refuse\"}";
    struct aif_auditevent event = {.kind = AIF_AUDIT_ADVISE, .at = 1, .gpu_secs = 3600, .would = "refuse"}, read;
    struct aif_text text = {0};
    char *cut;

    (void)state;
    assert_string_equal(aif_auditevent_ledger(&event), AIF_AUDITEVENT_ADVICE);
    assert_int_equal(aif_auditevent_write(&event, &text), 0);
    assert_string_equal(text.data + strlen(text.data) - strlen(tail), tail);
    assert_int_equal(parse(text.data, &read), 0);
    assert_int_equal(read.gpu_secs, 3600);
    assert_string_equal(read.would, "refuse");
    cut = strstr(text.data, ",\"would\"");
    strcpy(cut, "}");
    assert_int_equal(parse(text.data, &read), -1);
    text.length = 0;
    event.kind = AIF_AUDIT_PLACE;
    assert_string_equal(aif_auditevent_ledger(&event), AIF_AUDITEVENT_LEDGER);
    assert_int_equal(aif_auditevent_write(&event, &text), 0);
    assert_null(strstr(text.data, "would"));
    aif_text_free(&text);
}

/* What users type may be anything, and must not become another key or line. */
static void test_hostile_text(void **state)
{
    struct aif_auditevent event = {.at = 1}, read;
    struct aif_text text = {0};

    (void)state;
    aif_auditevent_set(event.reason, sizeof(event.reason), "a\"b\\c\nd\xc3\xa9\x7f\",\"job\":9");
    assert_int_equal(aif_auditevent_write(&event, &text), 0);
    assert_true(aif_text_printable(text.data, text.length));
    assert_int_equal(parse(text.data, &read), 0);
    assert_string_equal(read.reason, "a\"b\\c?d???\",\"job\":9");
    assert_int_equal(read.job, 0);
    aif_text_free(&text);
}

static void test_longest(void **state)
{
    struct aif_auditevent event = {.at = 1}, read;
    char *nodes = malloc(AIF_AUDITEVENT_NODES_MAX + 2);
    struct aif_text text = {0};

    (void)state;
    memset(nodes, '"', AIF_AUDITEVENT_NODES_MAX + 1);
    nodes[AIF_AUDITEVENT_NODES_MAX + 1] = '\0';
    aif_auditevent_set_nodes(&event, nodes);
    assert_int_equal(strlen(event.nodes), AIF_AUDITEVENT_NODES_MAX);
    assert_string_equal(event.nodes + AIF_AUDITEVENT_NODES_MAX - 3, "...");
    aif_auditevent_set(event.reason, sizeof(event.reason), nodes);
    aif_auditevent_set(event.tag, sizeof(event.tag), nodes);
    assert_int_equal(aif_auditevent_write(&event, &text), 0);
    assert_true(text.length < 65536); /* what a ledger takes */
    assert_int_equal(parse(text.data, &read), 0);
    assert_string_equal(read.nodes, event.nodes);
    aif_auditevent_clear(&read);
    nodes[AIF_AUDITEVENT_NODES_MAX] = '\0';
    aif_auditevent_set_nodes(&event, nodes);
    assert_string_equal(event.nodes, nodes);
    aif_auditevent_set_nodes(&event, NULL);
    assert_null(event.nodes);
    aif_text_free(&text);
    free(nodes);
}

static void test_sources_that_are_too_many(void **state)
{
    struct aif_auditevent event = {.at = 1};

    (void)state;
    for (int i = 0; i < 20; i++)
        aif_auditevent_add_source(&event, "datasets");
    assert_int_equal(strlen(event.sources), sizeof(event.sources) - 1);
    assert_memory_equal(event.sources, "datasets+datasets+", 18);
}

static void test_permits(void **state)
{
    static const char *const cases[][2] = {
        {"FI|SE", ""}, {"FI;permit=A+B", "A+B"}, {"FI;permit=A;zone=x", "A"}, {"FI;PERMIT=a/1", "a/1"}, {"", ""}, {"FI;permit=", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct aif_auditevent event = {.at = 1};
        char permits[AIF_RESTAG_TEXT_MAX];

        aif_auditevent_set(event.tag, sizeof(event.tag), cases[i][0]);
        aif_auditevent_permits(&event, permits);
        assert_string_equal(permits, cases[i][1]);
    }
}

/* The sample with one part put in another's place. */
static void assert_refused(const char *part, const char *instead)
{
    const char *found = strstr(sample_text, part);
    struct aif_auditevent read = {.job = 99};
    struct aif_error err = {0};
    char text[1024];

    assert_non_null(found);
    snprintf(text, sizeof(text), "%.*s%s%s", (int)(found - sample_text), sample_text, instead, found + strlen(part));
    assert_int_equal(aif_auditevent_parse(text, strlen(text), &read, &err), -1);
    assert_int_equal(err.code, AIF_ESCHEMA);
    assert_int_equal(read.job, 99);
}

static void test_what_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"\"v\":1", "\"v\":2"}, {"place", "places"}, {"\"job\":17", "\"job\":-1"}, {"\"job\":17", "\"job\":4294967296"},
        {"\"job\":17", "\"job\":\"17\""}, {"\"by\":\"\",", ""}, {"\"by\":\"\"", "\"by\":\"\",\"bye\":\"\""}, {"\"by\"", "\"bye\""},
        {"\"by\":\"\"", "\"by\":1"}, {"alice", "al\\u0000ice"}, {"\"n[1-2]\"", "[\"n1\"]"}, {"{", "[{"}, {"}", "}}"}, {"}", ""},
        {"0123456789abcdef", "0123456789abcdef0123456789"}, {"\"at\":1763712000", "\"at\":999999999999999"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_refused(cases[i][0], cases[i][1]);
    assert_int_equal(aif_auditevent_parse("", 0, &(struct aif_auditevent){0}, NULL), -1);
    assert_int_equal(aif_auditevent_parse("nullx", 4, &(struct aif_auditevent){0}, NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_each_kind),
        cmocka_unit_test(test_hostile_text),   cmocka_unit_test(test_longest),
        cmocka_unit_test(test_permits),        cmocka_unit_test(test_sources_that_are_too_many),
        cmocka_unit_test(test_what_is_refused), cmocka_unit_test(test_advice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
