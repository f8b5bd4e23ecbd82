# job_submit/aif, priority/aif, site_factor/aif and what they share
