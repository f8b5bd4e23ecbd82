/* options_of.c - see options_of.h */
#include "options_of.h"

#include "env_list.h"

#include <string.h>

extern int aif_options_of(const job_desc_msg_t *job_desc, struct aif_options *ret_options,
			  struct aif_error *err)
{
	const char *text = aif_env_list_get(job_desc->spank_job_env, job_desc->spank_job_env_size,
					    AIF_OPTIONS_ENV);
	struct aif_options word;
	int found = 0;

	if (text && aif_options_parse(text, ret_options, err))
		return -1;
	if (job_desc->comment)
		found = aif_options_from_comment(job_desc->comment, text ? &word : ret_options, err);
	if (found > 0 && text)
		aif_options_add(ret_options, &word);
	else if (!found && !text)
		aif_options_clear(ret_options);
	return found < 0 ? -1 : 0;
}
