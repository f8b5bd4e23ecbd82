/*
 * metrics.h - gauges in the text form that OpenMetrics and Prometheus share
 *
 * A metric is begun with its help, gets one sample per set of labels, and the file is ended. Names and help are constants
 * of ours; the value of a label may be any text. Source: OpenMetrics 1.0, sections on text format and escaping.
 * Pure, thread-safe.
 */
#ifndef AIF_METRICS_H
#define AIF_METRICS_H

#include <stdint.h>

#include "text.h"

/* Begin a gauge. -1: no memory. */
int aif_metrics_gauge(struct aif_text *text, const char *name, const char *help);

/* One sample; key NULL: without a label. -1: no memory. */
int aif_metrics_sample(struct aif_text *text, const char *name, const char *key, const char *value, int64_t number);

/* The line that says that nothing is missing. -1: no memory. */
int aif_metrics_end(struct aif_text *text);

#endif
