/*
 * pluginfile.h - would Slurm load this plugin? Looked for as Slurm does, and read as a file: it is not loaded here
 */
#ifndef AIF_TOOL_PLUGINFILE_H
#define AIF_TOOL_PLUGINFILE_H

#include <stdint.h>

#define AIF_PLUGINFILE_PATH 4096
#define AIF_PLUGINFILE_MICRO 0xffffffu /* versions must be equal */
#define AIF_PLUGINFILE_MINOR 0xffff00u /* SPANK: but for the micro version */

enum aif_pluginfile_state {
    AIF_PLUGINFILE_FITS,
    AIF_PLUGINFILE_MISSING, /* no such file */
    AIF_PLUGINFILE_BROKEN,  /* cannot be read, or is no plugin of Slurm */
    AIF_PLUGINFILE_OTHER,   /* built for another version of Slurm */
};

struct aif_pluginfile {
    enum aif_pluginfile_state state;
    char path[AIF_PLUGINFILE_PATH]; /* "" if it is missing */
    uint32_t version;    /* of Slurm that it was built for; 0: not known */
};

/* Slurm's form of a version such as "24.11.5", and back (at least 16 bytes); 0 is one that is not known, "?". */
uint32_t aif_pluginfile_number(const char *text);
void aif_pluginfile_text(uint32_t version, char *ret_text);

/* One file. wanted 0: any version fits. */
void aif_pluginfile_look(const char *path, uint32_t wanted, uint32_t mask, struct aif_pluginfile *ret);

/* Through the directories of PluginDir: the first file that fits, else the first that there is. */
void aif_pluginfile_find(const char *dirs, const char *name, uint32_t wanted, uint32_t mask,
                         struct aif_pluginfile *ret);

#endif
