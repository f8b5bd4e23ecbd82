# aif: one command, one file per subcommand. The tools link only Slurm's public library.
noinst_LTLIBRARIES += tools/libaiftool.la
TOOL_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/compat -I$(top_srcdir)/plugins/job_submit $(SLURM_CPPFLAGS)
# What Slurm's own plugins look for in the program; see slurmconn.c.
TOOL_EXPORTS = -Wl,--export-dynamic-symbol=slurmdbd_msg_type_2_str
TOOL_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)

# Shared with aif-reportd.
tools_libaiftool_la_CPPFLAGS = $(TOOL_CPPFLAGS)
tools_libaiftool_la_CFLAGS = $(TOOL_CFLAGS)
tools_libaiftool_la_SOURCES = tools/common.c tools/common.h tools/commands.h tools/slurmconn.c tools/slurmconn.h \
	plugins/compat/slurmdb.h

bin_PROGRAMS += tools/aif
tools_aif_CPPFLAGS = $(TOOL_CPPFLAGS) -I$(top_srcdir) -DAIF_RANK_PROGRAM=\"$(aifplugindir)/aif-rank\"
tools_aif_CFLAGS = $(TOOL_CFLAGS) $(SQLITE_CFLAGS) $(CRYPTO_CFLAGS)
tools_aif_LDFLAGS = $(AM_LDFLAGS) $(NOW_LDFLAGS) $(SLURM_LDFLAGS) $(TOOL_EXPORTS)
tools_aif_SOURCES = tools/aif.c tools/aif_config.c tools/aif_explain.c tools/aif_plan.c tools/aif_quota.c tools/aif_rules.c \
	tools/plan.c tools/plan.h tools/plan_assoc.c tools/plan_carrier.c tools/plan_qos.c tools/planning.h tools/plan_show.c tools/plan_show.h \
	tools/prune.c tools/applying.h tools/apply.c tools/apply_assoc.c tools/apply_preempt.c tools/apply_remove.c tools/preempt.c tools/preempt.h tools/headroom.c tools/headroom.h tools/carrier.c tools/carrier.h \
	tools/known.c tools/known.h tools/limits.c tools/limits.h tools/dbd.c tools/dbd.h tools/live.c tools/live.h \
	tools/table.c tools/table.h tools/jsonout.c tools/jsonout.h tools/jobfacts.c tools/jobfacts.h tools/reasons.c tools/reasons.h \
	tools/placed.c tools/placed.h tools/explain.c tools/explain.h tools/explain_private.h tools/explain_limits.c tools/explain_hold.c \
	tools/aif_modes.c tools/modes_json.c tools/modes_json.h tools/modetext.c tools/modetext.h \
	tools/aif_check.c tools/outcome.c tools/outcome.h tools/sbatch.c tools/sbatch.h tools/refused.c tools/refused.h tools/config_live.c tools/config_live.h \
	tools/explain_lane.c tools/explain_lane.h tools/explain_lane_json.c tools/ahead.c tools/ahead.h tools/livejob.c tools/livejob.h tools/livejobs.c tools/livejobs.h tools/siteparts.c tools/siteparts.h \
	tools/aif_lanes.c tools/lanes_show.c tools/lanes_show.h tools/lanes_json.c tools/lanedata.c tools/lanedata.h \
	tools/lanestat.c tools/lanestat.h tools/lanestate.c tools/lanestate.h tools/lanetext.c tools/lanetext.h \
	tools/runs.c tools/runs.h tools/waits.c tools/waits.h \
	tools/treslist.c tools/treslist.h tools/joballoc.c tools/joballoc.h tools/queue.c tools/queue.h \
	tools/aif_doctor.c tools/doctor.c tools/doctor.h tools/doctor_fabric.c tools/doctor_links.c tools/doctor_links.h tools/doctor_pair.c tools/doctor_slurm.c tools/doctor_datasets.c tools/doctor_plugins.c tools/doctor_residency.c tools/pluginfile.c tools/pluginfile.h tools/plugstack.c tools/plugstack.h \
	tools/config_init.c tools/config_init.h tools/gpusite.c tools/gpusite.h tools/hosts.c tools/hosts.h tools/topotext.c tools/topotext.h \
	tools/aif_topo.c tools/topo.h tools/topo_ranks.c tools/topo_slurm.c tools/topo_islands.c tools/topo_show.c tools/topo_svg.c \
	tools/aif_top.c tools/topdata.c tools/topdata.h tools/top_show.c tools/top_show.h \
	tools/plot.h tools/plot_use.c tools/plot_islands.c tools/gnuplot.c tools/gnuplot.h tools/islandload.c tools/islandload.h \
	tools/rankmap.c tools/rankmap.h tools/rankjudge.c tools/rank/gpucores.c tools/rank/gpucores.h \
	spank/conffile.c spank/conffile.h spank/hosts.c spank/hosts.h \
	tools/standing.c tools/standing.h tools/quota_rows.c tools/quota_rows.h plugins/job_submit/array_count.c plugins/job_submit/array_count.h
tools_aif_LDADD = tools/libaiftool.la lib/libaifreport.la lib/libaif.la $(SLURM_LIBS) $(JSONC_LIBS)

# One rank's part of "aif topo", a program of its own: "aif" needs neither libpmix nor hwloc.
aifplugin_PROGRAMS += tools/rank/aif-rank
tools_rank_aif_rank_CPPFLAGS = $(TOOL_CPPFLAGS) -I$(top_srcdir) $(PMIX_CFLAGS) $(HWLOC_CFLAGS)
tools_rank_aif_rank_CFLAGS = $(TOOL_CFLAGS)
tools_rank_aif_rank_LDFLAGS = $(AM_LDFLAGS) $(NOW_LDFLAGS) $(SLURM_LDFLAGS)
tools_rank_aif_rank_SOURCES = tools/rank/aif_rank.c tools/rank/exchange.c tools/rank/exchange.h tools/rank/facts.c tools/rank/facts.h \
	tools/rank/machine.c tools/rank/machine.h tools/rank/gpucores.c tools/rank/gpucores.h tools/rankmap.c tools/rankmap.h tools/common.c tools/common.h \
	spank/conffile.c spank/conffile.h spank/hosts.c spank/hosts.h
tools_rank_aif_rank_LDADD = lib/libaif.la $(SLURM_LIBS) $(JSONC_LIBS) $(PMIX_LIBS) $(HWLOC_LIBS)
