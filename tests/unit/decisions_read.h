/*
 * decisions_read.h - one case of the decision table, read and put before aif_decide()
 *
 *   cluster  true: tests/cluster_tests/test_decisions.py submits it as well
 *   request  account, user, qos, partition,
 * options{mode,allocation,residency,placement,purpose,explain} or the comment or environment
 * (comment, env) that carries them, gpus, nodes (1), array_tasks (1), billing (unknown),
 *            interactive (false), also{alloc, asked: hours} (other parts of a het job), minutes
 * (none), begin (now). "raw": the options are handed over as they are, not through the parser.
 *   usage    known (true), used, reserved, pending, free_used, free_reserved, inference: hours in
 * the allocation's unit; submits, user_submits: jobs balance  an entry of the balances file, in
 * hours: id, used, inference, free, first_month, months expect   verdict; of a rejection or hold
 * rule and message; unless rejected alloc, minutes (null: none), residency, placement, message, qos
 * (default: the allocation's), free (false)
 */
#ifndef DECISIONS_READ_H
#define DECISIONS_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <json-c/json.h>

#include "decide.h"
#include "rules.h"

#define RULES_MAX 64

struct tally {
    size_t cases;
    size_t failures;
    bool seen[RULES_MAX]; /* by index of aif_rules() */
};

/* One case, while it is decided on. */
struct subject {
    const char *file;
    struct json_object *entry;
    const char *now;
    struct aif_usage usage;
    unsigned int usage_calls;
    struct aif_decision decision;
    struct tally *tally;
};

/* A member, its text, its number; NULL or none if the object has no such key. */
struct json_object *member(struct json_object *object, const char *key);
const char *text_of(struct json_object *object, const char *key);
uint64_t number_of(struct json_object *object, const char *key, uint64_t none);

/* Every key of the case is one of those above. */
void check_form(const struct subject *subject);

/* Decide: fills usage, usage_calls and decision. site NULL: no policy is loaded. */
void decide_case(const struct aif_snapshot *site, struct subject *subject);

/* The rule that a message names first; NULL if there is none. */
const struct aif_rule *rule_in(const char *message);

#endif
