/* test_furms.c - unit tests of furms.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "furms.h"
#include "report_helper.h"

static void test_message(void **state)
{
    struct aif_text text = {0};

    (void)state;
    assert_int_equal(aif_furms_message(&text, "acct", "A-1", 12305, 1700000000), 0);
    assert_string_equal(text.data, "{\"header\":{\"version\":1,\"messageCorrelationId\":null,\"status\":\"OK\"},"
                                   "\"body\":{\"CumulativeResourceUsageRecord\":{\"projectIdentifier\":\"acct\","
                                   "\"allocationIdentifier\":\"A-1\",\"cumulativeConsumption\":123.05,"
                                   "\"probedAt\":\"2023-11-14T22:13:20Z\"}}}");
    aif_text_free(&text);
    assert_int_equal(aif_furms_message(&text, "\xff", "A-1", 1, 1), -1);
    aif_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
