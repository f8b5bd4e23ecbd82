/* options.c - see options.h */
#include "options.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "message.h"
#include "names.h"
#include "restag.h"
#include "rules.h"

enum key {
    KEY_MODE,
    KEY_ALLOCATION,
    KEY_RESIDENCY,
    KEY_PLACEMENT,
    KEY_PURPOSE,
    KEY_EXPLAIN,
    KEY_DATASET
};

#define FIELD(key, field)                                                                          \
    {                                                                                              \
        key, offsetof(struct aif_options, field), sizeof(((struct aif_options *)NULL)->field)      \
    }

/* Where the text of each key is, in the order of enum key; with the names, so that one place of memory has all. */
static const struct field {
    char key[12];
    unsigned short at, size;
} fields[] = {FIELD("mode", mode),           FIELD("allocation", allocation),
              FIELD("residency", residency), FIELD("placement", placement),
              FIELD("purpose", purpose),     FIELD("explain", explain),
              FIELD("dataset", datasets)};
#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

const char *const aif_options_keys[] = {fields[0].key, fields[1].key, fields[2].key, fields[3].key,
                                        fields[4].key, fields[5].key, fields[6].key, NULL};

#define WORD_CHARACTERS "letters, digits and . _ : @ + / -"
#define SHOWN_MAX 80 /* of a bad value in a message */

__attribute__((cold)) static int refuse(struct aif_error *err, int code, const char *rule, const char *what,
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
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (!aif_names_compare(fields[i].key, key))
            return (int)i;
    return -1;
}

static char *text_of(struct aif_options *options, int key)
{
    return (char *)options + fields[key].at;
}

/* The submit hook is in a hurry: nothing behind the first byte of a text that is not set is written. */
void aif_options_clear(struct aif_options *options)
{
    options->mode[0] = options->allocation[0] = options->residency[0] = options->placement[0] = '\0';
    options->purpose[0] = options->explain[0] = options->datasets[0] = '\0';
}

/* What was read before the fault is not to be taken for a request. */
__attribute__((cold)) static int forget(struct aif_options *options)
{
    aif_options_clear(options);
    return -1;
}

static bool is_letter_or_digit(char c)
{
    c = aif_names_fold(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_joint(char c)
{
    return c == '.' || c == '_' || c == ':' || c == '@' || c == '+' || c == '/' || c == '-';
}

static bool is_word(const char *value)
{
    for (const char *p = value; *p; p++)
        if (!is_letter_or_digit(*p) && !is_joint(*p))
            return false;
    return *value != '\0';
}

__attribute__((cold)) static int refuse_word(const char *key, const char *value,
                                             struct aif_error *err)
{
    char what[64];

    snprintf(what, sizeof(what), "option %s has other characters than it may have", key);
    return refuse(err, AIF_EINVAL, AIF_C_OPTION, what, value, WORD_CHARACTERS, "use these only");
}

static int set_word(char *field, const char *key, const char *value, struct aif_error *err)
{
    if (!is_word(value))
        return refuse_word(key, value, err);
    memcpy(field, value, strlen(value) + 1);
    return 0;
}

/* Names joined by one operator each: the form that most have, of which nothing has to be left out. */
static bool is_simple_set(const char *value)
{
    do {
        if (!is_letter_or_digit(*value) || (*value >= '0' && *value <= '9'))
            return false;
        while (is_letter_or_digit(*value) || *value == '_')
            value++;
    } while ((*value == '|' || *value == '&' || *value == '-') && value++);
    return !*value;
}

/* What refused it has worded it for users, but for the "aif:" in front. */
__attribute__((cold)) static int refuse_tag(struct aif_error *err, struct aif_error *cause)
{
    for (char *p = cause->text; *p; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
    return aif_error_set(err, cause->code, "aif: %s", cause->text);
}

__attribute__((cold)) static int set_any_residency(char *field, const char *value, struct aif_error *err)
{
    char plain[AIF_RESTAG_TEXT_MAX];
    struct aif_error cause = {0};

    const size_t length = strcspn(value, ";");
    char expr[AIF_RESTAG_TEXT_MAX];
    struct aif_restag rest = {0};

    memcpy(expr, value, length);
    expr[length] = '\0';
    if (!aif_restag_has_form(expr, plain))
        return refuse(err, AIF_ESYNTAX, AIF_R_SYNTAX, "data residency is no expression", value,
                      NULL,
                      "write country codes or groups joined by '|', '&' or '-', such as EEA30-CH");
    if (value[length] && aif_restag_parse_rest(value + length, &rest, &cause))
        return refuse_tag(err, &cause);
    strcat(plain, value + length); /* together no longer than value */
    memcpy(field, plain, strlen(plain) + 1);
    return 0;
}

static int set_residency(char *field, const char *value, struct aif_error *err)
{
    if (!is_simple_set(value))
        return set_any_residency(field, value, err);
    memcpy(field, value, strlen(value) + 1);
    return 0;
}

__attribute__((cold)) static int set_datasets(char *field, const char *value, struct aif_error *err)
{
    field[0] = '\0';
    if (aif_datasetids_add(field, value))
        return refuse(err, AIF_EINVAL, AIF_C_OPTION, "no list of data sets", value,
                      AIF_DATASETIDS_FORM, "write ID,ID");
    return 0;
}

__attribute__((cold)) static int set_placement(char field[AIF_PLACEMENT_SIZE], const char *value, struct aif_error *err)
{
    struct aif_placement_wish wish;

    if (aif_placement_parse(value, &wish, NULL) < 0)
        return refuse(err, AIF_EINVAL, AIF_P_SYNTAX, "placement not understood", value,
                      AIF_PLACEMENT_FORMS, "write it in one of these ways");
    aif_placement_format(&wish, field);
    return 0;
}

/* One of a few words, kept as listed whatever case it was written in. */
__attribute__((cold)) static int set_choice(char *field, size_t size, const char *const *words, const char *what,
                      const char *value, struct aif_error *err)
{
    char limit[128] = "";
    size_t used = 0;

    for (int i = 0; words[i]; i++) {
        if (!strcasecmp(words[i], value)) {
            snprintf(field, size, "%s", words[i]);
            return 0;
        }
        used +=
            (size_t)snprintf(limit + used, sizeof(limit) - used, "%s%s", i ? ", " : "", words[i]);
    }
    return refuse(err, AIF_EINVAL, AIF_C_OPTION, what, value, limit, "write one of these");
}

/* A value of a length that fits. */
static int set_value(enum key key, char *field, size_t size, const char *value,
                     struct aif_error *err)
{
    static const char *const purposes[] = {"training", "inference", "other", NULL};
    static const char *const yes[] = {"yes", NULL};

    switch (key) {
    case KEY_RESIDENCY:
        return set_residency(field, value, err);
    case KEY_PLACEMENT:
        return set_placement(field, value, err);
    case KEY_DATASET:
        return set_datasets(field, value, err);
    case KEY_PURPOSE:
        return set_choice(field, size, purposes, "no such purpose", value, err);
    case KEY_EXPLAIN:
        return set_choice(field, size, yes, "option explain not understood", value, err);
    default:
        return set_word(field, fields[key].key, value, err);
    }
}

__attribute__((cold)) static int refuse_length(struct aif_error *err, const char *value, size_t size)
{
    char limit[32];

    snprintf(limit, sizeof(limit), "%zu characters", size - 1);
    return refuse(err, AIF_ELIMIT, AIF_C_OPTION, "option is too long", value, limit, "shorten it");
}

/* index: what key_index() found. */
__attribute__((hot)) static int set_index(struct aif_options *options, int index, const char *key, const char *value,
                     struct aif_error *err)
{
    size_t length = strlen(value);

    if (index < 0)
        return refuse(err, AIF_EINVAL, AIF_C_OPTION, "no such option", key,
                      "mode, allocation, residency, placement, purpose, dataset", "write one of these");
    if (!length)
        return refuse(err, AIF_EINVAL, AIF_C_OPTION, "option without a value",
                      fields[index].key, NULL, "give a value or leave the option out");
    if (length >= fields[index].size)
        return refuse_length(err, value, fields[index].size);
    return set_value((enum key)index, text_of(options, index), fields[index].size, value, err);
}

int aif_options_set(struct aif_options *options, const char *key, const char *value,
                    struct aif_error *err)
{
    return set_index(options, key_index(key), key, value, err);
}

bool aif_options_empty(const struct aif_options *options)
{
    return !options->mode[0] && !options->allocation[0] && !options->residency[0] &&
           !options->placement[0] && !options->purpose[0] && !options->datasets[0];
}

void aif_options_add(struct aif_options *options, const struct aif_options *more)
{
    for (int key = KEY_MODE; key <= KEY_DATASET; key++) {
        const char *text = (const char *)more + fields[key].at;

        if (!*text_of(options, key))
            memcpy(text_of(options, key), text, strlen(text) + 1);
    }
}

/* Set one key that must not have been set before; index: what key_index() found. */
__attribute__((hot)) static int set_once(struct aif_options *options, int index, const char *key,
                                         const char *value, struct aif_error *err)
{
    if (index >= 0 && *text_of(options, index))
        return refuse(err, AIF_EINVAL, AIF_C_OPTION, "option given twice", aif_options_keys[index],
                      NULL, "give it once");
    return set_index(options, index, key, value, err);
}

/* ---- the string in the SPANK environment ---- */

static bool is_plain(unsigned char c)
{
    return c > ' ' && c < 127 && c != '%' && c != ';' && c != '=';
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
    const char *values[] = {options->mode,      options->allocation, options->residency,
                            options->placement, options->purpose,    options->explain,
                            options->datasets};
    char text[AIF_OPTIONS_TEXT_MAX];
    size_t used = 0;

    text[0] = '\0'; /* and no more of it: callers are in a hurry */
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
    return set_once(options, key_index(pair), pair, equals + 1, err);
}

int aif_options_parse(const char *text, struct aif_options *ret_options, struct aif_error *err)
{
    char copy[AIF_OPTIONS_TEXT_MAX];
    char *rest = copy, *pair;
    size_t length = strnlen(text, sizeof(copy));

    aif_options_clear(ret_options);
    if (length == sizeof(copy))
        return refuse(err, AIF_ELIMIT, AIF_C_OPTION, AIF_OPTIONS_ENV " is too long", text, NULL,
                      "shorten it");
    memcpy(copy, text, length + 1);
    while (*copy && (pair = strsep(&rest, ";")))
        if (parse_pair(pair, ret_options, err) < 0)
            return forget(ret_options);
    return 0;
}

/* ---- the word in a job's comment ---- */

#define WORD_MAX 1024
#define COMMENT_NEXT "write aif:mode=MODE[,key=value...] as one word"

/* Where a value has commas, '+' stands for them here. */
__attribute__((cold)) static void restore_commas(char *value)
{
    for (; *value; value++)
        if (*value == '+')
            *value = ',';
}

/* Cut the first "key=value" off *word, which becomes NULL with the last. Returns where its '=' is, or NULL. */
static char *cut_pair(char **word)
{
    char *equals = NULL, *at;

    for (at = *word; *at && *at != ','; at++)
        if (*at == '=' && !equals)
            equals = at;
    *word = *at ? at + 1 : NULL;
    *at = '\0';
    return equals;
}

/* "mode=playground,placement=pack+strict"; the text is changed. */
static int parse_word(char *word, struct aif_options *options, struct aif_error *err)
{
    while (word) {
        char *pair = word, *equals = cut_pair(&word);
        int index;

        if (!equals)
            return refuse(err, AIF_ESYNTAX, AIF_C_OPTION,
                          "\"aif:\" in the comment is no list of key=value", pair, NULL,
                          COMMENT_NEXT);
        *equals = '\0';
        index = key_index(pair);
        if (index == KEY_PLACEMENT || index == KEY_DATASET)
            restore_commas(equals + 1);
        if (set_once(options, index, pair, equals + 1, err) < 0)
            return -1;
    }
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t word_length(const char *text)
{
    size_t length = 0;

    while (text[length] && !is_blank(text[length]))
        length++;
    return length;
}

/* "aif:" in any case, without the library's functions that ask for a locale each time. */
static bool is_ours(const char *word)
{
    return aif_names_fold(word[0]) == 'a' && aif_names_fold(word[1]) == 'i' &&
           aif_names_fold(word[2]) == 'f' && word[3] == ':';
}

/* One word of the comment; *ret_options is cleared with the first that is ours. 1: it is, 0: it is not, -1: malformed. */
static int read_word(const char *text, size_t length, bool first, struct aif_options *ret_options,
                     struct aif_error *err)
{
    char word[WORD_MAX];

    if (!is_ours(text))
        return 0;
    if (first)
        aif_options_clear(ret_options);
    if (length - 4 >= sizeof(word))
        return refuse(err, AIF_ELIMIT, AIF_C_OPTION, "aif: in the comment is too long", text, NULL,
                      "shorten it");
    memcpy(word, text + 4, length - 4);
    word[length - 4] = '\0';
    return parse_word(word, ret_options, err) < 0 ? -1 : 1;
}

/*
 * "aif:mode=NAME" and nothing else, which is what most of these comments are: read as parse_word() would, but by a tenth of its
 * code, since the submit hook runs with cold caches. False: it is something else, or malformed.
 */
static bool read_mode_alone(const char *comment, struct aif_options *ret_options)
{
    const char *prefix = "aif:mode=";
    size_t length;

    for (; *prefix; prefix++, comment++)
        if (*comment != *prefix)
            return false;
    if (!is_word(comment) || (length = strlen(comment)) >= sizeof(ret_options->mode))
        return false;
    aif_options_clear(ret_options);
    memcpy(ret_options->mode, comment, length + 1);
    return true;
}

__attribute__((hot)) int aif_options_from_comment(const char *comment, struct aif_options *ret_options,
                             struct aif_error *err)
{
    int found = 0;

    if (comment && read_mode_alone(comment, ret_options))
        return 1;
    for (const char *p = comment ? comment : ""; *p;) {
        size_t length = word_length(p);
        int ours = read_word(p, length, !found, ret_options, err);

        if (ours < 0)
            return forget(ret_options);
        found |= ours;
        p += length;
        while (is_blank(*p))
            p++;
    }
    return found;
}
