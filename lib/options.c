/* options.c - see options.h */
#include "options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "message.h"
#include "rules.h"

const char *const aif_options_keys[] = {"mode", "allocation", "residency", "placement", NULL};

#define WORD_CHARACTERS "letters, digits and . _ : @ + / -"
#define SHOWN_MAX 80 /* of a bad value in a message */

static int refuse(struct aif_error *err, int code, const char *rule, const char *what,
                  const char *value, const char *limit, const char *next)
{
    char text[512], asked[SHOWN_MAX + 8];
    struct aif_message message = {
        .what = what, .asked = asked, .limit = limit, .rule = rule, .next = next};

    snprintf(asked, sizeof(asked), "'%.*s%s'", SHOWN_MAX, value,
             strlen(value) > SHOWN_MAX ? "..." : "");
    for (char *p = asked; *p; p++)
        if (!isascii((unsigned char)*p))
            *p = '?'; /* may be half a character, or steer a terminal */
    aif_message_format(&message, text, sizeof(text));
    return aif_error_set(err, code, "%s", text);
}

/* Index in aif_options_keys, or -1. */
static int key_index(const char *key)
{
    for (int i = 0; aif_options_keys[i]; i++)
        if (!strcasecmp(aif_options_keys[i], key))
            return i;
    return -1;
}

static char *field_of(struct aif_options *options, int key, size_t *ret_size)
{
    switch (key) {
    case 0:
        *ret_size = sizeof(options->mode);
        return options->mode;
    case 1:
        *ret_size = sizeof(options->allocation);
        return options->allocation;
    case 2:
        *ret_size = sizeof(options->residency);
        return options->residency;
    default:
        *ret_size = sizeof(options->placement);
        return options->placement;
    }
}

static bool is_word(const char *value)
{
    for (const char *p = value; *p; p++)
        if (!isascii((unsigned char)*p) || (!isalnum((unsigned char)*p) && !strchr("._:@+/-", *p)))
            return false;
    return *value != '\0';
}

/*
 * Does value have the form of a residency expression? Which groups exist only the controller knows.
 * On the way the blanks are left out into ret_plain (as large as value). No recursion: the depth is
 * the user's to choose.
 */
static bool residency_form(const char *value, char *ret_plain)
{
    bool operand = false; /* the last thing read was a name or ')' */
    int depth = 0;
    const char *p = value;

    while (*p) {
        if (*p == ' ' || *p == '\t') {
            p++;
            continue;
        }
        if (*p == '(') {
            if (operand)
                return false;
            depth++;
        } else if (*p == ')') {
            if (!operand || depth-- == 0)
                return false;
        } else if (strchr("|&-", *p)) {
            if (!operand)
                return false;
            operand = false;
        } else if (isascii((unsigned char)*p) && isalpha((unsigned char)*p)) {
            if (operand)
                return false;
            while (isascii((unsigned char)*p) && (isalnum((unsigned char)*p) || *p == '_'))
                *ret_plain++ = *p++;
            operand = true;
            continue;
        } else {
            return false;
        }
        *ret_plain++ = *p++;
    }
    *ret_plain = '\0';
    return operand && depth == 0;
}

static int set_word(char *field, const char *key, const char *value, struct aif_error *err)
{
    char what[64];

    snprintf(what, sizeof(what), "option %s has other characters than it may have", key);
    if (!is_word(value))
        return refuse(err, AIF_EINVAL, AIF_C_OPTION, what, value, WORD_CHARACTERS, "correct it");
    memcpy(field, value, strlen(value) + 1);
    return 0;
}

static int set_residency(char *field, const char *value, struct aif_error *err)
{
    char plain[AIF_RESIDENCY_TEXT_MAX];

    if (!residency_form(value, plain))
        return refuse(err, AIF_ESYNTAX, AIF_R_SYNTAX, "data residency is no expression", value,
                      NULL,
                      "write country codes or groups joined by '|', '&' or '-', such as EEA30-CH");
    memcpy(field, plain, strlen(plain) + 1);
    return 0;
}

static int set_placement(char *field, size_t size, const char *value, struct aif_error *err)
{
    enum aif_placement placement;
    bool strict;

    if (aif_placement_parse(value, &placement, &strict, err) < 0)
        return -1;
    snprintf(field, size, "%s%s", aif_placement_name(placement), strict ? ",strict" : "");
    return 0;
}

int aif_options_set(struct aif_options *options, const char *key, const char *value,
                    struct aif_error *err)
{
    int index = key_index(key);
    size_t size;
    char *field;
    char limit[32];

    if (index < 0)
        return refuse(err, AIF_EINVAL, AIF_C_OPTION, "no such option", key,
                      "mode, allocation, residency, placement", "correct it");
    field = field_of(options, index, &size);
    if (!*value)
        return refuse(err, AIF_EINVAL, AIF_C_OPTION, "option without a value",
                      aif_options_keys[index], NULL, "give a value or leave the option out");
    if (strlen(value) >= size) {
        snprintf(limit, sizeof(limit), "%zu characters", size - 1);
        return refuse(err, AIF_ELIMIT, AIF_C_OPTION, "option is too long", value, limit,
                      "shorten it");
    }
    switch (index) {
    case 2:
        return set_residency(field, value, err);
    case 3:
        return set_placement(field, size, value, err);
    default:
        return set_word(field, aif_options_keys[index], value, err);
    }
}

bool aif_options_empty(const struct aif_options *options)
{
    return !options->mode[0] && !options->allocation[0] && !options->residency[0] &&
           !options->placement[0];
}

/* Set one key that must not have been set before. */
static int set_once(struct aif_options *options, const char *key, const char *value,
                    struct aif_error *err)
{
    int index = key_index(key);
    size_t size;

    if (index >= 0 && *field_of(options, index, &size))
        return refuse(err, AIF_EINVAL, AIF_C_OPTION, "option given twice", aif_options_keys[index],
                      NULL, "give it once");
    return aif_options_set(options, key, value, err);
}

/* ---- the string in the SPANK environment ---- */

static bool is_plain(unsigned char c)
{
    return c > ' ' && c < 127 && !strchr("%;=", c);
}

/* Append text, escaped or as it is; false when it does not fit. */
static bool append(char *out, size_t size, size_t *used, const char *text, bool escape)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        size_t need = escape && !is_plain(c) ? 3 : 1;

        if (*used + need >= size)
            return false;
        if (need == 3)
            snprintf(out + *used, 4, "%%%02X", c);
        else
            out[*used] = (char)c;
        *used += need;
    }
    out[*used] = '\0';
    return true;
}

int aif_options_format(const struct aif_options *options, char *ret_text, size_t size)
{
    const char *values[] = {options->mode, options->allocation, options->residency,
                            options->placement};
    char text[AIF_OPTIONS_TEXT_MAX] = "";
    size_t used = 0;

    for (int i = 0; aif_options_keys[i]; i++) {
        if (!*values[i])
            continue;
        if ((used && !append(text, sizeof(text), &used, ";", false)) ||
            !append(text, sizeof(text), &used, aif_options_keys[i], false) ||
            !append(text, sizeof(text), &used, "=", false) ||
            !append(text, sizeof(text), &used, values[i], true))
            return -1;
    }
    if (used >= size)
        return -1;
    memcpy(ret_text, text, used + 1);
    return 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undo %XX in place; false on a broken escape, on %00 and on a byte that had to be escaped. */
static bool unescape(char *text)
{
    char *out = text;

    for (const char *p = text; *p; p++) {
        if (*p == '%') {
            int high = hex_digit(p[1]);
            int low = high < 0 ? -1 : hex_digit(p[2]);

            if (low < 0 || high * 16 + low == 0)
                return false;
            *out++ = (char)(high * 16 + low);
            p += 2;
        } else if (is_plain((unsigned char)*p)) {
            *out++ = *p;
        } else {
            return false;
        }
    }
    *out = '\0';
    return true;
}

/* "key=value" with the value still escaped; the text is changed. */
static int parse_pair(char *pair, struct aif_options *options, struct aif_error *err)
{
    char *equals = strchr(pair, '=');

    if (!equals)
        return refuse(err, AIF_ESYNTAX, AIF_C_OPTION, AIF_OPTIONS_ENV " is no list of key=value",
                      pair, NULL, "submit with the --ai options instead of setting it");
    *equals = '\0';
    if (!unescape(equals + 1))
        return refuse(err, AIF_ESYNTAX, AIF_C_OPTION, AIF_OPTIONS_ENV " is wrongly escaped",
                      equals + 1, NULL, "submit with the --ai options instead of setting it");
    return set_once(options, pair, equals + 1, err);
}

int aif_options_parse(const char *text, struct aif_options *ret_options, struct aif_error *err)
{
    struct aif_options options = {0};
    char copy[AIF_OPTIONS_TEXT_MAX];
    char *rest = copy, *pair;
    size_t length = strnlen(text, sizeof(copy));

    if (length == sizeof(copy))
        return refuse(err, AIF_ELIMIT, AIF_C_OPTION, AIF_OPTIONS_ENV " is too long", text, NULL,
                      "shorten it");
    memcpy(copy, text, length + 1);
    while (*copy && (pair = strsep(&rest, ";")))
        if (parse_pair(pair, &options, err) < 0)
            return -1;
    *ret_options = options;
    return 0;
}

/* ---- the word in a job's comment ---- */

#define WORD_MAX 1024
#define COMMENT_NEXT "write aif:mode=MODE[,key=value...] as one word"

/* "mode=playground,placement=pack+strict"; the text is changed. */
static int parse_word(char *word, struct aif_options *options, struct aif_error *err)
{
    char *pair;

    while ((pair = strsep(&word, ","))) {
        char *equals = strchr(pair, '=');
        char *plus;

        if (!equals)
            return refuse(err, AIF_ESYNTAX, AIF_C_OPTION,
                          "\"aif:\" in the comment is no list of key=value", pair, NULL, COMMENT_NEXT);
        *equals = '\0';
        plus = strchr(equals + 1, '+');
        if (!strcasecmp(pair, "placement") && plus)
            *plus = ',';
        if (set_once(options, pair, equals + 1, err) < 0)
            return -1;
    }
    return 0;
}

int aif_options_from_comment(const char *comment, struct aif_options *ret_options,
                             struct aif_error *err)
{
    struct aif_options options = {0};
    char word[WORD_MAX];
    int found = 0;

    for (const char *p = comment; p && *p;) {
        size_t length = strcspn(p, " \t\n\r\v\f");

        if (length >= 4 && !strncasecmp(p, "aif:", 4)) {
            if (length - 4 >= sizeof(word))
                return refuse(err, AIF_ELIMIT, AIF_C_OPTION, "aif: in the comment is too long", p,
                              NULL, "shorten it");
            memcpy(word, p + 4, length - 4);
            word[length - 4] = '\0';
            if (parse_word(word, &options, err) < 0)
                return -1;
            found = 1;
        }
        p += length;
        p += strspn(p, " \t\n\r\v\f");
    }
    if (found)
        *ret_options = options;
    return found;
}

/* ---- placement ---- */

static const char *const placement_names[] = {"", "pack", "spread", "any"};

const char *aif_placement_name(enum aif_placement placement)
{
    return placement <= AIF_PLACE_ANY ? placement_names[placement] : "";
}

int aif_placement_parse(const char *text, enum aif_placement *ret_placement, bool *ret_strict,
                        struct aif_error *err)
{
    size_t length = strcspn(text, ",");

    for (int i = 0; i <= AIF_PLACE_ANY; i++) {
        if (strlen(placement_names[i]) != length || strncasecmp(text, placement_names[i], length))
            continue;
        if (text[length] && (!length || strcasecmp(text + length, ",strict")))
            break;
        *ret_placement = (enum aif_placement)i;
        if (ret_strict)
            *ret_strict = text[length] != '\0';
        return 0;
    }
    return refuse(err, AIF_EINVAL, AIF_P_SYNTAX, "placement not understood", text,
                  "pack, spread or any, with or without ',strict'", "correct it");
}
