/* test_apel.c - unit tests of apel.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "apel.h"
#include "report_helper.h"

static struct aif_record record(void)
{
    struct aif_record record = fixture_record(7);

    record.cpus = 16;
    return record;
}

static void test_job(void **state)
{
    struct aif_record job = record();
    struct aif_text text = {0};

    (void)state;
    assert_int_equal(aif_apel_job(&text, "SITE", "11.5", &job), 0);
    assert_string_equal(text.data,
                        "Site: SITE\nSubmitHost: c1\nMachineName: c1\nQueue: gpu\nLocalJobId: c1-7-7\nLocalUserId: alice\n"
                        "VO: A-1\nWallDuration: 3600\nCpuDuration: 57600\nProcessors: 16\nNodeCount: 1\n"
                        "StartTime: 1700000100\nEndTime: 1700003700\nInfrastructureType: local\n"
                        "InfrastructureDescription: slurm-aif\nServiceLevel: {hepscore23: 11.5}\n%%\n");
    aif_text_free(&text);
}

static void test_empty_values_are_left_out(void **state)
{
    struct aif_record job = record();
    struct aif_text text = {0};

    (void)state;
    job.user[0] = job.partition[0] = '\0';
    job.cpus = UINT64_MAX;
    assert_int_equal(aif_apel_job(&text, "SITE", NULL, &job), 0);
    assert_null(strstr(text.data, "LocalUserId"));
    assert_null(strstr(text.data, "Queue"));
    assert_null(strstr(text.data, "ServiceLevel"));
    assert_non_null(strstr(text.data, "CpuDuration: 18446744073709551615\n"));
    aif_text_free(&text);
}

static void test_clusters_do_not_share_ids(void **state)
{
    struct aif_record job = record(), other = record();
    char id[AIF_APEL_JOB_SIZE], id2[AIF_APEL_JOB_SIZE];

    (void)state;
    snprintf(other.cluster, sizeof(other.cluster), "c2");
    aif_apel_job_id(&job, id);
    aif_apel_job_id(&other, id2);
    assert_string_not_equal(id, id2);
    other = job;
    other.db_index++; /* the same job, requeued */
    aif_apel_job_id(&other, id2);
    assert_string_not_equal(id, id2);
    memset(other.cluster, 'x', sizeof(other.cluster) - 1);
    other.job_id = UINT32_MAX;
    other.db_index = UINT64_MAX;
    aif_apel_job_id(&other, id2);
    assert_int_equal(strlen(id2), 63 + 1 + 10 + 1 + 20);
}

static void test_months(void **state)
{
    const struct aif_usagesum_item item = {.month = "2026-02", .allocation = "A-1", .jobs = 3, .wall_secs = 60,
                                           .cpu_secs = 120, .first_end = 1770000000, .last_end = 1770000060};
    struct aif_text text = {0};

    (void)state;
    assert_int_equal(aif_apel_summary(&text, "SITE", "c1", NULL, &item), 0);
    assert_string_equal(text.data, "Site: SITE\nMonth: 2\nYear: 2026\nVO: A-1\nSubmitHost: c1\n"
                                   "InfrastructureType: local\nInfrastructureDescription: slurm-aif\n"
                                   "EarliestEndTime: 1770000000\nLatestEndTime: 1770000060\nWallDuration: 60\n"
                                   "CpuDuration: 120\nNumberOfJobs: 3\n%%\n");
    aif_text_free(&text);
    assert_int_equal(aif_apel_sync(&text, "SITE", "c1", "2026-02", 3), 0);
    assert_string_equal(text.data, "Site: SITE\nSubmitHost: c1\nNumberOfJobs: 3\nMonth: 2\nYear: 2026\n%%\n");
    aif_text_free(&text);
    assert_int_equal(aif_apel_sync(&text, "SITE", "c1", "never", 3), -1);
    aif_text_free(&text);
}

static void test_accelerators(void **state)
{
    struct aif_record job = record();
    struct aif_text text = {0};

    (void)state;
    assert_int_equal(aif_apel_gpu(&text, "SITE", "H\"100", &job), 0);
    assert_string_equal(text.data,
                        "{\"MeasurementMonth\":11,\"MeasurementYear\":2023,\"AssociatedRecordType\":\"grid\","
                        "\"AssociatedRecord\":\"c1-7-7\",\"FQAN\":\"A-1\",\"SiteName\":\"SITE\",\"Count\":4,"
                        "\"ActiveDuration\":3600,\"AvailableDuration\":3600,\"Type\":\"GPU\",\"Model\":\"H\\\"100\"}");
    aif_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_job),
        cmocka_unit_test(test_empty_values_are_left_out),
        cmocka_unit_test(test_clusters_do_not_share_ids),
        cmocka_unit_test(test_months),
        cmocka_unit_test(test_accelerators),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
