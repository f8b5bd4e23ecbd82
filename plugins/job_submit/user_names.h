/*
 * user_names.h - names of the users who submitted lately
 *
 * With an account given, the name of its user is all that a decision needs from the association manager. Looking it up
 * costs more than most of the decision, and a portal or a busy user comes again and again.
 */
#ifndef AIF_USER_NAMES_H
#define AIF_USER_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#define AIF_USER_NAME_MAX 64

/* Copy the name that was put for uid within the last minute. False: there is none. Any thread, O(1). */
extern bool aif_user_names_get(uint32_t uid, char ret_name[AIF_USER_NAME_MAX]);

/* Keep a name, in the place of another one when there is no room; one that is too long is not kept. Any thread, O(1). */
extern void aif_user_names_put(uint32_t uid, const char *name);

#endif
