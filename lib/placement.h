/*
 * placement.h - what a job wishes of its placement: --ai-placement
 *
 * "pack", "spread" or "any"; "pack,strict" waits until the job can have as few islands as on an empty machine, at most as
 * long as the policy says, "pack,strict@TIME" at most TIME, written as Slurm writes times. Pure, thread-safe.
 */
#ifndef AIF_PLACEMENT_H
#define AIF_PLACEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum aif_placement { AIF_PLACE_DEFAULT, AIF_PLACE_PACK, AIF_PLACE_SPREAD, AIF_PLACE_ANY };

struct aif_placement_wish {
    enum aif_placement placement;
    bool strict;             /* with AIF_PLACE_PACK only */
    uint32_t strict_seconds; /* longest wait that the job accepts; 0: the policy's */
};

#define AIF_PLACEMENT_SIZE 32 /* of a wish's text, with NUL */

/* What may be asked, for messages. */
#define AIF_PLACEMENT_FORMS "pack[,strict[@TIME]], spread or any"

/*
 * Read a wish, in any case of letters; "" is AIF_PLACE_DEFAULT. "spread,strict" and "any,strict" are refused: there is nothing
 * to wait for. Fails with AIF_EINVAL; *ret_wish is untouched then.
 */
int aif_placement_parse(const char *text, struct aif_placement_wish *ret_wish, struct aif_error *err);

/*
 * The one text for a wish that admin_comment, AIF_REQUEST and messages have: "pack,strict@0:01:30", which reads as the
 * same wish. "" for AIF_PLACE_DEFAULT.
 */
void aif_placement_format(const struct aif_placement_wish *wish, char ret_text[AIF_PLACEMENT_SIZE]);

/* The word alone: "pack"; "" for AIF_PLACE_DEFAULT and for what is none. */
const char *aif_placement_name(enum aif_placement placement);

#endif
