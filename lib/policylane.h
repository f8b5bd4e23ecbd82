/*
 * policylane.h - "lane" and "yield" of a mode, and "lanes", which is of all of them
 *
 * Readers for the tables in policymodes.c and policy.c; the file's context is the struct aif_policy being read.
 */
#ifndef AIF_POLICYLANE_H
#define AIF_POLICYLANE_H

#include "jsonschema.h"
#include "policy.h"

/* Reader of a mode's "lane"; ret_value is its struct aif_lane. */
int aif_policylane_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field, void *ret_value,
                        struct aif_error *err);

/* Reader of a mode's "yield"; ret_value is the struct aif_mode. */
int aif_policylane_read_yield(const struct aif_jsonnode *node, const struct aif_jsonfield *field, void *ret_value,
                              struct aif_error *err);

/* Reader of "lanes" at the top; ret_value is the struct aif_lanes_conf, with its defaults in place. */
int aif_policylane_read_all(const struct aif_jsonnode *node, const struct aif_jsonfield *field, void *ret_value,
                            struct aif_error *err);

/* Refuse the key "lane_boost" of a mode, which is what "lane" was before, and say what to write. */
int aif_policylane_refuse_boost(const struct aif_jsonnode *mode, struct aif_error *err);

/* Once all modes are read (node is their object): lanes preempt modes that there are, not their own,
 * and not each other. */
int aif_policylane_check(const struct aif_jsonnode *node, const struct aif_policy *policy, struct aif_error *err);

/* Defaults of "lanes", and what follows from the rest of the file once all of it is read. */
void aif_policylane_init(struct aif_lanes_conf *ret_conf);
void aif_policylane_finish(struct aif_policy *policy);

/* Free what the reader of a lane stored. */
void aif_policylane_free(struct aif_lane *lane);

#endif
