"""The machines, row by row: what leads where, in every dialect.

The grids say everything that the tables say about targets, a second time and by hand: a row is a
trigger, a column is the state before, and the word is the state after. A ``.`` is refused, a ``-``
is accepted and changes nothing.
"""

from __future__ import annotations

from typing import Any

import pytest

from lifecycle.dialects import ANTHROPIC, DIALECTS, QODER
from lifecycle.effects import CLOSE_CALLS, DELIVER_NEXT, EMIT_IDLE
from lifecycle.machines import FOLD, MACHINES
from lifecycle.table import Machine, Row
from lifecycle.vocabulary import Fact, ThreadState as S, ThreadTrigger as T

GRIDS = {
    "thread": """
        .                idle        running       rescheduling  terminated  archived
        deliver          running     -             .             .           .
        forward          running     -             .             .           .
        resume           running     -             .             .           .
        answer           -           -             -             .           .
        answer_last      running     -             -             .           .
        end_turn         .           idle          .             .           .
        ask              .           idle          .             .           .
        exhaust_retries  .           idle          idle          .           .
        reach_budget     -           idle          idle          .           .
        refuse           .           idle          .             .           .
        interrupt        -           idle          idle          .           .
        interrupt_asks   -           idle          idle          .           .
        reschedule       .           rescheduling  .             .           .
        retry            .           .             running       .           .
        recover          .           .             .             .           .
        fail_primary     terminated  terminated    terminated    .           .
        finish_child     terminated  terminated    terminated    .           .
        archive_primary  .           .             .             .           .
        archive_child    archived    .             .             .           -
    """,
    "session": """
        .                  idle        running       rescheduling  terminated  archived  deleted
        work               running     -             running       .           .         .
        rest               -           idle          idle          .           .         .
        reschedule         .           rescheduling  -             .           .         .
        fail               terminated  terminated    terminated    .           .         .
        send_input         -           -             -             .           .         .
        send_input_asked   .           -             -             .           .         .
        send_input_capped  .           .             .             .           .         .
        send_answer        -           -             -             .           .         .
        send_interrupt     -           -             -             .           .         .
        update             -           -             -             .           .         .
        update_agent       -           .             .             .           .         .
        archive            archived    .             .             archived    -         .
        delete             deleted     .             .             deleted     deleted   .
        report             -           -             -             .           .         .
    """,
    "message": """
        .        pending    delivered  cancelled
        deliver  delivered  .          .
        hold     -          .          .
        cancel   cancelled  .          .
        flush    cancelled  .          .
    """,
    "call": """
        .              allowed   asked      answered   processed  denied    resulted
        answer         answered  answered   .          answered   .         .
        allow          .         processed  processed  .          .         .
        deny           .         denied     denied     .          .         .
        result         resulted  .          .          resulted   .         .
        error_result   resulted  resulted   resulted   resulted   resulted  .
        client_result  resulted  .          resulted   resulted   .         .
        close          resulted  resulted   resulted   resulted   resulted  .
    """,
    "workflow_run": """
        .            created  running  idle     ended
        start        running  -        running  .
        pause        idle     idle     -        .
        start_phase  -        -        -        .
        end_phase    -        -        -        .
        error        -        -        -        .
        end          ended    ended    ended    .
    """,
    "phase": """
        .    open   ended
        end  ended  .
    """,
    "deployment": """
        .                    active           paused    paused_by_error  archived
        pause                paused           -         -                .
        unpause              -                active    active           .
        update               -                -         -                .
        run                  -                -         -                .
        run_ended            -                -         -                -
        fire                 -                .         .                .
        fire_succeeded       -                -         -                -
        fire_failed          -                -         -                -
        fire_failed_pausing  paused_by_error  -         -                -
        archive              archived         archived  archived         -
        agent_archived       archived         archived  archived         -
        agent_deleted        archived         archived  archived         -
    """,
    "span": """
        .       closed  open
        start   open    .
        speak   .       -
        result  -       .
        end     .       closed
    """,
}

INITIAL = {
    "thread": ["idle"],
    "session": ["idle"],
    "message": ["pending"],
    "call": ["allowed", "asked", "denied"],
    "workflow_run": ["created"],
    "phase": ["open"],
    "span": ["closed"],
    "deployment": ["active"],
}


def grid(machine: Machine[Any, Any]) -> list[list[str]]:
    """Lay out *machine* as the grids above."""

    def word(row: Row[Any, Any]) -> str:
        if not row.accepts:
            return "."
        return "-" if row.target is row.state else str(row.target)

    lines = [[".", *map(str, machine.states)]]
    for trigger in machine.triggers:
        cells = [word(machine.step(state, trigger)) for state in machine.states]
        lines.append([str(trigger), *cells])
    return lines


@pytest.mark.parametrize("name", MACHINES)
def test_every_cell_leads_where_its_grid_says(name: str) -> None:
    """The table and the grid are two statements of one machine."""
    assert [line.split() for line in GRIDS[name].strip().splitlines()] == grid(MACHINES[name])
    assert INITIAL[name] == list(MACHINES[name].initial)


class TestEnds:
    """What is over stays over."""

    @pytest.mark.parametrize(
        ("name", "state", "leads_to"),
        [
            ("thread", "terminated", set()),
            ("thread", "archived", set()),
            ("session", "terminated", {"archived", "deleted"}),
            ("session", "archived", {"deleted"}),
            ("session", "deleted", set()),
            ("message", "delivered", set()),
            ("message", "cancelled", set()),
            ("call", "resulted", set()),
            ("workflow_run", "ended", set()),
            ("phase", "ended", set()),
            ("deployment", "archived", set()),
        ],
    )
    @pytest.mark.parametrize("dialect", DIALECTS)
    def test_an_end_leads_nowhere_back(
        self, dialect: str, name: str, state: str, leads_to: set[str]
    ) -> None:
        """In every dialect; a session that is over may still be put away and deleted."""
        rows = [row for row in DIALECTS[dialect].machines[name] if row.state == state]

        assert rows
        assert {str(row.target) for row in rows} - {state} == leads_to


class TestDialects:
    """What a dialect changes, and nothing besides."""

    AMENDED = """
        thread   rescheduling  retry             .     was  running
        thread   rescheduling  recover           idle  was  .
        thread   archived      archive_child     .     was  -
        session  running       send_input        .     was  -
        session  running       send_input_asked  .     was  -
        deployment  paused           run  .  was  -
        deployment  paused_by_error  run  .  was  -
    """

    def test_qoder_changes_these_cells(self) -> None:
        """A thread put aside comes back at rest; one archive; no run by hand while paused."""
        changed = [
            [name, state, trigger, now, "was", was]
            for name, machine in QODER.machines.items()
            for (trigger, *after), (_, *before) in zip(
                grid(machine)[1:], grid(MACHINES[name])[1:], strict=True
            )
            for state, now, was in zip(machine.states, after, before, strict=True)
            if now != was
        ]
        expected = [line.split() for line in self.AMENDED.strip().splitlines()]

        assert sorted(changed) == sorted(expected)
        recovering = QODER.machines["thread"].step(S.RESCHEDULING, T.RECOVER)
        assert recovering.effects == (CLOSE_CALLS, EMIT_IDLE, DELIVER_NEXT)

    def test_anthropic_is_the_base(self) -> None:
        """Its switches rest where the tables are."""
        for name, machine in ANTHROPIC.machines.items():
            assert list(machine) == list(MACHINES[name])

    def test_both_fold_in_one_order(self) -> None:
        """Qoder names no runs and no budgets; the rest ranks alike, and is known less well."""
        unnamed = (Fact.RUN_RUNNING, Fact.THREAD_CAPPED)
        common = [(row.fact, row.state, row.stop) for row in FOLD if row.fact not in unnamed]

        assert [(row.fact, row.state, row.stop) for row in QODER.fold] == common
