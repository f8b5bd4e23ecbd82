/* test_pluginfile.c - unit tests of pluginfile.h; plugins of Slurm itself are looked at in tests/cluster_tests */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pluginfile.h"

#define BUILT_FOR 0x180b05u

/* This program has one, as a plugin has. */
extern const uint32_t plugin_version;
__attribute__((visibility("default"), used)) const uint32_t plugin_version = BUILT_FOR;

static void test_versions(void **state)
{
    char text[16];

    (void)state;
    assert_int_equal(aif_pluginfile_number("24.11.5"), BUILT_FOR);
    assert_int_equal(aif_pluginfile_number("22.05.8-2"), 0x160508);
    assert_int_equal(aif_pluginfile_number("24.11"), 0);
    assert_int_equal(aif_pluginfile_number("24.11.999"), 0);
    assert_int_equal(aif_pluginfile_number("x"), 0);
    assert_int_equal(aif_pluginfile_number(""), 0);
    assert_int_equal(aif_pluginfile_number(NULL), 0);
    aif_pluginfile_text(0x160508, text);
    assert_string_equal(text, "22.05.8");
    aif_pluginfile_text(UINT32_MAX, text);
    assert_string_equal(text, "255.255.255");
    aif_pluginfile_text(0, text);
    assert_string_equal(text, "?");
}

static void expect(const char *path, uint32_t wanted, uint32_t mask, enum aif_pluginfile_state state, uint32_t version)
{
    struct aif_pluginfile file;

    aif_pluginfile_look(path, wanted, mask, &file);
    assert_int_equal(file.state, state);
    assert_int_equal(file.version, version);
    assert_string_equal(file.path, state == AIF_PLUGINFILE_MISSING ? "" : path);
}

static void test_files(void **state)
{
    char self[AIF_PLUGINFILE_PATH] = "";

    (void)state;
    assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    expect(self, 0, AIF_PLUGINFILE_MICRO, AIF_PLUGINFILE_FITS, BUILT_FOR);
    expect(self, BUILT_FOR, AIF_PLUGINFILE_MICRO, AIF_PLUGINFILE_FITS, BUILT_FOR);
    expect(self, BUILT_FOR + 1, AIF_PLUGINFILE_MICRO, AIF_PLUGINFILE_OTHER, BUILT_FOR);
    expect(self, BUILT_FOR + 1, AIF_PLUGINFILE_MINOR, AIF_PLUGINFILE_FITS, BUILT_FOR);
    expect(self, BUILT_FOR + 0x100, AIF_PLUGINFILE_MINOR, AIF_PLUGINFILE_OTHER, BUILT_FOR);
    expect("/nonexistent", BUILT_FOR, AIF_PLUGINFILE_MICRO, AIF_PLUGINFILE_MISSING, 0);
    expect("/", BUILT_FOR, AIF_PLUGINFILE_MICRO, AIF_PLUGINFILE_MISSING, 0);
    expect("/bin/sh", BUILT_FOR, AIF_PLUGINFILE_MICRO, AIF_PLUGINFILE_BROKEN, 0);
    expect("/etc/passwd", BUILT_FOR, AIF_PLUGINFILE_MICRO, AIF_PLUGINFILE_BROKEN, 0);
}

static size_t read_self(char **ret_bytes)
{
    FILE *in = fopen("/proc/self/exe", "re");
    size_t size;

    assert_non_null(in);
    fseek(in, 0, SEEK_END);
    size = (size_t)ftell(in);
    rewind(in);
    *ret_bytes = malloc(size);
    assert_int_equal(fread(*ret_bytes, 1, size, in), size);
    fclose(in);
    return size;
}

static void write_file(const char *path, const char *bytes, size_t size)
{
    FILE *out = fopen(path, "we");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(out);
}

/* Cut short, or with numbers that lead out of it: never read beyond the end. */
static void test_damaged_files(void **state)
{
    char path[] = "/tmp/aif-pluginfile-XXXXXX", *bytes = NULL;
    const size_t size = read_self(&bytes), head = sizeof(void *) == 8 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    struct aif_pluginfile file;

    (void)state;
    close(mkstemp(path));
    for (size_t length = 0; length < size; length += length < head ? 1 : size / 7) {
        write_file(path, bytes, length);
        expect(path, BUILT_FOR, AIF_PLUGINFILE_MICRO, AIF_PLUGINFILE_BROKEN, 0);
    }
    srand(7);
    for (int i = 0; i < 200; i++) {
        const size_t at = i % 2 ? (size_t)rand() % head : size - 1 - (size_t)rand() % (size < 4000 ? size : 4000);
        const char kept = bytes[at];

        bytes[at] = (char)rand();
        write_file(path, bytes, size);
        aif_pluginfile_look(path, BUILT_FOR, AIF_PLUGINFILE_MICRO, &file);
        assert_int_not_equal(file.state, AIF_PLUGINFILE_MISSING);
        bytes[at] = kept;
    }
    unlink(path);
    free(bytes);
}

static void test_directories(void **state)
{
    char self[AIF_PLUGINFILE_PATH] = "", dirs[AIF_PLUGINFILE_PATH + 64];
    struct aif_pluginfile file;
    char *name;

    (void)state;
    assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    name = strrchr(self, '/');
    *name++ = '\0';
    snprintf(dirs, sizeof(dirs), "/nonexistent:%s", self);
    aif_pluginfile_find(dirs, name, BUILT_FOR, AIF_PLUGINFILE_MICRO, &file);
    assert_int_equal(file.state, AIF_PLUGINFILE_FITS);
    aif_pluginfile_find(dirs, name, BUILT_FOR + 1, AIF_PLUGINFILE_MICRO, &file);
    assert_int_equal(file.state, AIF_PLUGINFILE_OTHER);
    aif_pluginfile_find(dirs, "no such file", BUILT_FOR, AIF_PLUGINFILE_MICRO, &file);
    assert_int_equal(file.state, AIF_PLUGINFILE_MISSING);
    aif_pluginfile_find("/nonexistent", name, BUILT_FOR, AIF_PLUGINFILE_MICRO, &file);
    assert_int_equal(file.state, AIF_PLUGINFILE_MISSING);
    aif_pluginfile_find(NULL, name, BUILT_FOR, AIF_PLUGINFILE_MICRO, &file);
    assert_int_equal(file.state, AIF_PLUGINFILE_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_directories),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
