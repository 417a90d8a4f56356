"""Every cell of every machine gives the same answer in every form that the table takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from lifecycle.dialects import DIALECTS, Dialect
from lifecycle.effects import EFFECTS
from lifecycle.embed import AsyncHookedMachine, AsyncHooks, Firing, HookedMachine, Hooks, Refused
from lifecycle.machines import CREATION, MACHINES
from lifecycle.table import Machine, Phase, Row
from lifecycle.vocabulary import EventType

Table = Machine[Any, Any]


@attrs.frozen
class Answer:
    """What a form answers: where the cell leads and what is done there, or why not."""

    target: str | None
    effects: tuple[str, ...]
    refusal: str | None


@attrs.define
class Host:
    """An object with a status, and a list of what was done to it."""

    status: str
    done: list[str] = attrs.field(factory=list)


def written(row: Row[Any, Any]) -> Answer:
    """Read the answer off the row itself."""
    if row.accepts:
        return Answer(row.target, tuple(map(str, row.effects)), None)
    return Answer(None, (), row.because)


def dialects() -> Iterator[tuple[str, Dialect]]:
    """Every dialect as it is, and with each choice of each of its switches."""
    for name, dialect in DIALECTS.items():
        yield name, dialect
        for switch in dialect.switches.values():
            for choice in switch.choices:
                if choice != switch.value:
                    yield f"{name}, {switch.name}={choice}", dialect.switched(switch.name, choice)


def tables() -> Iterator[tuple[str, Table]]:
    """Every table that some dialect has, once, called after the first that has it."""
    seen: list[list[Row[Any, Any]]] = []
    for name, dialect in dialects():
        for machine in dialect.machines.values():
            if list(machine) not in seen:
                seen.append(list(machine))
                yield f"{name}: {machine.name}", machine


TABLES = dict(tables())
CELLS = [
    pytest.param(name, row, id=f"{name}: {row.state} x {row.trigger}")
    for name, table in TABLES.items()
    for row in table
]


def perform(host: Host, firing: Firing) -> None:
    """Note the effect that is performed."""
    host.done.append(str(firing.effect))


def emit(host: Host, event: EventType, firing: Firing) -> None:
    """Note the event that is written."""
    host.done.append(f"emit {event}")


async def perform_later(host: Host, firing: Firing) -> None:
    """Note the effect that is performed, after the loop has turned once."""
    await asyncio.sleep(0)
    perform(host, firing)


def named(table: Table) -> list[Any]:
    """List the effects that a table names and that write no event."""
    used = {effect for row in table for effect in row.effects}
    return [effect for effect in EFFECTS if effect in used and effect.emits is None]


HOOKED = {
    name: HookedMachine(
        table, "status", Hooks[Host](effects=dict.fromkeys(named(table), perform), emit=emit)
    )
    for name, table in TABLES.items()
}
AWAITED = {
    name: AsyncHookedMachine(
        table,
        "status",
        AsyncHooks[Host](effects=dict.fromkeys(named(table), perform_later), emit=emit),
    )
    for name, table in TABLES.items()
}


def answered(host: Host, fire: Callable[[], object]) -> Answer:
    """Fire, and read the answer off the host."""
    before = host.status
    try:
        fire()
    except Refused as refusal:
        assert host.status == before
        return Answer(None, tuple(host.done), refusal.row.because)
    return Answer(host.status, tuple(host.done), None)


@pytest.mark.parametrize(("name", "row"), CELLS)
def test_every_form_gives_the_same_answer(name: str, row: Row[Any, Any]) -> None:
    """A cell's row, step, dicts, `transitions` machine and awaited machine are of one mind."""
    table = TABLES[name]
    expected = written(row)
    plain, awaited = Host(row.state.value), Host(row.state.value)

    assert expected == written(table.step(row.state, row.trigger))
    assert expected.target == table.compiled()[row.state.value][row.trigger.value]
    assert expected == answered(plain, lambda: HOOKED[name].fire(plain, row.trigger))
    assert expected == answered(
        awaited, lambda: asyncio.run(fire(AWAITED[name], awaited, row.trigger))
    )


async def fire(machine: AsyncHookedMachine[Host, Any, Any], host: Host, trigger: Any) -> None:
    """Fire once."""
    await machine.fire(host, trigger)


def test_no_cell_is_left_out() -> None:
    """Every dialect's machines are among the forms' tables, with all their cells."""
    for dialect in DIALECTS.values():
        assert set(MACHINES) == set(dialect.machines)
        for machine in dialect.machines.values():
            (same,) = (table for table in TABLES.values() if list(table) == list(machine))
            assert len(machine.states) * len(machine.triggers) == len(list(same))
    named_by_rows = {str(e) for t in TABLES.values() for r in t for e in r.effects}
    assert {*map(str, EFFECTS)} == named_by_rows | {*map(str, CREATION)}


def test_effects_after_the_write_stand_last_in_their_row() -> None:
    """The order of a row is the order in which its effects are performed."""
    for table in TABLES.values():
        for row in table:
            phases = [effect.phase for effect in row.effects]
            assert phases == sorted(phases, key=list(Phase).index), f"{table.name}: {row}"


def test_what_must_not_be_repeated_follows_a_move() -> None:
    """Firing again after a failure never repeats such an effect: the status has moved by then."""
    once = [(r, e) for t in TABLES.values() for r in t for e in r.effects if not e.repeatable]

    assert once
    for row, effect in once:
        assert effect.phase is Phase.AFTER
        assert row.target is not row.state
