/* marks.c - see marks.h */
#include "marks.h"

#include <stdlib.h>
#include <string.h>

#include "admincomment.h"
#include "options.h"

#define HASH_LENGTH 16
#define CLOSING 2 /* braces at the end */

static struct aif_marks *join(const char *request, const char *comment)
{
    const size_t first = strlen(request), second = strlen(comment) - CLOSING;
    struct aif_marks *marks = malloc(sizeof(*marks) + first + 1 + second + 1);
    char *at;

    if (!marks)
        return NULL;
    at = marks->request + first + 1;
    memcpy(marks->request, request, first + 1);
    memcpy(at, comment, second);
    at[second] = '\0';
    marks->comment_length = second;
    marks->comment = at;
    return marks;
}

struct aif_marks *aif_marks_create(const char *mode, const char *alloc)
{
    struct aif_admincomment comment = {0};
    struct aif_options options = {0};
    char comment_text[AIF_ADMINCOMMENT_MAX], request_text[AIF_OPTIONS_TEXT_MAX];

    if (strlen(mode) >= sizeof(options.mode) || strlen(alloc) >= sizeof(options.allocation))
        return NULL;
    memcpy(options.mode, mode, strlen(mode) + 1);
    memcpy(options.allocation, alloc, strlen(alloc) + 1);
    memcpy(comment.mode, options.mode, sizeof(comment.mode));
    memcpy(comment.alloc, options.allocation, sizeof(comment.alloc));
    if (aif_options_format(&options, request_text, sizeof(request_text)) ||
        aif_admincomment_format(&comment, comment_text, sizeof(comment_text)))
        return NULL;
    return join(request_text, comment_text);
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
