/*
 * placescore.h - how good a placement was, as job records and the ledger carry it
 *
 * Text: "<percent> <level> <touched>/<least> [<level> <touched>/<least> …]", innermost level first,
 * levels that do not count left out: "83 leaf 3/2 group 1/1". Percent is 100 x span of the best
 * placement that was possible at that moment / span of this one, rounded down: 100 means that
 * nothing with fewer islands was possible. Names are one word each: what is no letter, digit, dot,
 * dash or underscore is written as a dash. Pure, no locks.
 */
#ifndef AIF_PLACESCORE_H
#define AIF_PLACESCORE_H

#include <stdint.h>

#include "error.h"
#include "place.h"

#define AIF_PLACESCORE_SIZE 96 /* of the text, with NUL; levels that have no room are left out */

/* Write the score of actual, best being what was possible; both of this fabric. */
void aif_placescore_write(const struct aif_fabric *fabric, const struct aif_place_result *best,
                          const struct aif_place_result *actual,
                          char ret_text[AIF_PLACESCORE_SIZE]);

/*
 * Check a text from elsewhere: form as above, percent 0 to 100, shorter than AIF_PLACESCORE_SIZE.
 * Gives the percent. -1 with the text in err otherwise.
 */
int aif_placescore_read(const char *text, uint32_t *ret_percent, struct aif_error *err);

#endif
