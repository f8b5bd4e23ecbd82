/* nodeplace.c - see nodeplace.h */
#include "nodeplace.h"

#include <stdio.h>
#include <string.h>

bool aif_nodeplace_needs_features(const struct aif_policy *policy)
{
    for (size_t i = 0; i < policy->location_count; i++) {
        if (policy->locations[i].feature)
            return true;
    }
    return false;
}

static bool has_feature(const char *features, const char *feature)
{
    size_t length = strlen(feature);

    while (features) {
        if (!strncmp(features, feature, length) && (!features[length] || features[length] == ','))
            return true;
        features = strchr(features, ',');
        features += features ? 1 : 0;
    }
    return false;
}

static bool is_there(const struct aif_location *location, const struct aif_nodeplace *node)
{
    return location->nodes ? node->is_named(node->arg, location->nodes) : has_feature(node->features, location->feature);
}

/* What is said of the node in one respect: country or zone. */
struct sides {
    bool inside;
    bool outside;
};

static void say(struct sides *sides, bool inside)
{
    if (inside)
        sides->inside = true;
    else
        sides->outside = true;
}

static bool is_said(const struct sides *sides)
{
    return sides->inside || sides->outside;
}

static void add_word(const char *before, const char *word, char *text, size_t size)
{
    size_t length = strlen(text);

    if (!strstr(text, word))
        snprintf(text + length, size - length, "%s%s", length ? before : "", word);
}

static void say_country(struct sides *countries, int country, const struct aif_restag *tag, char *text, size_t size)
{
    char code[3];

    say(countries, aif_residency_has(&tag->set, country));
    aif_residency_country_name(country, code);
    add_word(" and ", code, text, size);
}

static void say_zone(struct sides *zones, const char *zone, const struct aif_restag *tag, char *text, size_t size)
{
    say(zones, !strcmp(zone, tag->zone));
    add_word(" in zone ", zone, text, size);
}

static void look_at_locations(const struct aif_policy *policy, const struct aif_nodeplace *node,
                              const struct aif_restag *tag, struct sides sides[2], char *text, size_t size)
{
    for (size_t i = 0; i < policy->location_count; i++) {
        if (is_there(&policy->locations[i], node))
            say_country(&sides[0], policy->locations[i].country, tag, text, size);
    }
    for (size_t i = 0; i < policy->location_count; i++) {
        if (policy->locations[i].zone && is_there(&policy->locations[i], node))
            say_zone(&sides[1], policy->locations[i].zone, tag, text, size);
    }
}

bool aif_nodeplace_allows(const struct aif_policy *policy, const struct aif_nodeplace *node,
                          const struct aif_restag *tag, char *ret_where, size_t size)
{
    struct sides sides[2] = {{false, false}, {false, false}}; /* country, zone */

    ret_where[0] = '\0';
    /* One of them could place it anywhere. */
    if (!node->features && aif_nodeplace_needs_features(policy))
        sides[0].outside = true;
    else
        look_at_locations(policy, node, tag, sides, ret_where, size);
    if (!is_said(&sides[0]) && policy->home_country >= 0)
        say_country(&sides[0], policy->home_country, tag, ret_where, size);
    if (!is_said(&sides[1]) && policy->home_zone && !sides[0].outside)
        say_zone(&sides[1], policy->home_zone, tag, ret_where, size);
    if (!ret_where[0])
        snprintf(ret_where, size, "?");
    return sides[0].inside && !sides[0].outside && (!tag->zone[0] || (sides[1].inside && !sides[1].outside));
}
