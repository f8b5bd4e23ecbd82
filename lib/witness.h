/*
 * witness.h - the events of a ledger that are signed, and what they prove
 *
 * Two kinds of events carry a signature (Ed25519, signkey.h). A "checkpoint" says what the head of the chain was: body
 *
 *     {"v":1,"key":ID,"sig":SIGNATURE}    over    "aif-checkpoint 1\n" seq "\n" head "\n" at "\n" ID "\n"
 *
 * where seq and head are those of the event before it (its own "prev"), and at is its own time. A "key" introduces a key:
 *
 *     {"v":1,"key":ID,"public":BASE64,"by":ID,"sig":SIGNATURE}
 *                                 over    "aif-key 1\n" seq "\n" head "\n" at "\n" ID "\n" BASE64 "\n" by "\n"
 *
 * signed by an older key that it follows, or by itself where it is the first. A witness reads a chain's events in order and
 * believes a key that it was given, and each that a key it believes introduces. One witness, one thread.
 */
#ifndef AIF_WITNESS_H
#define AIF_WITNESS_H

#include "chain.h"
#include "signkey.h"

#define AIF_KIND_CHECKPOINT "checkpoint"
#define AIF_KIND_KEY "key"
#define AIF_WITNESS_BODY 384 /* room for a body of either */

/* The body of the checkpoint that comes after chain. */
int aif_witness_checkpoint(const struct aif_chain *chain, int64_t at, const struct aif_signkey *key,
                           char ret_body[AIF_WITNESS_BODY], struct aif_error *err);

/* The body of the event after chain that introduces fresh; by signs, NULL: fresh itself, as the first key. */
int aif_witness_key(const struct aif_chain *chain, int64_t at, const struct aif_signkey *fresh,
                    const struct aif_signkey *by, char ret_body[AIF_WITNESS_BODY], struct aif_error *err);

struct aif_witness;

/* given: a public key from elsewhere, NULL: none, then the ledger's own keys are taken at their word. */
struct aif_witness *aif_witness_create(const struct aif_signkey *given, struct aif_error *err);
void aif_witness_destroy(struct aif_witness *witness);

/*
 * Look at the next event, whose place in the chain was checked before. Events of other kinds are fine. AIF_ECHAIN and one
 * line for a signature that is not good, or a body that has not exactly the form above. Checkpoints of a key that nothing
 * introduced are passed over: they prove nothing.
 */
int aif_witness_event(struct aif_witness *witness, const struct aif_event *event, struct aif_error *err);

struct aif_testimony {
    uint64_t checkpoints; /* with a good signature of a believed key */
    uint64_t until;       /* the last event that one of them covers, 0: none */
    int64_t at;           /* when that was signed */
    char key[AIF_KEYID_SIZE]; /* by which key */
};
const struct aif_testimony *aif_witness_testimony(const struct aif_witness *witness);

/* The key that was introduced last, as far as it was seen; NULL: none. */
const struct aif_signkey *aif_witness_newest(const struct aif_witness *witness);

#endif
