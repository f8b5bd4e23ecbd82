/* jsontext.c - see jsontext.h */
#include "jsontext.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the UTF-8 sequence at p, 0 if it is none (table 3-7 of the Unicode standard). */
static size_t utf8_length(const unsigned char *p, size_t left)
{
    unsigned char low = 0x80, high = 0xbf;
    size_t bytes;

    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    bytes = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (bytes > left)
        return 0;
    if (p[0] == 0xe0)
        low = 0xa0;
    else if (p[0] == 0xed)
        high = 0x9f;
    else if (p[0] == 0xf0)
        low = 0x90;
    else if (p[0] == 0xf4)
        high = 0x8f;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < bytes; i++)
        if (p[i] < 0x80 || p[i] > 0xbf)
            return 0;
    return bytes;
}

static const char *check_bytes(const char *text, size_t length, size_t *at)
{
    size_t bytes;

    for (*at = 0; *at < length; *at += bytes) {
        if (!text[*at])
            return "NUL byte";
        bytes = utf8_length((const unsigned char *)text + *at, length - *at);
        if (!bytes)
            return "invalid UTF-8";
    }
    return NULL;
}

/* Offset after the string whose opening quote is at "at"; 0 if it does not end. */
static size_t skip_string(const char *text, size_t length, size_t at)
{
    for (at++; at < length; at++) {
        if (text[at] == '"')
            return at + 1;
        if (text[at] == '\\')
            at++;
    }
    return 0;
}

static const char *check_string(const char *text, size_t length, size_t *at)
{
    size_t start = *at, end = skip_string(text, length, start);

    for (size_t i = start; i < (end ? end : length); i++) {
        if ((unsigned char)text[i] < ' ') {
            *at = text[i] == '\n' ? start : i;
            return text[i] == '\n' ? "unterminated string" : "control character in a string";
        }
    }
    if (!end)
        return "unterminated string";
    *at = end;
    return NULL;
}

/* *at is at the slash; on success it is moved behind the comment. */
static const char *blank_comment(char *text, size_t length, size_t *at)
{
    bool block = text[*at + 1] == '*';
    size_t i = *at + 2;

    while (i < length &&
           !(block ? text[i] == '/' && text[i - 1] == '*' && i >= *at + 3 : text[i] == '\n'))
        i++;
    if (block && i++ == length)
        return "unterminated comment";
    for (; *at < i; ++*at)
        if (text[*at] != '\n' && text[*at] != '\r')
            text[*at] = ' ';
    return NULL;
}

static bool is_comment(const char *text, size_t length, size_t at)
{
    return text[at] == '/' && at + 1 < length && (text[at + 1] == '/' || text[at + 1] == '*');
}

/* json-c takes single quotes even in strict mode, and would see keys that the walk below does not.
 */
static bool is_outside(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("{}[]:,+-. \t\r\n", c);
}

int aif_jsontext_clean(char *text, size_t length, size_t *ret_offset, const char **ret_what)
{
    size_t at = 0;
    const char *what = check_bytes(text, length, &at);

    if (!what)
        at = 0;
    while (!what && at < length) {
        if (text[at] == '"')
            what = check_string(text, length, &at);
        else if (is_comment(text, length, at))
            what = blank_comment(text, length, &at);
        else if (is_outside(text[at]))
            at++;
        else
            what = "character that JSON has only in double quotes";
    }
    if (!what)
        return 0;
    *ret_offset = at;
    *ret_what = what;
    return -1;
}

size_t aif_jsontext_line(const char *text, size_t offset)
{
    size_t line = 1;

    for (size_t i = 0; i < offset; i++)
        line += text[i] == '\n';
    return line;
}

size_t aif_jsontext_column(const char *text, size_t offset)
{
    size_t column = 1;

    for (; offset && text[offset - 1] != '\n'; offset--)
        column += (text[offset - 1] & 0xc0) != 0x80;
    return column;
}

/* An open object or array during a walk over the text. */
struct frame {
    bool object;
    bool wants_key; /* the next string is a key */
    size_t key;     /* offset and length of the current key, without quotes */
    size_t key_length;
    size_t index; /* of the current array element */
    size_t first; /* where the keys of this object start in struct keys */
};

struct walk {
    const char *text;
    size_t length;
    size_t at;
    struct frame stack[AIF_JSONTEXT_DEPTH + 1];
    size_t depth;
};

enum token { TOKEN_KEY, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_OTHER, TOKEN_END };

static enum token walk_string(struct walk *walk)
{
    struct frame *top = walk->depth ? &walk->stack[walk->depth - 1] : NULL;
    size_t start = walk->at, end = skip_string(walk->text, walk->length, start);

    walk->at = end ? end : walk->length;
    if (!top || !top->object || !top->wants_key)
        return TOKEN_OTHER;
    top->wants_key = false;
    top->key = start + 1;
    top->key_length = end ? end - start - 2 : 0;
    return TOKEN_KEY;
}

static enum token walk_open(struct walk *walk)
{
    struct frame *top = &walk->stack[walk->depth];
    bool object = walk->text[walk->at] == '{';

    if (walk->depth == AIF_JSONTEXT_DEPTH + 1)
        return TOKEN_END;
    *top = (struct frame){.object = object, .wants_key = object};
    walk->depth++;
    walk->at++;
    return TOKEN_OPEN;
}

/* The frame that TOKEN_CLOSE closes stays readable at stack[depth] until the next token. */
static enum token walk_next(struct walk *walk)
{
    struct frame *top = walk->depth ? &walk->stack[walk->depth - 1] : NULL;

    if (walk->at >= walk->length)
        return TOKEN_END;
    switch (walk->text[walk->at]) {
    case '"':
        return walk_string(walk);
    case '{':
    case '[':
        return walk_open(walk);
    case '}':
    case ']':
        walk->at++;
        if (!top)
            return TOKEN_END;
        walk->depth--;
        return TOKEN_CLOSE;
    case ',':
        if (top) {
            top->index++;
            top->wants_key = top->object;
        }
        break;
    }
    walk->at++;
    return TOKEN_OTHER;
}

/* Keys of all objects that are open, innermost last. */
struct key {
    const char *text;
    size_t length;
};
struct keys {
    struct key *list;
    size_t count;
    size_t room;
};

static int compare_keys(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    int order = memcmp(x->text, y->text, x->length < y->length ? x->length : y->length);

    if (order)
        return order;
    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    return x->text < y->text ? -1 : x->text > y->text;
}

static int keys_push(struct keys *keys, const char *text, size_t length)
{
    if (keys->count == keys->room) {
        size_t room = keys->room ? keys->room * 2 : 64;
        struct key *list = realloc(keys->list, room * sizeof(*list));

        if (!list)
            return -1;
        keys->list = list;
        keys->room = room;
    }
    keys->list[keys->count++] = (struct key){text, length};
    return 0;
}

/* Take an object's keys off the stack; the later one of a pair that is equal, or NULL. */
static const char *keys_pop(struct keys *keys, size_t first)
{
    const char *repeated = NULL;

    if (keys->count > first)
        qsort(keys->list + first, keys->count - first, sizeof(*keys->list), compare_keys);
    for (size_t i = first + 1; i < keys->count; i++) {
        const struct key *a = &keys->list[i - 1], *b = &keys->list[i];

        if (a->length == b->length && !memcmp(a->text, b->text, a->length) &&
            (!repeated || b->text < repeated))
            repeated = b->text;
    }
    keys->count = first;
    return repeated;
}

static int repeated_step(struct walk *walk, enum token token, struct keys *keys,
                         const char **ret_key, const char **ret_what)
{
    struct frame *top = &walk->stack[walk->depth ? walk->depth - 1 : 0];

    switch (token) {
    case TOKEN_OPEN:
        top->first = keys->count;
        break;
    case TOKEN_KEY:
        *ret_key = walk->text + top->key;
        *ret_what = "escape sequence in a key";
        if (memchr(*ret_key, '\\', top->key_length))
            return AIF_JSONTEXT_ESCAPED;
        return keys_push(keys, *ret_key, top->key_length);
    case TOKEN_CLOSE:
        *ret_key = keys_pop(keys, walk->stack[walk->depth].first);
        *ret_what = "key given twice";
        return *ret_key ? AIF_JSONTEXT_TWICE : 0;
    default:
        break;
    }
    return 0;
}

int aif_jsontext_repeated(const char *text, size_t length, size_t *ret_offset,
                          const char **ret_what)
{
    struct walk walk = {.text = text, .length = length};
    struct keys keys = {0};
    const char *key = text, *what = NULL;
    enum token token;
    int found = 0;

    while (!found && (token = walk_next(&walk)) != TOKEN_END)
        found = repeated_step(&walk, token, &keys, &key, &what);
    free(keys.list);
    if (found > 0) {
        *ret_offset = (size_t)(key - text);
        *ret_what = what;
    }
    return found;
}

void aif_jsontext_path(const char *text, size_t length, size_t offset, char *ret_path, size_t size)
{
    struct walk walk = {.text = text, .length = length};
    size_t used = 0;

    ret_path[0] = '\0';
    while (walk.at < offset && walk_next(&walk) != TOKEN_END)
        ;
    for (size_t i = 0; i < walk.depth && used < size; i++) {
        const struct frame *frame = &walk.stack[i];

        if (!frame->object)
            used += (size_t)snprintf(ret_path + used, size - used, "[%zu]", frame->index);
        else if (frame->key)
            used += (size_t)snprintf(ret_path + used, size - used, "%s%.*s", used ? "." : "",
                                     (int)(frame->key_length > 64 ? 64 : frame->key_length),
                                     text + frame->key);
    }
}

static bool step_is_here(const struct walk *walk, const struct aif_jsontext_step *step)
{
    const struct frame *top = &walk->stack[walk->depth - 1];

    if (!step->key)
        return !top->object && top->index == step->index;
    return top->object && !top->wants_key && top->key_length == strlen(step->key) &&
           !memcmp(walk->text + top->key, step->key, top->key_length);
}

static size_t skip_blank(const char *text, size_t length, size_t at)
{
    while (at < length && strchr(" \t\r\n", text[at]))
        at++;
    return at;
}

/* Offset of the container's member that the step names, walk standing at its start; length if it
 * has none. */
static size_t find_step(struct walk *walk, const struct aif_jsontext_step *step)
{
    size_t depth = walk->depth;

    while (walk->depth >= depth) {
        if (walk->depth == depth && step_is_here(walk, step))
            return step->key ? walk->stack[depth - 1].key
                             : skip_blank(walk->text, walk->length, walk->at);
        if (walk_next(walk) == TOKEN_END)
            break;
    }
    return walk->length;
}

size_t aif_jsontext_find(const char *text, size_t length, const struct aif_jsontext_step *steps,
                         size_t count)
{
    struct walk walk = {.text = text, .length = length};
    size_t found = skip_blank(text, length, 0);

    for (size_t i = 0; i < count; i++) {
        enum token token;
        size_t at;

        while ((token = walk_next(&walk)) == TOKEN_OTHER)
            ;
        if (token != TOKEN_OPEN)
            break;
        at = find_step(&walk, &steps[i]);
        if (at == length)
            break;
        found = at;
    }
    return found;
}
