/* message.c - see message.h */
#include "message.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Text under construction; once full, nothing more is added. */
struct sink {
    char *text;
    size_t size;
    size_t used;
};

static void add(struct sink *sink, const char *text)
{
    for (; *text && sink->used + 1 < sink->size; text++) {
        unsigned char c = (unsigned char)*text;

        sink->text[sink->used++] = c < ' ' || c == 127 ? '?' : (char)c;
    }
    sink->text[sink->used] = '\0';
}

static void add_part(struct sink *sink, const char *label, const char *value, bool *first)
{
    if (!value)
        return;
    add(sink, *first ? ": " : ", ");
    add(sink, label);
    add(sink, value);
    *first = false;
}

void aif_message_format(const struct aif_message *message, char *ret_text, size_t size)
{
    struct sink sink = {.text = ret_text, .size = size};
    bool first = true;

    if (!size)
        return;
    ret_text[0] = '\0';
    add(&sink, "aif: ");
    add(&sink, message->what);
    add_part(&sink, "asked ", message->asked, &first);
    add_part(&sink, "limit ", message->limit, &first);
    add_part(&sink, "left ", message->left, &first);
    add_part(&sink, "used ", message->used, &first);
    add(&sink, " (");
    add(&sink, message->rule);
    add(&sink, ")");
    if (message->next) {
        add(&sink, "; ");
        add(&sink, message->next);
    }
}

/* Hundredths of an hour as "12", "12.5" or "12.05". */
static void print_centihours(uint64_t centihours, char *ret_text, size_t size)
{
    uint64_t whole = centihours / 100;
    unsigned int rest = (unsigned int)(centihours % 100);

    if (!rest)
        snprintf(ret_text, size, "%" PRIu64, whole);
    else if (rest % 10)
        snprintf(ret_text, size, "%" PRIu64 ".%02u", whole, rest);
    else
        snprintf(ret_text, size, "%" PRIu64 ".%u", whole, rest / 10);
}

static void print_amount(uint64_t centihours, enum aif_unit unit, char ret_text[AIF_AMOUNT_TEXT])
{
    char number[24];

    print_centihours(centihours, number, sizeof(number));
    snprintf(ret_text, AIF_AMOUNT_TEXT, "%s %s-hour%s", number,
             unit == AIF_UNIT_NODE_HOUR ? "node" : "GPU", centihours == 100 ? "" : "s");
}

void aif_message_amount(uint64_t secs, enum aif_unit unit, char ret_text[AIF_AMOUNT_TEXT])
{
    print_amount(secs / 36, unit, ret_text);
}

void aif_message_amount_up(uint64_t secs, enum aif_unit unit, char ret_text[AIF_AMOUNT_TEXT])
{
    print_amount(secs / 36 + (secs % 36 ? 1 : 0), unit, ret_text);
}

void aif_message_hours(uint64_t secs, char ret_text[AIF_AMOUNT_TEXT])
{
    print_centihours(secs / 36, ret_text, AIF_AMOUNT_TEXT);
}

void aif_message_minutes(uint32_t minutes, char ret_text[AIF_MINUTES_TEXT])
{
    unsigned int days = minutes / (24 * 60);
    unsigned int hours = minutes / 60 % 24;
    unsigned int rest = minutes % 60;

    if (minutes == UINT32_MAX)
        snprintf(ret_text, AIF_MINUTES_TEXT, "UNLIMITED");
    else if (days)
        snprintf(ret_text, AIF_MINUTES_TEXT, "%u-%02u:%02u:00", days, hours, rest);
    else
        snprintf(ret_text, AIF_MINUTES_TEXT, "%u:%02u:00", hours, rest);
}

void aif_message_factor(uint32_t millionths, char ret_text[AIF_FACTOR_TEXT])
{
    size_t length;

    snprintf(ret_text, AIF_FACTOR_TEXT, "%" PRIu32 ".%06" PRIu32, millionths / AIF_MILLION,
             millionths % AIF_MILLION);
    length = strlen(ret_text);
    while (ret_text[length - 1] == '0')
        length--;
    ret_text[length - (ret_text[length - 1] == '.')] = '\0';
}

void aif_message_date(time_t when, char ret_text[AIF_DATE_TEXT])
{
    struct tm tm;

    if (!localtime_r(&when, &tm) || !strftime(ret_text, AIF_DATE_TEXT, "%Y-%m-%d", &tm))
        snprintf(ret_text, AIF_DATE_TEXT, "an unknown day");
}

void aif_message_second(time_t when, char ret_text[AIF_DATE_TEXT])
{
    struct tm tm;

    if (!localtime_r(&when, &tm) || !strftime(ret_text, AIF_DATE_TEXT, "%Y-%m-%d %H:%M:%S", &tm))
        snprintf(ret_text, AIF_DATE_TEXT, "an unknown time");
}
