/* allocator.c - sbatch and salloc: every submission is a new job */
#include "contexts.h"
#include "request.h"

extern int spank_aif_allocator_post_opt(spank_t spank)
{
	return spank_aif_request_send(spank);
}
