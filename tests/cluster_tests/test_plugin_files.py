"""tests/exports and the table of supported versions: what they must find, on plugins and results made for that."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "checklib"))

import exports  # noqa: E402
import sourcetree  # noqa: E402
import support  # noqa: E402

SYMS = 'static const char *syms[] = {\n\t"site_factor_p_set",\n\t"site_factor_p_update",\n};\n'
GOOD = ("extern void set_job_prio(int);\nextern void set_job_mood(int);\nconst char plugin_name[] = \"x\";\n"
        "void site_factor_p_set(void) {}\nvoid site_factor_p_update(void) {}\n")


@pytest.fixture
def tree(tmp_path):
    tree = tmp_path / "slurm"
    for name, text in (("META", "  Version:\t24.05.9\n"), ("config.h", ""), ("slurm/slurm_version.h", ""),
                       ("src/interfaces/site_factor.c", SYMS),
                       ("src/slurmctld/job_mgr.c", "extern void set_job_prio(job_record_t *job_ptr)\n{\n}\n"),
                       ("slurm/slurm.h", "extern int slurm_ping(int dest);\n"),
                       ("src/common/read_config.h", "extern slurm_conf_t slurm_conf;\n")):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    return tree


def built(tmp_path, text, *flags):
    source = tmp_path / "plugin.c"
    source.write_text(text)
    path = tmp_path / "site_factor_aif.so"
    subprocess.run(["gcc", "-w", "-shared", "-fPIC", "-Wl,-z,lazy", *flags, "-o", path, source], check=True)
    return path


def found(path, tree):
    return exports.exported_problems(path, tree, "site_factor") + exports.binding_problems(path) + \
        exports.unknown_problems(path, tree, exports.code_names(tree)) + exports.load_problems(path)


@pytest.mark.parametrize("text, flags, problem", [
    (GOOD, (), None),
    (GOOD + "void site_factor_p_reconfig(void) {}", (), None),
    (GOOD + "void f(void) { set_job_prio(0); }", ("-fvisibility=default",), "exports f, which is not of the API"),
    (GOOD + "static void f(void) { set_job_prio(0); }\nvoid init(void) { f(); }", (), None),
    (GOOD + "void init(void) { set_job_mood(0); }", (), "asks for set_job_mood, which Slurm 24.05.9 does not have"),
    (GOOD.replace("update", "refresh"), (), "lacks site_factor_p_update, which Slurm 24.05.9 looks up"),
    (GOOD, ("-Wl,-z,now",), "binds everything when it is loaded (BIND_NOW)"),
    (GOOD + "extern int last_job_update;\nint *init(void) { return &last_job_update; }", (), "a program without Slurm cannot load it"),
])
def test_plugins_are_held_to_their_slurm(tree, tmp_path, text, flags, problem):
    problems = found(built(tmp_path, text, *flags), tree)
    assert any(p.startswith(problem) for p in problems) if problem else not problems, problems


def test_the_wrapper_must_know_slurmctld(tree, tmp_path):
    path = built(tmp_path, GOOD + 'const char *f(void) { return "running_in_slurmctld"; }')
    assert exports.by_name_problems(path, tree, "select", {"running_in_slurmctld"}) == []
    problem, = exports.by_name_problems(path, tree, "select", {"run_in_daemon"})
    assert problem == "looks up running_in_slurmctld, which Slurm 24.05.9 does not have, to know slurmctld"
    assert exports.by_name_problems(path, tree, "priority", {"run_in_daemon"}) == []


def test_a_list_of_symbols_that_moved_is_noticed(tree, tmp_path):
    (tree / "src/interfaces/site_factor.c").write_text("")
    problems = exports.exported_problems(built(tmp_path, GOOD), tree, "site_factor")
    assert problems == ["where Slurm 24.05.9 keeps the list of site_factor symbols is not known"]


def test_programs_link_with_what_their_slurm_has_alone(tree, tmp_path):
    sourcetree.make_prefix(tree, tmp_path / "prefix")
    for name, works in (("slurm_ping", True), ("slurm_pong", False)):
        (tmp_path / "program.c").write_text(f"extern int {name}(int dest);\nint main(void) {{ return {name}(0); }}\n")
        done = subprocess.run(["gcc", "-w", tmp_path / "program.c", "-o", tmp_path / "program", f"-L{tmp_path}/prefix/lib", "-lslurm"],
                              capture_output=True, check=False)
        assert (done.returncode == 0) == works, done.stderr


def test_a_tree_that_is_not_configured_is_refused(tree):
    (tree / "config.h").unlink()
    with pytest.raises(sourcetree.NoTree, match="not configured"):
        sourcetree.version(tree)


def test_the_table_has_what_was_found_and_no_more(tmp_path):
    results = {"24.11.5": {"build": {"passed": 1, "failed": 0, "skipped": 0}, "unit": {"passed": 3, "failed": 1, "skipped": 0}},
               "22.05.8": {"exports": {"passed": 5, "failed": 0, "skipped": 0}, "pytest": {"passed": 0, "failed": 0, "skipped": 9}}}
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{support.BEGIN}\nold\n{support.END}\nafter\n")
    assert support.write(readme, results) and not support.write(readme, results)
    assert readme.read_text() == (
        f"before\n{support.BEGIN}\n| Slurm | builds | unit tests | loads | cluster suite | upgrade to it |\n|---|---|---|---|---|---|\n"
        "| 22.05.8 | not run | not run | 5 passed | not run | not run |\n"
        f"| 24.11.5 | 1 passed | 1 of 4 failed | not run | not run | not run |\n{support.END}\nafter\n")
    readme.write_text("no place")
    with pytest.raises(ValueError):
        support.write(readme, results)
