/* property_site.c - see property_site.h */
#include "property_site.h"

#include "lane.h"
#include "property_seed.h"

static char *names[] = {"a", "b", "c", NULL};
static char *titles[] = {"one", "two", "three", "four"};
static char *lists[SHARES][MODES + 1];

struct aif_policy policy;
struct aif_alloc allocs[ALLOCS];
struct aif_share shares[SHARES];
uint64_t capacity;
static struct aif_mode modes[MODES];

static void make_lane(struct aif_lane *lane)
{
    *lane = (struct aif_lane){.present = chance(4) > 0};
    if (!lane->present)
        return;
    lane->level = chance(2);
    lane->base = (int32_t)chance(chance(10) ? 200000 : AIF_LANE_BOOST_MAX / 4 + 1);
    lane->target = chance(4) ? (uint32_t)chance_in(1, chance(2) ? 7200 : 30 * 86400) : 0;
    lane->from = (uint32_t)chance(100);
    lane->urgency =
        lane->target ? (int32_t)chance(chance(10) ? 500000 : AIF_LANE_BOOST_MAX / 4 + 1) : 0;
}

static void make_share(size_t index)
{
    size_t count = 0;

    for (size_t i = 0; i < MODES; i++)
        if (chance(2))
            lists[index][count++] = names[i];
    lists[index][count] = NULL;
    shares[index] =
        (struct aif_share){.title = titles[index],
                           .modes = count ? lists[index] : NULL,
                           .categories = (uint32_t)(chance(2) ? chance(1u << AIF_CATEGORIES) : 0),
                           .percent = (uint32_t)chance_in(1, chance(2) ? 30 : 100)};
}

void make_site(void)
{
    for (size_t i = 0; i < MODES; i++) {
        modes[i] = (struct aif_mode){.name = names[i]};
        make_lane(&modes[i].lane);
    }
    for (size_t i = 0; i < SHARES; i++)
        make_share(i);
    for (size_t i = 0; i < ALLOCS; i++)
        allocs[i] =
            (struct aif_alloc){.mode = &modes[chance(MODES)],
                               .category = (int)chance_in(AIF_CATEGORY_UNKNOWN, AIF_CATEGORIES - 1),
                               .state = chance(8) ? AIF_STATE_OK : AIF_STATE_PAUSED};
    policy = (struct aif_policy){
        .modes = modes, .mode_count = MODES, .shares = shares, .share_count = chance(SHARES + 1)};
    policy.lanes =
        (struct aif_lanes_conf){.window = (uint32_t)chance_in(60, chance(2) ? 2000 : 14 * 86400),
                                .capacity = chance(4) ? 0 : (uint32_t)chance_in(1, 64),
                                .resume = (uint32_t)chance_in(1, 100),
                                .guard_after = chance(8) ? (uint32_t)chance_in(1, 7 * 86400) : 0};
    policy.lanes.guard_points =
        chance(4) ? aif_lane_top(&policy) : (int32_t)chance(AIF_LANE_BOOST_MAX + 1);
    capacity = chance(64);
}
