"""aif apply keeps GPUs free for a lane by a standing reservation, and what Slurm does with it.

No plugin of ours is loaded: the reservation draws the lane's jobs by itself.
"""

import json

import pytest
from aifsite import allocation
from applysite import ApplySite

PG, FL, FL2 = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026FL01-992"
RESERVATION = "aif-fast-lane"
LONG = "sleep 3000"


@pytest.fixture(scope="module")
def cluster(make_cluster, prefix):
    return make_cluster(prefix=prefix, plugins="none", nodes=6, gpus=4)


@pytest.fixture
def site(cluster):
    """The lane fast-lane keeps 6 GPUs, which takes two nodes of four; nothing is left of the test before."""
    site = ApplySite(cluster)
    site.policy["modes"]["fast-lane"]["lane"] = {"base": 1000, "headroom": 6, "headroom_partition": "gpu"}
    yield site
    cluster.cancel_all()
    site.policy["modes"]["fast-lane"].pop("lane", None)
    site.write()
    site.run("apply", "--prune")
    assert not reservation(site)


def both(site, *more):
    return [allocation(PG, "pg", "playground", members=[site.user]), allocation(FL, "fl", "fast-lane", members=[site.user]),
            *more]


def reservation(site, name=RESERVATION):
    """Its fields as scontrol shows them; empty if there is none."""
    done = site.cluster.run(["scontrol", "-o", "show", "reservation", name], check=False)
    return dict(part.split("=", 1) for part in done.stdout.split() if "=" in part) if not done.returncode else {}


def submit(site, account, *options):
    return site.cluster.wait(lambda: site.submit(account, *options, script=LONG), what=f"the association of {account}")


def running(site, *jobs):
    site.cluster.wait(lambda: [site.cluster.job_state(job) for job in jobs] == ["RUNNING"] * len(jobs),
                      what=f"jobs {jobs} running")


# -- the reservation -------------------------------------------------------------------------------------------------


def test_made_once_and_kept(site):
    shown = site.apply(*both(site))
    assert f"+ reservation {RESERVATION}: Partition gpu; " in shown and "NodeCnt 2; Accounts fl" in shown
    made = reservation(site)
    assert (made["NodeCnt"], made["Accounts"], made["PartitionName"]) == ("2", "fl", "gpu")
    assert {"MAGNETIC", "FLEX", "IGNORE_JOBS", "REPLACE_DOWN"} <= set(made["Flags"].split(","))
    assert site.plan(code=0) == "nothing to change\n"


def test_follows_policy_and_allocations(site):
    site.apply(*both(site))
    site.policy["modes"]["fast-lane"]["lane"]["headroom"] = 12
    site.write(*both(site, allocation(FL2, "other", "fast-lane")))
    assert f"~ reservation {RESERVATION}: NodeCnt 2 -> 3; Accounts fl -> fl,other\n" in site.plan()
    site.run("apply")
    assert reservation(site)["NodeCnt"] == "3" and reservation(site)["Accounts"] == "fl,other"
    site.apply(*both(site, allocation(FL2, "other", "fast-lane", state="terminated")))
    assert reservation(site)["Accounts"] == "fl"
    assert site.plan(code=0) == "nothing to change\n"


def test_what_others_changed_is_put_back(site):
    site.apply(*both(site))
    site.cluster.run(["scontrol", "update", f"ReservationName={RESERVATION}", "NodeCnt=1", "EndTime=now+60minutes"])
    plan = json.loads(site.run("plan", "--json", code=1).stdout)
    assert [field["field"] for field in plan["changes"][0]["fields"]] == ["NodeCnt", "EndTime"]
    site.run("apply")
    assert reservation(site)["NodeCnt"] == "2" and site.plan(code=0) == "nothing to change\n"


def test_prune_removes_ours_alone(site):
    site.cluster.run(["scontrol", "create", "reservation", "ReservationName=aif-maint", "Users=root", "NodeCnt=1",
                      "StartTime=now+1day", "Duration=60", "PartitionName=gpu"])
    site.apply(*both(site))
    site.policy["modes"]["fast-lane"].pop("lane")
    site.apply(*both(site))
    assert reservation(site)
    assert f"x reservation {RESERVATION}: " in site.apply(*both(site), options=["--prune"])
    assert not reservation(site) and reservation(site, "aif-maint")
    site.cluster.run(["scontrol", "delete", "reservation", "aif-maint"])


def test_one_of_that_name_that_others_made_is_left_alone(site):
    site.cluster.run(["scontrol", "create", "reservation", f"ReservationName={RESERVATION}", "Users=root", "NodeCnt=1",
                      "StartTime=now", "Duration=60", "PartitionName=gpu"])
    assert f"! reservation {RESERVATION}: exists but was not made by aif" in site.apply(*both(site), code=1)
    assert reservation(site)["Users"] == "root" and reservation(site)["NodeCnt"] == "1"
    site.cluster.run(["scontrol", "delete", "reservation", RESERVATION])


def test_what_cannot_be_kept_is_a_conflict(site):
    lane = site.policy["modes"]["fast-lane"]["lane"]
    for change, words in (({"headroom": 25}, "asked 25 GPUs, limit 24 in the 6 nodes"),
                          ({"headroom_partition": "nowhere"}, "no partition \"nowhere\"")):
        site.policy["modes"]["fast-lane"]["lane"] = {**lane, **change}
        lines = [line for line in site.apply(*both(site), code=1).splitlines() if line.startswith("! reservation")]
        assert len(lines) == 1 and words in lines[0] and "AIF-C013" in lines[0]
        assert not reservation(site)


# -- what Slurm does with it -----------------------------------------------------------------------------------------


def test_others_stay_out_and_the_lane_starts_at_once(site):
    site.apply(*both(site))
    kept = site.cluster.run(["scontrol", "show", "hostnames", reservation(site)["Nodes"]]).stdout.split()
    others = [submit(site, "pg", "-N1", "--gpus=4", "-t", "60") for _ in range(6)]
    site.cluster.wait(lambda: sorted(map(site.cluster.job_state, others)) == ["PENDING"] * 2 + ["RUNNING"] * 4,
                      what="four of six jobs running")
    assert not {site.cluster.job(job).get("NodeList") for job in others} & set(kept)
    lane = [submit(site, "fl", "-N1", "--gpus=4", "-t", "60") for _ in range(2)]
    running(site, *lane)
    assert {site.cluster.job(job)["NodeList"] for job in lane} == set(kept)
    assert sorted(map(site.cluster.job_state, others)) == ["PENDING"] * 2 + ["RUNNING"] * 4


def test_a_lane_job_may_use_more_than_the_headroom(site):
    site.apply(*both(site))
    running(site, submit(site, "fl", "-N6", "--gpus=24", "-t", "60"))


def test_jobs_that_run_are_left_to_end(site):
    site.policy["modes"]["fast-lane"]["lane"].pop("headroom")
    site.apply(*both(site))
    job = submit(site, "pg", "-N6", "--gpus=12", "-t", "60")
    running(site, job)
    site.policy["modes"]["fast-lane"]["lane"]["headroom"] = 6
    site.apply(*both(site))
    assert reservation(site)["NodeCnt"] == "2" and site.cluster.job_state(job) == "RUNNING"
