/*
 * slurmdb.h - Slurm's public API (slurm.h, slurmdb.h) as one and the same thing for every Slurm version
 *
 * For the tools, which need no Slurm source tree. Everything here is about differences between versions; the code
 * that uses it speaks the newest form.
 */
#ifndef AIF_COMPAT_SLURMDB_H
#define AIF_COMPAT_SLURMDB_H

#include <stdint.h>

/* From 26.05 on calls take a job as a struct; Slurm keeps the older form for those who ask for it. */
#define SLURM_BACKWARD_COMPAT 1

#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <slurm/slurmdb.h>

/* 22.05 has only the pointer types List and ListIterator; 24.11 only list_t and list_itr_t; between them both. */
#if SLURM_VERSION_NUMBER < SLURM_VERSION_NUM(23, 2, 0)
typedef struct xlist list_t;
typedef struct listIterator list_itr_t;
#endif

/* The id of a job record: a plain member up to 25.05, part of step_id after. */
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(25, 11, 0)
#define AIF_JOB_ID(record) ((record)->step_id.job_id)
#else
#define AIF_JOB_ID(record) ((record)->job_id)
#endif

#endif
