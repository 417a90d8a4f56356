"""What checking costs beside bare decoding and the naive way, and what memory it takes.

Run it: ``python benchmarks/check.py``; ``--quick`` for a small input. The input is chained from the
shipped recordings (see ``chains.py``), and must be free of errors and warnings. Times are medians
of process CPU time on one core, every way once in each repeat. All ways but the check have their
lines in memory already; the check opens and reads the files. Goals are compared with what this run
measured; nothing fails because of a time.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import transitions
from chains import write_files, write_interleaved

from lifecycle.check.findings import Level
from lifecycle.check.report import Report
from lifecycle.check.run import check_paths
from lifecycle.wire.bulk import DECODER

SECTIONS = ("time", "jobs", "memory")
EVENTS_A_SESSION = 300
REPEATS = 5
DECODE_GOAL, NAIVE_GOAL, JOBS_GOAL = 2.5, 4.0, 1.7
MEMORY_EVENTS = (100_000, 1_000_000)
MEMORY_SESSIONS = 1000

Way = Callable[[], object]


@attrs.frozen
class Input:
    """What is checked: the files, and each file's text and lines."""

    paths: list[Path]
    texts: list[bytes]
    files: list[list[bytes]]

    @property
    def lines(self) -> Iterator[bytes]:
        """Every line of every file."""
        return (line for file in self.files for line in file)


# -- the ways --------------------------------------------------------------------------------------


def typed(data: Input) -> None:
    """Decode every line into what the rules read, and drop it."""
    decode = DECODER.decode
    for lines in data.files:
        for line in lines:
            decode(line)


def typed_files(data: Input) -> None:
    """Decode each file at once."""
    for text in data.texts:
        DECODER.decode_lines(text)


def untyped(data: Input) -> None:
    """Decode every line with the standard library."""
    loads = json.loads
    for lines in data.files:
        for line in lines:
            loads(line)


def orjson_way(data: Input) -> Way:
    """The same with `orjson`.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    from orjson import loads

    def way() -> None:
        for lines in data.files:
            for line in lines:
                loads(line)

    return way


class Thread:
    """A thread as the README of `transitions` would have it: a machine for each."""

    states = ("idle", "running", "rescheduling", "terminated")

    def __init__(self) -> None:
        self.machine = transitions.Machine(model=self, states=list(self.states), initial="idle")
        self.machine.add_transition("run", ["idle", "rescheduling"], "running")
        self.machine.add_transition("rest", ["idle", "running", "rescheduling"], "idle")
        self.machine.add_transition("reschedule", "running", "rescheduling")
        self.machine.add_transition("terminate", ["idle", "running", "rescheduling"], "terminated")


def naive(data: Input) -> None:
    """Step the status of every thread, and look at nothing else."""
    triggers = {
        "session.thread_status_running": "run",
        "session.thread_status_idle": "rest",
        "session.thread_status_rescheduled": "reschedule",
        "session.thread_status_terminated": "terminate",
    }
    for lines in data.files:
        threads: dict[str, Any] = {}
        for line in lines:
            event = json.loads(line)
            trigger = triggers.get(event["type"])
            if trigger is not None:
                name = event["session_thread_id"]
                if name not in threads:
                    threads[name] = Thread()
                getattr(threads[name], trigger)()


def checked(data: Input) -> Report:
    """Check the files with all rules, in this process."""
    return check_paths([str(path) for path in data.paths])


# -- time ------------------------------------------------------------------------------------------


def seconds(ways: dict[str, Way], repeats: int) -> dict[str, float]:
    """Return the median CPU seconds of each way."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            gc.collect()
            start = time.process_time()
            way()
            taken[name].append(time.process_time() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def goal(what: str, measured: float, met: bool) -> None:
    """Print a goal beside what was measured."""
    print(f"goal: {what:44}{measured:>10.2f}x  {'met' if met else 'not met'}")


def time_section(data: Input, events: int, repeats: int) -> None:
    """Print what each way costs."""
    ways: dict[str, Way] = {
        "typed decode, line by line": lambda: typed(data),
        "typed decode, a file at once": lambda: typed_files(data),
        "check, all rules": lambda: checked(data),
        "json.loads": lambda: untyped(data),
    }
    try:
        ways["orjson.loads"] = orjson_way(data)
    except ModuleNotFoundError as missing:
        print(f"skipped orjson: {missing}; pip install agent-lifecycle[bench]")
    ways["json.loads and a machine for each thread"] = lambda: naive(data)
    taken = seconds(ways, repeats)
    base = taken["typed decode, line by line"]
    print(f"{'way':44}{'us an event':>12}{'events/s':>14}{'ratio':>9}")
    for name, took in taken.items():
        rate, ratio = events / took, took / base
        print(f"{name:44}{took / events * 1e6:>12.2f}{rate:>14,.0f}{ratio:>8.2f}x")
    check, slow = taken["check, all rules"], taken["json.loads and a machine for each thread"]
    goal(f"check <= {DECODE_GOAL} x typed decode", check / base, check <= DECODE_GOAL * base)
    goal(f"check >= {NAIVE_GOAL} x faster than naive", slow / check, slow >= NAIVE_GOAL * check)


def jobs_section(data: Input, repeats: int) -> None:
    """Print the wall time of one process and of two."""
    paths = [str(path) for path in data.paths]
    walls: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(repeats):
        for jobs, times in walls.items():
            start = time.perf_counter()
            check_paths(paths, jobs=jobs)
            times.append(time.perf_counter() - start)
    one, two = (statistics.median(times) for times in walls.values())
    print(f"\n{'processes':44}{'wall s':>12}")
    print(f"{'--jobs 1':44}{one:>12.2f}\n{'--jobs 2':44}{two:>12.2f}")
    goal(f"two processes >= {JOBS_GOAL} x faster", one / two, one >= JOBS_GOAL * two)


# -- memory ----------------------------------------------------------------------------------------

PROGRAM = """
import sys
from pathlib import Path
from lifecycle.check.run import check_paths

def peak():
    # Not ru_maxrss: a child's starts from its parent's.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])

before = peak()
report = check_paths([sys.argv[1]], session_key=sys.argv[2] or None)
print(report.read, peak() - before)
"""


def growth(path: Path, key: str) -> tuple[int, float]:
    """Return how many events a fresh process checked, and by how many MB its peak grew."""
    command = [sys.executable, "-c", PROGRAM, str(path), key]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    events, grown = map(int, done.stdout.split())
    return events, grown / 1024


def memory_section(folder: Path) -> None:
    """Print the growth of peak memory, for files and for one interleaved file."""
    if not Path("/proc/self/status").exists():
        print("\nskipped memory: it is read from /proc, which this system lacks")
        return
    print(f"\n{'input':44}{'events':>12}{'MB grown':>14}")
    for events in MEMORY_EVENTS:
        files, one = folder / f"files-{events}", folder / f"interleaved-{events}.jsonl"
        files.mkdir()
        write_files(files, events, MEMORY_SESSIONS)
        write_interleaved(one, events, MEMORY_SESSIONS)
        for what, path, key in (
            (f"{MEMORY_SESSIONS:,} files", files, ""),
            (f"{MEMORY_SESSIONS:,} sessions interleaved", one, "session_id"),
        ):
            count, grown = growth(path, key)
            print(f"{what:44}{count:>12,}{grown:>14.1f}")


# -- all of it -------------------------------------------------------------------------------------


def prepared(folder: Path, events: int) -> tuple[Input, int]:
    """Build the input, say what it is, and require that the checker finds it clean."""
    paths = write_files(folder, events, max(1, events // EVENTS_A_SESSION))
    texts = [path.read_bytes() for path in paths]
    data = Input(paths, texts, [text.splitlines() for text in texts])
    report = checked(data)
    errors, warnings = report.count(Level.ERROR), report.count(Level.WARNING)
    if errors or warnings or report.checked != report.read:
        raise SystemExit(f"the input is not clean: {errors} errors, {warnings} warnings")
    size, several = sum(map(len, texts)), sum(len(file.threads) > 1 for file in report.files)
    print(
        f"{report.read:,} events in {len(paths):,} sessions ({several:,} of several threads), "
        f"{size / 1e6:.1f} MB, {size / report.read:.0f} bytes an event\n"
        f"checked clean: no errors, no warnings, {report.count(Level.NOTE)} notes\n"
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs\n"
    )
    return data, report.read


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=300_000, help="how many, at least")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--quick", action="store_true", help="30,000 events, two repeats")
    parser.add_argument("--memory", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--only", choices=SECTIONS, action="append", help="may be repeated")
    asked = parser.parse_args()
    events, repeats = (30_000, 2) if asked.quick else (asked.events, asked.repeats)
    parts = set(asked.only or SECTIONS) - (set() if asked.memory else {"memory"})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if parts & {"time", "jobs"}:
            files = folder / "files"
            files.mkdir()
            data, read = prepared(files, events)
            if "time" in parts:
                time_section(data, read, repeats)
            if "jobs" in parts:
                jobs_section(data, repeats)
            del data
        if "memory" in parts:
            memory_section(folder)


if __name__ == "__main__":
    main()
