/* may_update.c - see may_update.h */
#include "may_update.h"

static int _is_named(void *x, void *key)
{
	const slurmdb_coord_rec_t *coord = x;

	return !xstrcmp(coord->name, key);
}

static bool _coordinates(const slurmdb_user_rec_t *user, char *account)
{
	return user->coord_accts && account && list_find_first(user->coord_accts, _is_named, account);
}

extern bool aif_may_update(const job_desc_msg_t *update, const job_record_t *job_ptr, uint32_t uid)
{
	assoc_mgr_lock_t locks = { .user = READ_LOCK };
	slurmdb_user_rec_t key = { .uid = uid };
	slurmdb_user_rec_t *user = NULL;
	bool may;

	if (job_ptr->user_id == uid)
		return true;
	assoc_mgr_lock(&locks);
	if (assoc_mgr_user_list)
		(void) assoc_mgr_fill_in_user(NULL, &key, 0, &user, true);
	may = user && _coordinates(user, job_ptr->account) &&
	      (!update->account || _coordinates(user, update->account));
	assoc_mgr_unlock(&locks);
	return may;
}
