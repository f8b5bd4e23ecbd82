/* doctor.c - see doctor.h */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common.h"
#include "doctor.h"

static const struct {
    const char *name;
    bool needs_site; /* what only slurmctld knows */
    void (*run)(struct aif_doctor *doctor);
} checks[] = {
    {"config", false, aif_doctor_config},   {"enforce", false, aif_doctor_enforce}, {"plugins", false, aif_doctor_plugins},
    {"wrapper", false, aif_doctor_wrapper}, {"spank", false, aif_doctor_spank},     {"levels", true, aif_doctor_levels},
    {"map", true, aif_doctor_map},          {"cores", true, aif_doctor_cores},      {"links", true, aif_doctor_links},
    {"ticket", true, aif_doctor_ticket},    {"node", true, aif_doctor_node},        {"spool", true, aif_doctor_spool},
    {"datasets", true, aif_doctor_datasets},
};

void aif_doctor_run(struct aif_doctor *doctor)
{
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        if (checks[i].needs_site && !doctor->site)
            continue;
        doctor->check = checks[i].name;
        checks[i].run(doctor);
    }
}

void aif_doctor_say(struct aif_doctor *doctor, enum aif_doctor_state state, const char *rule,
                    const char *fmt, ...)
{
    struct aif_doctor_finding *more =
        realloc(doctor->findings, (doctor->count + 1) * sizeof(*doctor->findings));
    char text[1024];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (!more)
        return;
    doctor->findings = more;
    more[doctor->count++] =
        (struct aif_doctor_finding){doctor->check, state, rule, aif_tool_strdup(text)};
}

const char *aif_doctor_state_name(enum aif_doctor_state state)
{
    static const char *const names[] = {"ok", "skipped", "warning", "fault"};

    return names[state];
}

void aif_doctor_free(struct aif_doctor *doctor)
{
    for (size_t i = 0; i < doctor->count; i++)
        free(doctor->findings[i].text);
    free(doctor->findings);
    doctor->findings = NULL;
    doctor->count = 0;
}
