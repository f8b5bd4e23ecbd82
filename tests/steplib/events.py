"""Random events: what users and administrators do to a small cluster, one at a time."""

from .site import GPUS, TYPES

PENDING, RUNNING, SUSPENDED = 0, 1, 2
SPREAD_JOB, ENFORCE_BIND = 1 << 8, 1 << 4
QUEUE_MOST = 10  # pending jobs; above that, jobs are cancelled instead of submitted
RESERVATIONS_MOST = 2
DRAINED_MOST = 3


class Events:
    """Events on a site, from one random generator. `step()` makes one happen and returns its words."""

    def __init__(self, rng, site, strict=True):
        self.rng, self.site, self.strict = rng, site, strict
        self.shape = site.shape
        self.jobs = {}
        self.held, self.drained, self.reservations, self.stopped = set(), set(), [], set()
        # From 23.11 on stock select/cons_tres keeps a pointer to a job that was suspended and is requeued, after the job is
        # gone (job_resources.c: node_usage[].jobs), and slurmctld ends when it looks there. So that is not asked of it.
        self.keeps_suspended = site.install.version >= (23, 11)
        self.numbers = {"submitted": 0, "refused": 0}
        self.sequence = 0
        # From a cluster with a queue to one with room.
        self.ends = rng.choice([24, 34, 44])

    def step(self):
        self.jobs = self.site.jobs()
        kinds = [(self.submit, 42), (self.end, self.ends), (self.cancel_pending, 4), (self.suspend_or_resume, 4), (self.hold_or_release, 4),
                 (self.change_limit, 4), (self.shrink, 3), (self.requeue, 2), (self.drain_or_resume, 5), (self.reserve, 3),
                 (self.het, 2), (self.let_pass, 3), (self.reconfigure, 0.5)]
        if len(self.with_state(PENDING)) > QUEUE_MOST:
            kinds = kinds[1:3]
        (happen,) = self.rng.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])
        return happen()

    def with_state(self, state):
        return [job for job, (has, _nodes) in self.jobs.items() if has == state]

    def do(self, command, **fields):
        good, rest = self.site.say(command, **fields)
        text = " ".join([command, *(f"{key}={value}" for key, value in fields.items())])
        return f"{text} -> {'ok' if good else 'no'} {rest}"

    # -- jobs -----------------------------------------------------------------------------------------------------

    def submit(self):
        fields = self.job()
        done = self.do("submit", **fields)
        self.numbers["submitted" if "-> ok" in done else "refused"] += 1
        return done

    def het(self):
        parts = [" ".join(f"{key}={value}" for key, value in self.plain(self.rng.randint(1, 2)).items()) for _ in range(2)]
        return self.do(f"het {' / '.join(parts)}")

    def job(self):
        """The fields of a job of some kind."""
        kinds = [(self.fraction, 30), (self.whole_nodes, 20), (self.part_of_nodes, 10), (self.by_total, 8), (self.by_task, 6),
                 (self.typed, 5), (self.exclusive, 4), (self.much_memory, 4), (self.many_cpus, 5), (self.no_gpus, 4), (self.array, 4),
                 (self.named, 4), (self.excluding, 3), (self.switches, 4), (self.contiguous, 3), (self.spread, 3), (self.wished, 8),
                 (self.range, 4), (self.featured, 3), (self.reserved, 4), (self.bound, 3), (self.shared, 3), (self.segmented, 2)]
        (kind,) = self.rng.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])
        fields = kind()
        self.sequence += 1
        fields["name"] = f"{kind.__name__}{self.sequence}"
        fields.setdefault("partition", self.rng.choices(["gpu", "low", "excl"], [70, 25, 5])[0])
        fields["time_limit"] = self.rng.choice([1, 2, 5, 10, 20, 30, 60, 120, 300, 720])
        return fields

    def plain(self, nodes, gpus=None, cpus=1):
        """Nodes with so many GPUs each and CPUs per node."""
        fields = {"min_nodes": nodes, "max_nodes": nodes, "num_tasks": nodes, "cpus_per_task": cpus, "min_cpus": nodes * cpus}
        if gpus is None:
            gpus = self.rng.randint(1, GPUS)
        if gpus:
            fields["tres_per_node"] = f"{self.site.gpu}{gpus}"
        return fields

    def some_nodes(self):
        return self.rng.choices([2, 3, 4, 5, 6, 8, 12], [30, 15, 20, 10, 8, 5, 2])[0]

    def fraction(self):
        gpus = self.rng.choices([1, 2, 3], [60, 30, 10])[0]
        return self.plain(1, gpus, self.rng.choice([1, 1, gpus, gpus * self.shape.cores]))

    def whole_nodes(self):
        return self.plain(self.rng.choice([1, 1, self.some_nodes()]), GPUS, self.rng.choice([1, GPUS]))

    def part_of_nodes(self):
        return self.plain(self.some_nodes(), self.rng.randint(1, 3))

    def by_total(self):
        total = self.rng.randint(1, 14)
        fields = {"tres_per_job": f"{self.site.gpu}{total}", "min_nodes": 1, "num_tasks": 1, "min_cpus": 1}
        if self.rng.random() < 0.5:
            nodes = self.rng.randint(-(-total // GPUS), min(total, 6) if total >= GPUS else total)
            fields.update(min_nodes=nodes, max_nodes=nodes, num_tasks=nodes, min_cpus=nodes)
        return fields

    def by_task(self):
        tasks = self.rng.randint(1, 10)
        return {"tres_per_task": f"{self.site.gpu}1", "num_tasks": tasks, "min_cpus": tasks, "cpus_per_task": 1,
                "min_nodes": 1}

    def typed(self):
        fields = self.plain(self.rng.randint(1, 3), 0)
        return dict(fields, tres_per_node=f"{self.site.gpu}{self.rng.choice(TYPES)}:{self.rng.randint(1, GPUS)}")

    def exclusive(self):
        return dict(self.plain(self.rng.randint(1, 5)), shared=0)

    def much_memory(self):
        return dict(self.plain(self.rng.randint(1, 3)), pn_min_memory=self.rng.choice([20000, 33000, 60000]))

    def many_cpus(self):
        return self.plain(self.rng.choice([1, 1, 2]), self.rng.randint(1, 2), self.rng.randint(3, 4 * self.shape.cores))

    def no_gpus(self):
        return self.plain(self.rng.randint(1, 3), 0, self.rng.randint(1, 12))

    def array(self):
        return dict(self.fraction(), array_inx=f"0-{self.rng.randint(1, 4)}")

    def named(self):
        node = self.rng.randrange(self.shape.nodes)
        return dict(self.plain(self.rng.randint(1, 3)), req_nodes=f"c{node}")

    def excluding(self):
        first = self.rng.randrange(self.shape.nodes - 3)
        return dict(self.plain(self.rng.randint(1, 4)), exc_nodes=f"c[{first}-{first + 3}]")

    def switches(self):
        return dict(self.plain(self.some_nodes()), req_switch=self.rng.randint(1, 2), wait4switch=self.rng.choice([5, 60, 600]))

    def contiguous(self):
        return dict(self.plain(self.some_nodes()), contiguous=1)

    def spread(self):
        return dict(self.plain(self.some_nodes()), bitflags=SPREAD_JOB)

    def wished(self):
        wishes = ["spread", "any", "pack"] + (["pack,strict", "pack,strict@0:01:00", "pack,strict@0:10:00"] if self.strict else [])
        comment = f'{{"aif":{{"v":1,"place":"{self.rng.choice(wishes)}"}}}}'
        return dict(self.plain(self.rng.choice([1, self.some_nodes()])), admin_comment=comment)

    def range(self):
        low = self.rng.randint(1, 3)
        return dict(self.plain(low), max_nodes=low + self.rng.randint(1, 4))

    def featured(self):
        return dict(self.plain(2, 1), features=self.rng.choice(["even", "odd", "even|odd", "[even*1&odd*1]", "leaf1|leaf2"]))

    def reserved(self):
        if not self.reservations:
            return self.fraction()
        return dict(self.plain(self.rng.randint(1, 2)), reservation=self.rng.choice(self.reservations))

    def bound(self):
        return dict(self.fraction(), bitflags=ENFORCE_BIND)

    def shared(self):
        return dict(self.plain(self.rng.randint(1, 2), self.rng.randint(0, 2)), partition="share", shared=1)

    def segmented(self):
        return dict(self.plain(self.rng.choice([2, 4, 6]), GPUS), segment=2)

    # -- what becomes of them -------------------------------------------------------------------------------------

    def end(self):
        running = self.with_state(RUNNING)
        if not running:
            return self.submit()
        return self.do(f"{self.rng.choice(['complete', 'kill'])} {self.rng.choice(running)}")

    def cancel_pending(self):
        pending = self.with_state(PENDING)
        return self.do(f"kill {self.rng.choice(pending)}") if pending else self.submit()

    def suspend_or_resume(self):
        if self.keeps_suspended and self.shape.preempt == "requeue":
            return self.submit()
        suspended = self.with_state(SUSPENDED)
        if suspended and self.rng.random() < 0.6:
            return self.do(f"resume {self.rng.choice(suspended)}")
        running = self.with_state(RUNNING)
        if not running:
            return self.submit()
        job = self.rng.choice(running)
        self.stopped.add(job)
        return self.do(f"suspend {job}")

    def hold_or_release(self):
        held = sorted(self.held & set(self.with_state(PENDING)))
        if held and self.rng.random() < 0.6:
            job = self.rng.choice(held)
            self.held.discard(job)
            return self.do(f"update {job}", priority=0xffffffff)  # INFINITE: released
        pending = self.with_state(PENDING)
        if not pending:
            return self.submit()
        job = self.rng.choice(pending)
        self.held.add(job)
        return self.do(f"update {job}", priority=0)

    def change_limit(self):
        jobs = self.with_state(RUNNING) + self.with_state(PENDING)
        return self.do(f"update {self.rng.choice(jobs)}", time_limit=self.rng.randint(1, 400)) if jobs else self.submit()

    def shrink(self):
        wide = [job for job, (state, nodes) in self.jobs.items() if state == RUNNING and nodes > 1]
        if not wide:
            return self.submit()
        job = self.rng.choice(wide)
        return self.do(f"update {job}", min_nodes=self.rng.randint(1, self.jobs[job][1] - 1))

    def requeue(self):
        running = [job for job in self.with_state(RUNNING) if not (self.keeps_suspended and job in self.stopped)]
        return self.do(f"requeue {self.rng.choice(running)}") if running else self.submit()

    # -- administrators -------------------------------------------------------------------------------------------

    def drain_or_resume(self):
        if self.drained and (len(self.drained) >= DRAINED_MOST or self.rng.random() < 0.5):
            node = self.rng.choice(sorted(self.drained))
            self.drained.discard(node)
            return self.do(f"node {node} resume")
        node = f"c{self.rng.randrange(self.shape.nodes)}"
        self.drained.add(node)
        return self.do(f"node {node} drain")

    def reserve(self):
        if self.reservations and (len(self.reservations) >= RESERVATIONS_MOST or self.rng.random() < 0.4):
            name = self.reservations.pop(self.rng.randrange(len(self.reservations)))
            return self.do(f"unreserve {name}")
        self.sequence += 1
        name, first = f"r{self.sequence}", self.rng.randrange(self.shape.nodes - 2)
        self.reservations.append(name)
        begin, minutes = self.rng.choice([1, 1, 300, 1200]), self.rng.choice([5, 30, 120])
        return self.do(f"reserve {name} c[{first}-{first + self.rng.randint(0, 2)}] {begin} {minutes}")

    def let_pass(self):
        return self.do(f"forward {self.rng.choice([10, 60, 60, 300, 900])}")

    def reconfigure(self):
        return self.do("reconfigure")
