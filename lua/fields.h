/*
 * fields.h - reading a Lua table that a script's author may have filled wrongly, and filling one
 *
 * Every reader raises a Lua error (it does not return) on a value of the wrong kind, so callers
 * must not own memory meanwhile. Values are read raw: no metamethod runs, and strings stay valid
 * while the table holds them.
 */
#ifndef AIF_LUA_FIELDS_H
#define AIF_LUA_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include <lua.h>
#include <lauxlib.h>

/* Refuse a key that is not in the NULL-terminated list: it would be a slip of the pen without
 * effect. */
void aif_fields_check(lua_State *L, int table, const char *const *known);

/* Text of a field; NULL if it is absent or empty. Embedded NULs are refused. */
const char *aif_fields_string(lua_State *L, int table, const char *key);

/* Whole number from 0 to max, or otherwise if it is absent. */
uint64_t aif_fields_count(lua_State *L, int table, const char *key, uint64_t max,
                          uint64_t otherwise);

/* true or false, which is what an absent field is. */
bool aif_fields_flag(lua_State *L, int table, const char *key);

/* Hours as whole seconds (rounded down), 0 if absent; *ret_given tells whether it was there. */
uint64_t aif_fields_hours(lua_State *L, int table, const char *key, int *ret_given);

/* Set a field of the table on top of the stack. Empty text and false are left out. */
void aif_fields_set_string(lua_State *L, const char *key, const char *value);
void aif_fields_set_flag(lua_State *L, const char *key, bool value);
void aif_fields_set_integer(lua_State *L, const char *key, int64_t value);
void aif_fields_set_hours(lua_State *L, const char *key, uint64_t secs);

#endif
