/* fuzz_balances.c - balances.json: what is taken is written and read again as the same */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "balances.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct aif_balances *balances)
{
    static char path[] = "/tmp/fuzz-balances-XXXXXX";
    struct aif_balances *again = NULL;

    if (strstr(path, "XXXXXX"))
        close(mkstemp(path));
    if (aif_balances_save(balances, path, NULL) || aif_balances_load(path, &again, NULL) ||
        !aif_balances_same(balances, again) || aif_balances_at(balances) != aif_balances_at(again))
        abort();
    aif_balances_destroy(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aif_balances *balances = NULL;
    struct aif_error err = {0};

    if (!aif_balances_parse((const char *)data, size, "f", &balances, &err))
        check_again(balances);
    else if (balances || !err.code || !err.text[0] || strchr(err.text, '\n'))
        abort();
    aif_balances_destroy(balances);
    return 0;
}
