/* get.c - a PMIx client as a framework has one: prints "RANK KEY VALUE" for each key given, as its own server knows it of the job; without keys: the version */
#include <stdbool.h>
#include <stdio.h>

#include <pmix.h>

static void print_value(const pmix_proc_t *me, const char *key)
{
    pmix_info_t now = {.key = PMIX_IMMEDIATE, .value = {.type = PMIX_BOOL, .data.flag = true}};
    pmix_proc_t job = *me;
    pmix_value_t *value = NULL;
    pmix_status_t status;

    job.rank = PMIX_RANK_WILDCARD;
    status = PMIx_Get(&job, key, &now, 1, &value);
    if (status != PMIX_SUCCESS) {
        printf("%u %s (%s)\n", me->rank, key, PMIx_Error_string(status));
        return;
    }
    printf("%u %s %s\n", me->rank, key, value->type == PMIX_STRING ? value->data.string : "(no string)");
    PMIX_VALUE_RELEASE(value);
}

int main(int argc, char **argv)
{
    pmix_proc_t me;
    pmix_status_t status;

    if (argc == 1) {
        puts(PMIx_Get_version());
        return 0;
    }
    status = PMIx_Init(&me, NULL, 0);
    if (status != PMIX_SUCCESS) {
        fprintf(stderr, "PMIx_Init: %s\n", PMIx_Error_string(status));
        return 1;
    }
    for (int i = 1; i < argc; i++)
        print_value(&me, argv[i]);
    return PMIx_Finalize(NULL, 0) == PMIX_SUCCESS ? 0 : 1;
}
