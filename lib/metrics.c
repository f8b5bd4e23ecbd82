/* metrics.c - see metrics.h */
#include "metrics.h"

#include <inttypes.h>

int aif_metrics_gauge(struct aif_text *text, const char *name, const char *help)
{
    return aif_text_printf(text, "# TYPE %s gauge\n# HELP %s %s\n", name, name, help);
}

static int add_escaped(struct aif_text *text, const char *value)
{
    int rc = 0;

    for (; *value && rc == 0; value++)
        if (*value == '\n')
            rc = aif_text_append(text, "\\n", 2);
        else if (*value == '"' || *value == '\\')
            rc = aif_text_printf(text, "\\%c", *value);
        else
            rc = aif_text_append(text, value, 1);
    return rc;
}

int aif_metrics_sample(struct aif_text *text, const char *name, const char *key, const char *value, int64_t number)
{
    if (aif_text_printf(text, "%s", name) < 0)
        return -1;
    if (key && (aif_text_printf(text, "{%s=\"", key) < 0 || add_escaped(text, value) < 0 ||
                aif_text_printf(text, "\"}") < 0))
        return -1;
    return aif_text_printf(text, " %" PRId64 "\n", number);
}

int aif_metrics_end(struct aif_text *text)
{
    return aif_text_printf(text, "# EOF\n");
}
