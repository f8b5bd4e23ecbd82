/* plugstack.h - which line of plugstack.conf loads a SPANK plugin, in the files that it includes, too */
#ifndef AIF_TOOL_PLUGSTACK_H
#define AIF_TOOL_PLUGSTACK_H

#include <stdbool.h>

#define AIF_PLUGSTACK_PATH 4096

struct aif_plugstack_line {
    char file[AIF_PLUGSTACK_PATH]; /* where the line is */
    unsigned int number;
    bool required;
    char plugin[AIF_PLUGSTACK_PATH]; /* as it is written: a path, or a name that Slurm looks for in PluginDir */
};

enum aif_plugstack_found { AIF_PLUGSTACK_NO_FILE, AIF_PLUGSTACK_NO_LINE, AIF_PLUGSTACK_LINE };

/* The first line with a plugin of this file name; *ret_line is filled for AIF_PLUGSTACK_LINE. */
enum aif_plugstack_found aif_plugstack_find(const char *conf, const char *name,
                                            struct aif_plugstack_line *ret_line);

#endif
