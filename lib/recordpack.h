/*
 * recordpack.h - a record in few bytes: its values without their names, for rows whose events were moved to an archive
 *
 * The values in the canonical order of record.h, each on a line of its own: unambiguous, because no value has control
 * characters. Nothing is lost: unpacking gives the record that was packed. Pure, thread-safe.
 */
#ifndef AIF_RECORDPACK_H
#define AIF_RECORDPACK_H

#include "record.h"

/* Append the packed record, which must pass aif_record_check, to text. -1 when memory is out. */
int aif_recordpack_write(const struct aif_record *record, struct aif_text *text);

/* Read it back. AIF_ESYNTAX unless the text is exactly what aif_recordpack_write made. */
int aif_recordpack_parse(const char *packed, struct aif_record *ret_record, struct aif_error *err);

/* The same of a text that is either packed or canonical JSON. */
int aif_recordpack_parse_any(const char *text, struct aif_record *ret_record, struct aif_error *err);

#endif
