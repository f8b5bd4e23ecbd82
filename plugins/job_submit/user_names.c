/* user_names.c - see user_names.h */
#include "user_names.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#define PLACES 1024 /* a power of two */
#define AGE_MAX 60 /* seconds: then a renamed user is seen under his new name */

struct place {
	time_t put; /* 0: empty */
	uint32_t uid;
	char name[AIF_USER_NAME_MAX];
};

static struct {
	pthread_mutex_t mutex;
	struct place places[PLACES];
} names = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static time_t _now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec + 1; /* never 0 */
}

static struct place *_place(uint32_t uid)
{
	return &names.places[uid & (PLACES - 1)];
}

extern bool aif_user_names_get(uint32_t uid, char ret_name[AIF_USER_NAME_MAX])
{
	const struct place *place = _place(uid);
	time_t now = _now();
	bool found;

	pthread_mutex_lock(&names.mutex);
	found = place->put && place->uid == uid && now - place->put <= AGE_MAX;
	if (found)
		memcpy(ret_name, place->name, AIF_USER_NAME_MAX); /* of a fixed size: no call */
	pthread_mutex_unlock(&names.mutex);
	return found;
}

extern void aif_user_names_put(uint32_t uid, const char *name)
{
	struct place *place = _place(uid);
	size_t length = strlen(name);
	time_t now = _now();

	if (length >= sizeof(place->name))
		return;
	pthread_mutex_lock(&names.mutex);
	place->put = now;
	place->uid = uid;
	memcpy(place->name, name, length + 1);
	pthread_mutex_unlock(&names.mutex);
}
