/* test_witness.c - unit tests of witness.h, on a ledger that signs */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_helper.h"
#include "witness.h"

static struct aif_signkey *fresh(void)
{
    struct aif_signkey *key = NULL;

    assert_int_equal(aif_signkey_generate(&key, NULL), 0);
    return key;
}

static void add(struct fixture *fixture, uint64_t index)
{
    struct aif_record record = fixture_record(index);
    enum aif_ledger_outcome outcome;

    assert_int_equal(aif_ledger_record(fixture->ledger, &record, 1700004000, &outcome, NULL), 0);
}

static void sign(struct fixture *fixture, const struct aif_signkey *key)
{
    struct aif_error err = {0};

    if (aif_ledger_checkpoint(fixture->ledger, key, 1700005000, &err) < 0)
        fail_msg("%s", err.text);
}

/* What the whole ledger proves to somebody who has that key (NULL: none). */
static struct aif_testimony testimony(struct fixture *fixture, const struct aif_signkey *key)
{
    struct aif_witness *witness = aif_witness_create(key, NULL);
    struct aif_testimony found;
    struct aif_chain chain;
    struct aif_error err = {0};

    if (aif_ledger_verify_signed(fixture->ledger, witness, &chain, &err) < 0)
        fail_msg("%s", err.text);
    found = *aif_witness_testimony(witness);
    aif_witness_destroy(witness);
    return found;
}

static void test_checkpoints_cover_what_is_before(void **state)
{
    struct aif_signkey *key = fresh(), *other = fresh();
    struct aif_ledger_signing signing;
    struct fixture *fixture = *state;

    add(fixture, 1);
    assert_int_equal(testimony(fixture, NULL).until, 0);
    assert_int_equal(aif_ledger_signing(fixture->ledger, &signing, NULL), 0);
    assert_string_equal(signing.key, "");
    assert_int_equal(signing.open, 1);
    sign(fixture, key); /* 2: the key, 3: the checkpoint */
    assert_int_equal(testimony(fixture, key).until, 2);
    assert_string_equal(testimony(fixture, NULL).key, aif_signkey_id(key));
    assert_int_equal(testimony(fixture, other).checkpoints, 0);
    add(fixture, 2);
    add(fixture, 3);
    assert_int_equal(aif_ledger_signing(fixture->ledger, &signing, NULL), 0);
    assert_string_equal(signing.key, aif_signkey_id(key));
    assert_int_equal(signing.open, 2);
    assert_int_equal(signing.at, 1700005000);
    sign(fixture, key);
    assert_int_equal(testimony(fixture, key).until, 5);
    assert_int_equal(testimony(fixture, key).checkpoints, 2);
    aif_signkey_destroy(key);
    aif_signkey_destroy(other);
}

static void test_keys_follow_each_other(void **state)
{
    struct aif_signkey *first = fresh(), *second = fresh(), *third = fresh();
    struct fixture *fixture = *state;
    struct aif_error err;

    add(fixture, 1);
    sign(fixture, first);
    assert_int_equal(aif_ledger_checkpoint(fixture->ledger, second, 5, &err), -1);
    assert_non_null(strstr(err.text, "--rotate"));
    assert_int_equal(aif_ledger_rotate(fixture->ledger, first, second, 6, &err), 0);
    assert_int_equal(aif_ledger_checkpoint(fixture->ledger, first, 7, &err), -1);
    add(fixture, 2);
    sign(fixture, second);
    /* Whoever has the first key or the second believes all of it; the third's owner nothing. */
    assert_int_equal(testimony(fixture, first).until, 7);
    assert_int_equal(testimony(fixture, second).until, 7);
    assert_string_equal(testimony(fixture, first).key, aif_signkey_id(second));
    assert_int_equal(testimony(fixture, third).until, 0);
    aif_signkey_destroy(first);
    aif_signkey_destroy(second);
    aif_signkey_destroy(third);
}

/* Somebody who can write the file, but not sign, computes the chain anew with a signature from elsewhere. */
static void test_forged_event_is_found(void **state)
{
    struct aif_signkey *key = fresh();
    struct fixture *fixture = *state;
    struct aif_witness *witness = aif_witness_create(key, NULL);
    char signature[AIF_SIGNATURE_SIZE], body[AIF_WITNESS_BODY];
    struct aif_chain chain;
    struct aif_error err;

    add(fixture, 1);
    sign(fixture, key);
    assert_int_equal(aif_signkey_sign(key, "x", 1, signature, NULL), 0);
    snprintf(body, sizeof(body), "{\"v\":1,\"key\":\"%s\",\"sig\":\"%s\"}", aif_signkey_id(key), signature);
    assert_int_equal(aif_ledger_append(fixture->ledger, "checkpoint", "", 0, 9, body, NULL), 0);
    assert_int_equal(aif_ledger_verify_signed(fixture->ledger, witness, &chain, &err), -1);
    assert_int_equal(err.code, AIF_ECHAIN);
    assert_string_equal(err.text, "event 4: wrong signature of a signed event");
    aif_witness_destroy(witness);
    aif_signkey_destroy(key);
}

/* Of a good checkpoint, every other byte makes a bad one, or one of a key that nobody knows. */
static void test_every_byte_of_a_checkpoint_counts(void **state)
{
    struct aif_signkey *key = fresh();
    struct aif_witness *witness = aif_witness_create(key, NULL);
    char body[AIF_WITNESS_BODY];
    struct aif_event event = {.kind = "checkpoint", .seq = 1, .at = 9, .body = body};
    struct aif_chain chain;

    (void)state;
    aif_chain_start(&chain);
    memcpy(event.prev, chain.head, sizeof(event.prev));
    assert_int_equal(aif_witness_checkpoint(&chain, 9, key, body, NULL), 0);
    assert_int_equal(aif_witness_event(witness, &event, NULL), 0);
    assert_int_equal(aif_witness_testimony(witness)->checkpoints, 1);
    for (size_t i = 0; i < strlen(body); i++) {
        const char kept = body[i];

        body[i] = kept == 'x' ? 'y' : 'x';
        (void)aif_witness_event(witness, &event, NULL);
        assert_int_equal(aif_witness_testimony(witness)->checkpoints, 1);
        body[i] = kept;
    }
    strcat(body, " ");
    assert_int_equal(aif_witness_event(witness, &event, NULL), -1);
    aif_witness_destroy(witness);
    aif_signkey_destroy(key);
}

/* A key that vouches for itself is nobody to whom another was given, and one that another signed for must be signed. */
static void test_a_stranger_is_not_believed(void **state)
{
    struct aif_signkey *key = fresh(), *stranger = fresh();
    char body[AIF_WITNESS_BODY];
    struct aif_witness *witness = aif_witness_create(key, NULL);
    struct aif_event event = {.kind = "key", .seq = 1, .at = 9, .body = body};
    struct aif_error err;
    struct aif_chain chain;

    (void)state;
    aif_chain_start(&chain);
    memcpy(event.prev, chain.head, sizeof(event.prev));
    assert_int_equal(aif_witness_key(&chain, 9, stranger, NULL, body, NULL), 0);
    assert_int_equal(aif_witness_event(witness, &event, &err), 0);
    snprintf(event.kind, sizeof(event.kind), "checkpoint");
    assert_int_equal(aif_witness_checkpoint(&chain, 9, stranger, body, NULL), 0);
    assert_int_equal(aif_witness_event(witness, &event, &err), 0);
    assert_int_equal(aif_witness_testimony(witness)->checkpoints, 0);
    snprintf(event.kind, sizeof(event.kind), "key");
    assert_int_equal(aif_witness_key(&chain, 9, stranger, key, body, NULL), 0);
    event.at = 10; /* the signature is of another time */
    assert_int_equal(aif_witness_event(witness, &event, &err), -1);
    assert_non_null(strstr(err.text, "wrong signature"));
    aif_witness_destroy(witness);
    aif_signkey_destroy(key);
    aif_signkey_destroy(stranger);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_checkpoints_cover_what_is_before),
        TEST(test_keys_follow_each_other),
        TEST(test_forged_event_is_found),
        cmocka_unit_test(test_every_byte_of_a_checkpoint_counts),
        cmocka_unit_test(test_a_stranger_is_not_believed),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
