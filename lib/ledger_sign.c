/* ledger_sign.c - checkpoints and keys in the ledger; see ledger.h and witness.h */
#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger_db.h"
#include "witness.h"

/* What the state table says; it can be made again from the events. */
#define STATE_KEY "sign.key"
#define STATE_SEQ "sign.seq"
#define STATE_AT "sign.at"

/* The value, "" if there is none. */
static int state_get(struct aif_ledger *ledger, const char *key, char *ret_value, size_t size, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_STATE_GET, err, "t", key);
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;

    if (rc >= 0)
        snprintf(ret_value, size, "%s", rc ? aif_ledger_text(row, 0) : "");
    sqlite3_reset(row);
    return rc < 0 ? -1 : 0;
}

static int state_set(struct aif_ledger *ledger, const char *key, const char *value, struct aif_error *err)
{
    return aif_ledger_run(ledger, aif_ledger_query(ledger, Q_STATE_SET, err, "tt", key, value), err);
}

static int state_set_number(struct aif_ledger *ledger, const char *key, int64_t value, struct aif_error *err)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)value);
    return state_set(ledger, key, text, err);
}

int aif_ledger_signing(struct aif_ledger *ledger, struct aif_ledger_signing *ret_signing, struct aif_error *err)
{
    struct aif_ledger_signing signing = {0};
    char seq[24], at[24];
    struct aif_chain head;
    uint64_t covered;

    if (state_get(ledger, STATE_KEY, signing.key, sizeof(signing.key), err) < 0 ||
        state_get(ledger, STATE_SEQ, seq, sizeof(seq), err) < 0 || state_get(ledger, STATE_AT, at, sizeof(at), err) < 0 ||
        aif_ledger_head(ledger, &head, err) < 0)
        return -1;
    covered = strtoull(seq, NULL, 10);
    signing.at = strtoll(at, NULL, 10);
    signing.open = head.count > covered ? head.count - covered : 0;
    *ret_signing = signing;
    return 0;
}

/* In a transaction. */
static int introduce(struct aif_ledger *ledger, const struct aif_signkey *fresh, const struct aif_signkey *by,
                     int64_t at, struct aif_error *err)
{
    char body[AIF_WITNESS_BODY];

    if (aif_witness_key(&ledger->chain, at, fresh, by, body, err) < 0 ||
        aif_ledger_append(ledger, AIF_KIND_KEY, "", 0, at, body, err) < 0)
        return -1;
    return state_set(ledger, STATE_KEY, aif_signkey_id(fresh), err);
}

/* That key signs, introduced if it is the first. */
static int check_key(struct aif_ledger *ledger, const struct aif_signkey *key, int64_t at, struct aif_error *err)
{
    struct aif_ledger_signing signing;

    if (aif_ledger_signing(ledger, &signing, err) < 0)
        return -1;
    if (!signing.key[0])
        return introduce(ledger, key, NULL, at, err);
    if (strcmp(signing.key, aif_signkey_id(key)))
        return aif_error_set(err, AIF_EINVAL, "%s: is signed by key %s, not by %s; a new key is taken with "
                                              "\"aif ledger key --rotate\"",
                             ledger->path, signing.key, aif_signkey_id(key));
    return 0;
}

static int checkpoint(struct aif_ledger *ledger, const struct aif_signkey *key, int64_t at, struct aif_error *err)
{
    char body[AIF_WITNESS_BODY];

    if (check_key(ledger, key, at, err) < 0 || aif_witness_checkpoint(&ledger->chain, at, key, body, err) < 0 ||
        aif_ledger_append(ledger, AIF_KIND_CHECKPOINT, "", 0, at, body, err) < 0 ||
        state_set_number(ledger, STATE_SEQ, (int64_t)ledger->chain.count, err) < 0)
        return -1;
    return state_set_number(ledger, STATE_AT, at, err);
}

int aif_ledger_checkpoint(struct aif_ledger *ledger, const struct aif_signkey *key, int64_t at, struct aif_error *err)
{
    bool own;

    if (aif_ledger_enter(ledger, &own, err) < 0)
        return -1;
    return aif_ledger_leave(ledger, own, checkpoint(ledger, key, at, err), err);
}

static int rotate(struct aif_ledger *ledger, const struct aif_signkey *key, const struct aif_signkey *fresh, int64_t at,
                  struct aif_error *err)
{
    /* The old key's last word covers all until here. */
    if (checkpoint(ledger, key, at, err) < 0 || introduce(ledger, fresh, key, at, err) < 0)
        return -1;
    return checkpoint(ledger, fresh, at, err);
}

int aif_ledger_rotate(struct aif_ledger *ledger, const struct aif_signkey *key, const struct aif_signkey *fresh,
                      int64_t at, struct aif_error *err)
{
    bool own;

    if (aif_ledger_enter(ledger, &own, err) < 0)
        return -1;
    return aif_ledger_leave(ledger, own, rotate(ledger, key, fresh, at, err), err);
}
