"""Hooks that raise: where the status is, what was performed, and the second attempt."""

from __future__ import annotations

from typing import Any

import pytest
from hosting import ARCHIVED, Flaky, Thread, emit, fails, note

from lifecycle.effects import (
    CLOSE_CALLS,
    CLOSE_STREAMS,
    EMIT_DELETED,
    EMIT_IDLE,
    END_CHILDREN,
    END_RUNS,
    FREE_SLOT,
    RUN_TOOL,
    START_CLOCK,
    UNBLOCK_COORDINATOR,
)
from lifecycle.embed import (
    Firing,
    HookedMachine,
    HookFailed,
    Hooks,
    Refused,
    session_machine,
    thread_machine,
)
from lifecycle.table import Machine, deny, move
from lifecycle.vocabulary import (
    PhaseState,
    PhaseTrigger,
    SessionTrigger,
    ThreadState as S,
    ThreadTrigger as T,
)


class TestFailures:
    """A hook that raises leaves nothing half said."""

    @pytest.mark.parametrize("failing", range(8))
    def test_a_failure_anywhere_is_reported_and_resumed(self, failing: int) -> None:
        """Whichever hook fails: the status is known, and no effect is lost or doubled."""
        flaky, thread = Flaky(failing), Thread()
        machine = thread_machine(hooks=flaky.hooks(*ARCHIVED))
        calls = ["idle", *map(str, ARCHIVED), "archived", "archived"]
        done = max(0, min(failing - 1, 5))

        with pytest.raises(HookFailed) as caught:
            machine.fire(thread, T.ARCHIVE_CHILD)
        failure = caught.value

        assert flaky.calls == calls[:failing]
        assert failure.performed == ARCHIVED[:done]
        assert failure.left == ARCHIVED[done:]
        assert failure.effect == (ARCHIVED[failing - 1] if 1 <= failing <= 5 else None)
        assert failure.moved is (failing > 5)
        assert thread.status == ("archived" if failure.moved else "idle")
        assert failure.__cause__ is flaky.error

        fired = machine.resume(failure)

        assert flaky.calls == calls
        assert thread.status == "archived"
        assert fired.performed == ARCHIVED

    def test_a_failure_reads_as_one_sentence(self) -> None:
        """Who failed at what, what is done, what is left, and where the status is."""
        machine = thread_machine(hooks=Hooks(effects={FREE_SLOT: fails}, emit=emit))
        with pytest.raises(HookFailed) as caught:
            machine.fire(Thread(), T.ARCHIVE_CHILD, performed=[CLOSE_CALLS])

        assert str(caught.value) == (
            "thread: idle x archive_child: fails for free the slot raised LookupError('no slot'); "
            "performed: close open calls; left: cancel the mailbox, unblock the coordinator, "
            "free the slot, emit session.thread_status_terminated; the status is idle still"
        )

    def test_a_late_failure_says_that_the_status_has_moved(self) -> None:
        """What comes after the write cannot take it back."""
        session = Thread()
        machine = session_machine(hooks=Hooks(effects={CLOSE_STREAMS: fails}, emit=emit))
        with pytest.raises(HookFailed, match="the status is deleted already") as caught:
            machine.fire(session, SessionTrigger.DELETE)

        assert session.status == "deleted"
        assert caught.value.moved
        assert caught.value.performed == (EMIT_DELETED,)
        assert caught.value.left == (END_CHILDREN, END_RUNS, CLOSE_STREAMS)

    def test_firing_again_after_a_rollback_performs_everything(self) -> None:
        """A host that undid its write starts afresh."""
        flaky, thread = Flaky(3), Thread()
        machine = thread_machine(hooks=flaky.hooks(*ARCHIVED))
        with pytest.raises(HookFailed):
            machine.fire(thread, T.ARCHIVE_CHILD)
        flaky.calls.clear()
        machine.fire(thread, T.ARCHIVE_CHILD)

        assert flaky.calls == ["idle", *map(str, ARCHIVED), "archived", "archived"]

    def test_firing_again_without_a_rollback_skips_what_was_performed(self) -> None:
        """A host that kept what was done says so, and it is not done twice."""
        flaky, thread = Flaky(3), Thread()
        machine = thread_machine(hooks=flaky.hooks(*ARCHIVED))
        with pytest.raises(HookFailed) as caught:
            machine.fire(thread, T.ARCHIVE_CHILD)
        flaky.calls.clear()
        fired = machine.fire(thread, T.ARCHIVE_CHILD, performed=caught.value.performed)

        assert flaky.calls == ["idle", *map(str, ARCHIVED[2:]), "archived", "archived"]
        assert fired.performed == ARCHIVED

    def test_what_must_not_be_repeated_is_not(self) -> None:
        """A second attempt does not run the tool again, whichever way it is made."""
        assert not RUN_TOOL.repeatable
        table = Machine(
            "tool",
            PhaseState,
            PhaseTrigger,
            [PhaseState.OPEN],
            [
                move(
                    PhaseState.OPEN,
                    PhaseTrigger.END,
                    PhaseState.ENDED,
                    [RUN_TOOL, CLOSE_STREAMS],
                    "x",
                ),
                deny(PhaseState.ENDED, PhaseTrigger.END, "it has run"),
            ],
        )
        flaky, call = Flaky(1), Thread("open")
        machine = HookedMachine(
            table, "status", Hooks(effects={RUN_TOOL: flaky, CLOSE_STREAMS: flaky})
        )
        with pytest.raises(HookFailed) as caught:
            machine.fire(call, PhaseTrigger.END)
        with pytest.raises(Refused, match="it has run"):
            machine.fire(call, PhaseTrigger.END)
        machine.resume(caught.value)

        assert flaky.calls == ["run the tool", "close the streams"]

    def test_a_failed_stay_is_resumed_where_it_is(self) -> None:
        """A row that stays has not moved, whenever it fails."""
        flaky, thread = Flaky(3), Thread()
        machine = thread_machine(hooks=flaky.hooks(EMIT_IDLE, CLOSE_CALLS))
        with pytest.raises(HookFailed, match="the status is idle still") as caught:
            machine.fire(thread, T.ANSWER)
        machine.resume(caught.value)

        assert not caught.value.moved
        assert flaky.calls == ["idle", "emit session.thread_status_idle", "idle", "idle"]

    def test_a_failure_is_not_resumed_into_another_state(self) -> None:
        """When somebody has moved the status since, going on would be wrong."""
        thread = Thread()
        machine = thread_machine(hooks=Flaky(1).hooks(*ARCHIVED))
        with pytest.raises(HookFailed) as caught:
            machine.fire(thread, T.ARCHIVE_CHILD)
        thread.status = "running"

        with pytest.raises(ValueError, match="left the status at idle, and by now it is running"):
            machine.resume(caught.value)
        assert thread.status == "running"

    def test_a_resumption_may_fail_too(self) -> None:
        """The second failure knows what both attempts performed."""
        machine = thread_machine(
            hooks=Hooks(effects={CLOSE_CALLS: note, UNBLOCK_COORDINATOR: fails, FREE_SLOT: note})
        )
        with pytest.raises(HookFailed) as first:
            machine.fire(Thread(), T.ARCHIVE_CHILD)
        with pytest.raises(HookFailed) as second:
            machine.resume(first.value)

        assert second.value.performed == first.value.performed == (CLOSE_CALLS,)
        assert second.value.at == first.value.at

    def test_a_late_resumption_that_fails_has_moved_too(self) -> None:
        """The status was set by the first attempt, and the second says so."""
        machine = session_machine(hooks=Hooks(effects={CLOSE_STREAMS: fails}))
        with pytest.raises(HookFailed) as first:
            machine.fire(Thread(), SessionTrigger.DELETE)
        with pytest.raises(HookFailed, match="the status is deleted already"):
            machine.resume(first.value)

    def test_a_hook_that_sets_the_status_itself_is_caught(self) -> None:
        """The status is the machine's to set; what somebody else wrote is not overwritten."""

        def meddle(thread: Thread, firing: Firing) -> None:
            thread.status = "rescheduling"

        thread = Thread()
        machine = thread_machine(hooks=Hooks(effects={START_CLOCK: meddle}))
        with pytest.raises(
            HookFailed, match=r"set status raised RuntimeError.*became resch"
        ) as caught:
            machine.fire(thread, T.DELIVER)

        assert thread.status == "rescheduling"
        assert caught.value.performed == (START_CLOCK,)

    def test_an_interrupted_program_is_not_a_failed_hook(self) -> None:
        """Ctrl-C passes through with a note of what was done, and the object can be fired again."""
        flaky, thread = Flaky(2, KeyboardInterrupt()), Thread()
        machine = thread_machine(hooks=flaky.hooks(*ARCHIVED))
        with pytest.raises(KeyboardInterrupt) as caught:
            machine.fire(thread, T.ARCHIVE_CHILD)

        assert "performed: close open calls; left: cancel" in caught.value.__notes__[0]
        assert thread.status == "idle"
        assert machine.fire(thread, T.ARCHIVE_CHILD).row.target is S.ARCHIVED

    def test_a_coroutine_is_no_plain_hook(self) -> None:
        """An effect that nobody awaits would silently not be performed."""

        async def later(thread: Thread, firing: Firing) -> None: ...

        hook: Any = later
        with pytest.raises(TypeError, match="later is asynchronous: use AsyncHooks"):
            Hooks[Thread](effects={START_CLOCK: hook})

        thread = Thread()
        machine = thread_machine(hooks=Hooks[Thread](before=[lambda t, f: hook(t, f)]))
        with pytest.raises(HookFailed, match="the hook is asynchronous: use AsyncHooks"):
            machine.fire(thread, T.DELIVER)
        assert thread.status == "idle"

    def test_a_hook_for_an_effect_that_is_never_named_is_a_mistake(self) -> None:
        """Such a hook would never be called."""
        with pytest.raises(ValueError, match="the thread machine never names run the tool"):
            thread_machine(hooks=Hooks(effects={RUN_TOOL: note}))
