/* ticket.c - see ticket.h */
#include "ticket.h"

#include <stdio.h>
#include <string.h>

#include "rules.h"
#include "text.h"

/* Printable ASCII only, so that no value can look like the next field. */
static bool is_clean(const char *value, bool blanks)
{
    for (; *value; value++) {
        if (*value < (blanks ? ' ' : '!') || *value > '~')
            return false;
    }
    return true;
}

/* "", or as datasetids.h writes them. */
static bool are_ids(const char *text)
{
    char ids[AIF_DATASETIDS_SIZE] = "";

    return !text[0] || (!aif_datasetids_add(ids, text) && !strcmp(ids, text));
}

static bool is_valid(const struct aif_ticket *ticket)
{
    return ticket->cluster[0] && ticket->tag[0] && ticket->tag[0] != ' ' && ticket->issued >= 0 &&
           is_clean(ticket->cluster, false) && is_clean(ticket->alloc, false) && is_clean(ticket->mode, false) &&
           is_clean(ticket->policy, false) && are_ids(ticket->datasets) && is_clean(ticket->tag, true);
}

/* "data=ids " of the second form, nothing in the first. */
static void data_text(const struct aif_ticket *ticket, char *ret_text, size_t size)
{
    ret_text[0] = '\0';
    if (ticket->datasets[0])
        snprintf(ret_text, size, "data=%s ", ticket->datasets);
}

int aif_ticket_format(const struct aif_ticket *ticket, char *ret_text, size_t size, struct aif_error *err)
{
    char data[AIF_DATASETIDS_SIZE + 8];
    int length;

    if (!is_valid(ticket))
        return aif_error_set(err, AIF_EINVAL, "a ticket for job %u cannot be written: a value is empty or not "
                             "printable (%s)", ticket->job, AIF_R_TICKET);
    data_text(ticket, data, sizeof(data));
    length = snprintf(ret_text, size, "aif%d cluster=%s job=%u array=%s uid=%u alloc=%s mode=%s policy=%s issued=%lld %stag=%s",
                      data[0] ? 2 : 1, ticket->cluster, ticket->job, ticket->array ? "yes" : "no", ticket->uid, ticket->alloc,
                      ticket->mode, ticket->policy, (long long)ticket->issued, data, ticket->tag);
    if (length >= 0 && (size_t)length < size)
        return 0;
    return aif_error_set(err, AIF_ELIMIT, "a ticket for job %u cannot be written: asked %d bytes, limit %zu (%s)",
                         ticket->job, length, size, AIF_R_TICKET);
}

/* Value of the next field, which must be that one; it ends at a blank. */
static int read_field(const char **cursor, const char *key, char *ret_value, size_t size)
{
    size_t key_length = strlen(key), length;

    if (strncmp(*cursor, key, key_length))
        return -1;
    *cursor += key_length;
    length = strcspn(*cursor, " ");
    if (length >= size || (*cursor)[length] != ' ')
        return -1;
    memcpy(ret_value, *cursor, length);
    ret_value[length] = '\0';
    *cursor += length + 1;
    return 0;
}

static int read_number(const char **cursor, const char *key, uint64_t limit, uint64_t *ret_number)
{
    char digits[24];

    if (read_field(cursor, key, digits, sizeof(digits)) || aif_text_to_u64(digits, ret_number) || *ret_number > limit)
        return -1;
    return 0;
}

static int read_array(const char **cursor, bool *ret_array)
{
    char word[4];

    if (read_field(cursor, "array=", word, sizeof(word)) || (strcmp(word, "yes") && strcmp(word, "no")))
        return -1;
    *ret_array = word[0] == 'y';
    return 0;
}

/* At least one: without data sets a ticket has the first form. */
static int read_data(const char **cursor, struct aif_ticket *ticket)
{
    return read_field(cursor, "data=", ticket->datasets, sizeof(ticket->datasets)) || !ticket->datasets[0] ? -1 : 0;
}

static int read_tag(const char *cursor, struct aif_ticket *ticket)
{
    if (strncmp(cursor, "tag=", 4) || strlen(cursor + 4) >= sizeof(ticket->tag))
        return -1;
    strcpy(ticket->tag, cursor + 4);
    return 0;
}

static int read_all(const char *cursor, struct aif_ticket *ticket)
{
    const bool with_data = !strncmp(cursor, "aif2 ", 5);
    uint64_t job, uid, issued;

    if (!with_data && strncmp(cursor, "aif1 ", 5))
        return -1;
    cursor += 5;
    if (read_field(&cursor, "cluster=", ticket->cluster, sizeof(ticket->cluster)) ||
        read_number(&cursor, "job=", UINT32_MAX, &job) || read_array(&cursor, &ticket->array) ||
        read_number(&cursor, "uid=", UINT32_MAX, &uid) ||
        read_field(&cursor, "alloc=", ticket->alloc, sizeof(ticket->alloc)) ||
        read_field(&cursor, "mode=", ticket->mode, sizeof(ticket->mode)) ||
        read_field(&cursor, "policy=", ticket->policy, sizeof(ticket->policy)) ||
        read_number(&cursor, "issued=", INT64_MAX, &issued) ||
        (with_data && read_data(&cursor, ticket)) || read_tag(cursor, ticket))
        return -1;
    ticket->job = (uint32_t)job;
    ticket->uid = (uint32_t)uid;
    ticket->issued = (time_t)issued;
    return is_valid(ticket) ? 0 : -1;
}

int aif_ticket_parse(const char *text, size_t length, struct aif_ticket *ret_ticket, struct aif_error *err)
{
    char copy[AIF_TICKET_TEXT_MAX];
    struct aif_ticket ticket = {.cluster = ""};

    if (length >= sizeof(copy) || memchr(text, '\0', length))
        return aif_error_set(err, AIF_ELIMIT, "a ticket has %zu bytes or a NUL in it, limit %zu bytes (%s)", length,
                             sizeof(copy) - 1, AIF_R_TICKET);
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (read_all(copy, &ticket))
        return aif_error_set(err, AIF_ESYNTAX, "a ticket is not one of this version (%s)", AIF_R_TICKET);
    *ret_ticket = ticket;
    return 0;
}

bool aif_ticket_same(const struct aif_ticket *a, const struct aif_ticket *b)
{
    return a->job == b->job && a->array == b->array && a->uid == b->uid && !strcmp(a->cluster, b->cluster) &&
           !strcmp(a->alloc, b->alloc) && !strcmp(a->mode, b->mode) && !strcmp(a->datasets, b->datasets) &&
           !strcmp(a->tag, b->tag);
}

int aif_ticket_check(const struct aif_ticket *ticket, const char *cluster, uint32_t job, uint32_t uid,
                     struct aif_error *err)
{
    if (strcmp(ticket->cluster, cluster))
        return aif_error_set(err, AIF_EINVAL, "the ticket is of cluster %s, not of %s (%s)", ticket->cluster, cluster,
                             AIF_R_TICKET);
    if (ticket->uid != uid)
        return aif_error_set(err, AIF_EINVAL, "the ticket is of user %u, not of %u (%s)", ticket->uid, uid,
                             AIF_R_TICKET);
    if (!ticket->array && ticket->job != job)
        return aif_error_set(err, AIF_EINVAL, "the ticket is of job %u, not of %u (%s)", ticket->job, job,
                             AIF_R_TICKET);
    return 0;
}
