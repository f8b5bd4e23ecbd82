/*
 * top_show.h - "aif top" as text and as JSON, to stdout
 */
#ifndef AIF_TOP_SHOW_H
#define AIF_TOP_SHOW_H

#include "topdata.h"

void aif_top_show(const struct aif_topdata *data);
void aif_top_show_json(const struct aif_topdata *data);

#endif
