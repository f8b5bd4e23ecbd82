"""ledger: rows into the usage ledger, verifying it, and exporting it, beside a plain SQLite insert and sacct."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from clusterlib import Cluster, ClusterError, Options

from .frame import alternate, column, installed_prefix

SUMMARY = "a million job rows into the ledger, verified and exported, beside a plain table of SQLite and sacct"
GOALS = {"ingest_rows_s": 50000, "verify_rows_s": 200000, "export_rows_s": 300000}
PEAK_MIB = 64
COLUMNS = ("Cluster,JobIDRaw,Account,User,QOS,Partition,State,Submit,Eligible,Start,End,ElapsedRaw,AllocTRES,ReqTRES,TimelimitRaw,"
           "NNodes,NCPUS")


def add_options(parser):
    parser.add_argument("--rows", type=int, default=1000000, help="job rows (default 1000000)")
    parser.add_argument("--batch", type=int, default=1000, help="rows per transaction, of both sides (default 1000)")
    parser.add_argument("--sacct-rows", type=int, default=200000,
                        help="job rows in a real slurmdbd, for sacct (default 200000; 0: leave sacct out)")
    parser.add_argument("--build", default="", help="build directory (default $AIF_BUILD, else the prefix's parent)")


def run(args, report):
    if not 1 <= args.rows <= 100000000 or not 1 <= args.batch <= 10000 or not 0 <= args.sacct_rows <= 10000000:
        raise ClusterError(f"--rows {args.rows} --batch {args.batch} --sacct-rows {args.sacct_rows}: want 1 to 100000000 rows, 1 to "
                           "10000 in a batch, at most 10000000 for sacct")
    prefix = installed_prefix(args.prefix)
    program = Path(args.build or os.environ.get("AIF_BUILD") or prefix.parent) / "tests/benchlib/ledger_rows"
    if not program.exists():
        raise ClusterError(f"{program}: missing; run make there, or give --build")
    directory = Path(tempfile.mkdtemp(prefix="aifb-", dir=os.environ.get("AIF_TEST_TMP", "/tmp")))
    try:
        measure(args, report, prefix, program.absolute(), directory)
    finally:
        if not args.keep:
            shutil.rmtree(directory, ignore_errors=True)


def measure(args, report, prefix, program, directory):
    ours, plain = alternate(args.pairs, lambda: by_ledger(prefix, program, directory, args),
                            lambda: by_sqlite(program, directory, args), report)
    for metric, goal in GOALS.items():
        report.figure(metric, "rows/s", column(ours, metric), f"goal {goal} rows/s", [goal])
    report.figure("peak_mib", "MiB", column(ours, "peak_mib"), f"goal {PEAK_MIB} MiB", [PEAK_MIB])
    report.versus("ingest_vs_sqlite", "SQLite", column(ours, "ingest_s"), column(plain, "insert_s"))
    report.versus("ingest_cpu_vs_sqlite", "SQLite", column(ours, "ingest_cpu_s"), column(plain, "insert_cpu_s"))
    if args.sacct_rows:
        theirs = by_sacct(prefix, args, report)
        report.versus(f"export_vs_sacct_{args.sacct_rows}", "sacct --parsable2", column(ours, "export_row_us"), theirs)


# -- ours, and a plain table ---------------------------------------------------------------------------------------------


def by_ledger(prefix, program, directory, args):
    path = directory / "ledger.db"
    remove(path)
    filled = fill(program, "ledger", path, args)
    aif = prefix / "bin" / "aif"
    verified, verify_peak, said = timed([aif, "verify", "--ledger", path], directory)
    if not said.startswith(f"ok: {args.rows} events"):
        raise ClusterError(f"aif verify: {said}")
    exported, export_peak, _ = timed([aif, "export", "--ledger", path, "--format=csv", "--output", directory / "usage.csv"], directory)
    lines = sum(block.count(b"\n") for block in blocks(directory / "usage.csv"))
    if lines != args.rows + 1:
        raise ClusterError(f"aif export wrote {lines} lines instead of {args.rows + 1}")
    remove(path)
    return {"ingest_s": filled["seconds"], "ingest_cpu_s": filled["processor_seconds"], "ingest_rows_s": args.rows / filled["seconds"],
            "verify_rows_s": args.rows / verified, "export_rows_s": args.rows / exported, "export_row_us": exported / args.rows * 1e6,
            "peak_mib": max(filled["peak_mib"], verify_peak, export_peak)}


def by_sqlite(program, directory, args):
    path = directory / "plain.db"
    remove(path)
    filled = fill(program, "plain", path, args)
    remove(path)
    return {"insert_s": filled["seconds"], "insert_cpu_s": filled["processor_seconds"]}


def fill(program, side, path, args):
    done = subprocess.run([str(program), side, str(path), str(args.rows), str(args.batch)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClusterError(f"ledger_rows {side}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def timed(command, directory):
    """Seconds, peak memory in MiB and output of a program."""
    with open(directory / "said", "w+", encoding="utf-8") as said:
        begin = time.monotonic()
        process = subprocess.Popen([str(word) for word in command], stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read()
    if process.returncode:
        raise ClusterError(f"{command[0]} {command[1]}: {text.strip()}")
    return seconds, usage.ru_maxrss / 1024, text


def blocks(path):
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            yield block


def remove(path):
    for name in path.parent.glob(path.name + "*"):
        name.unlink()


# -- sacct ---------------------------------------------------------------------------------------------------------------


def by_sacct(prefix, args, report):
    """Microseconds per row, of as many runs as there are pairs."""
    directory = Path(tempfile.mkdtemp(prefix="aifb-", dir=os.environ.get("AIF_TEST_TMP", "/tmp")))
    directory.chmod(0o755)
    cluster = None
    try:
        report.progress(f"making a cluster with {args.sacct_rows} rows in slurmdbd")
        cluster = Cluster.create(directory, Options(nodes=1, name="bench", prefix=str(prefix), plugins="none", conf_lines=["MessageTimeout=300"]))
        multiply(cluster, args.sacct_rows)
        return [sacct(cluster, args.sacct_rows, report) for _ in range(args.pairs)]
    finally:
        if cluster:
            cluster.down()
        if not args.keep:
            shutil.rmtree(directory, ignore_errors=True)


def sql(cluster, text):
    done = subprocess.run(["mysql", f"--socket={cluster.layout.db_socket}", "-N", "-B", "slurm_acct", "-e", text],
                          capture_output=True, text=True, check=False, timeout=3600)
    if done.returncode:
        raise ClusterError(f"mysql: {done.stderr.strip()}")
    return done.stdout.split()


def multiply(cluster, rows):
    """One real job, and its row again and again with other numbers."""
    job = cluster.sbatch("-t", "1", script="exit 0")
    cluster.wait_job(job)
    # A short job's start may reach slurmdbd after its end.
    cluster.wait(lambda: sql(cluster, "SELECT count(*) FROM bench_job_table WHERE time_end > 0 AND time_eligible > 0 AND tres_alloc != ''") == ["1"],
                 what="the job's end at slurmdbd")
    names = sql(cluster, "SELECT column_name FROM information_schema.columns WHERE table_schema = 'slurm_acct' AND"
                         " table_name = 'bench_job_table' AND column_name != 'job_db_inx' ORDER BY ordinal_position")
    copied = ", ".join(f"`{name}`" for name in names)
    count = 1
    while count < rows:
        more = min(count, rows - count)
        values = copied.replace("`id_job`", f"`id_job` + {count}")
        sql(cluster, f"INSERT INTO bench_job_table ({copied}) SELECT {values} FROM bench_job_table ORDER BY job_db_inx LIMIT {more}")
        count += more


def sacct(cluster, rows, report):
    output = cluster.layout.root / "sacct"
    begin = time.monotonic()
    cluster.run(["bash", "-c", f"sacct --parsable2 -n -a -X -D -S 2020-01-01 -E now -o {COLUMNS} > {output}"], timeout=3600)
    seconds = time.monotonic() - begin
    lines = sum(block.count(b"\n") for block in blocks(output))
    with open(output, encoding="utf-8", errors="replace") as file:
        first = file.readline().strip()
    output.unlink()
    if lines != rows:
        raise ClusterError(f"sacct printed {lines} rows instead of {rows}: {first}")
    report.progress(f"sacct: {seconds:.4g} s")
    return seconds / rows * 1e6
