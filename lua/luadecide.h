/*
 * luadecide.h - a decision, from a Lua table to a Lua table
 *
 * Request: account, user, qos, partition, mode, allocation, residency, placement, purpose, explain,
 * admin_comment (strings); gpus, nodes, array_tasks, minutes, begin, billing, submits, user_submits
 * (whole numbers); interactive (a boolean); used_hours, reserved_hours, pending_hours,
 * free_used_hours, free_reserved_hours, inference_hours (usage, in the allocation's unit). They
 * mean what they mean in decide.h; what is not given is not known. Without any usage the budget is
 * checked against an unused allocation: Slurm's own limits hold the rest.
 *
 * Result: verdict ("ignore", "accept", "hold", "reject"), rule, message, allocation, account, mode;
 * if accepted or held also qos (nil: leave the one asked for), free, inference, residency,
 * placement, minutes, asked_hours, left_hours, and admin_comment: the text to put into the job, nil
 * if a foreign one must stay.
 */
#ifndef AIF_LUA_DECIDE_H
#define AIF_LUA_DECIDE_H

#include <lua.h>

#include "snapshot.h"

/* Push the result for the request at an index of the stack; returns 1. snapshot NULL: no policy is
 * loaded. */
int aif_lua_decide(lua_State *L, const struct aif_snapshot *snapshot, int table);

#endif
