/* marks.c - see marks.h */
#include "marks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HASH_LENGTH 16
#define CLOSING 2 /* braces at the end */

static struct aif_marks *join(const char *request, const char *comment, struct aif_marks *marks)
{
    const size_t first = strlen(request), second = strlen(comment) - CLOSING;
    char *at = marks->request + first + 1;

    memcpy(marks->request, request, first + 1);
    memcpy(at, comment, second);
    at[second] = '\0';
    marks->comment_length = second;
    marks->comment = at;
    return marks;
}

/* False: too long. */
static bool copy(const char *from, char *to, size_t size)
{
    const size_t length = strlen(from);

    if (length >= size)
        return false;
    memcpy(to, from, length + 1);
    return true;
}

struct aif_marks *aif_marks_make(const struct aif_marks_of *of, struct aif_marks_room *room)
{
    struct aif_admincomment comment = {0};
    struct aif_options options = {0};
    char comment_text[AIF_ADMINCOMMENT_MAX], request_text[AIF_OPTIONS_TEXT_MAX];

    if (!copy(of->mode, options.mode, sizeof(options.mode)) ||
        !copy(of->alloc, options.allocation, sizeof(options.allocation)) ||
        !copy(of->residency, options.residency, sizeof(options.residency)) ||
        !copy(of->datasets, options.datasets, sizeof(options.datasets)) ||
        !copy(of->mode, comment.mode, sizeof(comment.mode)) ||
        !copy(of->alloc, comment.alloc, sizeof(comment.alloc)) ||
        !copy(of->residency, comment.residency, sizeof(comment.residency)) ||
        !copy(of->datasets, comment.datasets, sizeof(comment.datasets)) ||
        aif_options_format(&options, request_text, sizeof(request_text)) ||
        aif_admincomment_format(&comment, comment_text, sizeof(comment_text)))
        return NULL;
    return join(request_text, comment_text, (struct aif_marks *)room->bytes);
}

struct aif_marks *aif_marks_create(const char *mode, const char *alloc)
{
    const struct aif_marks_of of = {mode, alloc, "", ""};
    struct aif_marks_room room;
    struct aif_marks *made = aif_marks_make(&of, &room);
    struct aif_marks *marks = made ? malloc(aif_marks_size(made)) : NULL;

    if (marks)
        aif_marks_copy(made, marks);
    return marks;
}

size_t aif_marks_size(const struct aif_marks *marks)
{
    return sizeof(*marks) + (size_t)(marks->comment - marks->request) + marks->comment_length + 1;
}

void aif_marks_copy(const struct aif_marks *marks, struct aif_marks *to)
{
    memcpy(to, marks, aif_marks_size(marks));
    to->comment = to->request + (marks->comment - marks->request);
}

void aif_marks_comment(const struct aif_marks *marks, const char *hash, char *ret_text)
{
    static const char before[] = ",\"pol\":\"", after[] = "\"}}";
    char *at = ret_text + marks->comment_length;

    memcpy(ret_text, marks->comment, marks->comment_length);
    memcpy(at, before, sizeof(before) - 1);
    memcpy(at + sizeof(before) - 1, hash, HASH_LENGTH);
    memcpy(at + sizeof(before) - 1 + HASH_LENGTH, after, sizeof(after));
}
