/*
 * jsonschema.h - tables that say which keys an object may have, and the one function that checks
 * and reads them
 *
 * A module lists its keys as an array of struct aif_jsonfield ending with an empty entry;
 * aif_jsonschema_object() finds unknown keys, missing keys and wrong types, then calls the reader
 * of each key that is there, in the order of the table (not of the file). Readers store into the
 * module's struct at the field's offset; what was stored before a failure stays, for the module's
 * destroy function to free. Every message: "<path>:<line>: <key path>: <what>: <value>, limit <...>
 * (AIF-Cnnn); <next step>".
 */
#ifndef AIF_JSONSCHEMA_H
#define AIF_JSONSCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "jsonfile.h"

enum aif_jsonkind {
    AIF_JSON_OBJECT,
    AIF_JSON_ARRAY,
    AIF_JSON_TEXT,
    AIF_JSON_BOOL,
    AIF_JSON_INT,
    AIF_JSON_NUMBER, /* whole or not */
    AIF_JSON_ANY,    /* the reader looks what it is */
};

/* A value and where it stands; lives on the stack of the reader above. */
struct aif_jsonnode {
    const struct aif_jsonnode *up; /* NULL at the root */
    const struct aif_jsonfile *file;
    const char *key; /* NULL: array element */
    size_t index;
    struct json_object *value;
};

struct aif_jsonfield {
    const char *key;
    enum aif_jsonkind kind;
    bool required;
    int (*read)(const struct aif_jsonnode *node, const struct aif_jsonfield *field, void *ret_value,
                struct aif_error *err);
    size_t offset; /* of ret_value in the struct that aif_jsonschema_object() fills */
    int64_t min;   /* of a number, of a text's length in bytes, of an array's length */
    int64_t max;
};

/* The root of a file. */
struct aif_jsonnode aif_jsonschema_root(const struct aif_jsonfile *file);

/* Check node, an object, against the table and read it into the struct at ret_struct. */
int aif_jsonschema_object(const struct aif_jsonnode *node, const struct aif_jsonfield *fields,
                          void *ret_struct, struct aif_error *err);

/* Read one key of node, an object, and look at no other. */
int aif_jsonschema_member(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_struct, struct aif_error *err);

/*
 * Read every entry of an array, or of an object whose keys are names, with read(). The room for
 * them (zeroed, one entry more than there are) is made first and belongs to the caller; NULL if
 * there are too many or memory is out. *ret_count grows before each read, so that a half-read entry
 * is freed with the others.
 */
struct aif_jsonentries {
    enum aif_jsonkind kind; /* of each entry */
    size_t size;            /* of one entry in memory */
    size_t max;             /* entries */
    int (*read)(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err);
};
void *aif_jsonschema_room(const struct aif_jsonnode *node, const struct aif_jsonentries *entries,
                          struct aif_error *err);
int aif_jsonschema_entries(const struct aif_jsonnode *node, const struct aif_jsonentries *entries,
                           void *ret_room, size_t *ret_count, struct aif_error *err);

/* The same into an array of entries->max that the caller has; after a failure *ret_count are to be freed as well. */
int aif_jsonschema_few(const struct aif_jsonnode *node, const struct aif_jsonentries *entries, void *ret_array,
                       uint32_t *ret_count, struct aif_error *err);

/* Readers for struct aif_jsonfield. Text: char * (freed when set before), without control
 * characters. */
int aif_jsonschema_text(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err);
int aif_jsonschema_bool(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err);
int aif_jsonschema_u32(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err);
int aif_jsonschema_i32(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err);
/* A number that is in range, stored nowhere: the file's version. */
int aif_jsonschema_checked(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                           void *ret_value, struct aif_error *err);
/* Text in lower case that aif_names_slurm() takes, or "" where field->min allows: account, QOS,
 * cluster. */
int aif_jsonschema_slurm_name(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                              void *ret_value, struct aif_error *err);
/* A NULL-terminated char ** of texts, each 1 to 255 bytes; min and max are for the array's length.
 */
int aif_jsonschema_texts(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                         void *ret_value, struct aif_error *err);
void aif_jsonschema_texts_destroy(char **texts);

/* A time_t as aif_timetext_date() reads it; field->min is the edge of the day that a mere date means. */
int aif_jsonschema_date(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err);

/* A uint32_t of seconds from a text as Slurm writes times; min in seconds, max in whole days of them. */
int aif_jsonschema_seconds(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                           void *ret_value, struct aif_error *err);

#define AIF_JSONSCHEMA_NAME "letters, digits and . _ - @, a letter, digit or _ first"

/* Index of a text in a NULL-terminated list of words; anything else is refused with the words
 * listed. */
int aif_jsonschema_choice(const struct aif_jsonnode *node, const char *const *words, int *ret_index,
                          struct aif_error *err);

/*
 * Fail at a node. rule is an AIF-Cnnn id, next the next step (NULL: "correct it, then run aif
 * config check"), fmt says what, value and limit. Returns -1.
 */
int aif_jsonschema_fail(const struct aif_jsonnode *node, const char *rule, const char *next,
                        struct aif_error *err, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* "out of range: <value>, limit <limit>": the most frequent failure. */
int aif_jsonschema_range(const struct aif_jsonnode *node, const char *limit, struct aif_error *err);

/* Put the place of a node before a message that another module wrote about its value. Returns -1.
 */
int aif_jsonschema_wrap(const struct aif_jsonnode *node, const struct aif_error *cause,
                        struct aif_error *err);

#endif
