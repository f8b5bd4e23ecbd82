/* chain.c - see chain.h */
#include "chain.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GENESIS "0000000000000000000000000000000000000000000000000000000000000000"
#define HASH_LENGTH (AIF_HASH_SIZE - 1)
#define HEAD_MAX (32 + AIF_HASH_SIZE + AIF_KIND_SIZE + AIF_CLUSTER_SIZE + 3 * 22)

void aif_chain_start(struct aif_chain *chain)
{
    chain->count = 0;
    memcpy(chain->head, GENESIS, AIF_HASH_SIZE);
}

static bool name_valid(const char *name, const char *more)
{
    for (; *name; name++)
        if (!(*name >= 'a' && *name <= 'z') && !strchr(more, *name))
            return false;
    return true;
}

static bool body_valid(const char *body)
{
    size_t length = strlen(body);

    return length >= 2 && length <= AIF_BODY_MAX && body[0] == '{' && body[length - 1] == '}' &&
           aif_text_printable(body, length);
}

int aif_chain_valid(const struct aif_event *event, struct aif_error *err)
{
    if (!event->kind[0] || !name_valid(event->kind, ""))
        return aif_error_set(err, AIF_EINVAL, "event kind \"%s\": only lower-case letters", event->kind);
    if (!name_valid(event->cluster, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"))
        return aif_error_set(err, AIF_EINVAL, "cluster name \"%s\": only letters, digits, '.', '_', '-'",
                             event->cluster);
    if (!body_valid(event->body))
        return aif_error_set(err, AIF_EINVAL, "event body is not one line of ASCII JSON of at most %d bytes",
                             AIF_BODY_MAX);
    return 0;
}

struct aif_hasher {
    EVP_MD *md;
    EVP_MD_CTX *ctx;
};

struct aif_hasher *aif_hasher_create(void)
{
    struct aif_hasher *hasher = calloc(1, sizeof(*hasher));

    if (!hasher)
        return NULL;
    hasher->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    hasher->ctx = EVP_MD_CTX_new();
    if (hasher->md && hasher->ctx)
        return hasher;
    aif_hasher_destroy(hasher);
    return NULL;
}

void aif_hasher_destroy(struct aif_hasher *hasher)
{
    if (!hasher)
        return;
    EVP_MD_CTX_free(hasher->ctx);
    EVP_MD_free(hasher->md);
    free(hasher);
}

static char *put_line(char *place, const char *value, size_t length)
{
    memcpy(place, value, length);
    place[length] = '\n';
    return place + length + 1;
}

static char *put_number(char *place, uint64_t number)
{
    place = aif_text_digits(place, number);
    *place = '\n';
    return place + 1;
}

/* Times before 1970 are hashed as they are written, with a minus. */
static char *put_time(char *place, int64_t at)
{
    if (at < 0)
        *place++ = '-';
    return put_number(place, at < 0 ? -(uint64_t)at : (uint64_t)at);
}

/* What is hashed before the body; its length. */
static size_t put_head(char head[HEAD_MAX], const struct aif_event *event)
{
    static const char version[] = "aif-ledger 1";
    char *place = put_line(head, version, sizeof(version) - 1);

    place = put_line(place, event->prev, strlen(event->prev));
    place = put_number(place, event->seq);
    place = put_line(place, event->kind, strlen(event->kind));
    place = put_line(place, event->cluster, strlen(event->cluster));
    place = put_number(place, event->db_index);
    return (size_t)(put_time(place, event->at) - head);
}

static void to_hex(const unsigned char *digest, char ret_hex[AIF_HASH_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < HASH_LENGTH / 2; i++) {
        ret_hex[i * 2] = digits[digest[i] >> 4];
        ret_hex[i * 2 + 1] = digits[digest[i] & 15];
    }
    ret_hex[HASH_LENGTH] = '\0';
}

int aif_hasher_event(struct aif_hasher *hasher, const struct aif_event *event, char ret_hash[AIF_HASH_SIZE],
                     struct aif_error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    char head[HEAD_MAX];

    if (!EVP_DigestInit_ex2(hasher->ctx, hasher->md, NULL) ||
        !EVP_DigestUpdate(hasher->ctx, head, put_head(head, event)) ||
        !EVP_DigestUpdate(hasher->ctx, event->body, strlen(event->body)) ||
        !EVP_DigestFinal_ex(hasher->ctx, digest, &size) || size * 2 != HASH_LENGTH)
        return aif_error_set(err, AIF_ENOMEM, "cannot hash an event");
    to_hex(digest, ret_hash);
    return 0;
}

int aif_chain_seal_valid(struct aif_chain *chain, struct aif_hasher *hasher, struct aif_event *event,
                         struct aif_error *err)
{
    event->seq = chain->count + 1;
    memcpy(event->prev, chain->head, AIF_HASH_SIZE);
    if (aif_hasher_event(hasher, event, event->hash, err) < 0)
        return -1;
    chain->count = event->seq;
    memcpy(chain->head, event->hash, AIF_HASH_SIZE);
    return 0;
}

int aif_chain_seal(struct aif_chain *chain, struct aif_event *event, struct aif_error *err)
{
    struct aif_hasher *hasher;
    int rc;

    if (aif_chain_valid(event, err) < 0)
        return -1;
    hasher = aif_hasher_create();
    rc = hasher ? aif_chain_seal_valid(chain, hasher, event, err)
                : aif_error_set(err, AIF_ENOMEM, "cannot hash an event");
    aif_hasher_destroy(hasher);
    return rc;
}

int aif_chain_check_with(struct aif_chain *chain, struct aif_hasher *hasher, const struct aif_event *event,
                         struct aif_error *err)
{
    unsigned long long expected = chain->count + 1;
    char hash[AIF_HASH_SIZE];

    if (event->seq != expected)
        return aif_error_set(err, AIF_ECHAIN, "event %llu: sequence number is %llu", expected,
                             (unsigned long long)event->seq);
    if (aif_chain_valid(event, err) < 0)
        return aif_error_set(err, AIF_ECHAIN, "event %llu: malformed kind, cluster or body", expected);
    if (strcmp(event->prev, chain->head))
        return aif_error_set(err, AIF_ECHAIN, "event %llu: does not follow from event %llu", expected,
                             expected - 1);
    if (aif_hasher_event(hasher, event, hash, err) < 0)
        return -1;
    if (strcmp(event->hash, hash))
        return aif_error_set(err, AIF_ECHAIN, "event %llu: content does not match its hash", expected);
    chain->count = expected;
    memcpy(chain->head, hash, AIF_HASH_SIZE);
    return 0;
}

int aif_chain_check(struct aif_chain *chain, const struct aif_event *event, struct aif_error *err)
{
    struct aif_hasher *hasher = aif_hasher_create();
    int rc = hasher ? aif_chain_check_with(chain, hasher, event, err)
                    : aif_error_set(err, AIF_ENOMEM, "cannot hash an event");

    aif_hasher_destroy(hasher);
    return rc;
}

static char *put(char *place, const char *data, size_t length)
{
    memcpy(place, data, length);
    return place + length;
}

#define PUT(place, literal) put(place, literal, sizeof(literal) - 1)

int aif_chain_format(const struct aif_event *event, struct aif_text *text)
{
    const size_t body = strlen(event->body);
    char *place;

    if (aif_text_reserve(text, body + 512) < 0)
        return -1;
    place = PUT(text->data + text->length, "{\"seq\":");
    place = aif_text_digits(place, event->seq);
    place = PUT(place, ",\"kind\":\"");
    place = put(place, event->kind, strlen(event->kind));
    place = PUT(place, "\",\"cluster\":\"");
    place = put(place, event->cluster, strlen(event->cluster));
    place = PUT(place, "\",\"db_index\":\"");
    place = aif_text_digits(place, event->db_index);
    place = PUT(place, "\",\"at\":");
    if (event->at < 0)
        *place++ = '-';
    place = aif_text_digits(place, event->at < 0 ? -(uint64_t)event->at : (uint64_t)event->at);
    place = PUT(place, ",\"prev\":\"");
    place = put(place, event->prev, strlen(event->prev));
    place = PUT(place, "\",\"hash\":\"");
    place = put(place, event->hash, strlen(event->hash));
    place = PUT(place, "\",\"body\":");
    place = put(place, event->body, body);
    place = PUT(place, "}\n");
    *place = '\0';
    text->length = (size_t)(place - text->data);
    return 0;
}

#define HEADER_AFTER "{\"aif_export\":1,\"complete\":true,\"after\":"
#define KEY_BEFORE "{\"before\":"

int aif_chain_header(const struct aif_chain *after, struct aif_text *text)
{
    if (!after->count)
        return aif_text_printf(text, AIF_CHAIN_HEADER "\n");
    return aif_text_printf(text, HEADER_AFTER "%llu,\"head\":\"%s\"}\n", (unsigned long long)after->count, after->head);
}

int aif_chain_format_key(const struct aif_event *event, struct aif_text *text)
{
    if (aif_text_printf(text, KEY_BEFORE) < 0 || aif_chain_format(event, text) < 0)
        return -1;
    text->length--; /* the newline */
    return aif_text_printf(text, "}\n");
}

int aif_chain_trailer(const struct aif_chain *chain, struct aif_text *text)
{
    return aif_text_printf(text, "{\"events\":%llu,\"head\":\"%s\"}\n",
                           (unsigned long long)chain->count, chain->head);
}

/* The scanner takes a literal, or copies what stands before the next literal. */
static bool take(char **cursor, const char *literal)
{
    size_t length = strlen(literal);

    if (strncmp(*cursor, literal, length))
        return false;
    *cursor += length;
    return true;
}

static bool take_until(char **cursor, const char *literal, char *ret_value, size_t size)
{
    const char *end = strstr(*cursor, literal);
    size_t length = end ? (size_t)(end - *cursor) : size;

    if (length >= size)
        return false;
    memcpy(ret_value, *cursor, length);
    ret_value[length] = '\0';
    *cursor += length;
    return take(cursor, literal);
}

static bool take_number(char **cursor, const char *literal, uint64_t *ret_number)
{
    char digits[24];

    return take_until(cursor, literal, digits, sizeof(digits)) &&
           aif_text_to_u64(digits, ret_number) == 0;
}

static bool take_hash(char **cursor, const char *literal, char ret_hash[AIF_HASH_SIZE])
{
    return take_until(cursor, literal, ret_hash, AIF_HASH_SIZE) &&
           strspn(ret_hash, "0123456789abcdef") == HASH_LENGTH;
}

static bool take_body(char **cursor, const char **ret_body)
{
    size_t length = strlen(*cursor);

    if (length < 3 || (*cursor)[length - 1] != '}')
        return false;
    (*cursor)[length - 1] = '\0';
    *ret_body = *cursor;
    return true;
}

int aif_chain_parse(char *line, struct aif_event *ret_event, struct aif_error *err)
{
    struct aif_event event = {0};
    uint64_t at = 0;
    char *cursor = line;

    if (!take(&cursor, "{\"seq\":") || !take_number(&cursor, ",\"kind\":\"", &event.seq) ||
        !take_until(&cursor, "\",\"cluster\":\"", event.kind, sizeof(event.kind)) ||
        !take_until(&cursor, "\",\"db_index\":\"", event.cluster, sizeof(event.cluster)) ||
        !take_number(&cursor, "\",\"at\":", &event.db_index) ||
        !take_number(&cursor, ",\"prev\":\"", &at) || at > INT64_MAX ||
        !take_hash(&cursor, "\",\"hash\":\"", event.prev) ||
        !take_hash(&cursor, "\",\"body\":", event.hash) || !take_body(&cursor, &event.body))
        return aif_error_set(err, AIF_ECHAIN, "not a line of \"aif export --format=jsonl\"");
    event.at = (int64_t)at;
    *ret_event = event;
    return 0;
}

int aif_chain_reader_start(struct aif_chain_reader *reader, struct aif_error *err)
{
    *reader = (struct aif_chain_reader){.hasher = aif_hasher_create()};
    aif_chain_start(&reader->chain);
    reader->after = reader->chain;
    return reader->hasher ? 0 : aif_error_set(err, AIF_ENOMEM, "out of memory");
}

void aif_chain_reader_end(struct aif_chain_reader *reader)
{
    aif_hasher_destroy(reader->hasher);
    reader->hasher = NULL;
}

/* Of an export that goes on where an archive ends: exactly as it is written. */
static bool header_after(char *line, struct aif_chain *ret_after)
{
    char *cursor = line, again[2 * AIF_HASH_SIZE];

    if (!take(&cursor, HEADER_AFTER) || !take_number(&cursor, ",\"head\":\"", &ret_after->count) || !ret_after->count ||
        !take_hash(&cursor, "\"}", ret_after->head))
        return false;
    snprintf(again, sizeof(again), HEADER_AFTER "%llu,\"head\":\"%s\"}", (unsigned long long)ret_after->count, ret_after->head);
    return !strcmp(line, again);
}

static int reader_header(struct aif_chain_reader *reader, char *line, struct aif_error *err)
{
    if (!strcmp(line, AIF_CHAIN_HEADER))
        return 0;
    if (header_after(line, &reader->after)) {
        reader->chain = reader->after;
        return 0;
    }
    if (!strncmp(line, AIF_CHAIN_HEADER_PART, strlen(AIF_CHAIN_HEADER_PART)))
        return aif_error_set(err, AIF_ECHAIN, "line 1: the export was filtered, so its chain cannot be "
                                              "verified; export without filters");
    return aif_error_set(err, AIF_ECHAIN, "line 1: not the header of \"aif export --format=jsonl\"");
}

static int reader_trailer(struct aif_chain_reader *reader, const char *line, struct aif_error *err)
{
    struct aif_text expected = {0};
    int rc = aif_chain_trailer(&reader->chain, &expected);

    if (rc == 0) {
        expected.data[expected.length - 1] = '\0';
        rc = strcmp(line, expected.data) ? -1 : 0;
    }
    aif_text_free(&expected);
    if (rc < 0)
        return aif_error_set(err, AIF_ECHAIN, "last line: its count or head is not that of the %llu events "
                                              "before it", (unsigned long long)reader->chain.count);
    reader->ended = 1;
    return 0;
}

/* A key that was introduced by an event before the first one here. Its signature says whether it is true, its hash that it is whole. */
static int reader_key(struct aif_chain_reader *reader, char *line, size_t length, struct aif_error *err)
{
    char hash[AIF_HASH_SIZE];
    struct aif_error why;
    const bool closed = line[length - 1] == '}';

    line[length - 1] = '\0'; /* what is left is the event's own line */
    if (reader->chain.count != reader->after.count || !closed ||
        aif_chain_parse(line + strlen(KEY_BEFORE), &reader->event, &why) < 0 || strcmp(reader->event.kind, "key") ||
        !reader->event.seq || reader->event.seq > reader->after.count || aif_chain_valid(&reader->event, &why) < 0 ||
        aif_hasher_event(reader->hasher, &reader->event, hash, &why) < 0 || strcmp(hash, reader->event.hash))
        return aif_error_set(err, AIF_ECHAIN, "line %llu: not a key from before the first event",
                             (unsigned long long)reader->lines);
    return 0;
}

/* The start of the body of an anchor (anchor.h) that is about what is before the first event here. */
static void reader_anchor(struct aif_chain_reader *reader)
{
    char start[64 + AIF_HASH_SIZE];

    snprintf(start, sizeof(start), "{\"v\":1,\"last\":%llu,\"head\":\"%s\",", (unsigned long long)reader->after.count,
             reader->after.head);
    if (!strcmp(reader->event.kind, "archive") && !strncmp(reader->event.body, start, strlen(start)))
        reader->anchored = reader->event.seq;
}

int aif_chain_reader_line(struct aif_chain_reader *reader, char *line, size_t length,
                          struct aif_error *err)
{
    struct aif_error why;

    reader->event = (struct aif_event){0};
    reader->lines++;
    if (!length || line[length - 1] != '\n' || memchr(line, '\0', length))
        return aif_error_set(err, AIF_ECHAIN, "line %llu: not a whole line of text",
                             (unsigned long long)reader->lines);
    line[length - 1] = '\0';
    if (reader->lines == 1)
        return reader_header(reader, line, err);
    if (reader->ended)
        return aif_error_set(err, AIF_ECHAIN, "line %llu: text after the end of the export",
                             (unsigned long long)reader->lines);
    if (!strncmp(line, "{\"events\":", 10))
        return reader_trailer(reader, line, err);
    if (!strncmp(line, KEY_BEFORE, strlen(KEY_BEFORE)))
        return reader_key(reader, line, length - 1, err);
    if (aif_chain_parse(line, &reader->event, &why) < 0)
        return aif_error_set(err, AIF_ECHAIN, "event %llu: %s",
                             (unsigned long long)reader->chain.count + 1, why.text);
    if (aif_chain_check_with(&reader->chain, reader->hasher, &reader->event, err) < 0)
        return -1;
    reader_anchor(reader);
    return 0;
}

int aif_chain_reader_finish(const struct aif_chain_reader *reader, struct aif_error *err)
{
    if (!reader->lines)
        return aif_error_set(err, AIF_ECHAIN, "no input; expected the output of \"aif export --format=jsonl\"");
    if (!reader->ended)
        return aif_error_set(err, AIF_ECHAIN, "export ends after event %llu without its last line",
                             (unsigned long long)reader->chain.count);
    return 0;
}
