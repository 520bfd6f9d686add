"""Reads an archive of chest films with Apache Spark and `covid-classifier`, into Parquet: one row per film.

    spark-submit read_films.py --program /opt/covid-classifier --films /archive/films --out /archive/reports
    spark-submit read_films.py --program /opt/covid-classifier --sequence hdfs:///archive/films.seq --out hdfs:///reports

`--films` is a folder that every executor sees under the same path. `--sequence` are sequence files of (name, bytes), as
`write_sequence` here makes them: the way to keep millions of small files on HDFS or S3.

Every partition starts the program once and hands it one film after another. A film that cannot be read is a row with
`error_kind` and `error`. A program that dies fails its task, and Spark does the whole partition again: nothing of a
failed attempt reaches the output, so that every film is there once.
"""

import argparse
import json
import os
import queue
import subprocess
import tempfile
import threading

from pyspark.sql import SparkSession
from pyspark.sql.types import DoubleType, StringType, StructField, StructType

# Films of a partition that are on the way to the program and back.
ON_THE_WAY = 8
# What the program ends with: every film was read, or has a line that says why not.
WHOLE = (0, 1)

SCHEMA = StructType(
    [StructField("path", StringType(), False)]
    + [StructField(name, StringType()) for name in ("finding", "verdict", "error_kind", "error")]
    + [StructField(name, DoubleType()) for name in ("abnormal", "covid19", "normal", "pneumonia", "ms")]
    + [StructField(name, StringType()) for name in ("model", "report")]
)


def row(line, name=None):
    """A line of `classify --json` as a row of SCHEMA; `report` is the whole line. `name` is that of a copied film."""
    report = json.loads(line)
    path = report["path"] = name or report["path"]
    error = report["error"] or {}
    probabilities = report["probabilities"] or {}
    return (
        path,
        report["finding"],
        report["verdict"],
        error.get("kind"),
        error.get("message"),
        report["abnormal"],
        *(probabilities.get(label) for label in ("covid19", "normal", "pneumonia")),
        (report["elapsed_ms"] or {}).get("total"),
        (report["model"] or {}).get("version"),
        json.dumps(report, ensure_ascii=False),
    )


def row_of_archive(path):
    """The row of a ZIP archive, which holds any number of films and is to be unpacked first."""
    nothing = dict.fromkeys(SCHEMA.names)
    nothing |= {"path": shown(path), "error_kind": "unsupported_format", "error": "this is a ZIP archive: unpack it first"}
    return tuple(nothing.values())


def shown(path):
    """A path as the program writes it: what is not UTF-8 stands as \\xE4."""
    return "".join(f"\\x{ord(letter) - 0xDC00:02X}" if "\udc80" <= letter <= "\udcff" else letter for letter in path)


def is_archive(head):
    """Whether a file that begins so is a ZIP archive, of which the program would read every film."""
    return bytes(head[:4]) == b"PK\x03\x04"


def read_partition(films, program):
    """Rows of an iterator of paths, or of (name, bytes): those films lie in files of their own while they are read."""
    command = [program, "classify", "--json", "--files-from", "-", "--null", "--jobs", "1"]
    reader = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    handed, slots, archives, failures = queue.SimpleQueue(), threading.Semaphore(ON_THE_WAY), [], []

    def hand_over(folder):
        try:
            for number, film in enumerate(films):
                name, content = (film, None) if isinstance(film, str) else film
                if content is None:
                    path, copy = name, None
                    head = head_of(path)
                else:
                    path = copy = os.path.join(folder, str(number))
                    head = content
                if is_archive(head):
                    archives.append(name)
                    continue
                slots.acquire()
                if copy:
                    with open(copy, "wb") as file:
                        file.write(content)
                handed.put((name, copy))
                reader.stdin.write(os.fsencode(path) + b"\0")
                reader.stdin.flush()
        except BaseException as failure:  # The task's own thread raises it.
            failures.append(failure)
        finally:
            try:
                reader.stdin.close()
            except BrokenPipeError:
                pass

    with tempfile.TemporaryDirectory(prefix="covid-classifier-", dir=local_folder()) as folder:
        thread = threading.Thread(target=hand_over, args=(folder,), daemon=True)
        thread.start()
        try:
            count = 0
            for line in reader.stdout:
                name, copy = handed.get_nowait()
                if copy:
                    os.unlink(copy)
                slots.release()
                count += 1
                yield row(line, name if copy else None)
            code = reader.wait()
            if code not in WHOLE:
                raise RuntimeError(f"{program} ended with {code} after {count} films")
            # It ended because the films did.
            thread.join()
            if failures:
                raise failures[0]
            if not handed.empty():
                raise RuntimeError(f"{program} answered {count} films and left out others")
            yield from map(row_of_archive, archives)
        finally:
            reader.kill()
            reader.wait()


def local_folder():
    """The executor's own folder, which Spark empties even if the executor was killed; outside of Spark, the usual one."""
    return os.environ.get("SPARK_LOCAL_DIRS", "").split(",")[0] or None


def head_of(path):
    """The first bytes of a file; none of a pipe, or of one that cannot be read, of which the program says why."""
    if not os.path.isfile(path):
        return b""
    try:
        with open(path, "rb") as file:
            return file.read(4)
    except OSError:
        return b""


def films_below(folder):
    """Paths of all files below a folder, less hidden ones. What is no film becomes a row that says so."""
    found = []
    for inner, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found.extend(os.path.join(inner, name) for name in sorted(files) if not name.startswith("."))
    return found


def write_sequence(context, folder, out, partitions):
    """Packs the files below a folder into sequence files of (path, bytes)."""

    # The executors need nothing of this module, which they may not find.
    def content(names):
        path, name = names
        with open(path, "rb") as file:
            return name, bytearray(file.read())

    films = [(path, shown(path)) for path in films_below(folder)]
    context.parallelize(films, partitions).map(content).saveAsSequenceFile(out)


def read_films(spark, arguments):
    """Writes the Parquet files."""
    context, program = spark.sparkContext, arguments.program
    if arguments.films:
        paths = films_below(os.path.abspath(arguments.films))
        # Few enough films per partition that little is done again where a machine fails.
        films = context.parallelize(paths, max(1, -(-len(paths) // arguments.films_per_task)))
    else:
        # One at a time: films are large.
        films = context.sequenceFile(arguments.sequence, minSplits=arguments.splits, batchSize=1)
    rows = films.mapPartitions(lambda part: read_partition(part, program))
    spark.createDataFrame(rows, SCHEMA).write.mode("errorifexists").parquet(arguments.out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="covid-classifier", help="the program, on every executor")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--films", metavar="FOLDER", help="a folder that every executor sees")
    source.add_argument("--sequence", metavar="PATH", help="sequence files of (name, bytes)")
    parser.add_argument("--out", required=True, metavar="PATH", help="where the Parquet files go; must not exist")
    parser.add_argument("--films-per-task", type=int, default=500, metavar="N", help="with --films (500)")
    parser.add_argument("--splits", type=int, default=None, metavar="N", help="with --sequence: tasks, at least")
    arguments = parser.parse_args()
    spark = SparkSession.builder.appName("covid-classifier").getOrCreate()
    try:
        read_films(spark, arguments)
    finally:
        spark.stop()


if __name__ == "__main__":
    main()
