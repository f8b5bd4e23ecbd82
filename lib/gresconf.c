/* gresconf.c - see gresconf.h: reading the file */
#include "gresconf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "rules.h"

struct reader {
    const char *name;
    const char *at;
    const char *end;
    uint32_t line;    /* that "at" is in */
    uint32_t started; /* where the present one started, continued or not */
    char *text;       /* [AIF_GRESCONF_LINE_MAX]: the present line */
    struct aif_gresconf *conf;
};

static int refuse(const struct reader *reader, struct aif_error *err, const char *what,
                  const char *asked, const char *next)
{
    return aif_error_set(err, AIF_ESYNTAX, "%.200s:%u: %s: \"%.64s\" (" AIF_C_SYNTAX "); %s",
                         reader->name, (unsigned)reader->started, what, asked, next);
}

static int no_memory(const struct reader *reader, struct aif_error *err)
{
    return aif_error_set(err, AIF_ENOMEM, "%.200s: out of memory", reader->name);
}

/* ---- lines ---- */

/* Length of the line at text, and whether it goes on with the next. */
static size_t measure(const char *text, const char *end, bool *ret_continued)
{
    const char *newline = memchr(text, '\n', (size_t)(end - text));
    size_t length = (size_t)((newline ? newline : end) - text);

    if (length && text[length - 1] == '\r')
        length--;
    *ret_continued = newline && length && text[length - 1] == '\\';
    return *ret_continued ? length - 1 : length;
}

/* Cut what follows a '#' that has no backslash before it; that backslash goes. */
static void cut_comment(char *text)
{
    char *to = text;

    for (const char *from = text; *from && *from != '#'; from++) {
        if (*from == '\\' && from[1] == '#')
            from++;
        *to++ = *from;
    }
    *to = '\0';
}

/* The next line, continued ones joined, without comment, into reader->text. 1: there is one. */
static int next_line(struct reader *reader, struct aif_error *err)
{
    size_t used = 0;
    bool continued = true;

    if (reader->at == reader->end)
        return 0;
    reader->started = reader->line;
    while (continued && reader->at < reader->end) {
        const size_t length = measure(reader->at, reader->end, &continued);
        const char *newline;

        if (used + length >= AIF_GRESCONF_LINE_MAX)
            return refuse(reader, err, "line too long", "",
                          "limit 65535 bytes; write several lines");
        memcpy(reader->text + used, reader->at, length);
        used += length;
        newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
        reader->at = newline ? newline + 1 : reader->end;
        reader->line++;
    }
    reader->text[used] = '\0';
    if (strlen(reader->text) != used)
        return refuse(reader, err, "control character", "NUL", "take it out");
    cut_comment(reader->text);
    for (char *c = reader->text; *c; c++)
        if ((unsigned char)*c < ' ' && *c != '\t')
            return refuse(reader, err, "control character", "", "take it out");
    return 1;
}

/* ---- pairs ---- */

static char *skip_blanks(char *at)
{
    return at + strspn(at, " \t");
}

/* Cut the value off at *at, which moves behind it. NULL: a quote does not close. */
static char *cut_value(char **at)
{
    char *value = *at, *end;

    if (*value == '"') {
        value++;
        end = strchr(value, '"');
        if (!end || (end[1] && !isblank((unsigned char)end[1])))
            return NULL;
    } else {
        end = value + strcspn(value, " \t");
    }
    *at = *end ? end + 1 : end;
    *end = '\0';
    return value;
}

/* Cut "key = value" off at *at. 1: there was one; 0: nothing is left. */
static int next_pair(const struct reader *reader, char **at, char **ret_key, char **ret_value,
                     struct aif_error *err)
{
    char *const key = skip_blanks(*at);
    char *sign, *value;

    if (!*key)
        return 0;
    sign = skip_blanks(
        key + strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"));
    if (sign == key || *sign != '=')
        return refuse(reader, err, "no Key=value", key, "correct it");
    value = skip_blanks(sign + 1);
    if (!*value)
        return refuse(reader, err, "no value", key, "correct it");
    key[strcspn(key, " \t=")] = '\0';
    *at = value;
    *ret_key = key;
    *ret_value = cut_value(at);
    if (!*ret_value)
        return refuse(reader, err, "quote that does not close", key, "correct it");
    return 1;
}

/* Where an entry keeps the value of a key; NULL: nowhere. */
static char **slot_of(struct aif_gresconf_entry *entry, const char *key)
{
    const struct {
        const char *key;
        char **slot;
    } slots[] = {
        {"NodeName", &entry->nodes}, {"Name", &entry->name},   {"Type", &entry->type},
        {"File", &entry->file},      {"Files", &entry->file},  {"MultipleFiles", &entry->file},
        {"Cores", &entry->cores},    {"CPUs", &entry->cores},  {"Links", &entry->links},
        {"Link", &entry->links},     {"Count", &entry->count}, {"AutoDetect", &entry->autodetect},
    };

    for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
        if (!strcasecmp(slots[i].key, key))
            return slots[i].slot;
    return NULL;
}

static int read_pairs(const struct reader *reader, struct aif_gresconf_entry *entry,
                      struct aif_error *err)
{
    char *at = reader->text, *key = NULL, *value = NULL;
    int rc;

    while ((rc = next_pair(reader, &at, &key, &value, err)) > 0) {
        char **slot = slot_of(entry, key);

        if (!slot)
            continue;
        if (*slot)
            return refuse(reader, err, "key given twice", key, "keep one of them");
        *slot = strdup(value);
        if (!*slot)
            return no_memory(reader, err);
    }
    if (!rc && !entry->name && !entry->autodetect)
        return refuse(reader, err, "neither Name nor AutoDetect", reader->text, "add Name=gpu");
    return rc;
}

/* ---- the file ---- */

static int add_include(const struct reader *reader, char *file, struct aif_error *err)
{
    struct aif_gresconf *conf = reader->conf;
    char **more;

    file[strcspn(file, " \t")] = '\0';
    if (conf->include_count >= AIF_GRESCONF_ENTRIES_MAX)
        return refuse(reader, err, "too many Includes", file, "limit 100000");
    more = realloc(conf->includes, (conf->include_count + 1) * sizeof(*more));
    if (!more)
        return no_memory(reader, err);
    conf->includes = more;
    more[conf->include_count] = strdup(file);
    if (!more[conf->include_count])
        return no_memory(reader, err);
    conf->include_count++;
    return 0;
}

static int add_entry(const struct reader *reader, struct aif_error *err)
{
    struct aif_gresconf *conf = reader->conf;
    struct aif_gresconf_entry *more;

    if (conf->count >= AIF_GRESCONF_ENTRIES_MAX)
        return refuse(reader, err, "too many lines", reader->text, "limit 100000");
    /* Room doubles, so that a long file is not copied once per line. */
    if (!(conf->count & (conf->count - 1))) {
        more = realloc(conf->entries, (conf->count ? 2 * conf->count : 1) * sizeof(*more));
        if (!more)
            return no_memory(reader, err);
        conf->entries = more;
    }
    conf->entries[conf->count] = (struct aif_gresconf_entry){.line = reader->started};
    return read_pairs(reader, &conf->entries[conf->count++], err);
}

static int read_line(const struct reader *reader, struct aif_error *err)
{
    static const char include[] = "include";
    const size_t length = sizeof(include) - 1;
    char *const start = skip_blanks(reader->text);

    if (!*start)
        return 0;
    if (!strncasecmp(start, include, length) && isblank((unsigned char)start[length]) &&
        *skip_blanks(start + length) != '=')
        return add_include(reader, skip_blanks(start + length), err);
    return add_entry(reader, err);
}

static int read_lines(struct reader *reader, struct aif_error *err)
{
    int rc;

    while ((rc = next_line(reader, err)) > 0)
        if (read_line(reader, err))
            return -1;
    return rc;
}

int aif_gresconf_parse(const char *text, size_t length, const char *name,
                       struct aif_gresconf **ret_conf, struct aif_error *err)
{
    struct reader reader = {.name = name, .at = text, .end = text + length, .line = 1};
    int rc;

    reader.text = calloc(1, AIF_GRESCONF_LINE_MAX);
    reader.conf = calloc(1, sizeof(*reader.conf));
    if (reader.text && reader.conf)
        rc = read_lines(&reader, err);
    else
        rc = no_memory(&reader, err);
    free(reader.text);
    if (rc) {
        aif_gresconf_destroy(reader.conf);
        return -1;
    }
    *ret_conf = reader.conf;
    return 0;
}

void aif_gresconf_destroy(struct aif_gresconf *conf)
{
    if (!conf)
        return;
    for (size_t i = 0; i < conf->count; i++) {
        struct aif_gresconf_entry *entry = &conf->entries[i];
        char *const texts[] = {entry->nodes, entry->name,  entry->type,  entry->file,
                               entry->cores, entry->links, entry->count, entry->autodetect};

        for (size_t text = 0; text < sizeof(texts) / sizeof(texts[0]); text++)
            free(texts[text]);
    }
    free(conf->entries);
    for (size_t i = 0; i < conf->include_count; i++)
        free(conf->includes[i]);
    free(conf->includes);
    free(conf);
}
