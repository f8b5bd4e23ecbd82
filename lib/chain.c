/* chain.c - see chain.h */
#include "chain.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

#define GENESIS "0000000000000000000000000000000000000000000000000000000000000000"
#define HASH_LENGTH (AIF_HASH_SIZE - 1)

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

    if (length < 2 || length > AIF_BODY_MAX || body[0] != '{' || body[length - 1] != '}')
        return false;
    for (; *body; body++)
        if (*body < ' ' || *body == 127) /* also refuses bytes >= 0x80 where char is signed */
            return false;
    return true;
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

static int sha256_hex(const void *data, size_t length, char ret_hex[AIF_HASH_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;

    if (!EVP_Digest(data, length, digest, &size, EVP_sha256(), NULL) || size * 2 != HASH_LENGTH)
        return -1;
    for (size_t i = 0; i < size; i++) {
        ret_hex[i * 2] = digits[digest[i] >> 4];
        ret_hex[i * 2 + 1] = digits[digest[i] & 15];
    }
    ret_hex[HASH_LENGTH] = '\0';
    return 0;
}

static int event_hash(const struct aif_event *event, char ret_hash[AIF_HASH_SIZE],
                      struct aif_error *err)
{
    struct aif_text text = {0};
    int rc = aif_text_printf(&text, "aif-ledger 1\n%s\n%llu\n%s\n%s\n%llu\n%lld\n%s", event->prev,
                             (unsigned long long)event->seq, event->kind, event->cluster,
                             (unsigned long long)event->db_index, (long long)event->at, event->body);

    if (rc == 0)
        rc = sha256_hex(text.data, text.length, ret_hash);
    aif_text_free(&text);
    return rc < 0 ? aif_error_set(err, AIF_ENOMEM, "cannot hash an event") : 0;
}

int aif_chain_seal(struct aif_chain *chain, struct aif_event *event, struct aif_error *err)
{
    if (aif_chain_valid(event, err) < 0)
        return -1;
    event->seq = chain->count + 1;
    memcpy(event->prev, chain->head, AIF_HASH_SIZE);
    if (event_hash(event, event->hash, err) < 0)
        return -1;
    chain->count = event->seq;
    memcpy(chain->head, event->hash, AIF_HASH_SIZE);
    return 0;
}

int aif_chain_check(struct aif_chain *chain, const struct aif_event *event, struct aif_error *err)
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
    if (event_hash(event, hash, err) < 0)
        return -1;
    if (strcmp(event->hash, hash))
        return aif_error_set(err, AIF_ECHAIN, "event %llu: content does not match its hash", expected);
    chain->count = expected;
    memcpy(chain->head, hash, AIF_HASH_SIZE);
    return 0;
}

int aif_chain_format(const struct aif_event *event, struct aif_text *text)
{
    return aif_text_printf(text,
                           "{\"seq\":%llu,\"kind\":\"%s\",\"cluster\":\"%s\",\"db_index\":\"%llu\","
                           "\"at\":%lld,\"prev\":\"%s\",\"hash\":\"%s\",\"body\":%s}\n",
                           (unsigned long long)event->seq, event->kind, event->cluster,
                           (unsigned long long)event->db_index, (long long)event->at, event->prev,
                           event->hash, event->body);
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

void aif_chain_reader_start(struct aif_chain_reader *reader)
{
    aif_chain_start(&reader->chain);
    reader->lines = 0;
    reader->ended = 0;
}

static int reader_header(const char *line, struct aif_error *err)
{
    if (!strcmp(line, AIF_CHAIN_HEADER))
        return 0;
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

int aif_chain_reader_line(struct aif_chain_reader *reader, char *line, size_t length,
                          struct aif_error *err)
{
    struct aif_event event;
    struct aif_error why;

    reader->lines++;
    if (!length || line[length - 1] != '\n' || memchr(line, '\0', length))
        return aif_error_set(err, AIF_ECHAIN, "line %llu: not a whole line of text",
                             (unsigned long long)reader->lines);
    line[length - 1] = '\0';
    if (reader->lines == 1)
        return reader_header(line, err);
    if (reader->ended)
        return aif_error_set(err, AIF_ECHAIN, "line %llu: text after the end of the export",
                             (unsigned long long)reader->lines);
    if (!strncmp(line, "{\"events\":", 10))
        return reader_trailer(reader, line, err);
    if (aif_chain_parse(line, &event, &why) < 0)
        return aif_error_set(err, AIF_ECHAIN, "event %llu: %s",
                             (unsigned long long)reader->chain.count + 1, why.text);
    return aif_chain_check(&reader->chain, &event, err);
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
