/* witness.c - see witness.h */
#include "witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 256

struct known {
    struct aif_signkey *key;
    bool believed;
};

struct aif_witness {
    struct known keys[KEYS_MAX];
    size_t count;
    bool given; /* one key is known from elsewhere; without it all that introduce themselves are believed */
    struct aif_signkey *newest;
    struct aif_testimony testimony;
};

/* ---- what is signed ---- */

#define BYTES_MAX 384

/* The common start; the length of the bytes, or -1. */
static int bytes_of(char bytes[BYTES_MAX], const char *what, uint64_t seq, const char *head, int64_t at,
                    const char *rest)
{
    int length = snprintf(bytes, BYTES_MAX, "%s 1\n%llu\n%s\n%lld\n%s\n", what, (unsigned long long)seq, head,
                          (long long)at, rest);

    return length < BYTES_MAX ? length : -1;
}

static int sign(const char *what, const struct aif_chain *chain, int64_t at, const char *rest,
                const struct aif_signkey *key, char ret_signature[AIF_SIGNATURE_SIZE], struct aif_error *err)
{
    char bytes[BYTES_MAX];
    int length = bytes_of(bytes, what, chain->count, chain->head, at, rest);

    if (length < 0)
        return aif_error_set(err, AIF_ELIMIT, "too much to sign");
    return aif_signkey_sign(key, bytes, (size_t)length, ret_signature, err);
}

int aif_witness_checkpoint(const struct aif_chain *chain, int64_t at, const struct aif_signkey *key,
                           char ret_body[AIF_WITNESS_BODY], struct aif_error *err)
{
    char signature[AIF_SIGNATURE_SIZE];

    if (sign("aif-checkpoint", chain, at, aif_signkey_id(key), key, signature, err) < 0)
        return -1;
    snprintf(ret_body, AIF_WITNESS_BODY, "{\"v\":1,\"key\":\"%s\",\"sig\":\"%s\"}", aif_signkey_id(key), signature);
    return 0;
}

/* "ID\nBASE64\nID" */
#define INTRODUCTION_MAX (AIF_KEYID_SIZE * 2 + AIF_PUBLIC_SIZE)

static void introduction(char text[INTRODUCTION_MAX], const char *id, const char *public, const char *by)
{
    snprintf(text, INTRODUCTION_MAX, "%s\n%s\n%s", id, public, by);
}

int aif_witness_key(const struct aif_chain *chain, int64_t at, const struct aif_signkey *fresh,
                    const struct aif_signkey *by, char ret_body[AIF_WITNESS_BODY], struct aif_error *err)
{
    const char *id = aif_signkey_id(fresh), *public = aif_signkey_public(fresh);
    const struct aif_signkey *signer = by ? by : fresh;
    char rest[INTRODUCTION_MAX], signature[AIF_SIGNATURE_SIZE];

    introduction(rest, id, public, aif_signkey_id(signer));
    if (sign("aif-key", chain, at, rest, signer, signature, err) < 0)
        return -1;
    snprintf(ret_body, AIF_WITNESS_BODY, "{\"v\":1,\"key\":\"%s\",\"public\":\"%s\",\"by\":\"%s\",\"sig\":\"%s\"}", id,
             public, aif_signkey_id(signer), signature);
    return 0;
}

/* ---- the witness ---- */

struct aif_witness *aif_witness_create(const struct aif_signkey *given, struct aif_error *err)
{
    struct aif_witness *witness = calloc(1, sizeof(*witness));

    if (!witness) {
        aif_error_set(err, AIF_ENOMEM, "out of memory");
        return NULL;
    }
    if (given && aif_signkey_parse(aif_signkey_public(given), &witness->keys[0].key, err) < 0) {
        free(witness);
        return NULL;
    }
    if (given) {
        witness->keys[0].believed = true;
        witness->count = 1;
        witness->given = true;
    }
    return witness;
}

void aif_witness_destroy(struct aif_witness *witness)
{
    if (!witness)
        return;
    for (size_t i = 0; i < witness->count; i++)
        aif_signkey_destroy(witness->keys[i].key);
    free(witness);
}

static struct known *find(struct aif_witness *witness, const char *id)
{
    for (size_t i = 0; i < witness->count; i++)
        if (!strcmp(aif_signkey_id(witness->keys[i].key), id))
            return &witness->keys[i];
    return NULL;
}

/* The value of the next key, copied, the cursor past it; the body has no other form than ours. */
static int take(const char **cursor, const char *before, char *ret_value, size_t size)
{
    const size_t length = strlen(before);
    size_t count;

    if (strncmp(*cursor, before, length))
        return -1;
    count = strcspn(*cursor + length, "\"\\");
    if (count >= size)
        return -1;
    memcpy(ret_value, *cursor + length, count);
    ret_value[count] = '\0';
    *cursor += length + count;
    return 0;
}

static int bad(const struct aif_event *event, const char *why, struct aif_error *err)
{
    return aif_error_set(err, AIF_ECHAIN, "event %llu: %s of a signed event", (unsigned long long)event->seq, why);
}

static bool signed_by(const struct aif_event *event, const struct aif_signkey *key, const char *what, const char *rest,
                      const char *signature)
{
    char bytes[BYTES_MAX];
    int length = bytes_of(bytes, what, event->seq - 1, event->prev, event->at, rest);

    return length >= 0 && aif_signkey_verify(key, bytes, (size_t)length, signature);
}

static int take_checkpoint(struct aif_witness *witness, const struct aif_event *event, struct aif_error *err)
{
    char id[AIF_KEYID_SIZE], signature[AIF_SIGNATURE_SIZE];
    struct aif_testimony *testimony = &witness->testimony;
    const char *cursor = event->body;
    const struct known *known;

    if (take(&cursor, "{\"v\":1,\"key\":\"", id, sizeof(id)) < 0 ||
        take(&cursor, "\",\"sig\":\"", signature, sizeof(signature)) < 0 || strcmp(cursor, "\"}"))
        return bad(event, "malformed body", err);
    known = find(witness, id);
    if (!known)
        return 0;
    if (!signed_by(event, known->key, "aif-checkpoint", id, signature))
        return bad(event, "wrong signature", err);
    if (known->believed) {
        testimony->checkpoints++;
        testimony->until = event->seq - 1;
        testimony->at = event->at;
        memcpy(testimony->key, id, sizeof(id));
    }
    return 0;
}

/* Takes key, also on failure. */
static int add(struct aif_witness *witness, struct aif_signkey *key, bool believed, struct aif_error *err)
{
    struct known *known = find(witness, aif_signkey_id(key));

    if (known) {
        aif_signkey_destroy(key);
        known->believed |= believed;
    } else if (witness->count == KEYS_MAX) {
        aif_signkey_destroy(key);
        return aif_error_set(err, AIF_ELIMIT, "more than %d keys in one ledger", KEYS_MAX);
    } else {
        known = &witness->keys[witness->count++];
        *known = (struct known){.key = key, .believed = believed};
    }
    witness->newest = known->key;
    return 0;
}

/* Whoever signed must be known, or be the key itself, to be believed where a key was given. */
static int check_introduction(struct aif_witness *witness, const struct aif_event *event, struct aif_signkey *key,
                              const char *by, const char *signature, bool *ret_believed, struct aif_error *err)
{
    const bool first = !strcmp(by, aif_signkey_id(key));
    const struct known *signer = find(witness, by);
    char rest[INTRODUCTION_MAX];

    introduction(rest, aif_signkey_id(key), aif_signkey_public(key), by);
    if ((first || signer) && !signed_by(event, first ? key : signer->key, "aif-key", rest, signature))
        return bad(event, "wrong signature", err);
    *ret_believed = !first && signer ? signer->believed : !witness->given;
    return 0;
}

static int take_key(struct aif_witness *witness, const struct aif_event *event, struct aif_error *err)
{
    char id[AIF_KEYID_SIZE], public[AIF_PUBLIC_SIZE], by[AIF_KEYID_SIZE], signature[AIF_SIGNATURE_SIZE];
    const char *cursor = event->body;
    struct aif_signkey *key;
    bool believed = false;

    if (take(&cursor, "{\"v\":1,\"key\":\"", id, sizeof(id)) < 0 ||
        take(&cursor, "\",\"public\":\"", public, sizeof(public)) < 0 ||
        take(&cursor, "\",\"by\":\"", by, sizeof(by)) < 0 ||
        take(&cursor, "\",\"sig\":\"", signature, sizeof(signature)) < 0 || strcmp(cursor, "\"}") ||
        aif_signkey_parse(public, &key, NULL) < 0)
        return bad(event, "malformed body", err);
    if (strcmp(aif_signkey_id(key), id)) {
        aif_signkey_destroy(key);
        return bad(event, "wrong key id", err);
    }
    if (check_introduction(witness, event, key, by, signature, &believed, err) < 0) {
        aif_signkey_destroy(key);
        return -1;
    }
    return add(witness, key, believed, err);
}

int aif_witness_event(struct aif_witness *witness, const struct aif_event *event, struct aif_error *err)
{
    if (!strcmp(event->kind, AIF_KIND_CHECKPOINT))
        return take_checkpoint(witness, event, err);
    if (!strcmp(event->kind, AIF_KIND_KEY))
        return take_key(witness, event, err);
    return 0;
}

const struct aif_testimony *aif_witness_testimony(const struct aif_witness *witness)
{
    return &witness->testimony;
}

const struct aif_signkey *aif_witness_newest(const struct aif_witness *witness)
{
    return witness->newest;
}
