/* configtest.h - what the tests of the configuration's modules share; include after cmocka.h */
#ifndef AIF_CONFIGTEST_H
#define AIF_CONFIGTEST_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define CONFIG_DATA TEST_DATA_DIR "/config"

/* "f.json:3:14: ..." -> "f.json:3: ...": most tests of messages are about the rest; test_jsonfile.c has columns. */
static inline void drop_column(char *text)
{
    for (char *place = strchr(text, ':'); place; place = strchr(place + 1, ':')) {
        size_t line = strspn(place + 1, "0123456789");
        char *column = place + 1 + line;
        size_t length = line && *column == ':' ? strspn(column + 1, "0123456789") : 0;

        if (length && column[1 + length] == ':') {
            memmove(column, column + 1 + length, strlen(column + 1 + length) + 1);
            return;
        }
    }
}

/*
 * Bad files carry the message they deserve in their first line: "// expect <line>: <rest of the
 * message>". json-c words differ between its versions, so of those only the place and the rule are
 * compared.
 */
static inline void check_bad_file(const char *path,
                                  int (*load)(const char *path, struct aif_error *err))
{
    static const char mark[] = "// expect ", words[] = "not JSON: ";
    struct aif_error err = {0};
    char line[1024] = "", expected[2048];
    FILE *file = fopen(path, "r");
    char *cut;

    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file));
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    assert_int_equal(strncmp(line, mark, strlen(mark)), 0);
    snprintf(expected, sizeof(expected), "%s:%s", path, line + strlen(mark));

    assert_int_equal(load(path, &err), -1);
    drop_column(err.text);
    cut = strstr(expected, words);
    if (cut) {
        cut[strlen(words)] = '\0';
        assert_non_null(strstr(err.text, "(AIF-C002); "));
        err.text[strlen(expected)] = '\0';
    }
    assert_string_equal(err.text, expected);
    assert_int_not_equal(err.code, AIF_EOK);
}

static inline void check_bad_files(const char *directory, size_t at_least,
                                   int (*load)(const char *path, struct aif_error *err))
{
    DIR *dir = opendir(directory);
    struct dirent *entry;
    size_t count = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        char path[1024];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        check_bad_file(path, load);
        count++;
    }
    closedir(dir);
    assert_true(count >= at_least);
}

/* A new temporary file of that content; remove_temp() removes it and frees the path. */
static inline char *write_temp(const char *text, size_t length)
{
    char *path = strdup("/tmp/aif-test-XXXXXX");
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    return path;
}

static inline void remove_temp(char *path)
{
    assert_int_equal(remove(path), 0);
    free(path);
}

#endif
