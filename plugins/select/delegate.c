/* delegate.c - see delegate.h */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr() */
#endif
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "delegate.h"

#define STOCK_FILE "select_cons_tres.so"

struct aif_select_ops stock;

static void *handle;
static char stock_path[PATH_MAX];

struct aif_symbol {
	const char *name;
	size_t offset; /* in struct aif_select_ops */
};

#define SYMBOL(ret, name, params, args) {#name, offsetof(struct aif_select_ops, name)},
static const struct aif_symbol symbols[] = {AIF_SELECT_HOOKED(SYMBOL) AIF_SELECT_PLAIN(SYMBOL)};
#undef SYMBOL

extern const char *delegate_path(void)
{
	return handle ? stock_path : NULL;
}

/* An address inside of this file is all that dladdr() needs to tell its path. */
static bool _own_file(struct stat *ret_stat)
{
	Dl_info info;

	return dladdr(symbols, &info) && info.dli_fname && !stat(info.dli_fname, ret_stat);
}

static int _bind(void *lib, const char *path)
{
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *address = dlsym(lib, symbols[i].name);

		if (!address) {
			error("aif: %s has no %s, so it is not the select/cons_tres of this Slurm",
			      path, symbols[i].name);
			return SLURM_ERROR;
		}
		memcpy((char *)&stock + symbols[i].offset, &address, sizeof(address));
	}
	return SLURM_SUCCESS;
}

static int _check(void *lib, const char *path)
{
	const uint32_t *version = dlsym(lib, "plugin_version");
	const char *type = dlsym(lib, "plugin_type");

	if (!version || !type || strcmp(type, "select/cons_tres")) {
		error("aif: %s is no select/cons_tres plugin", path);
		return SLURM_ERROR;
	}
	if (*version != AIF_PLUGIN_VERSION) {
		error("aif: %s is of another Slurm version: it has %#x, this wrapper %#x", path,
		      *version, AIF_PLUGIN_VERSION);
		return SLURM_ERROR;
	}
	if (dlsym(lib, "aif_select_probe")) {
		debug("aif: %s is another copy of the wrapper, looking further", path);
		return SLURM_ERROR;
	}
	return _bind(lib, path);
}

static int _try(const char *path)
{
	void *lib = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	int (*stock_init)(void);

	if (!lib) {
		error("aif: the stock select plugin does not load: %s", dlerror());
		return SLURM_ERROR;
	}
	if (_check(lib, path) != SLURM_SUCCESS) {
		dlclose(lib);
		return SLURM_ERROR;
	}
	stock_init = (int (*)(void))dlsym(lib, "init");
	if (stock_init && stock_init() != SLURM_SUCCESS) {
		error("aif: %s refuses to start", path);
		dlclose(lib);
		return SLURM_ERROR;
	}
	handle = lib;
	return SLURM_SUCCESS;
}

/* Whether there is such a file in one directory of PluginDir (length bytes of dir), and whether it is
 * our own. Sets stock_path. */
static bool _find(const char *dir, size_t length, const struct stat *own, bool *ret_own)
{
	struct stat found;
	int n = snprintf(stock_path, sizeof(stock_path), "%.*s/" STOCK_FILE, (int)length, dir);

	if (!length || n < 0 || (size_t)n >= sizeof(stock_path) || stat(stock_path, &found))
		return false;
	*ret_own = found.st_dev == own->st_dev && found.st_ino == own->st_ino;
	return true;
}

/* Past this entry of PluginDir. */
static const char *_next(const char *dir, size_t length)
{
	return dir + length + (dir[length] == ':');
}

/* What follows our own directory: whatever comes before it stands in front of us, too. All of PluginDir
 * if our file has another name. */
static const char *_after_own(const char *dirs, const struct stat *own)
{
	for (const char *dir = dirs; *dir;) {
		size_t length = strcspn(dir, ":");
		bool is_own = false;

		if (_find(dir, length, own, &is_own) && is_own)
			return _next(dir, length);
		dir = _next(dir, length);
	}
	return dirs;
}

extern int delegate_open(void)
{
	struct stat own;
	const char *dir = slurm_conf.plugindir;

	if (handle)
		return SLURM_SUCCESS;
	if (!dir || !_own_file(&own)) {
		error("aif: PluginDir or the wrapper's own path is not known");
		return SLURM_ERROR;
	}
	for (dir = _after_own(dir, &own); *dir;) {
		size_t length = strcspn(dir, ":");
		bool is_own = false;

		if (_find(dir, length, &own, &is_own) && !is_own &&
		    _try(stock_path) == SLURM_SUCCESS)
			return SLURM_SUCCESS;
		dir = _next(dir, length);
	}
	error("aif: no " STOCK_FILE " after ours in PluginDir=%s; add Slurm's own plugin directory",
	      slurm_conf.plugindir);
	return SLURM_ERROR;
}

extern void delegate_close(void)
{
	int (*stock_fini)(void);

	if (!handle)
		return;
	stock_fini = (int (*)(void))dlsym(handle, "fini");
	if (stock_fini)
		stock_fini();
	dlclose(handle);
	handle = NULL;
	memset(&stock, 0, sizeof(stock));
}
