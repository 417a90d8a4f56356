"""What a decision costs, in microseconds and in bytes per thread, next to `transitions`.

Run it: ``python benchmarks/engine.py``; ``--quick`` for a rough look. `decide` and `evolve` are
measured for a message, the end of a turn and an archive, in sessions with 1, 5 and 25 threads, and
after histories of different length: a state holds no history, so that must not matter. The peer is
a `transitions` machine from the same table whose callbacks note the same effects for one thread: no
ids, no stamps, no fold, no state to go back to. Process time; the median of single runs.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import transitions

from lifecycle import commands as c
from lifecycle.engine import Engine
from lifecycle.machines import THREAD
from lifecycle.state import Entry, Session, dump, load
from lifecycle.vocabulary import ThreadState as S, ThreadTrigger as T

SESSION: Final = "sesn_1"
THREADS: Final = (1, 5, 25)
HISTORIES, HISTORIES_QUICK = (10, 10_000), (10, 200)
RUNS, RUNS_QUICK = 5_000, 50
GOAL_US: Final = 10.0
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)


class Host:
    """One session and its log's length."""

    def __init__(self) -> None:
        self.engine, self.now, self.events = Engine(), NOW, 0
        self.state: Session | None = None
        self.do(c.CreateSession)

    def do(self, kind: type[c.Command], /, **fields: Any) -> Session:
        """Give a command that must be accepted."""
        self.now += timedelta(milliseconds=1)
        decision = self.engine.decide(self.state, kind(session_id=SESSION, **fields), now=self.now)
        assert decision.refusal is None, decision.refusal
        assert decision.state is not None
        self.state, self.events = decision.state, self.events + len(decision.entries)
        return decision.state

    def request(self, thread_id: str = "") -> Session:
        """One model request."""
        self.do(c.RequestStarted, thread_id=thread_id)
        return self.do(c.RequestEnded, thread_id=thread_id)


def made(threads: int, history: int = 0) -> tuple[Host, Session, Session]:
    """Return a host, its session at work, and at rest; with so many threads and events."""
    host = Host()
    host.do(c.SendMessage, content="Delegate.")
    host.request()
    for number in range(threads - 1):
        name = f"sthr_{number}"
        host.do(c.SpawnChild, child_id=name, agent_name="kid", task="Look.")
        host.do(c.DeliverNext, thread_id=name)
        host.request(name)
        host.do(c.TurnEnded, thread_id=name)
    works = host.request()
    rests = host.do(c.TurnEnded)
    while host.events < history:
        host.do(c.SendMessage, content="More.")
        works = host.request()
        rests = host.do(c.TurnEnded)
    return host, works, rests


def microseconds(run: Callable[[], object], runs: int) -> float:
    """Return the median of single runs."""
    times = []
    gc.collect()
    gc.disable()
    for _ in range(runs):
        start = time.perf_counter_ns()
        run()
        times.append(time.perf_counter_ns() - start)
    gc.enable()
    return statistics.median(times) / 1_000


def decision_us(
    host: Host, state: Session, command: c.Command, runs: int
) -> tuple[float, float, int]:
    """Return what deciding costs, what folding its entries costs, and how many there are."""
    engine, later = host.engine, host.now + timedelta(seconds=1)
    decision = engine.decide(state, command, now=later)
    assert decision.refusal is None, decision.refusal
    entries: tuple[Entry, ...] = decision.entries
    decide = microseconds(lambda: engine.decide(state, command, now=later), runs)
    return decide, microseconds(lambda: engine.apply(state, entries), runs), len(entries)


def scenes(works: Session, rests: Session) -> list[tuple[str, Session, c.Command]]:
    """Return what is decided: its name, the state, the command."""
    found: list[tuple[str, Session, c.Command]] = [
        ("message", rests, c.SendMessage(session_id=SESSION, content="Hello.")),
        ("turn end", works, c.TurnEnded(session_id=SESSION)),
    ]
    if len(rests.threads) > 1:
        archive = c.ArchiveThread(session_id=SESSION, thread_id="sthr_0")
        found.append(("archive", rests, archive))
    return found


def bytes_a_thread() -> float:
    """Return what one more idle thread takes in a loaded session, without its id's text."""
    plain = {number: dump(made(number)[2]) for number in (1, 25)}
    sizes = {}
    for number, one in plain.items():
        kept: list[Any] = [None] * 50
        gc.collect()
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        for index in range(len(kept)):
            kept[index] = load(one)
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        sizes[number] = (after - before) / len(kept)
    return (sizes[25] - sizes[1]) / 24


def peer_us(runs: int) -> list[tuple[str, float]]:
    """Return what the same triggers cost `transitions`, with the same effects as callbacks."""
    noted: list[str] = []
    machine = transitions.Machine(None, states=[s.value for s in S], initial=S.IDLE.value,
                                  auto_transitions=False)  # fmt: skip
    for row in THREAD:
        if row.accepts:
            calls: Any = [lambda name=effect.name: noted.append(name) for effect in row.effects]
            machine.add_transition(
                row.trigger.value, row.state.value, row.target.value, after=calls
            )

    class Model:
        """A thread."""

    found = []
    for name, trigger, state in (
        ("message", T.DELIVER, S.IDLE),
        ("turn end", T.END_TURN, S.RUNNING),
        ("archive", T.ARCHIVE_CHILD, S.IDLE),
    ):
        model: Any = Model()
        machine.add_model(model)

        def fire(model: Any = model, trigger: T = trigger, state: S = state) -> None:
            machine.set_state(state.value, model)
            model.trigger(trigger.value)
            noted.clear()

        found.append((name, microseconds(fire, runs)))
    return found


def main() -> None:
    """Measure, and print one aligned table and what came of the goals."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few runs, short histories")
    quick = parser.parse_args().quick
    runs = RUNS_QUICK if quick else RUNS
    print(f"{'command':14}{'threads':>9}{'events before':>15}{'decide us':>12}{'evolve us':>12}"
          f"{'entries':>9}")  # fmt: skip
    decided: list[float] = []
    by_history: dict[str, list[float]] = {}
    cases = [(threads, 0) for threads in THREADS]
    cases += [(1, history) for history in (HISTORIES_QUICK if quick else HISTORIES)]
    for threads, history in cases:
        host, works, rests = made(threads, history)
        for name, state, command in scenes(works, rests):
            decide, evolve, entries = decision_us(host, state, command, runs)
            print(f"{name:14}{threads:>9}{host.events:>15,}{decide:>12.1f}{evolve:>12.1f}"
                  f"{entries:>9}")  # fmt: skip
            decided.append(decide)
            if history:
                by_history.setdefault(name, []).append(decide)
    for name, us in peer_us(runs):
        print(f"{'transitions: ' + name:38}{us:>12.1f}")
    print(f"bytes a thread: {bytes_a_thread():,.0f}")
    median = statistics.median(decided)
    met = "met" if median < GOAL_US else "not met"
    print(f"goal: a decision under {GOAL_US:.0f} us at the median: {median:.1f} us, {met}")
    worst = max(max(times) / min(times) for times in by_history.values())
    met = "met" if worst < 1.5 else "not met"
    print(f"goal: independent of the history: {worst:.2f} times as much at worst, {met}")


if __name__ == "__main__":
    main()
