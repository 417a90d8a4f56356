"""What a step of the thread machine costs, in nanoseconds and in bytes per thread, form by form.

Run it: ``python benchmarks/machines.py``; ``--quick`` for a rough look. Every form is built from
the same table, driven round the same loop of four steps, and must first refuse the same trigger. A
step is the median of several repeats of process time; bytes are what `tracemalloc` counts for each
of many live objects, made and driven once round. Peers that are not installed are skipped, and said
so.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from types import FunctionType, new_class
from typing import Any, Protocol

import attrs
import transitions

from lifecycle.embed import AsyncHooks, Firing, Hooks, Refused, thread_machine
from lifecycle.machines import THREAD
from lifecycle.vocabulary import EventType, ThreadState as S, ThreadTrigger as T

LOOP = (T.DELIVER, T.RESCHEDULE, T.RETRY, T.END_TURN)
"""From idle once round, and back to idle."""
REFUSED = T.ARCHIVE_PRIMARY
"""What no state accepts."""
REPEATS = 7
SECONDS_A_REPEAT, SECONDS_QUICK = 0.15, 0.002
OBJECTS = 300

Fire = Callable[[Any, T], object]


@attrs.define
class Thread:
    """A host's thread: slotted, one word."""

    status: str = "idle"


@attrs.frozen
class Form:
    """One way to drive a thread: how to make one, and how to fire it."""

    name: str
    make: Callable[[], Any]
    fire: Fire
    refusal: type[Exception] | tuple[type[Exception], ...]


class Denied(Exception):  # noqa: N818 - what the bare table forms raise
    """The table has no target."""


def rows() -> Iterator[tuple[str, str, str]]:
    """Iterate over the accepting cells as trigger, state, target."""
    for row in THREAD:
        if row.accepts:
            yield row.trigger.value, row.state.value, row.target.value


def ours() -> Iterator[Form]:
    """The forms of this package."""
    compiled = THREAD.compiled()

    def step(thread: Thread, trigger: T) -> None:
        row = THREAD.step(thread.status, trigger)  # type: ignore[arg-type] # the word itself will do
        if not row.accepts:
            raise Denied
        thread.status = row.target

    def look_up(thread: Thread, trigger: T) -> None:
        target = compiled[thread.status][trigger]
        if target is None:
            raise Denied
        thread.status = target

    def emit(thread: Thread, event: EventType, firing: Firing) -> None:
        """Do nothing, as every hook here."""

    bare, hooked = thread_machine(), thread_machine(hooks=Hooks(emit=emit))
    yield Form("compiled dicts", Thread, look_up, Denied)
    yield Form("table step", Thread, step, Denied)
    yield Form("embed", Thread, bare.fire, Refused)
    yield Form("embed, with a hook", Thread, hooked.fire, Refused)


def plain_transitions() -> Iterator[Form]:
    """`transitions` as its README has it, with a shared machine, and in its flyweight form."""
    states = [state.value for state in S]
    table = [list(row) for row in rows()]
    error = (transitions.MachineError, AttributeError)

    class Model:
        """What the README registers."""

    def owned() -> Any:
        model = Model()
        transitions.Machine(model, states=states, transitions=table, initial="idle")
        return model

    shared = transitions.Machine(
        None, states=states, transitions=table, initial="idle", auto_transitions=False
    )

    def registered() -> Any:
        model = Model()
        shared.add_model(model)
        return model

    @attrs.define
    class Flyweight:
        """What is never registered."""

        state: str = "idle"

    def call(model: Any, trigger: T) -> None:
        getattr(model, trigger)()

    def trigger_on(model: Any, trigger: T) -> None:
        event = shared.events.get(trigger)
        if event is None:
            raise AttributeError(trigger)
        event.trigger(model)

    yield Form("transitions, a machine each", owned, call, error)
    yield Form("transitions, one machine", registered, call, error)
    yield Form("transitions, flyweight", Flyweight, trigger_on, error)


def python_statemachine() -> Iterator[Form]:
    """`python-statemachine`, from the same rows."""
    from statemachine import State, StateMachine
    from statemachine.exceptions import TransitionNotAllowed

    # Its checks want every dead end marked as final; that an archived thread may be archived
    # again is no way out, and so would not pass.
    lenient = {"validate_trap_states": False, "validate_final_reachability": False}
    states = {state.value: State(state.value, initial=state is S.IDLE) for state in S}
    events: dict[str, Any] = {}
    for trigger, state, target in rows():
        way = states[state].to(states[target])
        events[trigger] = events[trigger] | way if trigger in events else way
    machine = type("ThreadMachine", (StateMachine,), {**lenient, **states, **events})

    def send(instance: Any, trigger: T) -> None:
        instance.send(trigger.value)

    yield Form("python-statemachine", machine, send, TransitionNotAllowed)


def automat() -> Iterator[Form]:
    """`Automat`, from the same rows."""
    from automat import NoTransition, TypeMachineBuilder

    def method(self: object) -> None:
        """Take a trigger; the builder wants a function of its own for each."""

    words = {t.value: FunctionType(method.__code__, globals(), t.value) for t in T}
    inputs: Any = new_class("Inputs", (Protocol,), exec_body=lambda space: space.update(words))
    builder: Any = TypeMachineBuilder(inputs, Thread)
    states = {state.value: builder.state(state.value) for state in S}
    for trigger, state, target in rows():
        states[state].upon(getattr(inputs, trigger)).to(states[target]).returns(None)
    factory = builder.build()

    def call(instance: Any, trigger: T) -> None:
        getattr(instance, trigger)()

    yield Form("Automat", lambda: factory(Thread()), call, NoTransition)


def check(form: Form) -> None:
    """Require that *form* goes round the loop and refuses what the table refuses."""
    thread = form.make()
    for trigger in LOOP:
        form.fire(thread, trigger)
    try:
        form.fire(thread, REFUSED)
    except form.refusal:
        return
    raise AssertionError(f"{form.name} accepts {REFUSED}")


def step_ns(form: Form, seconds: float) -> float:
    """Return a step's process time in nanoseconds: the median of repeats of *seconds* each."""
    thread, fire = form.make(), form.fire

    def measure(rounds: int) -> float:
        start = time.process_time_ns()
        for _ in range(rounds):
            for trigger in LOOP:
                fire(thread, trigger)
        return (time.process_time_ns() - start) / (rounds * len(LOOP))

    rounds = max(1, int(seconds * 1e9 / len(LOOP) / max(measure(200), 1.0)))
    return statistics.median(measure(rounds) for _ in range(REPEATS))


def awaited_ns(seconds: float) -> float:
    """Return the same for the awaited machine, inside one running loop."""

    async def emit(thread: Thread, event: EventType, firing: Firing) -> None:
        """Do nothing, as every hook here."""

    machine, thread = thread_machine(hooks=AsyncHooks(emit=emit)), Thread()

    async def measure(rounds: int) -> float:
        start = time.process_time_ns()
        for _ in range(rounds):
            for trigger in LOOP:
                await machine.fire(thread, trigger)
        return (time.process_time_ns() - start) / (rounds * len(LOOP))

    async def main() -> float:
        rounds = max(1, int(seconds * 1e9 / len(LOOP) / await measure(200)))
        return statistics.median([await measure(rounds) for _ in range(REPEATS)])

    return asyncio.run(main())


def bytes_each(form: Form) -> float:
    """Return the bytes that one live object takes, after it was driven once round."""
    check(form)  # whatever is made once, is made now
    kept: list[Any] = [None] * OBJECTS
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for index in range(OBJECTS):
        kept[index] = form.make()
        for trigger in LOOP:
            form.fire(kept[index], trigger)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / OBJECTS


def main() -> None:
    """Measure every form and print one aligned table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="short repeats")
    seconds = SECONDS_QUICK if parser.parse_args().quick else SECONDS_A_REPEAT
    forms = [*ours(), *plain_transitions()]
    for package, peer in (("python-statemachine", python_statemachine), ("automat", automat)):
        try:
            forms += peer()
        except ModuleNotFoundError as missing:
            print(f"skipped {package}: {missing}; pip install agent-lifecycle[bench]")
    for form in forms:
        check(form)
    measured = [(form.name, step_ns(form, seconds), bytes_each(form)) for form in forms]
    base = measured[0][1]
    print(f"{'form':32}{'ns a step':>12}{'ratio':>9}{'bytes a thread':>17}")
    for name, ns, size in measured:
        print(f"{name:32}{ns:>12,.0f}{ns / base:>8.1f}x{size:>17,.0f}")
    ns = awaited_ns(seconds)
    print(f"{'embed, with an awaited hook':32}{ns:>12,.0f}{ns / base:>8.1f}x")


if __name__ == "__main__":
    main()
