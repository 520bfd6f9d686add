"""Runs examples/spark/read_films.py as its documentation says, on two executors of this machine, kills one of them in the
middle, and finds every film exactly once in the Parquet files: of a folder, then of sequence files.

    check_spark.py PROGRAM [FILMS]

PROGRAM is covid-classifier; FILMS is how many phantoms there are (200). The Python that runs this has pyspark.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyspark

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "spark" / "read_films.py"
SPARK = Path(pyspark.__file__).parent
# Two executors with one core each, in separate processes.
MASTER = "local-cluster[2,1,1024]"
SETTINGS = ["spark.ui.enabled=false", "spark.driver.host=127.0.0.1", "spark.driver.bindAddress=127.0.0.1"]
# The executor is killed once this many tasks are committed: some, but far from all.
COMMITTED = 3
FILMS_PER_TASK = 10
PATIENCE_S = 1200


def environment():
    """The environment, with all addresses on this machine."""
    python = sys.executable
    return os.environ | {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_HOME": str(SPARK),
        "PYSPARK_PYTHON": python,
        "PYSPARK_DRIVER_PYTHON": python,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def submit(arguments, log):
    """Runs `spark-submit` on the example, with its output in a file."""
    settings = [part for setting in SETTINGS for part in ("--conf", setting)]
    command = [SPARK / "bin" / "spark-submit", "--master", MASTER, *settings, EXAMPLE, *arguments]
    return subprocess.Popen([str(part) for part in command], env=environment(), stdout=log, stderr=subprocess.STDOUT)


def executors(ancestor):
    """Process ids of the executors below a process."""
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
    processes = [line.split(None, 2) for line in listing.stdout.splitlines()]
    below, found = {ancestor}, []
    grown = True
    while grown:
        children = {int(pid) for pid, parent, *_ in processes if int(parent) in below}
        grown = not children <= below
        below |= children
    for pid, _, *arguments in processes:
        if int(pid) in below and arguments and "CoarseGrainedExecutorBackend" in arguments[0]:
            found.append(int(pid))
    return found


def run_and_kill(arguments, out):
    """Runs the example, kills an executor when some tasks are done, and returns Spark's output."""
    killed = None
    with tempfile.TemporaryFile("w+") as log:
        process = submit(arguments, log)
        begin = time.monotonic()
        while process.poll() is None and time.monotonic() - begin < PATIENCE_S and killed is None:
            time.sleep(0.05)
            if len(list(out.glob("_temporary/*/task_*"))) >= COMMITTED:
                running = executors(process.pid)
                assert len(running) == 2, f"{len(running)} executors, not two"
                killed = running[0]
                os.kill(killed, signal.SIGKILL)
        process.wait(timeout=PATIENCE_S)
        log.seek(0)
        said = log.read()
    assert process.returncode == 0, f"spark-submit ended with {process.returncode}:\n{said}"
    assert killed, f"nothing was killed before it was over:\n{said}"
    assert "Lost executor" in said, f"Spark did not notice:\n{said}"
    assert (out / "_SUCCESS").exists()


def rows(out):
    """The rows of Parquet files, read by Spark."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]")
    for setting in SETTINGS:
        builder = builder.config(*setting.split("=", 1))
    return [row.asDict() for row in builder.getOrCreate().read.parquet(str(out)).collect()]


def check(found, expected, program):
    """Checks that every film occurs once, with the result of the program alone."""
    paths = sorted(row["path"] for row in found)
    lost = sorted(set(expected) - set(paths))
    assert not lost, f"{len(lost)} films were lost: {lost[:3]}"
    assert len(paths) == len(set(paths)), f"{len(paths) - len(set(paths))} films are there more than once"
    assert paths == sorted(expected), f"what is this? {sorted(set(paths) - set(expected))[:3]}"
    by_name = {Path(row["path"]).name: row for row in found}
    assert by_name["letter.png"]["error_kind"] == "unsupported_format"
    assert "unpack" in by_name["films.zip"]["error"]
    assert by_name["\\xE4.txt"]["error_kind"] == "unsupported_format"
    assert sum(row["error"] is not None for row in found) == 3
    some = sorted(path for path in expected if path.endswith(".png"))[:3]
    alone = subprocess.run([program, "classify", "--json", *some], capture_output=True, text=True, check=False)
    for line in alone.stdout.splitlines():
        report, row = json.loads(line), by_name[Path(json.loads(line)["path"]).name]
        stored = json.loads(row["report"])
        del report["elapsed_ms"], stored["elapsed_ms"]
        assert stored == report, report["path"]
        assert row["verdict"] == report["verdict"]


def check_odd_files(program, folder):
    """Checks that a pipe does not block, and that an archive's non-UTF-8 name is written as the program writes names."""
    sys.path.insert(0, str(EXAMPLE.parent))
    sys.dont_write_bytecode = True
    from read_films import read_partition

    folder.mkdir()
    pipe, archive = os.fsencode(folder / "pipe.png"), os.fsencode(folder) + b"/\xf6.zip"
    os.mkfifo(pipe)
    with open(archive, "wb") as file:
        file.write(b"PK\x03\x04 and so on")
    signal.alarm(60)
    found = [(path, kind) for path, _, _, kind, *_ in read_partition([os.fsdecode(pipe), os.fsdecode(archive)], program)]
    signal.alarm(0)
    assert found == [(f"{folder}/pipe.png", "io"), (f"{folder}/\\xF6.zip", "unsupported_format")], found


def check_folder(program, folder):
    """Checks that films of sequence files lie in the folder that Spark empties for its executors, and only while they are read."""
    from read_films import read_partition

    folder.mkdir()
    os.environ["SPARK_LOCAL_DIRS"] = f"{folder},/elsewhere"
    found = read_partition([("one", b"Dear"), ("two", b"colleague")], program)
    next(found)
    assert list(folder.glob("covid-classifier-*"))
    list(found)
    assert not list(folder.iterdir())


def main():
    program, count = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 200
    os.environ.update(environment())
    with tempfile.TemporaryDirectory(prefix="covid-classifier-spark-") as folder:
        check_odd_files(program, Path(folder) / "odd")
        check_folder(program, Path(folder) / "local")
        films = Path(folder) / "films"
        films.mkdir()
        for seed in range(count):
            drawn = ["phantom", "--width", "320", "--height", "300", "--seed", seed]
            drawn += ["--out", films / f"film {seed}.png"]
            subprocess.run([program, *map(str, drawn)], check=True)
        (films / "letter.png").write_text("Dear colleague")
        (films / "films.zip").write_bytes(b"PK\x03\x04 and so on")
        # Its name is not UTF-8.
        with open(os.fsencode(films) + b"/\xe4.txt", "wb") as file:
            file.write(b"Dear colleague")
        expected = [str(path).replace("\udce4", "\\xE4") for path in films.iterdir()]
        # Whatever is written for a while lies here.
        passing = Path(folder) / "passing"
        passing.mkdir()
        os.environ |= {"TMPDIR": str(passing), "SPARK_LOCAL_DIRS": str(passing)}

        folder_out, sequence_out = Path(folder) / "of-folder", Path(folder) / "of-sequence"
        common = ["--program", program, "--out"]
        begin = time.monotonic()
        run_and_kill([*common, folder_out, "--films", films, "--films-per-task", FILMS_PER_TASK], folder_out)
        first = time.monotonic() - begin

        found = rows(folder_out)
        check(found, expected, program)
        print(f"folder: {len(found)} films, each once, an executor killed, {first:.0f} s")

        # The session that reads the files writes these too.
        from pyspark import SparkContext
        from read_films import write_sequence

        packed = Path(folder) / "films.seq"
        write_sequence(SparkContext.getOrCreate(), str(films), str(packed), count // FILMS_PER_TASK)
        begin = time.monotonic()
        run_and_kill([*common, sequence_out, "--sequence", packed], sequence_out)
        second = time.monotonic() - begin
        found = rows(sequence_out)
        check(found, expected, program)
        left = list(passing.rglob("covid-classifier-*"))
        assert not left, f"the killed executor's films lie there still: {left}"
        print(f"sequence files: {len(found)} films, each once, an executor killed, {second:.0f} s")
    # Files that the executors of a local cluster leave.
    shutil.rmtree(SPARK / "work", ignore_errors=True)


if __name__ == "__main__":
    main()
