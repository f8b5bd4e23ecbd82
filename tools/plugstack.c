/* plugstack.c - see plugstack.h */
#include "config.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "plugstack.h"

#define DEPTH_MAX 8 /* files that include each other */
#define LINE_SIZE 8192
#define SPACE " \t\r\n"

static enum aif_plugstack_found search(const char *conf, const char *name, int depth,
                                       struct aif_plugstack_line *ret_line);

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* A pattern that is no path belongs to the directory of the file that it is in. */
static bool include(const char *conf, const char *pattern, const char *name, int depth,
                    struct aif_plugstack_line *ret_line)
{
    const int dir = *pattern == '/' ? 0 : (int)(base_name(conf) - conf);
    bool found = false;
    char path[AIF_PLUGSTACK_PATH];
    glob_t paths;
    const int size = snprintf(path, sizeof(path), "%.*s%s", dir, conf, pattern);

    if (depth >= DEPTH_MAX || size <= 0 || (size_t)size >= sizeof(path) || glob(path, 0, NULL, &paths))
        return false;
    for (size_t i = 0; i < paths.gl_pathc && !found; i++)
        found = search(paths.gl_pathv[i], name, depth + 1, ret_line) == AIF_PLUGSTACK_LINE;
    globfree(&paths);
    return found;
}

static bool take(const char *conf, unsigned int number, char *line, const char *name, int depth,
                 struct aif_plugstack_line *ret_line)
{
    char *rest = NULL, *word, *value;

    line[strcspn(line, "#")] = '\0';
    word = strtok_r(line, SPACE, &rest);
    value = word ? strtok_r(NULL, SPACE, &rest) : NULL;
    if (!value)
        return false;
    if (!strcasecmp(word, "include"))
        return include(conf, value, name, depth, ret_line);
    if ((strcasecmp(word, "optional") && strcasecmp(word, "required")) || strcmp(base_name(value), name))
        return false;
    snprintf(ret_line->file, sizeof(ret_line->file), "%s", conf);
    snprintf(ret_line->plugin, sizeof(ret_line->plugin), "%s", value);
    ret_line->number = number;
    ret_line->required = !strcasecmp(word, "required");
    return true;
}

static enum aif_plugstack_found search(const char *conf, const char *name, int depth,
                                       struct aif_plugstack_line *ret_line)
{
    FILE *file = fopen(conf, "re");
    unsigned int number = 0;
    bool found = false;
    char line[LINE_SIZE];

    if (!file)
        return AIF_PLUGSTACK_NO_FILE;
    while (!found && fgets(line, sizeof(line), file))
        found = take(conf, ++number, line, name, depth, ret_line);
    fclose(file);
    return found ? AIF_PLUGSTACK_LINE : AIF_PLUGSTACK_NO_LINE;
}

enum aif_plugstack_found aif_plugstack_find(const char *conf, const char *name,
                                            struct aif_plugstack_line *ret_line)
{
    return search(conf, name, 0, ret_line);
}
