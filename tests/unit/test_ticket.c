/* test_ticket.c - unit tests of ticket.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ticket.h"

static const struct aif_ticket sample = {
    .cluster = "aif", .job = 17, .uid = 1000, .alloc = "EHPC-AIF-2026PG01-905", .mode = "playground",
    .policy = "0123456789abcdef", .issued = 1763712000, .tag = "FI|SE;zone=spe",
};
static const char sample_text[] = "aif1 cluster=aif job=17 array=no uid=1000 alloc=EHPC-AIF-2026PG01-905 mode=playground "
                                  "policy=0123456789abcdef issued=1763712000 tag=FI|SE;zone=spe";

static int parse(const char *text, struct aif_ticket *ret_ticket)
{
    struct aif_error err = {0};
    int rc = aif_ticket_parse(text, strlen(text), ret_ticket, &err);

    if (rc)
        assert_non_null(strstr(err.text, "AIF-R010"));
    return rc;
}

static void test_there_and_back(void **state)
{
    struct aif_ticket ticket = sample, read = {0};
    char text[AIF_TICKET_TEXT_MAX];

    (void)state;
    assert_int_equal(aif_ticket_format(&ticket, text, sizeof(text), NULL), 0);
    assert_string_equal(text, sample_text);
    assert_int_equal(parse(text, &read), 0);
    assert_memory_equal(&read, &ticket, sizeof(ticket));
    ticket = (struct aif_ticket){.cluster = "c", .job = UINT32_MAX, .array = true, .uid = UINT32_MAX, .tag = "FI - SE"};
    assert_int_equal(aif_ticket_format(&ticket, text, sizeof(text), NULL), 0);
    assert_int_equal(parse(text, &read), 0);
    assert_true(aif_ticket_same(&read, &ticket));
}

static void test_data_sets(void **state)
{
    struct aif_ticket ticket = sample, read = {0};
    char text[AIF_TICKET_TEXT_MAX];

    (void)state;
    strcpy(ticket.datasets, "thl-2026-17,cohort.b");
    assert_int_equal(aif_ticket_format(&ticket, text, sizeof(text), NULL), 0);
    assert_string_equal(text, "aif2 cluster=aif job=17 array=no uid=1000 alloc=EHPC-AIF-2026PG01-905 mode=playground "
                              "policy=0123456789abcdef issued=1763712000 data=thl-2026-17,cohort.b tag=FI|SE;zone=spe");
    assert_int_equal(parse(text, &read), 0);
    assert_memory_equal(&read, &ticket, sizeof(ticket));
    assert_false(aif_ticket_same(&sample, &ticket));
    strcpy(read.datasets, "thl-2026-17");
    assert_false(aif_ticket_same(&read, &ticket));
}

static void test_data_sets_that_are_none(void **state)
{
    static const char *const texts[] = {"?", "a b", "a,", ",a", "a,a", "A", "a,,b", "1,2,3,4,5,6,7,8,9", "a\tb"};
    struct aif_ticket ticket = sample;
    char text[AIF_TICKET_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        strcpy(ticket.datasets, texts[i]);
        assert_int_equal(aif_ticket_format(&ticket, text, sizeof(text), NULL), -1);
        snprintf(text, sizeof(text), "aif2 cluster=c job=1 array=no uid=1 alloc= mode= policy= issued=1 data=%s tag=FI", texts[i]);
        assert_int_equal(parse(text, &ticket), -1);
    }
    assert_int_equal(parse("aif2 cluster=c job=1 array=no uid=1 alloc= mode= policy= issued=1 data= tag=FI", &ticket), -1);
    assert_int_equal(parse("aif2 cluster=c job=1 array=no uid=1 alloc= mode= policy= issued=1 tag=FI", &ticket), -1);
    assert_int_equal(parse("aif1 cluster=c job=1 array=no uid=1 alloc= mode= policy= issued=1 data=a tag=FI", &ticket), -1);
}

static void test_longest_members(void **state)
{
    struct aif_ticket ticket = sample, read;
    char text[AIF_TICKET_TEXT_MAX], small[AIF_TICKET_TEXT_MAX];

    (void)state;
    memset(ticket.tag, 'x', sizeof(ticket.tag) - 1);
    memset(ticket.alloc, 'y', sizeof(ticket.alloc) - 1);
    assert_int_equal(aif_ticket_format(&ticket, text, sizeof(text), NULL), 0);
    assert_int_equal(parse(text, &read), 0);
    assert_true(aif_ticket_same(&read, &ticket));
    assert_int_equal(aif_ticket_format(&ticket, small, strlen(text), NULL), -1);
    strcat(text, "x");
    assert_int_equal(parse(text, &read), -1);
}

static void test_only_exactly_that(void **state)
{
    static const char *const bad[] = {
        "", "aif1", "aif1 ", "aif2 cluster=aif job=17",
        "aif1 cluster=aif job=17 array=no uid=1000 alloc= mode= policy= issued=1 tag=",
        "aif1 cluster= job=17 array=no uid=1000 alloc= mode= policy= issued=1 tag=FI",
        "aif1 cluster=aif job=017 array=no uid=1000 alloc= mode= policy= issued=1 tag=FI",
        "aif1 cluster=aif job=4294967296 array=no uid=1000 alloc= mode= policy= issued=1 tag=FI",
        "aif1 cluster=aif job=-1 array=no uid=1000 alloc= mode= policy= issued=1 tag=FI",
        "aif1 cluster=aif job=17 array=maybe uid=1000 alloc= mode= policy= issued=1 tag=FI",
        "aif1 cluster=aif job=17 array=n uid=1000 alloc= mode= policy= issued=1 tag=FI",
        "aif1 cluster=aif job=17 array=no uid= alloc= mode= policy= issued=1 tag=FI",
        "aif1 job=17 cluster=aif array=no uid=1000 alloc= mode= policy= issued=1 tag=FI",
        "aif1 cluster=aif job=17 array=no uid=1000 alloc= mode= policy= issued=9223372036854775808 tag=FI",
        "aif1 cluster=aif job=17 array=no uid=1000 alloc= mode= policy= issued=1 tag= FI",
        "aif1 cluster=aif job=17 array=no uid=1000 alloc= mode= policy= issued=1 tag=FI\n",
        "aif1 cluster=aif job=17 array=no uid=1000 alloc= mode= policy= tag=FI",
        "aif1 cluster=aif  job=17 array=no uid=1000 alloc= mode= policy= issued=1 tag=FI",
    };
    struct aif_ticket ticket = sample;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(parse(bad[i], &ticket), -1);
    assert_memory_equal(&ticket, &sample, sizeof(sample));
    assert_int_equal(aif_ticket_parse("aif1\0x", 6, &ticket, NULL), -1);
}

/* Any byte of a ticket but those of free values may not be another: it is refused, or is another ticket. */
static void test_every_change_tells(void **state)
{
    struct aif_ticket read;
    char text[AIF_TICKET_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i + 1 < sizeof(sample_text); i++) {
        for (int change = 1; change < 128; change++) {
            strcpy(text, sample_text);
            text[i] = (char)(text[i] ^ change);
            if (!parse(text, &read))
                assert_memory_not_equal(&read, &sample, sizeof(sample));
        }
    }
}

static void test_what_cannot_be_written(void **state)
{
    struct aif_ticket ticket;
    char text[AIF_TICKET_TEXT_MAX];

    (void)state;
    for (int i = 0; i < 6; i++) {
        ticket = sample;
        strcpy(i == 0 ? ticket.cluster : i == 1 ? ticket.alloc : i == 2 ? ticket.mode : i == 3 ? ticket.policy : ticket.tag,
               i == 4 ? "" : i == 5 ? "FI\nSE" : "a b");
        assert_int_equal(aif_ticket_format(&ticket, text, sizeof(text), NULL), -1);
    }
}

static void test_same(void **state)
{
    struct aif_ticket other = sample;

    (void)state;
    other.issued++;
    strcpy(other.policy, "x");
    assert_true(aif_ticket_same(&sample, &other));
    for (int i = 0; i < 8; i++) {
        other = sample;
        other.job += i == 0;
        other.array = i == 1;
        other.uid += i == 2;
        other.cluster[0] ^= i == 3;
        other.alloc[0] ^= i == 4;
        other.mode[0] ^= i == 5;
        other.tag[0] ^= i == 6;
        other.datasets[0] = i == 7 ? 'a' : '\0';
        assert_false(aif_ticket_same(&sample, &other));
    }
}

static void test_whose(void **state)
{
    struct aif_ticket ticket = sample;
    struct aif_error err = {0};

    (void)state;
    assert_int_equal(aif_ticket_check(&ticket, "aif", 17, 1000, &err), 0);
    assert_int_equal(aif_ticket_check(&ticket, "other", 17, 1000, &err), -1);
    assert_string_equal(err.text, "the ticket is of cluster aif, not of other (AIF-R010)");
    assert_int_equal(aif_ticket_check(&ticket, "aif", 18, 1000, &err), -1);
    assert_string_equal(err.text, "the ticket is of job 17, not of 18 (AIF-R010)");
    assert_int_equal(aif_ticket_check(&ticket, "aif", 17, 1001, &err), -1);
    assert_string_equal(err.text, "the ticket is of user 1000, not of 1001 (AIF-R010)");
    ticket.array = true;
    assert_int_equal(aif_ticket_check(&ticket, "aif", 18, 1000, &err), 0);
    assert_int_equal(aif_ticket_check(&ticket, "aif", 18, 1001, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),    cmocka_unit_test(test_longest_members),
        cmocka_unit_test(test_data_sets),         cmocka_unit_test(test_data_sets_that_are_none),
        cmocka_unit_test(test_only_exactly_that), cmocka_unit_test(test_every_change_tells),
        cmocka_unit_test(test_what_cannot_be_written), cmocka_unit_test(test_same),
        cmocka_unit_test(test_whose),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
