"""spank_aif.so: the options in sbatch, srun and salloc, and AIF_* in jobs."""

import getpass
import json
import os
import shutil
import subprocess

import pytest

COMMANDS = ("sbatch", "srun", "salloc")
SHOW = 'for v in AIF_MODE AIF_ALLOCATION AIF_RESIDENCY AIF_ISLAND; do eval echo "$v=\\$$v"; done'


@pytest.fixture(scope="module")
def spank(make_cluster, prefix):
    """A stock controller: nothing decides, so what a job shows is what SPANK itself does."""
    return make_cluster(prefix=prefix, plugins="spank", nodes=4)


def command(name, *options):
    """A complete command line that would run /bin/true."""
    return [name, *options, *(["--wrap", "true"] if name == "sbatch" else ["true"])]


def values(text):
    return dict(line.split("=", 1) for line in text.splitlines() if line.startswith("AIF_") and "=" in line)


def batch(cluster, *options, script=SHOW, env=None):
    """Run a batch job to its end; returns what it wrote."""
    out = cluster.layout.root / "job.out"
    out.unlink(missing_ok=True)
    job = cluster.sbatch("-o", str(out), *options, script=script, env=env)
    assert cluster.wait_job(job) == "COMPLETED"
    cluster.wait(out.exists, what="output of the job")
    return out.read_text(errors="replace")


def assert_nodes_fine(cluster):
    states = set(cluster.run(["sinfo", "-h", "-N", "-o", "%T"]).stdout.split())
    assert states <= {"idle", "planned", "allocated", "mixed", "completing"}, states


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_the_options(spank, name):
    text = spank.run([name, "--help"]).stdout
    for option in ("--ai-mode=MODE", "--ai-allocation=ID", "--data-residency=SET", "--ai-placement=HOW",
                   "--ai-purpose=WHAT", "--dataset=ID"):
        assert option in text
    assert text.count("[aif]") == 6


BAD = [
    ("--ai-mode=", "AIF-C009"),
    ("--ai-mode=play ground", "AIF-C009"),
    ("--ai-mode=" + "m" * 64, "AIF-C009"),
    ("--ai-mode=" + "m" * 100000, "AIF-C009"),
    ("--ai-mode=a;mode=b", "AIF-C009"),
    ("--ai-mode=%41", "AIF-C009"),
    ("--ai-mode=$(id)", "AIF-C009"),
    ("--ai-mode=line\nfeed", "AIF-C009"),
    ("--ai-mode=" + os.fsdecode(b"\x01\x7f\xff\xfe"), "AIF-C009"),
    ("--ai-allocation=" + "A" * 64, "AIF-C009"),
    ("--ai-allocation=ä", "AIF-C009"),
    ("--data-residency=FI|", "AIF-R001"),
    ("--data-residency=(FI", "AIF-R001"),
    ("--data-residency=" + "(" * 300, "AIF-C009"),
    ("--data-residency=FI;DE", "AIF-R001"),
    ("--ai-placement=packed", "AIF-P001"),
    ("--ai-placement=pack,strict,strict", "AIF-P001"),
    ("--ai-placement=,strict", "AIF-P001"),
    ("--ai-placement=spread,strict", "AIF-P001"),
    ("--ai-placement=pack,strict@0", "AIF-P001"),
    ("--ai-purpose=fun", "AIF-C009"),
]


@pytest.mark.parametrize("name", COMMANDS)
def test_bad_values_are_refused_before_anything_is_sent(spank, name):
    before = spank.run(["squeue", "-h", "--states=all", "-o", "%A"]).stdout
    for option, rule in BAD:
        done = spank.run(command(name, option), check=False)
        ours = [line for line in done.stderr.splitlines() if "aif: " in line and rule in line]
        assert done.returncode != 0, option[:80]
        assert len(ours) == 1 and len(ours[0]) < 400, (option[:80], done.stderr[:1000])
        assert "error" not in ours[0]
    assert spank.run(["squeue", "-h", "--states=all", "-o", "%A"]).stdout == before


def test_batch_job_and_its_steps(spank):
    text = batch(spank, "--ai-mode=playground", "--ai-allocation=X-1", "--data-residency=FI | SE", "-w", "n3",
                 script=f"{SHOW}\necho STEP\nsrun sh -c '{SHOW}'")
    job, step = text.split("STEP\n")
    want = {"AIF_MODE": "playground", "AIF_ALLOCATION": "X-1", "AIF_RESIDENCY": "FI|SE", "AIF_ISLAND": "leaf2"}
    assert values(job) == want
    assert values(step) == want


def test_option_lines_of_a_script(spank):
    script = f"#!/bin/sh\n#SBATCH --ai-mode=playground\n#SBATCH --ai-placement=pack,strict@10\n{SHOW}\n" \
             "echo $SLURM_SPANK_AIF_REQUEST\n"
    text = batch(spank, script=script)
    assert values(text)["AIF_MODE"] == "playground"
    assert "mode=playground;placement=pack,strict@0:10:00" in text


def test_purpose_and_explanation_travel(spank):
    show = "echo $SLURM_SPANK_AIF_REQUEST"
    assert "purpose=inference;explain=yes" in batch(spank, "--ai-purpose=Inference", script=show, env={"AIF_EXPLAIN": "1"})
    assert batch(spank, script=show, env={"AIF_EXPLAIN": "1"}).strip() == "explain=yes"
    assert batch(spank, script=show, env={"AIF_EXPLAIN": "0"}).strip() == ""


def test_srun_makes_a_job(spank):
    done = spank.run(["srun", "--ai-mode=playground", "-w", "n1", "sh", "-c", SHOW])
    assert values(done.stdout) == {"AIF_MODE": "playground", "AIF_ALLOCATION": "", "AIF_RESIDENCY": "",
                                   "AIF_ISLAND": "leaf1"}


def test_srun_without_the_callers_environment(spank):
    done = spank.run(["srun", "--export=NONE", "--ai-mode=playground", "/bin/sh", "-c", SHOW])
    assert values(done.stdout)["AIF_MODE"] == "playground"


def test_each_node_has_its_own_island(spank):
    done = spank.run(["srun", "-N4", "-l", "sh", "-c", "echo AIF_ISLAND=$AIF_ISLAND"])
    islands = [line.split("AIF_ISLAND=")[1] for line in sorted(done.stdout.splitlines())]
    assert islands == ["leaf1", "leaf1", "leaf2", "leaf2"]


def test_salloc_and_its_steps(spank):
    done = spank.run(["salloc", "-Q", "--ai-mode=playground", "-w", "n4", "srun", "sh", "-c", SHOW])
    assert values(done.stdout)["AIF_MODE"] == "playground"
    assert values(done.stdout)["AIF_ISLAND"] == "leaf2"


def test_array_tasks(spank):
    out = spank.layout.root / "array.%a"
    job = spank.sbatch("-a", "0-2", "-o", str(out), "--ai-mode=playground", script=SHOW)
    spank.wait_job(job)
    for task in range(3):
        path = spank.layout.root / f"array.{task}"
        spank.wait(lambda: path.exists() and "AIF_ISLAND=" in path.read_text(), what=str(path))
        assert values(path.read_text())["AIF_MODE"] == "playground"


def test_heterogeneous_job(spank):
    text = batch(spank, "--ai-mode=playground", "-N1", ":", "-N1", "-w", "n4",
                 script=f"srun --het-group=0,1 sh -c 'echo $AIF_MODE; {SHOW}'")
    assert text.count("AIF_MODE=playground") == 2


def test_heterogeneous_components_with_their_own_modes(spank):
    show = "echo $SLURM_HET_JOB_ID$SLURM_SPANK_AIF_REQUEST"
    done = spank.run(["salloc", "-Q", "--ai-mode=playground", "-N1", ":", "--ai-mode=science", "-N1", "sh", "-c", show])
    assert "mode=science" in done.stdout


def test_option_from_the_environment(spank):
    env = {"SLURM_SPANK__SLURM_SPANK_OPTION_aif_ai_mode": "playground"}
    assert values(batch(spank, env=env))["AIF_MODE"] == "playground"
    assert values(batch(spank, "--ai-mode=science", env=env))["AIF_MODE"] == "science"
    bad = spank.run(command("srun"), env={"SLURM_SPANK__SLURM_SPANK_OPTION_aif_ai_mode": "a b"}, check=False)
    assert bad.returncode != 0 and "AIF-C009" in bad.stderr


def test_new_job_does_not_inherit_values_of_another(spank):
    stale = {"AIF_MODE": "old", "AIF_ALLOCATION": "old", "AIF_RESIDENCY": "XX", "AIF_ISLAND": "old",
             "SLURM_SPANK_AIF_REQUEST": "mode=old"}
    for text in (batch(spank, env=stale), spank.run(["srun", "sh", "-c", SHOW], env=stale).stdout):
        got = values(text)
        assert "old" not in got.values() and got["AIF_RESIDENCY"] == ""
        assert got["AIF_ISLAND"].startswith("leaf")


def test_a_mangled_request_costs_no_job(spank):
    spell = "SLURM_SPANK_AIF_REQUEST='%%%;;mode' AIF_MODE= srun true && echo fine"
    assert "fine" in batch(spank, "--ai-mode=playground", script=spell)


def test_step_is_told_that_its_own_option_has_no_effect(spank):
    text = batch(spank, "--ai-mode=playground",
                 script=f"srun --ai-mode=science sh -c '{SHOW}' 2>&1; srun --ai-mode=playground true 2>&1")
    assert values(text)["AIF_MODE"] == "playground"
    assert text.count("has no effect on a step") == 1


def test_exports_only_what_slurm_looks_up(prefix):
    plugin = str(prefix / "lib" / "slurm-aif" / "spank_aif.so")
    names = [line.split()[-1] for line in
             subprocess.run(["nm", "-D", "--defined-only", plugin], text=True, capture_output=True,
                            check=True).stdout.splitlines()]
    assert {"plugin_name", "plugin_type", "plugin_version", "slurm_spank_init"} <= set(names)
    assert all(n.startswith(("plugin_", "slurm_spank_", "spank_plugin_version")) for n in names), names
    dynamic = subprocess.run(["readelf", "-d", plugin], text=True, capture_output=True, check=True).stdout
    assert "NOW" in dynamic
    assert "json" not in dynamic and "crypto" not in dynamic


# With everything loaded: what a job shows is what was decided.

MODES = {"playground": {"code": "PG", "residency": "FI|SE"}, "fast-lane": {"code": "FL", "lane": {"base": 1000}}}
TAGGED = {"AIF_MODE": "playground", "AIF_ALLOCATION": "EHPC-AIF-2026PG01-905", "AIF_RESIDENCY": "FI"}


def allocation(project, account, mode):
    return {"id": project, "account": account, "mode": mode, "amount": 1000, "unit": "gpu-hour", "start": "2020-01-01",
            "end": "2199-12-31", "members": [getpass.getuser()]}


@pytest.fixture(scope="module")
def decided(make_cluster, prefix, tmp_path_factory):
    conf = tmp_path_factory.mktemp("aif")
    policy = {"version": 1, "cluster": "aif", "modes": MODES, "residency": {
        "home": "FI", "locations": [{"feature": "loc_SE", "country": "SE"}]}}
    awards = [allocation("EHPC-AIF-2026PG01-905", "pg905", "playground"),
              allocation("EHPC-AIF-2026FL01-991", "fl991", "fast-lane")]
    (conf / "policy.json").write_text(json.dumps(policy))
    (conf / "allocations.json").write_text(json.dumps({"version": 1, "allocations": awards}))
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=4, locations="FI:2,SE:2", aif_conf=str(conf))
    cluster.run(["aif", "apply"])
    return cluster


def lines_of(name):
    """A command line that shows AIF_* of a tagged job, by the account alone, for each way to start one."""
    options = ["-A", "pg905", "-t", "1", "--data-residency=fi"]
    show = ["sh", "-c", SHOW]
    return {"srun": ["srun", *options, *show], "salloc": ["salloc", "-Q", *options, *show],
            "step": ["salloc", "-Q", *options, "srun", *show]}[name]


@pytest.mark.parametrize("name", ("srun", "salloc", "step"))
def test_decided_values_in_srun_and_salloc(decided, name):
    got = values(decided.run(lines_of(name)).stdout)
    island = got.pop("AIF_ISLAND")
    assert got == TAGGED
    assert island == ("" if name == "salloc" else "leaf1")


def test_decided_values_in_a_batch_job(decided):
    got = values(batch(decided, "-A", "pg905", "-t", "1", "--data-residency=fi", "--ai-mode=PLAYGROUND"))
    assert got == {**TAGGED, "AIF_ISLAND": "leaf1"}


def test_decided_values_of_each_component(decided):
    """Two allocations in one job: every component shows its own."""
    lines = ["salloc", "-Q", "-t", "1", "-A", "pg905", "--ai-mode=playground", ":", "-t", "1", "-A", "fl991",
             "--ai-mode=fast-lane", "sh", "-c", f"srun --het-group=0 sh -c '{SHOW}'; echo; srun --het-group=1 sh -c '{SHOW}'"]
    first, second = decided.run(lines).stdout.split("\n\n")
    assert values(first)["AIF_MODE"] == "playground"
    assert values(second)["AIF_MODE"] == "fast-lane"
    assert values(second)["AIF_ALLOCATION"] == "EHPC-AIF-2026FL01-991"


def test_refusal_of_the_controller_reaches_the_user_of_each_command(decided):
    for name in COMMANDS:
        done = decided.run(command(name, "-A", "pg905", "-t", "1", "--ai-mode=fast-lane"), check=False)
        assert done.returncode != 0 and done.stderr.count("AIF-M002") == 1, done.stderr


# Each of the following changes plugstack.conf, which sbatch, srun, salloc and slurmstepd read anew every time.


@pytest.fixture
def plugstack(spank):
    path = spank.layout.etc / "plugstack.conf"
    text = path.read_text()
    yield path
    path.write_text(text)


def test_unknown_argument_is_refused_in_one_line(spank, plugstack):
    plugstack.write_text(plugstack.read_text().rstrip() + " mood=good\n")
    done = spank.run(command("srun", "--ai-mode=playground"), check=False)
    assert done.returncode != 0
    assert sum("'mood=good'" in line for line in done.stderr.splitlines()) == 1
    assert spank.run(command("srun"), check=False).returncode == 0
    assert_nodes_fine(spank)


def test_required_with_unknown_argument_on_nodes_only(spank, plugstack, tmp_path):
    """A slip that only the nodes see must not cost a job, even of a required plugin."""
    client = client_conf(spank, tmp_path)
    plugstack.write_text(plugstack.read_text().replace("optional", "required").rstrip() + " mood=good\n")
    done = spank.run(["srun", "--ai-mode=playground", "sh", "-c", SHOW], env=client)
    assert values(done.stdout)["AIF_MODE"] == "playground"
    assert_nodes_fine(spank)


def client_conf(cluster, directory):
    """A copy of the configuration for clients only; the daemons keep theirs."""
    for path in cluster.layout.etc.iterdir():
        if path.is_file():
            shutil.copy(path, directory / path.name)
    return {"SLURM_CONF": str(directory / "slurm.conf")}


def test_plugin_missing_on_the_nodes(spank, plugstack, tmp_path):
    client = client_conf(spank, tmp_path)
    plugstack.write_text("optional /nowhere/spank_aif.so\n")
    done = spank.run(["srun", "--ai-mode=playground", "echo", "ran"], env=client)
    assert "ran" in done.stdout
    job = spank.sbatch("--ai-mode=playground", "-o", "/dev/null", script="true", env=client)
    assert spank.wait_job(job) == "COMPLETED"
    assert_nodes_fine(spank)


def test_plugin_that_cannot_be_loaded_is_not_fatal(spank, plugstack, tmp_path):
    broken = tmp_path / "spank_aif.so"
    broken.write_bytes(b"\x7fELF, but not for long")
    plugstack.write_text(f"optional {broken}\n")
    assert spank.run(command("srun"), check=False).returncode == 0
    refused = spank.run(command("srun", "--ai-mode=playground"), check=False)
    assert refused.returncode != 0 and "ai-mode" in refused.stderr
    assert_nodes_fine(spank)


def test_no_plugstack_at_all(spank, plugstack):
    plugstack.unlink()
    assert spank.run(command("srun"), check=False).returncode == 0
    assert_nodes_fine(spank)


# ---- where the node and its GPUs lie ----

HINTS = 'for v in AIF_TOPOLOGY AIF_NODE_ORDER AIF_GPU_ORDER; do eval echo "$SLURMD_NODENAME $v=\\${$v-unset}"; done'
# Neighbours on a switch are not neighbours in name, and linked GPUs not in number.
CROSSED = """SwitchName=leaf1 Nodes=n[1,3]
SwitchName=leaf2 Nodes=n[2,4]
SwitchName=core Switches=leaf[1-2]
"""
LINKS = ("-1,0,4,0", "0,-1,0,4", "4,0,-1,0", "0,4,0,-1")


@pytest.fixture(scope="module")
def crossed(make_cluster, prefix):
    made = make_cluster(prefix=prefix, plugins="spank", nodes=4)
    (made.layout.etc / "topology.conf").write_text(CROSSED)
    (made.layout.etc / "gres.conf").write_text("".join(
        f"NodeName=n[1-4] Name=gpu File={made.layout.root}/dev/gpu{i} Links={links}\n" for i, links in enumerate(LINKS)))
    for name in ("ctld", "n1", "n2", "n3", "n4"):
        made.restart(name)
    return made


def hints(text):
    """{node: {variable: value}}"""
    found = {}
    for line in text.splitlines():
        node, _, setting = line.partition(" ")
        if setting.startswith("AIF_"):
            found.setdefault(node, {}).update([setting.split("=", 1)])
    return found


def test_nodes_are_ranked_by_their_place_in_the_network(crossed):
    got = hints(crossed.run(["srun", "-N4", "-n4", "--gres=gpu:4", "sh", "-c", HINTS]).stdout)
    assert {n: v["AIF_NODE_ORDER"] for n, v in got.items()} == {"n1": "0/4", "n3": "1/4", "n2": "2/4", "n4": "3/4"}
    assert {n: v["AIF_TOPOLOGY"] for n, v in got.items()} == \
        {f"n{i}": f"core.leaf{leaf}.n{i}" for i, leaf in ((1, 1), (3, 1), (2, 2), (4, 2))}
    assert {v["AIF_GPU_ORDER"] for v in got.values()} == {"0,2,1,3"}


def test_order_is_of_the_gpus_that_the_script_or_step_has(crossed):
    text = batch(crossed, "-N1", "-n2", "--gres=gpu:4", script=f"{HINTS}\necho STEP\nsrun -n1 --gres=gpu:2 sh -c '{HINTS}'\n"
                 f"echo TASKS\nsrun -n2 --gpus-per-task=1 --gres=none sh -c '{HINTS}'\necho NONE\nsrun -n1 --gres=none sh -c '{HINTS}'")
    script, rest = text.split("STEP\n")
    step, rest = rest.split("TASKS\n")
    tasks, none = rest.split("NONE\n")
    (of_script,), (of_step,), (of_none,) = (hints(t).values() for t in (script, step, none))
    assert of_script["AIF_GPU_ORDER"] == "0,2,1,3"
    assert of_step["AIF_GPU_ORDER"] == "0,1"
    assert of_none["AIF_GPU_ORDER"] == "unset"
    assert set(v["AIF_GPU_ORDER"] for v in hints(tasks).values()) <= {"0", "unset"}
    assert of_none["AIF_NODE_ORDER"] == "0/1"


def test_a_step_over_all_components_ranks_all_nodes(crossed):
    text = batch(crossed, "-N2", "-w", "n1,n2", ":", "-N2", "-w", "n3,n4", script=f"srun --het-group=0,1 sh -c '{HINTS}'")
    assert {n: v["AIF_NODE_ORDER"] for n, v in hints(text).items()} == {"n1": "0/4", "n3": "1/4", "n2": "2/4", "n4": "3/4"}


def test_hints_of_elsewhere_do_not_stay(crossed):
    stale = {"AIF_TOPOLOGY": "x.y", "AIF_NODE_ORDER": "7/9", "AIF_GPU_ORDER": "3,2,1,0", "SLURM_JOB_GPUS": "0,1"}
    (got,) = hints(batch(crossed, "--gres=none", "-w", "n2", script=HINTS, env=stale)).values()
    assert got == {"AIF_TOPOLOGY": "core.leaf2.n2", "AIF_NODE_ORDER": "0/1", "AIF_GPU_ORDER": "unset"}


@pytest.mark.parametrize("content", [None, "", "Name=gpu Links=\x01\n", "x" * 100000, "SwitchName=a Switches=a Nodes=n[1-4]\n"],
                         ids=["none", "empty", "control", "long", "circle"])
def test_files_that_say_nothing_cost_no_job(crossed, content):
    kept = {}
    for name in ("gres.conf", "topology.conf"):
        path = crossed.layout.etc / name
        kept[path] = path.read_text()
        path.unlink()
        if content is not None:
            path.write_text(content)
    try:
        (got,) = hints(batch(crossed, "--gres=gpu:2", "-w", "n3", script=HINTS)).values()
        assert got == {"AIF_TOPOLOGY": "core.leaf1.n3", "AIF_NODE_ORDER": "unset", "AIF_GPU_ORDER": "unset"}
    finally:
        for path, text in kept.items():
            path.write_text(text)
    assert_nodes_fine(crossed)
