"""Threads and tasks that fire one object take turns, and hooks may be awaited."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hosting import ARCHIVED, PLAIN, Flaky, Thread, emit, fails, note

from lifecycle.effects import DELIVER_NEXT, EMIT_RUNNING, START_CLOCK, UNBLOCK_COORDINATOR
from lifecycle.embed import (
    AsyncHooks,
    Firing,
    HookFailed,
    Hooks,
    Reentered,
    Refused,
    UnknownWord,
    thread_machine,
)
from lifecycle.table import Row
from lifecycle.vocabulary import ThreadState as S, ThreadTrigger as T


class TestTurns:
    """Nobody sees a transition half done."""

    def test_a_hook_may_not_fire_its_own_object(self) -> None:
        """It would find the old status, and its own move would be overwritten."""

        def deliver(thread: Thread, firing: Firing) -> None:
            machine.fire(thread, T.DELIVER)

        machine = thread_machine(hooks=Hooks(effects={DELIVER_NEXT: deliver}))
        thread = Thread("running")
        with pytest.raises(HookFailed) as caught:
            machine.fire(thread, T.END_TURN)

        assert isinstance(caught.value.__cause__, Reentered)
        assert thread.status == "running"

    def test_a_hook_may_fire_other_objects(self) -> None:
        """A coordinator is another thread, and may be resumed."""
        coordinator, child = Thread(), Thread()

        def unblock(thread: Thread, firing: Firing) -> None:
            machine.fire(coordinator, T.RESUME)

        machine = thread_machine(hooks=Hooks(effects={UNBLOCK_COORDINATOR: unblock}))
        machine.fire(child, T.ARCHIVE_CHILD)

        assert (coordinator.status, child.status) == ("running", "archived")

    def test_threads_take_turns_on_one_object(self) -> None:
        """Eight threads archive it twice; one finds it idle, and the effects are performed once."""
        inside, most = 0, 0
        barrier = threading.Barrier(8)
        rows: list[Row[Any, Any]] = []

        def slow(thread: Thread, firing: Firing) -> None:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            threading.Event().wait(0.01)
            inside -= 1

        machine = thread_machine(hooks=Hooks(effects=dict.fromkeys(PLAIN, note), before=[slow]))
        thread = Thread()

        def archive() -> None:
            barrier.wait()
            rows.append(machine.fire(thread, T.ARCHIVE_CHILD).row)
            rows.append(machine.fire(thread, T.ARCHIVE_CHILD).row)

        workers = [threading.Thread(target=archive) for _ in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert most == 1
        assert thread.log.count("cancel the mailbox (idle)") == 1
        assert sorted(row.state for row in rows) == ["archived"] * 15 + ["idle"]


async def pause(thread: Thread, firing: Firing) -> None:
    """Let other tasks run, twice, and write down both ends."""
    thread.log.append(f"{firing.row.trigger} begins")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    thread.log.append(f"{firing.row.trigger} ends")


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test's own coroutine."""
    asyncio.run(main())


class TestAsynchronous:
    """Hooks that are awaited keep every promise of those that are not."""

    def test_hooks_may_be_coroutines_or_not(self) -> None:
        """Both are called in order, around the status."""

        async def main() -> None:
            thread = Thread()
            machine = thread_machine(
                hooks=AsyncHooks(effects={START_CLOCK: pause}, emit=emit, after=[note])
            )
            fired = await machine.fire(thread, T.DELIVER)
            assert thread.log == [
                "deliver begins",
                "deliver ends",
                "session.thread_status_running (idle)",
                "hook (running)",
            ]
            assert fired.performed == (START_CLOCK, EMIT_RUNNING)

        run(main)

    def test_tasks_take_turns_on_one_object(self) -> None:
        """Three triggers at once are taken one after the other, and each gets its own answer."""

        async def main() -> None:
            thread = Thread()
            machine = thread_machine(hooks=AsyncHooks(before=[pause]))
            answers = await asyncio.gather(
                machine.fire(thread, T.DELIVER),
                machine.fire(thread, T.ARCHIVE_CHILD),
                machine.fire(thread, T.END_TURN),
                return_exceptions=True,
            )
            first, second, third = answers
            assert thread.log == [
                "deliver begins",
                "deliver ends",
                "end_turn begins",
                "end_turn ends",
            ]
            assert not isinstance(first, BaseException)
            assert isinstance(second, Refused)
            assert second.row.because == "interrupt it first, then wait for idle"
            assert not isinstance(third, BaseException)
            assert thread.status == "idle"

        run(main)

    def test_a_task_may_fire_again_while_others_wait(self) -> None:
        """Whoever is done with an object queues for it like everybody else."""

        async def main() -> None:
            thread = Thread()
            machine = thread_machine(hooks=AsyncHooks(before=[pause]))

            async def twice() -> None:
                await machine.fire(thread, T.DELIVER)
                await machine.fire(thread, T.END_TURN)

            await asyncio.gather(twice(), machine.fire(thread, T.RESUME))
            assert [line.split()[0] for line in thread.log[::2]] == [
                "deliver",
                "resume",
                "end_turn",
            ]

        run(main)

    def test_tasks_do_not_wait_for_other_objects(self) -> None:
        """Two objects, also equal ones, are fired side by side."""

        async def main() -> None:
            log: list[str] = []
            one, two = Thread(log=log), Thread(log=log)
            machine = thread_machine(hooks=AsyncHooks(before=[pause]))
            await asyncio.gather(machine.fire(one, T.DELIVER), machine.fire(two, T.DELIVER))
            assert log == ["deliver begins"] * 2 + ["deliver ends"] * 2

        run(main)

    def test_a_failure_is_resumed(self) -> None:
        """A hook that raises leaves the status, and the second attempt repeats nothing."""

        async def main() -> None:
            flaky, thread = Flaky(2), Thread()
            hooks = flaky.hooks(*ARCHIVED)
            machine = thread_machine(
                hooks=AsyncHooks(effects=hooks.effects, before=hooks.before, after=hooks.after)
            )
            with pytest.raises(HookFailed, match="performed: close open calls; left") as caught:
                await machine.fire(thread, T.ARCHIVE_CHILD)
            assert thread.status == "idle"
            await machine.resume(caught.value)
            assert thread.status == "archived"
            assert flaky.calls == ["idle", *map(str, ARCHIVED), "archived", "archived"]

        run(main)

    def test_a_cancelled_firing_leaves_the_status_and_the_turn(self) -> None:
        """The caller gets its cancellation, with a note; whoever waited goes on."""

        async def main() -> None:
            thread, started = Thread(), asyncio.Event()

            async def hang(thread: Thread, firing: Firing) -> None:
                if not started.is_set():
                    started.set()
                    await asyncio.sleep(60)

            machine = thread_machine(
                hooks=AsyncHooks(effects={START_CLOCK: note, EMIT_RUNNING: hang})
            )
            hanging = asyncio.create_task(machine.fire(thread, T.DELIVER))
            await started.wait()
            waiting = asyncio.create_task(machine.fire(thread, T.DELIVER))
            impatient = asyncio.create_task(machine.fire(thread, T.DELIVER))
            await asyncio.sleep(0)
            impatient.cancel()
            hanging.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await hanging
            assert "performed: start the clock; left: emit" in caught.value.__notes__[0]
            assert (await waiting).row.state is S.IDLE
            assert impatient.cancelled()
            assert thread.status == "running"

        run(main)

    def test_a_hook_may_not_fire_its_own_object(self) -> None:
        """It would wait for itself for ever."""

        async def main() -> None:
            async def again(thread: Thread, firing: Firing) -> None:
                await machine.fire(thread, T.DELIVER)

            machine = thread_machine(hooks=AsyncHooks(after=[again]))
            thread = Thread()
            with pytest.raises(HookFailed, match="Reentered") as caught:
                await machine.fire(thread, T.DELIVER)
            assert caught.value.moved

        run(main)

    def test_nothing_is_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        """A refusal or a failure is raised, not logged as an error beside that."""

        async def main() -> None:
            machine = thread_machine(hooks=AsyncHooks(effects={START_CLOCK: fails}))
            with pytest.raises(Refused):
                await machine.fire(Thread(), T.END_TURN)
            with pytest.raises(HookFailed):
                await machine.fire(Thread(), T.DELIVER)

        with caplog.at_level(logging.INFO, logger="transitions"):
            run(main)
        assert caplog.records == []

    def test_an_unknown_status_is_found_first(self) -> None:
        """As without asyncio."""

        async def main() -> None:
            with pytest.raises(UnknownWord, match="is no state of the thread machine"):
                await thread_machine(hooks=AsyncHooks[Thread]()).fire(Thread("x"), T.DELIVER)

        run(main)
