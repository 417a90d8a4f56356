"""What the next five occurrences of 1,000 random expressions cost, beside croniter and cronsim.

Run it: ``python benchmarks/schedule.py``; ``--quick`` for a rough look. An expression is read and
asked from the same start, in UTC and in a zone whose clock is changed; a rare one fires a few times
a year or less. Times are of process time, the best of several repeats; each expression's own, too.
Goals are compared with what this run measured. In UTC all must give the same answers; in New York
they need not, for the peers have other rules for the nights on which the clock is changed. Peers
that are not installed are skipped, and said so.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from random import Random
from zoneinfo import ZoneInfo

import attrs

from lifecycle.schedule import BadSchedule, LeapDay, Schedule

EXPRESSIONS = 1_000
RARE_IN = 5
"""One expression in so many is rare."""
FIVE = 5
REPEATS, REPEATS_QUICK = 7, 1
ZONES = ("UTC", "America/New_York")
LONGEST_MS = 5.0
SEED = 4
RARE = ("0 0 29 2 *", "*/15 3 31 1,3 *", "30 2 8 3 *", "0 12 25 12 *", "59 23 31 12 *")

Ask = Callable[[str, ZoneInfo, datetime], list[datetime]]


@attrs.frozen
class Measured:
    """What one way took.

    Attributes:
        total: seconds for all expressions, the best repeat.
        each: milliseconds for each expression, its best repeat.
        answers: the occurrences of each.
    """

    total: float
    each: list[float]
    answers: list[list[datetime]]


def ours(expression: str, zone: ZoneInfo, start: datetime) -> list[datetime]:
    """Read and ask ours, checks included."""
    found = Schedule.read(expression, zone.key, now=start, leap_day=LeapDay.ACCEPTED)
    if isinstance(found, BadSchedule):
        raise SystemExit(f"{expression}: {found.message}")
    return list(found.upcoming(FIVE, after=start))


def peers() -> Iterator[tuple[str, Ask]]:
    """Iterate over the libraries that are installed."""
    try:
        from croniter import croniter

        def ask_croniter(expression: str, zone: ZoneInfo, start: datetime) -> list[datetime]:
            coming = croniter(expression, start.astimezone(zone))
            return [coming.get_next(datetime) for _ in range(FIVE)]

        yield "croniter", ask_croniter
    except ModuleNotFoundError as missing:
        print(f"skipped croniter: {missing}; pip install agent-lifecycle[bench]")
    try:
        from cronsim import CronSim

        def ask_cronsim(expression: str, zone: ZoneInfo, start: datetime) -> list[datetime]:
            return list(islice(CronSim(expression, start.astimezone(zone)), FIVE))

        yield "cronsim", ask_cronsim
    except ModuleNotFoundError as missing:
        print(f"skipped cronsim: {missing}; pip install agent-lifecycle[bench]")


def written(dice: Random) -> str:
    """Return a random expression that all libraries read alike."""

    def field(low: int, high: int) -> str:
        first, last = sorted(dice.sample(range(low, high + 1), 2))
        forms = (f"{first}", f"{first}-{last}", f"{first},{last}", f"*/{dice.randint(1, 5)}")
        return dice.choice(("*", *forms))

    drawn = [field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6)]
    drawn[dice.choice((2, 4))] = "*"
    return " ".join(drawn)


def drawn(count: int) -> list[str]:
    """Return *count* expressions, the same ones each time."""
    dice = Random(SEED)
    return [
        RARE[number // RARE_IN % len(RARE)] if number % RARE_IN == 0 else written(dice)
        for number in range(count)
    ]


def measured(ask: Ask, expressions: list[str], zone: ZoneInfo, repeats: int) -> Measured:
    """Ask for every expression's occurrences, several times over."""
    start = datetime(2026, 10, 30, 12, tzinfo=UTC)
    totals: list[float] = []
    each = [float("inf")] * len(expressions)
    answers: list[list[datetime]] = []
    for _ in range(repeats):
        began = time.process_time_ns()
        answers = []
        for index, expression in enumerate(expressions):
            before = time.process_time_ns()
            answers.append(ask(expression, zone, start))
            each[index] = min(each[index], (time.process_time_ns() - before) / 1e6)
        totals.append((time.process_time_ns() - began) / 1e9)
    return Measured(min(totals), each, answers)


def goal(what: str, value: str, met: bool) -> None:
    """Print a goal beside what was measured."""
    print(f"goal: {what:44}{value:>12}  {'met' if met else 'not met'}")


def zone_section(name: str, ways: list[tuple[str, Ask]], expressions: list[str], n: int) -> None:
    """Print every way's row for one zone, and the goals."""
    zone, found = ZoneInfo(name), {}
    print(f"\n{name:28}{'total s':>10}{'median us':>12}{'longest ms':>12}{'as ours':>10}")
    for way, ask in ways:
        result = found[way] = measured(ask, expressions, zone, n)
        same = sum(a == b for a, b in zip(result.answers, found["ours"].answers, strict=True))
        median = statistics.median(result.each) * 1e3
        print(f"{way:28}{result.total:>10.3f}{median:>12.1f}{max(result.each):>12.2f}{same:>10,}")
        if name == "UTC" and same != len(expressions):
            raise SystemExit(f"{way} gives other answers in UTC")
    own = found["ours"]
    if "croniter" in found:
        ratio = own.total / found["croniter"].total
        goal("no slower than croniter", f"{ratio:.2f}x", ratio <= 1)
    longest = max(own.each)
    goal(f"no expression over {LONGEST_MS:g} ms", f"{longest:.2f} ms", longest <= LONGEST_MS)


def main() -> None:
    """Measure every way in every zone."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="200 expressions, one repeat")
    quick = parser.parse_args().quick
    expressions = drawn(EXPRESSIONS // 5 if quick else EXPRESSIONS)
    rare = len(expressions) // RARE_IN
    print(f"{len(expressions):,} expressions, {rare:,} of them rare, the next {FIVE} of each")
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs")
    ways: list[tuple[str, Ask]] = [("ours", ours), *peers()]
    for name in ZONES:
        zone_section(name, ways, expressions, REPEATS_QUICK if quick else REPEATS)


if __name__ == "__main__":
    main()
