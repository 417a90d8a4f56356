"""The `transitions` machines: built from a table, driving objects that they do not own.

`transitions` looks up the state and the event and chooses the transition; ours refuses with the
row's reason and walks the row's plan. What it does around that is left behind: no object is
registered, nothing is added to an object, no state is made up, no running trigger is cancelled, no
error is logged and swallowed.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable
from typing import Any, Final, Generic, NoReturn, TypeVar, overload

import attrs
import transitions
from transitions.extensions import asyncio as async_transitions

from lifecycle.dialects import Dialect, dialect as dialect_called
from lifecycle.embed.hooks import AsyncHooks, Fired, HookFailed, Hooks, Refused, UnknownWord
from lifecycle.embed.run import Cell, Run, Status, TaskTurns, ThreadTurns, cell_of, hook_of
from lifecycle.table import Effect, Machine, Row
from lifecycle.vocabulary import Word

__all__ = ["AsyncHookedMachine", "HookedMachine", "Maker"]

M = TypeVar("M")
S = TypeVar("S", bound=Word)
T = TypeVar("T", bound=Word)


class _Transition(transitions.Transition):
    """One accepting row; a hook that raises leaves the status as it is."""

    def __init__(self, *args: Any, cell: Cell, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cell = cell

    def execute(self, event_data: transitions.EventData) -> bool:
        """Take the row, calling every hook."""
        (run,) = event_data.args
        run.begin(self.cell)
        _drive(run)
        return True


class _AsyncTransition(_Transition, async_transitions.AsyncTransition):
    """One accepting row, with hooks that may be awaited."""

    async def execute(self, event_data: transitions.EventData) -> bool:  # type: ignore[override]
        """Take the row, calling and awaiting every hook."""
        (run,) = event_data.args
        run.begin(self.cell)
        await _drive_async(run)
        return True


def _drive(run: Run) -> None:
    """Call what *run* asks for."""
    try:
        for hook, firing in run.walk():
            answer = hook(run.host, firing)
            if inspect.iscoroutine(answer):
                answer.close()
                raise TypeError("the hook is asynchronous: use AsyncHooks")
    except Exception as error:
        raise run.failed(error) from error
    except BaseException as stop:
        stop.add_note(str(run.failed(stop)))
        raise


async def _drive_async(run: Run) -> None:
    """Call what *run* asks for, and await what can be awaited."""
    try:
        for hook, firing in run.walk():
            answer = hook(run.host, firing)
            if answer is not None and inspect.isawaitable(answer):
                await answer
    except Exception as error:
        raise run.failed(error) from error
    except BaseException as stop:
        stop.add_note(str(run.failed(stop)))
        raise


class _Event(transitions.Event):
    """One trigger; refuses in the table's words, and calls no callbacks of the base's."""

    machine: _Machine

    def trigger(self, model: object, *args: Any, **kwargs: Any) -> bool:
        """Trigger at once."""
        data = transitions.EventData(None, self, self.machine, model, args, kwargs)
        data.state = self.machine.get_model_state(model)
        if data.state.name not in self.transitions:
            _refuse(self.machine.status, data.state, self.name)
        self._process(data)
        return True


class _AsyncEvent(async_transitions.AsyncEvent):
    """One trigger, awaited; logs nothing that it raises."""

    machine: _AsyncMachine

    async def trigger(self, model: object, *args: Any, **kwargs: Any) -> bool:  # type: ignore[override]
        """Trigger in the caller's own task, which keeps its cancellation to itself."""
        data = async_transitions.AsyncEventData(None, self, self.machine, model, args, kwargs)
        data.state = self.machine.get_model_state(model)
        if data.state.name not in self.transitions:
            _refuse(self.machine.status, data.state, self.name)
        await self._process(data)
        return True


def _refuse(status: Status[Any], state: transitions.State, trigger: str) -> NoReturn:
    """Refuse in the table's words."""
    table = status.machine
    row = table.step(state.name, trigger)
    raise Refused(table.name, row, table.allowed(row.state))


class _Machine(transitions.Machine):
    """A machine without models."""

    transition_cls: type[transitions.Transition] = _Transition
    event_cls: type[transitions.Event] = _Event

    def __init__(self, status: Status[Any], cells: Iterable[Cell]) -> None:
        states = [state.value for state in status.machine.states]
        super().__init__(model=None, states=states, initial=None, auto_transitions=False)
        self.status = status
        _fill(self, status.machine, cells)

    def get_model_state(self, model: object) -> transitions.State:
        """Return the state of an object that was never registered."""
        return self.states[self.status.read(model).value]


class _AsyncMachine(_Machine, async_transitions.AsyncMachine):
    """A machine without models, whose hooks may be awaited."""

    transition_cls = _AsyncTransition
    event_cls = _AsyncEvent


def _fill(machine: transitions.Machine, table: Machine[Any, Any], cells: Iterable[Cell]) -> None:
    """Give *machine* an event for every trigger, also one that no state accepts, and the cells."""
    for trigger in table.triggers:
        machine.events[trigger.value] = machine._create_event(trigger.value, machine)
    for cell in cells:
        row = cell.row
        target = row.target.value if row.target is not row.state else None
        machine.add_transition(row.trigger.value, row.state.value, target, cell=cell)


class _Hooked(Generic[M, S, T]):
    """What both kinds of machine have: the table, and questions that change nothing."""

    def __init__(
        self, table: Machine[S, T], attribute: str, hooks: Hooks[M] | AsyncHooks[M]
    ) -> None:
        self.table: Final = table
        self._status: Final = Status(table, attribute)
        rows = (row for row in table if row.accepts)
        self._cells: Final = {(r.state, r.trigger): cell_of(r, hooks) for r in rows}
        named = dict.fromkeys(effect for row in table for effect in row.effects)
        strange = [effect.name for effect in hooks.effects if effect not in named]
        if strange:
            raise ValueError(f"the {table.name} machine never names {', '.join(strange)}")
        self.unhooked: Final = tuple(effect for effect in named if hook_of(hooks, effect) is None)

    def state(self, host: M) -> S:
        """Return the state of *host*.

        Raises:
            UnknownWord: its status is no word of the machine.
        """
        return self._status.read(host)

    def ask(self, host: M, trigger: T) -> Row[S, T]:
        """Return the table's answer to *trigger*, and do nothing.

        Raises:
            UnknownWord: the status or the trigger is no word of the machine.
        """
        return self.table.step(self.state(host), self._known(trigger))

    def allowed(self, host: M) -> tuple[T, ...]:
        """Return the triggers that *host* accepts now.

        Raises:
            UnknownWord: its status is no word of the machine.
        """
        return self.table.allowed(self.state(host))

    def _known(self, trigger: T) -> T:
        """Return *trigger* if the machine has it; callers without a type checker err here."""
        if trigger in self.table.triggers:
            return trigger
        raise UnknownWord(
            f"{trigger!r} is no trigger of the {self.table.name} machine; "
            f"it has {', '.join(self.table.triggers)}"
        )

    def _run(self, host: M, context: Any, performed: Collection[Effect]) -> Run:
        """Start a firing."""
        return Run(self._status, host, context, set(performed))

    def _resumed(self, failure: HookFailed, context: Any) -> Run:
        """Go back to where *failure* stopped, if the host's status is still what it was then."""
        row = failure.row
        now, then = self.state(failure.host), row.target if failure.moved else row.state
        if now is not then:
            raise ValueError(f"{row.trigger} left the status at {then}, and by now it is {now}")
        run = self._run(failure.host, context, failure.performed)
        run.at, run.moved = failure.at, failure.moved
        run.begin(self._cells[row.state, row.trigger])
        return run


class HookedMachine(_Hooked[M, S, T]):
    """A machine over any object that keeps its status in *attribute*.

    One machine serves any number of objects and keeps nothing about them. Threads may share it:
    whoever fires an object that is being fired waits for its turn, and then gets the answer of the
    state that the other has left.

    Raises:
        ValueError: *hooks* has a hook for an effect that *table* never names.
    """

    def __init__(self, table: Machine[S, T], attribute: str, hooks: Hooks[M]) -> None:
        super().__init__(table, attribute, hooks)
        self._machine = _Machine(self._status, self._cells.values())
        self._turns = ThreadTurns()

    def fire(
        self, host: M, trigger: T, *, context: Any = None, performed: Collection[Effect] = ()
    ) -> Fired[M, S, T]:
        """Take the row for *trigger*: hooks before, effects, status, late effects, hooks after.

        *context* is handed to every hook. Effects in *performed* are taken as done and are not
        performed again: for a second attempt when the first was not rolled back.

        Raises:
            Refused: the table denies it; nothing was called.
            HookFailed: a hook raised. Unless ``moved`` says otherwise, the status is where it was.
            UnknownWord: the status or the trigger is no word of the machine; nothing was called.
            Reentered: a hook of this machine fires the object that it was called for.
        """
        event = self._machine.events[self._known(trigger)]
        run = self._run(host, context, performed)
        with self._turns.of(host):
            event.trigger(host, run)
        return run.fired()

    def resume(self, failure: HookFailed, *, context: Any = None) -> Fired[M, S, T]:
        """Go on where *failure* stopped: the failed hook again, then what was to come after it.

        Raises:
            HookFailed: a hook raised again.
            ValueError: the status is no longer what the failure left.
        """
        with self._turns.of(failure.host):
            run = self._resumed(failure, context)
            _drive(run)
        return run.fired()


class AsyncHookedMachine(_Hooked[M, S, T]):
    """`HookedMachine` for hooks that may be awaited.

    Tasks that fire the same object take turns, first come, first served; none is cancelled by
    another, and none sees a transition half done. An object belongs to one event loop.
    """

    def __init__(self, table: Machine[S, T], attribute: str, hooks: AsyncHooks[M]) -> None:
        super().__init__(table, attribute, hooks)
        self._machine = _AsyncMachine(self._status, self._cells.values())
        self._turns = TaskTurns()

    async def fire(
        self, host: M, trigger: T, *, context: Any = None, performed: Collection[Effect] = ()
    ) -> Fired[M, S, T]:
        """Do what `HookedMachine.fire` does, and raise what it raises.

        A cancelled caller gets its cancellation, with a note of what was performed.
        """
        event = self._machine.events[self._known(trigger)]
        run = self._run(host, context, performed)
        async with self._turns.of(host):
            await event.trigger(host, run)
        return run.fired()

    async def resume(self, failure: HookFailed, *, context: Any = None) -> Fired[M, S, T]:
        """Do what `HookedMachine.resume` does, and raise what it raises."""
        async with self._turns.of(failure.host):
            run = self._resumed(failure, context)
            await _drive_async(run)
        return run.fired()


@attrs.frozen
class Maker(Generic[S, T]):
    """What makes hooked machines from one table, as a dialect has it."""

    table: Machine[S, T]

    @overload
    def __call__(
        self, *, attribute: str = ..., hooks: None = None, dialect: str | Dialect = ...
    ) -> HookedMachine[Any, S, T]: ...

    @overload
    def __call__(
        self, *, attribute: str = ..., hooks: Hooks[M], dialect: str | Dialect = ...
    ) -> HookedMachine[M, S, T]: ...

    @overload
    def __call__(
        self, *, attribute: str = ..., hooks: AsyncHooks[M], dialect: str | Dialect = ...
    ) -> AsyncHookedMachine[M, S, T]: ...

    def __call__(
        self,
        *,
        attribute: str = "status",
        hooks: Hooks[M] | AsyncHooks[M] | None = None,
        dialect: str | Dialect = "anthropic",
    ) -> HookedMachine[M, S, T] | AsyncHookedMachine[M, S, T]:
        """Return a machine over objects that keep their status in *attribute*.

        Raises:
            UnknownDialect: no dialect is called so.
            ValueError: there is a hook for an effect that the machine never names.
        """
        table: Machine[S, T] = dialect_called(dialect).machines[self.table.name]
        if isinstance(hooks, AsyncHooks):
            return AsyncHookedMachine(table, attribute, hooks)
        return HookedMachine(table, attribute, Hooks() if hooks is None else hooks)
