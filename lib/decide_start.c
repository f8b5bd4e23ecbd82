/* decide_start.c - the second look, see decide.h */
#include "decide_private.h"

#include <stddef.h>
#include <string.h>

void aif_decide_start(const struct aif_snapshot *snapshot, const struct aif_alloc *alloc,
                      const char *user, uint32_t minutes, time_t now,
                      struct aif_decision *ret_decision)
{
    static const struct aif_options none;
    const struct aif_request request = {.user = user, .minutes = minutes, .begin = now};
    struct aif_decider decider = {.snapshot = snapshot,
                                  .request = &request,
                                  .options = &none,
                                  .begin = now,
                                  .second_look = true,
                                  .out = ret_decision};

    memset(ret_decision, 0, offsetof(struct aif_decision, residency));
    ret_decision->residency_text[0] = ret_decision->datasets[0] = ret_decision->message[0] = '\0';
    ret_decision->verdict = AIF_ACCEPT;
    ret_decision->alloc = alloc;
    (void)(aif_decide_member(&decider) && aif_decide_category(&decider) &&
           aif_decide_state(&decider) && aif_decide_dates(&decider) && aif_decide_end(&decider));
}
