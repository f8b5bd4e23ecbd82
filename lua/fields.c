/* fields.c - see fields.h */
#include "fields.h"

#include <string.h>

/* Above this a double no longer holds every whole number. */
#define COUNT_MAX 9007199254740992.0
#define HOURS_MAX 1e12

/* Push the raw value of a field. */
static void push_field(lua_State *L, int table, const char *key)
{
    lua_pushstring(L, key);
    lua_rawget(L, table);
}

void aif_fields_check(lua_State *L, int table, const char *const *known)
{
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        const char *const *at = known;

        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "aif: the request has a field whose name is no string");
        while (*at && strcmp(*at, lua_tostring(L, -2)))
            at++;
        if (!*at)
            luaL_error(L, "aif: the request has an unknown field '%s'", lua_tostring(L, -2));
    }
}

const char *aif_fields_string(lua_State *L, int table, const char *key)
{
    const char *text = NULL;
    size_t length = 0;

    push_field(L, table, key);
    if (lua_type(L, -1) == LUA_TSTRING)
        text = lua_tolstring(L, -1, &length);
    else if (!lua_isnil(L, -1))
        luaL_error(L, "aif: field '%s' is a %s, want a string", key, luaL_typename(L, -1));
    if (text && strlen(text) != length)
        luaL_error(L, "aif: field '%s' has a NUL byte", key);
    lua_pop(L, 1); /* the table still holds it */
    return length ? text : NULL;
}

/* The field as a number that is at least 0; false if it is absent. */
static int read_number(lua_State *L, int table, const char *key, lua_Number *ret_value)
{
    push_field(L, table, key);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return 0;
    }
    if (lua_type(L, -1) != LUA_TNUMBER)
        luaL_error(L, "aif: field '%s' is a %s, want a number", key, luaL_typename(L, -1));
    *ret_value = lua_tonumber(L, -1);
    lua_pop(L, 1);
    if (!(*ret_value >= 0)) /* NaN as well */
        luaL_error(L, "aif: field '%s' is below 0 or no number", key);
    return 1;
}

uint64_t aif_fields_count(lua_State *L, int table, const char *key, uint64_t max,
                          uint64_t otherwise)
{
    lua_Number value;

    if (!read_number(L, table, key, &value))
        return otherwise;
    if (value > COUNT_MAX || value > (lua_Number)max)
        luaL_error(L, "aif: field '%s' is too large", key);
    if (value != (lua_Number)(uint64_t)value)
        luaL_error(L, "aif: field '%s' is no whole number", key);
    return (uint64_t)value;
}

uint64_t aif_fields_hours(lua_State *L, int table, const char *key, int *ret_given)
{
    lua_Number value;

    *ret_given = read_number(L, table, key, &value);
    if (!*ret_given)
        return 0;
    if (value > HOURS_MAX)
        luaL_error(L, "aif: field '%s' is too large", key);
    return (uint64_t)(value * 3600);
}

bool aif_fields_flag(lua_State *L, int table, const char *key)
{
    bool value;

    push_field(L, table, key);
    if (!lua_isnil(L, -1) && !lua_isboolean(L, -1))
        luaL_error(L, "aif: field '%s' is a %s, want a boolean", key, luaL_typename(L, -1));
    value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

void aif_fields_set_string(lua_State *L, const char *key, const char *value)
{
    if (!value || !*value)
        return;
    lua_pushstring(L, value);
    lua_setfield(L, -2, key);
}

void aif_fields_set_flag(lua_State *L, const char *key, bool value)
{
    if (!value)
        return;
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, key);
}

void aif_fields_set_integer(lua_State *L, const char *key, int64_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, key);
}

void aif_fields_set_hours(lua_State *L, const char *key, uint64_t secs)
{
    lua_pushnumber(L, (lua_Number)secs / 3600);
    lua_setfield(L, -2, key);
}
