/* aif_doctor.c - "aif doctor": does the cluster let slurm-aif do its work well */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "common.h"
#include "doctor.h"
#include "slurmconn.h"
#include "jsonout.h"
#include "table.h"

/* Of libslurm, but in no public header: this host's slurm.conf, from aif_slurm_init() on. */
extern slurm_conf_t slurm_conf;

static const char help[] =
    "Usage: aif doctor [--json|--parsable]\n"
    "Look for what keeps slurm-aif from working well on this cluster: a policy that is not valid, plugins that are missing\n"
    "or built for another Slurm, a select wrapper that is not in front, levels and maps that do not fit the nodes, settings\n"
    "of Slurm that leave GPUs unusable, and GPUs that Slurm gives in badly linked pairs. Reads policy.json, gres.conf,\n"
    "plugstack.conf and the plugins of this machine, and asks slurmctld: run it on the controller. One line per finding,\n"
    "with a rule id.\n"
    "  -j, --json  as JSON\n"
    "  --parsable  separated by '|', for scripts\n"
    "Exit status: 0 no fault (there may be warnings), 1 a fault, 2 wrong command line, 3 Slurm cannot be reached.\n";

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

static void show_parsable(const struct aif_doctor *doctor)
{
    /* Scripts count columns: new ones go to the end. */
    static const char *const titles[] = {"STATE", "CHECK", "RULE", "TEXT", NULL};
    struct aif_table *table = aif_table_create(titles);

    for (size_t i = 0; i < doctor->count; i++) {
        const struct aif_doctor_finding *finding = &doctor->findings[i];

        aif_table_add(table, aif_tool_strdup(aif_doctor_state_name(finding->state)));
        aif_table_add(table, aif_tool_strdup(finding->check));
        aif_table_add(table, aif_tool_strdup(finding->rule));
        aif_table_add(table, aif_table_cell(finding->text));
    }
    aif_table_print(table, true);
    aif_table_destroy(table);
}

static void show(const struct aif_doctor *doctor, enum aif_format format)
{
    if (format == AIF_FORMAT_JSON)
        show_json(doctor);
    else if (format == AIF_FORMAT_PARSABLE)
        show_parsable(doctor);
    else
        show_text(doctor);
}

static int examine(struct aif_doctor *doctor, enum aif_format format)
{
    aif_doctor_run(doctor);
    show(doctor, format);
    return count_state(doctor, AIF_DOCTOR_FAULT) ? AIF_EXIT_FAILED : AIF_EXIT_OK;
}

static bool is_up(void)
{
    bool up = false;

    aif_slurm_quiet();
    for (uint32_t i = 0; i < slurm_conf.control_cnt && !up; i++)
        up = slurm_ping((int)i) == SLURM_SUCCESS;
    aif_slurm_loud();
    return up;
}

/* Why no slurmctld runs can be seen on its host. Whether there is a reason; if so, all is said. */
static bool explains(struct aif_doctor *doctor, enum aif_format format)
{
    doctor->conf = &slurm_conf;
    aif_doctor_run(doctor);
    if (!count_state(doctor, AIF_DOCTOR_FAULT)) {
        aif_doctor_free(doctor);
        return false;
    }
    show(doctor, format);
    aif_tool_fail(AIF_EXIT_FAILED, "slurmctld does not answer, so only what this host knows was looked at");
    return true;
}

static int ask_slurmctld(struct aif_doctor *doctor, enum aif_format format)
{
    struct aif_gpusite *site = NULL;
    int rc = aif_gpusite_load(&site);

    if (rc == AIF_EXIT_OK) {
        doctor->site = site;
        doctor->conf = site->conf;
        rc = examine(doctor, format);
    }
    aif_gpusite_free(site);
    return rc;
}

static int doctor_run(struct aif_cmd_context *ctx, enum aif_format format)
{
    struct aif_doctor doctor = {.conf_dir = ctx->conf_dir, .local = &slurm_conf};
    int rc;

    if (!aif_snapshot_load(ctx->conf_dir, &ctx->snapshot, &doctor.snapshot_error))
        doctor.snapshot = ctx->snapshot;
    rc = !is_up() && explains(&doctor, format) ? AIF_EXIT_FAILED : ask_slurmctld(&doctor, format);
    aif_doctor_free(&doctor);
    return rc;
}

int aif_cmd_doctor(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {
        {"help", no_argument, NULL, 'h'}, {"json", no_argument, NULL, 'j'}, {"parsable", no_argument, NULL, 'p'}, {0}};
    enum aif_format format = AIF_FORMAT_PLAIN;
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "hjp", longs, help, &rc)) != -1) {
        if (opt == AIF_TOOL_OPT_DONE)
            return rc;
        format = opt == 'j' ? AIF_FORMAT_JSON : AIF_FORMAT_PARSABLE;
    }
    if (optind < argc)
        return aif_tool_fail(
            AIF_EXIT_USAGE, "doctor takes no argument %s; see \"aif doctor --help\"", argv[optind]);
    rc = aif_slurm_init();
    if (rc == AIF_EXIT_OK)
        rc = doctor_run(ctx, format);
    return rc;
}
