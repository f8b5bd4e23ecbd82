/*
 * state_file.h - small files of text in StateSaveLocation, each replaced as a whole, or as it was
 */
#ifndef AIF_COMPAT_STATE_FILE_H
#define AIF_COMPAT_STATE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "error.h"

/* Make a file of that text and mode (0644, 0600). The text may be NULL: then nothing is done. */
extern int aif_state_file_write(const char *path, mode_t mode, const char *text, struct aif_error *err);

/* malloc'ed text with NUL of a file, of at most limit bytes. No such file: 0 and NULL. */
extern int aif_state_file_read(const char *path, size_t limit, char **ret_text, struct aif_error *err);

#endif
