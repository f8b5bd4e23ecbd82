/*
 * trestext.h - Slurm's way to write counts of trackable resources: "1=64,2=256000,4=2,1001=8"
 */
#ifndef AIF_TRESTEXT_H
#define AIF_TRESTEXT_H

#include <stdint.h>

/*
 * The count of the resource with this id. 1 if it is there, 0 if not (*ret_count is 0 then), -1 if text (NULL is
 * empty) is malformed or names a resource twice. Pure.
 */
int aif_trestext_count(const char *text, uint32_t id, uint64_t *ret_count);

#endif
