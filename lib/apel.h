/*
 * apel.h - messages for APEL, EGI's accounting, without their transport
 *
 * A message is text: one header line, then records of "Key: Value" lines that each end with "%%"; at most
 * AIF_APEL_RECORDS_MAX records. Times are seconds since 1970, durations seconds. SSM signs and sends what lies in its
 * outgoing directory. The server replaces what it has under the same key: (Site, LocalJobId, EndTime) of jobs; site, month,
 * VO, submit host and infrastructure of summaries. No record of APEL knows GPUs: they are told in a JSON message of
 * their own. CpuDuration is allocated CPUs x elapsed: what a job was given, whether it used it or not.
 * Source: EGI documentation, "Grid accounting, record and message formats" v0.4; the accelerator message as cASO writes
 * it, whose units EGI does not document (seconds here). Pure, thread-safe.
 */
#ifndef AIF_APEL_H
#define AIF_APEL_H

#include "record.h"
#include "text.h"
#include "usagesum.h"

#define AIF_APEL_RECORDS_MAX 1000
#define AIF_APEL_JOB_HEADER "APEL-individual-job-message: v0.4\n"
#define AIF_APEL_SUMMARY_HEADER "APEL-summary-job-message: v0.4\n"
#define AIF_APEL_SYNC_HEADER "APEL-sync-message: v0.1\n"
#define AIF_APEL_GPU_HEADER "{\"Type\":\"APEL-accelerator-message\",\"Version\":\"0.1\",\"UsageRecords\":["
#define AIF_APEL_GPU_END "]}\n"

/* The id of a job that no other cluster of the site and no requeue repeats: "<cluster>-<job>-<row>". */
#define AIF_APEL_JOB_SIZE 112
void aif_apel_job_id(const struct aif_record *record, char ret_id[AIF_APEL_JOB_SIZE]);

/* Append the record of a job that started and ended. service_level: HEPscore23 per core, NULL if not known. -1: no memory. */
int aif_apel_job(struct aif_text *text, const char *site, const char *service_level, const struct aif_record *record);

/* Append the summary of an allocation's month; jobs count in the month of their end. -1: no memory. */
int aif_apel_summary(struct aif_text *text, const char *site, const char *cluster, const char *service_level,
                     const struct aif_usagesum_item *item);

/* Append how many jobs there are in a month ("YYYY-MM"), for the server to compare. -1: no memory. */
int aif_apel_sync(struct aif_text *text, const char *site, const char *cluster, const char *month, uint64_t jobs);

/* Append the accelerator record of a job with GPUs, without a separator. -1: no memory, or not text. */
int aif_apel_gpu(struct aif_text *text, const char *site, const char *model, const struct aif_record *record);

#endif
