/*
 * directcalls.h - calls of a few functions of the C library that do not go through the procedure linkage table
 *
 * Put in front of each file of the submit hook by the build (LTO_CFLAGS), never included by hand. The controller plugins are
 * bound lazily, since any program shall be able to load them, so each call jumps through a stub and an address that are
 * elsewhere in memory. At a submission the processor's caches and its memory of branches are cold, and the hook makes some
 * twenty such calls. What is named here is in every C library, so it may be bound at once, when the plugin is loaded; Slurm's
 * functions stay lazy.
 */
#ifndef AIF_DIRECTCALLS_H
#define AIF_DIRECTCALLS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* as the files themselves say, but their first header is this one */
#endif
#include <pthread.h>
#include <string.h>
#include <time.h>

#ifdef __has_attribute
#if __has_attribute(noplt)
#define AIF_DIRECT(function) extern __typeof__(function) function __attribute__((noplt))
AIF_DIRECT(strlen);
AIF_DIRECT(strcmp);
AIF_DIRECT(strchr);
AIF_DIRECT(pthread_mutex_lock);
AIF_DIRECT(pthread_mutex_unlock);
AIF_DIRECT(clock_gettime);
AIF_DIRECT(time);
#undef AIF_DIRECT
#endif
#endif

#endif
