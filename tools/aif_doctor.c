/* aif_doctor.c - "aif doctor": does the cluster let slurm-aif do its work well */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "common.h"
#include "doctor.h"
#include "slurmconn.h"

static const char help[] = "Usage: aif doctor [--json]\n"
                           "Look for what keeps slurm-aif from working well on this cluster: a "
                           "policy that is not valid, a select\n"
                           "wrapper that is not in front, levels and maps that do not fit the "
                           "nodes, settings of Slurm that leave GPUs\n"
                           "unusable, and GPUs that Slurm gives in badly linked pairs. Reads "
                           "policy.json, gres.conf and the plugins of\n"
                           "this machine, and asks slurmctld: run it on the controller. One line "
                           "per finding, with a rule id.\n"
                           "  -j, --json  as JSON\n"
                           "Exit status: 0 no fault (there may be warnings), 1 a fault, 2 wrong "
                           "command line, 3 Slurm cannot be reached.\n";

static size_t count_state(const struct aif_doctor *doctor, enum aif_doctor_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < doctor->count; i++)
        count += doctor->findings[i].state == state;
    return count;
}

static void show_text(const struct aif_doctor *doctor)
{
    for (size_t i = 0; i < doctor->count; i++) {
        const struct aif_doctor_finding *finding = &doctor->findings[i];

        printf("%-8s %-8s %s\n", aif_doctor_state_name(finding->state), finding->check,
               finding->text);
    }
}

static struct json_object *finding_json(const struct aif_doctor_finding *finding)
{
    struct json_object *object = json_object_new_object();

    json_object_object_add(object, "check", json_object_new_string(finding->check));
    json_object_object_add(object, "state",
                           json_object_new_string(aif_doctor_state_name(finding->state)));
    json_object_object_add(object, "rule",
                           finding->rule ? json_object_new_string(finding->rule) : NULL);
    json_object_object_add(object, "text", json_object_new_string(finding->text));
    return object;
}

static void show_json(const struct aif_doctor *doctor)
{
    struct json_object *object = json_object_new_object(), *list = json_object_new_array();

    for (size_t i = 0; i < doctor->count; i++)
        json_object_array_add(list, finding_json(&doctor->findings[i]));
    json_object_object_add(object, "findings", list);
    json_object_object_add(object, "warnings",
                           json_object_new_int64((int64_t)count_state(doctor, AIF_DOCTOR_WARNING)));
    json_object_object_add(object, "faults",
                           json_object_new_int64((int64_t)count_state(doctor, AIF_DOCTOR_FAULT)));
    puts(json_object_to_json_string_ext(object,
                                        JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}

static int examine(struct aif_cmd_context *ctx, const struct aif_gpusite *site, bool json)
{
    struct aif_doctor doctor = {.conf_dir = ctx->conf_dir, .site = site};
    int rc;

    if (!aif_snapshot_load(ctx->conf_dir, &ctx->snapshot, &doctor.snapshot_error))
        doctor.snapshot = ctx->snapshot;
    aif_doctor_run(&doctor);
    if (json)
        show_json(&doctor);
    else
        show_text(&doctor);
    rc = count_state(&doctor, AIF_DOCTOR_FAULT) ? AIF_EXIT_FAILED : AIF_EXIT_OK;
    aif_doctor_free(&doctor);
    return rc;
}

int aif_cmd_doctor(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {
        {"help", no_argument, NULL, 'h'}, {"json", no_argument, NULL, 'j'}, {0}};
    struct aif_gpusite *site = NULL;
    bool json = false;
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "hj", longs, help, &rc)) != -1) {
        if (opt == AIF_TOOL_OPT_DONE)
            return rc;
        json = true;
    }
    if (optind < argc)
        return aif_tool_fail(
            AIF_EXIT_USAGE, "doctor takes no argument %s; see \"aif doctor --help\"", argv[optind]);
    rc = aif_slurm_init();
    if (rc == AIF_EXIT_OK)
        rc = aif_gpusite_load(&site);
    if (rc == AIF_EXIT_OK)
        rc = examine(ctx, site, json);
    aif_gpusite_free(site);
    return rc;
}
