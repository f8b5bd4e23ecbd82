/*
 * top_show.h - "aif top" as text and for programs, to stdout
 */
#ifndef AIF_TOP_SHOW_H
#define AIF_TOP_SHOW_H

#include "topdata.h"

void aif_top_show(const struct aif_topdata *data);

/* As JSON, or as aif_jsonout_print() makes lines of it. */
void aif_top_show_data(const struct aif_topdata *data, bool parsable);

#endif
