"""Hooks over a host's own objects: their order, refusals, machines and documents."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import transitions
from hosting import ARCHIVED, Thread, emit, note, noted

import lifecycle.embed
from lifecycle.dialects import QODER, UnknownDialect
from lifecycle.effects import CLOSE_STREAMS, DELIVER_NEXT, EMIT_IDLE, EMIT_RUNNING, STOP_CLOCK
from lifecycle.embed import (
    Firing,
    HookedMachine,
    Hooks,
    Refused,
    UnknownWord,
    call_machine,
    deployment_machine,
    message_machine,
    session_machine,
    thread_machine,
    workflow_run_machine,
)
from lifecycle.vocabulary import (
    CallTrigger,
    DeploymentTrigger,
    MessageTrigger,
    RunTrigger,
    SessionTrigger,
    ThreadState as S,
    ThreadTrigger as T,
)

ROOT = Path(__file__).parents[1]


class TestOrder:
    """A firing calls its hooks in one order, whatever the row."""

    def test_a_move_sets_the_status_after_its_effects(self) -> None:
        """Before, the row's effects, the status, after."""
        thread = Thread()
        fired = noted.fire(thread, T.ARCHIVE_CHILD)

        assert thread.log == [
            "hook (idle)",
            "close open calls (idle)",
            "cancel the mailbox (idle)",
            "unblock the coordinator (idle)",
            "free the slot (idle)",
            "session.thread_status_terminated (idle)",
            "hook (archived)",
        ]
        assert fired.host is thread
        assert fired.performed == ARCHIVED
        assert fired.left == ()

    def test_a_stay_performs_its_effects_too(self) -> None:
        """A row that stays calls every hook and leaves the status alone."""
        thread = Thread()
        fired = noted.fire(thread, T.ANSWER)

        assert thread.log == ["hook (idle)", "session.thread_status_idle (idle)", "hook (idle)"]
        assert fired.row.target is S.IDLE

    def test_effects_after_the_write_see_the_new_status(self) -> None:
        """Streams are closed when the session is deleted, not before."""
        session = Thread()
        machine = session_machine(hooks=Hooks(effects={CLOSE_STREAMS: note}, emit=emit))
        machine.fire(session, SessionTrigger.DELETE)

        assert session.log == ["session.deleted (idle)", "close the streams (deleted)"]

    def test_an_effect_without_a_hook_is_left_to_the_caller(self) -> None:
        """What nobody performs is handed back, in order, and listed beforehand."""
        machine = thread_machine(hooks=Hooks(effects={STOP_CLOCK: note}, emit=emit))
        fired = machine.fire(Thread("running"), T.END_TURN)

        assert fired.performed == (STOP_CLOCK, EMIT_IDLE)
        assert fired.left == (DELIVER_NEXT,)
        assert DELIVER_NEXT in machine.unhooked
        assert EMIT_IDLE not in machine.unhooked

    def test_an_events_own_hook_goes_before_the_general_one(self) -> None:
        """``emit`` writes the events that have no hook of their own."""
        thread = Thread()
        machine = thread_machine(hooks=Hooks(effects={EMIT_RUNNING: note}, emit=emit))
        machine.fire(thread, T.DELIVER)
        machine.fire(thread, T.END_TURN)

        assert thread.log == [
            "emit session.thread_status_running (idle)",
            "session.thread_status_idle (running)",
        ]

    def test_every_hook_is_told_why(self) -> None:
        """A hook gets the row and the caller's own context."""
        told: list[Firing] = []
        machine = thread_machine(
            hooks=Hooks[Thread](before=[lambda _, firing: told.append(firing)])
        )
        machine.fire(Thread(), T.DELIVER, context="transaction 7")

        (firing,) = told
        assert firing.machine == "thread"
        assert firing.row == machine.table.step(S.IDLE, T.DELIVER)
        assert firing.context == "transaction 7"


class TestQuestions:
    """A machine answers what may be done without doing it."""

    def test_asking_does_nothing(self) -> None:
        """The row for a trigger can be read without a hook being called."""
        thread = Thread()

        assert noted.ask(thread, T.ARCHIVE_CHILD).effects == ARCHIVED
        assert noted.ask(thread, T.END_TURN).because == "no turn is open"
        assert thread == Thread()
        assert thread.log == []

    def test_what_is_allowed_from_here(self) -> None:
        """Only triggers that would be accepted are listed."""
        assert noted.allowed(Thread("archived")) == (T.ARCHIVE_CHILD,)
        assert noted.allowed(Thread("terminated")) == ()
        assert noted.state(Thread("running")) is S.RUNNING


class TestRefusals:
    """What the table denies calls nobody and changes nothing."""

    def test_a_refusal_says_why_and_what_else(self) -> None:
        """The row's reason, the state, the trigger and the alternatives."""
        thread = Thread("archived")
        with pytest.raises(Refused) as caught:
            noted.fire(thread, T.DELIVER)
        refusal = caught.value

        assert str(refusal) == (
            "thread: deliver is refused while archived: an archived thread accepts nothing more "
            "(archived accepts archive_child)"
        )
        assert (refusal.machine, refusal.state, refusal.trigger) == (
            "thread",
            S.ARCHIVED,
            T.DELIVER,
        )
        assert refusal.row is noted.table.step(S.ARCHIVED, T.DELIVER)
        assert refusal.allowed == (T.ARCHIVE_CHILD,)
        assert thread == Thread("archived")
        assert thread.log == []

    def test_a_state_that_accepts_nothing_says_so(self) -> None:
        """A dead end has no alternatives."""
        with pytest.raises(Refused, match=r"\(terminated accepts nothing\)$"):
            noted.fire(Thread("terminated"), T.DELIVER)

    def test_a_trigger_that_no_state_accepts_is_refused_like_any_other(self) -> None:
        """The primary cannot be archived in any state, and the reason is the table's."""
        with pytest.raises(Refused, match="the primary cannot be archived; archive the session"):
            noted.fire(Thread(), T.ARCHIVE_PRIMARY)

    @pytest.mark.parametrize("status", ["banana", "IDLE", "", None, 3, ["idle"]])
    def test_an_unknown_status_is_named_beside_the_known_ones(self, status: Any) -> None:
        """A status that is no word of ours stops the firing before any hook."""
        thread = Thread(status)
        with pytest.raises(UnknownWord) as caught:
            noted.fire(thread, T.DELIVER)

        assert str(caught.value) == (
            f"Thread.status is {status!r}, which is no state of the thread machine; "
            "it has idle, running, rescheduling, terminated, archived"
        )
        assert thread.log == []

    def test_an_unknown_trigger_is_named_beside_the_known_ones(self) -> None:
        """Callers without a type checker learn of a slip of the pen, too."""
        archve: Any = "archve"
        with pytest.raises(UnknownWord, match="'archve' is no trigger of the message machine; it"):
            message_machine().fire(Thread("pending"), archve)
        with pytest.raises(UnknownWord, match="it has deliver, hold, cancel, flush"):
            message_machine().ask(Thread("pending"), archve)

    def test_a_missing_attribute_is_the_hosts_own_error(self) -> None:
        """The attribute's name is the host's, and so is the error when it is not there."""
        with pytest.raises(AttributeError, match="'Thread' object has no attribute 'state'"):
            thread_machine(attribute="state").fire(Thread(), T.DELIVER)


class TestMachines:
    """There is a machine for each of the six, in each dialect."""

    @pytest.mark.parametrize(
        ("machine", "before", "trigger", "after"),
        [
            (thread_machine(), "idle", T.DELIVER, "running"),
            (session_machine(), "idle", SessionTrigger.ARCHIVE, "archived"),
            (message_machine(), "pending", MessageTrigger.CANCEL, "cancelled"),
            (call_machine(), "asked", CallTrigger.ALLOW, "processed"),
            (workflow_run_machine(), "created", RunTrigger.START, "running"),
            (deployment_machine(), "active", DeploymentTrigger.PAUSE, "paused"),
        ],
    )
    def test_each_machine_moves_its_kind(
        self, machine: HookedMachine[Any, Any, Any], before: str, trigger: Any, after: str
    ) -> None:
        """One trigger each."""
        host = Thread(before)
        machine.fire(host, trigger)

        assert host.status == after

    def test_transitions_drives_it(self) -> None:
        """The machine behind has a transition for every accepting cell, and no model."""
        machine = thread_machine()
        behind = machine._machine
        cells = [(row.trigger, row.state) for row in machine.table if row.accepts]
        held = [
            (e.name, t.source)
            for e in behind.events.values()
            for t in behind.get_transitions(e.name)
        ]

        assert isinstance(behind, transitions.Machine)
        assert sorted(cells) == sorted(held)
        assert behind.models == []
        assert list(behind.events) == list(machine.table.triggers)

    def test_a_dialects_rows_are_used(self) -> None:
        """A thread that was put aside is retried here, and comes back at rest there."""
        one, other = Thread("rescheduling"), Thread("rescheduling")
        thread_machine().fire(one, T.RETRY)
        thread_machine(dialect="qoder").fire(other, T.RECOVER)

        assert (one.status, other.status) == ("running", "idle")
        with pytest.raises(Refused, match="it comes back at rest, not at work"):
            thread_machine(dialect="qoder").fire(Thread("rescheduling"), T.RETRY)

    def test_a_dialects_switches_are_used(self) -> None:
        """A dialect with a switch turned is a dialect, too."""
        archived = Thread("archived")
        with pytest.raises(Refused, match="it is archived"):
            thread_machine(dialect=QODER).fire(archived, T.ARCHIVE_CHILD)
        lenient = QODER.switched("thread_rearchive", "idempotent")
        fired = thread_machine(dialect=lenient).fire(archived, T.ARCHIVE_CHILD)

        assert fired.row.target is S.ARCHIVED

    def test_an_unknown_dialect_is_named_beside_the_known_ones(self) -> None:
        """The machine is not made."""
        with pytest.raises(UnknownDialect, match="choose from anthropic, qoder"):
            thread_machine(dialect="klingon")


def documented() -> str:
    """Return the example in the package's own documentation."""
    text = (lifecycle.embed.__doc__ or "").split("::\n", 1)[1].split("\n**Order.**", 1)[0]
    return textwrap.dedent(text)


class TestExamples:
    """The documented examples run, and a type checker accepts them."""

    def test_the_documented_example_runs(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The example's own assertions hold, and its hooks speak."""
        exec(compile(documented(), "lifecycle.embed", "exec"), {"__name__": "example"})

        assert capsys.readouterr().out.splitlines() == [
            "the coordinator goes on, because an idle child may be archived, "
            "also one that waits for answers",
            "write session.thread_status_terminated",
        ]

    @pytest.mark.parametrize("name", ["archive_a_thread", "retry_asynchronously"])
    def test_a_typed_example_runs(self, name: str) -> None:
        """Each has a ``main`` with assertions."""
        path = ROOT / "tests" / "typing_examples" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.main()

    def test_a_type_checker_accepts_them_and_finds_the_mistakes(self, tmp_path: Path) -> None:
        """``mypy --strict`` passes: each mistake is a line with an ignore, and none is unused."""
        if importlib.util.find_spec("mypy") is None:
            pytest.skip("needs mypy: pip install agent-lifecycle[dev]")
        example = tmp_path / "documented.py"
        example.write_text(documented(), encoding="utf-8")
        examples = sorted(str(p) for p in (ROOT / "tests" / "typing_examples").glob("*.py"))
        command = [sys.executable, "-m", "mypy", "--strict", str(example), *examples]
        checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert len(examples) == 3
