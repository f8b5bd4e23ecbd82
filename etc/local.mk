aifexampledir = $(docdir)/examples
dist_aifexample_DATA = etc/policy.json etc/allocations.json etc/slurm.conf.snippet etc/plugstack.conf.snippet
