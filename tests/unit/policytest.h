/* policytest.h - a policy from a few words, for the tests of its parts; include after cmocka.h */
#ifndef AIF_POLICYTEST_H
#define AIF_POLICYTEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "configtest.h"
#include "alloc.h"
#include "policy.h"

static inline char *policytest_text(const char *top, const char *mode)
{
    char *text = NULL;

    assert_true(
        asprintf(&text,
                 "{\"version\": 1, \"cluster\": \"c\", %s%s\"modes\": {\"m\": {%s}, \"n\": {}}}",
                 top, *top ? ", " : "", mode) > 0);
    return text;
}

/* A policy with these keys at the top level and in its mode "m"; a mode "n" has none. */
static inline struct aif_policy *policytest_make(const char *top, const char *mode)
{
    char *text = policytest_text(top, mode);
    struct aif_policy *policy = NULL;
    struct aif_error err = {0};

    if (aif_policy_parse(text, strlen(text), "f", &policy, &err))
        fail_msg("%s: %s", text, err.text);
    free(text);
    return policy;
}

/* Such a policy is refused with a message that starts with "f:1: " and goes on as expected. */
static inline void policytest_refused(const char *top, const char *mode, const char *expected)
{
    char *text = policytest_text(top, mode);
    struct aif_policy *policy = NULL;
    struct aif_error err = {0};

    if (!aif_policy_parse(text, strlen(text), "f", &policy, &err))
        fail_msg("taken: %s", text);
    assert_null(policy);
    drop_column(err.text);
    if (strncmp(err.text, "f:1: ", 5) || strncmp(err.text + 5, expected, strlen(expected)))
        fail_msg("%s\n  want %s\n  got  %s", text, expected, err.text);
    free(text);
}

/* A bad value, and how its refusal starts after the place. */
struct policytest_bad {
    const char *text;
    const char *expected;
};

static inline void policytest_refused_modes(const struct policytest_bad *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        policytest_refused("", cases[i].text, cases[i].expected);
}

static inline void policytest_refused_tops(const struct policytest_bad *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        policytest_refused(cases[i].text, "", cases[i].expected);
}

#endif
