"""priority/aif and site_factor/aif beside a stock controller: the same submissions and changes give the same priorities.

Three clusters do the same: one with stock priority/multifactor and nothing of ours, one with each shim. What a decay pass or
the age of a job would change between two looks is kept out: passes come with a restart only, and age has no weight
where it is not what is tested.
"""

import concurrent.futures
import os
import re
import time

import pytest
from aifsite import Site, allocation, our_errors

if os.geteuid():
    pytest.skip("fair share wants several users: run as root", allow_module_level=True)

FL, BASE = "EHPC-AIF-2026FL01-991", 100000
SHIMS = ("stock", "site_factor", "priority")
FLAGS = ("", "ACCRUE_ALWAYS", "CALCULATE_RUNNING", "DEPTH_OBLIVIOUS", "MAX_TRES", "NO_FAIR_TREE", "NO_NORMAL_ALL",
         "SMALL_RELATIVE_TO_TIME")
CONF = ["PriorityCalcPeriod=60", "PriorityWeightAge=0", "PriorityMaxAge=00:01:00", "PriorityWeightFairshare=100000",
        "PriorityWeightJobSize=10000", "PriorityWeightPartition=5000", "PriorityWeightQOS=3000", "PriorityWeightAssoc=700",
        "PriorityWeightTRES=CPU=1000,GRES/gpu=2000",
        "SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=0,enable_user_top"]
SPRIO = "%i|%r|%Y|%S|%A|%B|%F|%J|%P|%Q|%N|%T"
MAX_AGE = 60  # PriorityMaxAge
PRIORITY, SITE, AGE = 1, 2, 3  # columns of it after the job id


class Machine:
    """One of the clusters; jobs have names, the same on each."""

    def __init__(self, cluster, shim):
        self.cluster, self.shim, self.jobs = cluster, shim, {}
        self.first, self.second = cluster.users()[:2]

    def accounts(self):
        for account, share, users in (("a", 10, (self.first, self.second)), ("b", 30, (self.second,))):
            self.cluster.sacctmgr("add", "account", account, f"fairshare={share}", "priority=5")
            for user in users:
                self.cluster.sacctmgr("add", "user", user, f"account={account}", "QOS=normal,high")
        if self.shim == "stock":
            self.cluster.add_account("fl", [self.first])

    def use(self):
        """All the usage that there is, so that its normalised value does not depend on how long the job took."""
        job = self.cluster.sbatch("-A", "a", "--gpus=4", script="sleep 2", user=self.first)
        self.cluster.wait_job(job, "COMPLETED")

    def restart(self, *conf):
        """slurmctld anew, and the pass of the decay thread that comes with it."""
        self.cluster.conf(*conf)
        before = self.last_pass()
        self.cluster.restart("ctld")
        self.cluster.wait(lambda: self.last_pass() not in (None, before), what="a pass of the decay thread")
        self.partition("DOWN")
        if self.shim != "stock":
            self.wait_for_lanes()

    def wait_for_lanes(self):
        """Until the plugin's thread has looked at the queue once, new jobs get no lane, and those that wait keep what they
        have: a job tells."""
        job = self.cluster.sbatch("-A", "fl", "-t10", script="sleep 0", user=self.first)
        column = ["sprio", "-h", "-j", job, "-o", "%S"]
        self.cluster.wait(lambda: self.cluster.run(column).stdout.strip() == str(BASE), what="a lane after a restart")
        self.cluster.run(["scancel", job])

    def last_pass(self):
        try:
            return (self.cluster.layout.root / "state" / "priority_last_decay_ran").stat().st_mtime_ns
        except FileNotFoundError:  # before the first one, and while slurmctld puts a new one in its place
            return None

    def partition(self, state):
        for name in ("gpu", "big"):
            self.cluster.run(["scontrol", "update", f"PartitionName={name}", f"State={state}"])

    def submit(self, name, *options, account="a", user=None):
        self.jobs[name] = self.cluster.sbatch("-A", account, "-t10", *options, script="sleep 1", user=user or self.first)
        return self.jobs[name]

    def scontrol(self, verb, *names, user=None):
        self.cluster.run(["scontrol", verb, *(self.jobs[name] for name in names)], user=user)

    def update(self, name, *changes):
        self.cluster.run(["scontrol", "update", f"JobId={self.jobs[name]}", *changes])

    def named(self):
        """Slurm's job id of each record -> its name here, with what squeue adds for tasks and components."""
        names = {job: name for name, job in self.jobs.items()}
        rows = self.cluster.run(["squeue", "-h", "-o", "%A %i"]).stdout.split()
        split = {row: re.match(r"(\d+)(.*)", shown).groups() for row, shown in zip(rows[::2], rows[1::2])}
        return {row: names[job] + rest for row, (job, rest) in split.items()}

    def queue(self):
        """Name -> (priority, nice, state), as squeue has them."""
        named = self.named()
        rows = self.cluster.run(["squeue", "-h", "-o", "%A %Q %y %t"]).stdout.splitlines()
        return {named[job]: tuple(rest) for job, *rest in map(str.split, rows)}

    def factors(self):
        """(name, partition) -> the columns of sprio, as soon as it lists every job that is not held and may begin: those
        that the scheduler has not looked at yet are left out."""
        due = {name for name, row in self.queue().items() if row[0] != "0"} - {"after", "later"}
        return self.cluster.wait(lambda: self.listed(due), what="every job in sprio")

    def listed(self, due):
        rows = self.sprio()
        return rows if due <= {name for name, _partition in rows} else None

    def sprio(self):
        named = self.named()
        rows = [line.split("|") for line in self.cluster.run(["sprio", "-h", "-o", SPRIO]).stdout.splitlines()]
        rows = [[cell.strip() for cell in row] for row in rows]
        return {(named[row[0]], row[1]): row[1:] for row in rows if row[0] in named}

    def order(self):
        """Names in the order in which slurmctld starts them, one at a time. Each takes a second at least, so no two start in the same."""
        # Both partitions at one moment, or what is only in the second may come too late.
        self.cluster.wait_nodes()
        self.cluster.run(["scontrol", "update", "NodeName=n1", "State=DRAIN", "Reason=start"])
        self.partition("UP")
        self.cluster.run(["scontrol", "update", "NodeName=n1", "State=RESUME"])
        self.cluster.wait(lambda: not self.cluster.run(["squeue", "-h", "-t", "PD,R"]).stdout, what="the end of all jobs")
        started = {name: self.cluster.job(job)["StartTime"] for name, job in self.jobs.items()}
        return sorted(started, key=started.get)

    def clear(self):
        self.cluster.cancel_all()
        self.jobs = {}


def every(machines, action):
    """The same on all at once; results in their order."""
    with concurrent.futures.ThreadPoolExecutor(len(machines)) as pool:
        return list(pool.map(action, machines))


@pytest.fixture(scope="module")
def machines(make_cluster, prefix):
    made = [new_machine(make_cluster, prefix, shim) for shim in SHIMS]
    every(made, start)
    return made


def new_machine(make_cluster, prefix, shim):
    ours = {} if shim == "stock" else {"prefix": prefix, "plugins": f"job_submit,{shim}"}
    part = "PartitionName=big Nodes=n1 PriorityJobFactor=20 MaxTime=1-0 State=UP"
    return Machine(make_cluster(nodes=1, gpus=4, start=False, conf_lines=[*CONF, part], **ours), shim)


def start(machine):
    if machine.shim == "stock":
        machine.cluster.start()
    else:
        site = Site(machine.cluster, [allocation(FL, "fl", "fast-lane", members=[machine.first])])
        site.policy["budget"] = {"recheck": 1}
        site.start()
    machine.cluster.sacctmgr("add", "qos", "high", "priority=50")
    machine.accounts()
    machine.use()


@pytest.fixture(autouse=True)
def empty_afterwards(machines):
    yield
    every(machines, Machine.clear)


# -- what is done on each ------------------------------------------------------------------------------------------------

def all_kinds(machine):
    """Jobs that are in no lane, of every kind, and everything that users and administrators do to a priority."""
    first, second = machine.first, machine.second
    machine.submit("plain")
    machine.submit("other", account="b", user=second)
    machine.submit("same", user=second)
    machine.submit("wide", "-c8", "-t60")
    machine.submit("gpus", "--gpus=3", "-t20")
    machine.submit("high", "--qos=high")
    machine.submit("nice", "--nice=300")
    machine.submit("asked", "-p", "gpu,big")
    machine.submit("large", "-p", "big")
    machine.submit("held", "-H")
    machine.submit("after", f"--dependency=afterok:{machine.jobs['held']}")
    machine.submit("later", "--begin=now+1hour")
    machine.submit("array", "--array=1-3")
    machine.submit("het", "-c1", ":", "-A", "a", "-c2", "--gpus=1")
    for name in ("released", "urged", "fixed", "top", "topped"):
        machine.submit(name)
    machine.scontrol("hold", "released")
    machine.scontrol("release", "released")
    machine.scontrol("uhold", "top", user=first)
    machine.scontrol("release", "top", user=first)
    machine.update("urged", "Nice=-200")
    machine.update("fixed", "Priority=4242")
    machine.cluster.run(["scontrol", "hold", f"{machine.jobs['array']}_2"])
    machine.scontrol("top", "top", user=first)
    machine.scontrol("top", "topped")


def lane_kinds(machine):
    """The same in the fast lane."""
    def submit(name, *options):
        return machine.submit(name, *options, account="fl")

    submit("plain")
    submit("nice", "--nice=300")
    submit("wide", "-c8", "-t60", "--gpus=2")
    submit("asked", "-p", "gpu,big")
    submit("held", "-H")
    submit("array", "--array=1-3")
    submit("het", "-c1", ":", "-A", "fl", "-c2", "--gpus=1")
    for name in ("released", "urged", "fixed", "freed", "top"):
        submit(name)
    machine.scontrol("hold", "released")
    machine.scontrol("release", "released")
    machine.update("urged", "Nice=-200")
    machine.update("fixed", "Priority=4242")
    machine.update("freed", "Priority=4343")
    machine.scontrol("hold", "freed")
    machine.scontrol("release", "freed")
    machine.cluster.run(["scontrol", "hold", f"{machine.jobs['array']}_2"])
    machine.scontrol("top", "top", user=machine.first)


# -- jobs in no lane ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("flags", FLAGS)
def test_other_jobs_have_the_priority_that_stock_gives(machines, flags):
    every(machines, lambda machine: machine.restart(f"PriorityFlags={flags}"))
    every(machines, all_kinds)
    (stock, stock_queue), *ours = every(machines, lambda machine: (machine.factors(), machine.queue()))
    assert len(stock) >= 15 and len({row[PRIORITY] for row in stock.values()}) >= 6
    for factors, queue in ours:
        assert factors == stock
        assert queue == stock_queue


@pytest.mark.parametrize("flags", ["ACCRUE_ALWAYS", ""])
def test_age_accrues_as_with_stock(machines, flags):
    """A job that is held and released has been waiting all the time, or only since its release."""
    every(machines, lambda machine: machine.restart(f"PriorityFlags={flags}", "PriorityWeightAge=6000"))
    for age, since_submission, since_release in every(machines, hold_for_a_while):
        low, high = since_submission if flags else since_release
        low = min(low, MAX_AGE)
        assert all(100 * low <= points <= 100 * high for points in age), f"{flags}: {age} not of {low} to {high} s"
    every(machines, lambda machine: machine.restart("PriorityWeightAge=0"))


def hold_for_a_while(machine):
    """AGE of two jobs (100 points a second), and the least and the most whole seconds that each kind of wait can have."""
    begin = time.monotonic()
    for name in ("a", "fl"):
        machine.submit(name, "-H", account=name)
    submitted = time.monotonic()
    time.sleep(4)
    released = time.monotonic()
    machine.scontrol("release", "a", "fl")
    end = time.monotonic()
    return ([int(row[AGE]) for row in machine.factors().values()],
            (int(released - submitted) - 1, end - begin + 1), (0, end - released + 1))


def test_priorities_only_rise_where_slurm_says_so(machines):
    """INCR_ONLY: a pass of the decay thread takes nothing away, though the weights would."""
    for flags in ("INCR_ONLY", ""):
        every(machines, lambda machine, f=flags: machine.restart(f"PriorityFlags={f}", "PriorityWeightJobSize=10000"))
        every(machines, lambda machine: [machine.submit(name, account=name) for name in ("a", "fl")])
        before = every(machines, Machine.queue)
        every(machines, lambda machine: machine.restart("PriorityWeightJobSize=0"))
        after = every(machines, Machine.queue)
        stock, *ours = map(changes, before, after)
        assert ours == [stock] * 2, f"PriorityFlags={flags}: {before} became {after}"
        assert (stock == {"a": 0, "fl": 0}) == (flags == "INCR_ONLY")
        every(machines, Machine.clear)
    every(machines, lambda machine: machine.restart("PriorityWeightJobSize=10000"))


def changes(before, after):
    return {name: int(after[name][0]) - int(row[0]) for name, row in before.items()}


def test_a_running_job_is_worth_what_stock_makes_of_it(machines):
    for flags in ("CALCULATE_RUNNING", ""):
        every(machines, lambda machine, f=flags: machine.restart(f"PriorityFlags={f}", "PriorityWeightJobSize=10000"))
        every(machines, run_one)
        before = every(machines, Machine.queue)
        every(machines, lambda machine: machine.restart("PriorityWeightJobSize=0"))
        after = every(machines, Machine.queue)
        assert after[1:] == [after[0]] * 2 and before[1:] == [before[0]] * 2
        assert (after[0] == before[0]) == (not flags)
        every(machines, Machine.clear)
    every(machines, lambda machine: machine.restart("PriorityWeightJobSize=10000"))


def run_one(machine):
    machine.partition("UP")
    machine.jobs["run"] = machine.cluster.sbatch("-A", "a", "-t10", script="sleep 300", user=machine.first)
    machine.cluster.wait_job(machine.jobs["run"], "RUNNING")


def test_jobs_start_in_the_order_of_stock(machines):
    every(machines, lambda machine: machine.restart("PriorityFlags="))
    every(machines, some_to_start)
    stock, *ours = every(machines, Machine.order)
    assert sorted(stock) == sorted(machines[0].jobs) and stock[0] == "topped" and stock[-1] == "nice"
    assert ours == [stock] * 2


def some_to_start(machine):
    def submit(name, *options, **more):
        machine.submit(name, "--exclusive", *options, **more)

    submit("plain")
    submit("nice", "--nice=90000")
    submit("other", account="b", user=machine.second)
    submit("high", "--qos=high")
    submit("large", "-p", "big")
    submit("released", "-H")
    submit("urged")
    submit("topped")
    machine.scontrol("release", "released")
    machine.update("urged", "Nice=-20")
    machine.update("topped", "Priority=4000000")


# -- jobs in a lane -------------------------------------------------------------------------------------------------------

def test_in_a_lane_everything_keeps_its_meaning(machines):
    every(machines, lambda machine: machine.restart("PriorityFlags="))
    every(machines, lane_kinds)
    (stock, stock_queue), *ours = every(machines, lambda machine: (machine.factors(), machine.queue()))
    for factors, queue in ours:
        assert factors == {key: row if key[0] == "fixed" else with_lane(row) for key, row in stock.items()}
        assert {name: row[1:] for name, row in queue.items()} == {name: row[1:] for name, row in stock_queue.items()}
        assert queue["held"][0] == "0" and queue["fixed"] == stock_queue["fixed"]


def with_lane(row):
    """What stock shows, with the lane's base on top."""
    lane = list(row)
    lane[SITE] = str(BASE)
    lane[PRIORITY] = str(int(row[PRIORITY]) + BASE)
    return lane


def test_nothing_at_level_error_from_us(machines):
    for machine in machines:
        assert our_errors(machine.cluster.ctld_log()) == []
