/* pluginfile.c - see pluginfile.h */
#include "config.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pluginfile.h"

#define SIZE_MAX_HERE ((size_t)64 * 1024 * 1024)

uint32_t aif_pluginfile_number(const char *text)
{
    uint32_t number = 0;

    for (int i = 0; i < 3; i++) {
        char *end = NULL;
        const unsigned long part = text && *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 256;

        if (part > 255 || (i < 2 && *end != '.'))
            return 0;
        number = number << 8 | (uint32_t)part;
        text = end + (i < 2);
    }
    return number;
}

void aif_pluginfile_text(uint32_t version, char *ret_text)
{
    if (version)
        snprintf(ret_text, 16, "%u.%02u.%u", version >> 16 & 0xff, version >> 8 & 0xff, version & 0xff);
    else
        strcpy(ret_text, "?");
}

/* ---- the number inside the file ---- */

struct content {
    const char *bytes;
    size_t size;
};

/* count things of a size at an offset; NULL: they are not all in the file, or lie where they cannot be read. */
static const void *part(const struct content *file, uint64_t offset, uint64_t count, size_t size)
{
    const size_t align = size < sizeof(void *) ? size : sizeof(void *);

    if (offset > file->size || offset % align || count > (file->size - offset) / size)
        return NULL;
    return file->bytes + offset;
}

static const ElfW(Shdr) *sections(const struct content *file, size_t *ret_count)
{
    const ElfW(Ehdr) *head = part(file, 0, 1, sizeof(*head));

    if (!head || memcmp(head->e_ident, ELFMAG, SELFMAG) || head->e_shentsize != sizeof(ElfW(Shdr)) ||
        head->e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32))
        return NULL;
    *ret_count = head->e_shnum;
    return part(file, head->e_shoff, head->e_shnum, sizeof(ElfW(Shdr)));
}

static bool has_name(const struct content *file, const ElfW(Shdr) *names, uint64_t index, const char *name)
{
    const char *text = part(file, names->sh_offset, names->sh_size, 1);
    const size_t length = strlen(name) + 1;

    return text && index < names->sh_size && names->sh_size - index >= length && !memcmp(text + index, name, length);
}

/* The number that a symbol of a section stands for, 0 if there is none. */
static uint32_t number_at(const struct content *file, const ElfW(Shdr) *all, size_t count, const ElfW(Sym) *symbol)
{
    const ElfW(Shdr) *home = symbol->st_shndx < count ? &all[symbol->st_shndx] : NULL;
    const uint32_t *number = NULL;

    if (home && home->sh_type == SHT_PROGBITS && symbol->st_value >= home->sh_addr &&
        symbol->st_value - home->sh_addr < home->sh_size)
        number = part(file, home->sh_offset + (symbol->st_value - home->sh_addr), 1, sizeof(*number));
    return number ? *number : 0;
}

static uint32_t number_of(const struct content *file, const char *name)
{
    size_t count = 0;
    const ElfW(Shdr) *all = sections(file, &count);

    for (size_t i = 0; all && i < count; i++) {
        const size_t symbols = all[i].sh_size / sizeof(ElfW(Sym));
        const ElfW(Sym) *table = part(file, all[i].sh_offset, symbols, sizeof(*table));

        if (all[i].sh_type != SHT_DYNSYM || !table || all[i].sh_link >= count)
            continue;
        for (size_t j = 0; j < symbols; j++)
            if (table[j].st_shndx != SHN_UNDEF && has_name(file, &all[all[i].sh_link], table[j].st_name, name))
                return number_at(file, all, count, &table[j]);
    }
    return 0;
}

/* ---- files ---- */

static uint32_t version_in(const char *path, size_t size)
{
    FILE *in = size <= SIZE_MAX_HERE ? fopen(path, "re") : NULL;
    char *bytes = in ? malloc(size + 1) : NULL;
    uint32_t version = 0;

    if (bytes) {
        const struct content file = {bytes, fread(bytes, 1, size, in)};

        version = number_of(&file, "plugin_version");
    }
    free(bytes);
    if (in)
        fclose(in);
    return version;
}

void aif_pluginfile_look(const char *path, uint32_t wanted, uint32_t mask, struct aif_pluginfile *ret)
{
    struct stat found;

    *ret = (struct aif_pluginfile){.state = AIF_PLUGINFILE_MISSING};
    if (stat(path, &found) || !S_ISREG(found.st_mode) || strlen(path) >= sizeof(ret->path))
        return;
    strcpy(ret->path, path);
    ret->version = version_in(path, (size_t)found.st_size);
    if (!ret->version)
        ret->state = AIF_PLUGINFILE_BROKEN;
    else if (wanted && (ret->version & mask) != (wanted & mask))
        ret->state = AIF_PLUGINFILE_OTHER;
    else
        ret->state = AIF_PLUGINFILE_FITS;
}

void aif_pluginfile_find(const char *dirs, const char *name, uint32_t wanted, uint32_t mask,
                         struct aif_pluginfile *ret)
{
    *ret = (struct aif_pluginfile){.state = AIF_PLUGINFILE_MISSING};
    for (const char *dir = dirs; dir && *dir;) {
        const size_t length = strcspn(dir, ":");
        struct aif_pluginfile here;
        char path[AIF_PLUGINFILE_PATH];
        const int size = snprintf(path, sizeof(path), "%.*s/%s", (int)length, dir, name);

        if (size > 0 && (size_t)size < sizeof(path)) {
            aif_pluginfile_look(path, wanted, mask, &here);
            if (here.state == AIF_PLUGINFILE_FITS || ret->state == AIF_PLUGINFILE_MISSING)
                *ret = here;
        }
        if (ret->state == AIF_PLUGINFILE_FITS)
            return;
        dir += length + (dir[length] == ':');
    }
}
