"""One firing, step by step, and the three things that it needs: a plan, a status, a turn.

A firing walks a plan that was made from its row once and for all: the hooks before, the effects
that belong into the host's write, the setting of the status, the effects that come after the write,
the hooks after. Whoever drives the walk calls (or awaits) each hook; nothing here knows which.
"""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from enum import Enum
from functools import wraps
from typing import Any, Final, Generic, TypeVar

import attrs

from lifecycle.embed.hooks import (
    AsyncHooks,
    Fired,
    Firing,
    HookFailed,
    Hooks,
    Reentered,
    UnknownWord,
)
from lifecycle.table import Effect, Machine, Phase, Row
from lifecycle.vocabulary import Word

__all__ = ["Cell", "Run", "Status", "Step", "TaskTurns", "ThreadTurns", "cell_of", "hook_of"]

S = TypeVar("S", bound=Word)
L = TypeVar("L")

Hook = Callable[[Any, Firing], object]


@attrs.frozen
class Step:
    """One thing to do: call a hook, for an effect or for itself; without a hook, set the status."""

    hook: Hook | None
    effect: Effect | None = None

    @property
    def name(self) -> str:
        """Return what messages call the step."""
        if self.hook is None:
            return "set status"
        return getattr(self.hook, "__qualname__", None) or repr(self.hook)


_SET_STATUS: Final = Step(None)


@attrs.frozen
class Cell:
    """An accepting row, and the steps that taking it means."""

    row: Row[Any, Any]
    steps: tuple[Step, ...]


def hook_of(hooks: Hooks[Any] | AsyncHooks[Any], effect: Effect) -> Hook | None:
    """Return what performs *effect*: its own hook, or ``emit`` if it writes an event."""
    own, emit, event = hooks.effects.get(effect), hooks.emit, effect.emits
    if own is not None or emit is None or event is None:
        return own

    @wraps(emit)
    def write(host: Any, firing: Firing) -> object:
        return emit(host, event, firing)

    return write


def cell_of(row: Row[Any, Any], hooks: Hooks[Any] | AsyncHooks[Any]) -> Cell:
    """Plan *row*: before, effects with the write, the status, effects after the write, after."""
    effects = [Step(hook, effect) for effect in row.effects if (hook := hook_of(hooks, effect))]
    steps = (
        *map(Step, hooks.before),
        *(step for step in effects if step.effect and step.effect.phase is Phase.WITH),
        *([_SET_STATUS] if row.target is not row.state else []),
        *(step for step in effects if step.effect and step.effect.phase is Phase.AFTER),
        *map(Step, hooks.after),
    )
    return Cell(row, steps)


@attrs.frozen
class Status(Generic[S]):
    """The attribute in which hosts keep their state: our words, plain or in an enum."""

    machine: Machine[S, Any]
    attribute: str

    def read(self, host: object) -> S:
        """Return the state of *host*.

        Raises:
            UnknownWord: what it keeps is no state of the machine.
        """
        kept = getattr(host, self.attribute)
        word = kept.value if isinstance(kept, Enum) else kept
        for state in self.machine.states:
            if state == word:
                return state
        raise UnknownWord(
            f"{type(host).__name__}.{self.attribute} is {kept!r}, which is no state of the "
            f"{self.machine.name} machine; it has {', '.join(self.machine.states)}"
        )

    def kept_as(self, host: object, state: S) -> object:
        """Return *state* as *host* keeps it: a member of the same enum, or a plain string.

        Raises:
            UnknownWord: the host's enum has no member with the state's word.
        """
        kind = type(getattr(host, self.attribute))
        if not issubclass(kind, Enum):
            return state.value
        try:
            return kind(state.value)
        except ValueError:
            raise UnknownWord(f"{kind.__name__} has no member for {state.value!r}") from None

    def write(self, host: Any, kept: object) -> Any:
        """Keep *kept* in *host* and return it, or, of a frozen object, its successor."""
        try:
            setattr(host, self.attribute, kept)
        except attrs.exceptions.FrozenError:
            return attrs.evolve(host, **{self.attribute: kept})
        except dataclasses.FrozenInstanceError:
            return dataclasses.replace(host, **{self.attribute: kept})
        return host


@attrs.define(eq=False)
class Run:
    """One firing under way: how far it is, and what it has done."""

    status: Status[Any]
    host: Any
    context: Any
    done: set[Effect]
    at: int = 0
    moved: bool = False
    cell: Cell = attrs.field(init=False)
    kept: object = attrs.field(init=False)

    def begin(self, cell: Cell) -> None:
        """Take the row of *cell*.

        Raises:
            UnknownWord: the host cannot keep the state that the row leads to.
        """
        self.cell = cell
        self.kept = self.status.kept_as(self.host, cell.row.target)

    def walk(self) -> Iterator[tuple[Hook, Firing]]:
        """Yield each hook that is to be called, with what it is told; do the rest."""
        for step in self.cell.steps[self.at :]:
            if step.hook is None:
                self._set()
            elif step.effect is None:
                yield step.hook, self._firing(None)
            elif step.effect not in self.done:
                yield step.hook, self._firing(step.effect)
                self.done.add(step.effect)
            self.at += 1

    def _firing(self, effect: Effect | None) -> Firing:
        """Tell a hook what it is called for."""
        return Firing(self.status.machine.name, self.cell.row, effect, self.context)

    def _set(self) -> None:
        """Set the status, unless somebody has changed it since the row was chosen."""
        now = self.status.read(self.host)
        if now is not self.cell.row.state:
            raise RuntimeError(f"the status became {now} while the hooks were called")
        self.host = self.status.write(self.host, self.kept)
        self.moved = True

    def fired(self) -> Fired[Any, Any, Any]:
        """Return what was done."""
        return Fired(self.host, self.cell.row, *self._parted())

    def failed(self, error: BaseException) -> HookFailed:
        """Return what was done and what was not, now that *error* ended the step in hand."""
        performed, left = self._parted()
        step = self.cell.steps[self.at]
        failure = HookFailed(
            self.status.machine.name,
            self.cell.row,
            hook=step.name,
            effect=step.effect,
            performed=performed,
            left=left,
            moved=self.moved,
            host=self.host,
            at=self.at,
        )
        failure.__cause__ = error
        return failure

    def _parted(self) -> tuple[tuple[Effect, ...], tuple[Effect, ...]]:
        """Part the row's effects into those that are done and the others."""
        effects = self.cell.row.effects
        return (
            tuple(effect for effect in effects if effect in self.done),
            tuple(effect for effect in effects if effect not in self.done),
        )


@attrs.define(eq=False)
class _Turn(Generic[L]):
    """The right to fire one object: its lock, who holds it, and how many want it."""

    lock: L
    holder: object = None
    wanted: int = 0


class _Turns(Generic[L]):
    """A turn for every object that is being fired, and nothing for the others.

    Objects are known by `id`, so they need neither a hash nor a ``__weakref__``; they are alive as
    long as somebody fires them.
    """

    def __init__(self, lock: Callable[[], L], me: Callable[[], object]) -> None:
        self._lock = lock
        self._me = me
        self._guard = threading.Lock()
        self._turns: dict[int, _Turn[L]] = {}

    def _want(self, host: object) -> _Turn[L]:
        """Return the turn of *host*, whose lock is to be taken next."""
        with self._guard:
            turn = self._turns.get(id(host))
            if turn is None:
                turn = self._turns[id(host)] = _Turn(self._lock())
            elif turn.holder == self._me():
                raise Reentered("a hook fired its own machine on its own object; fire afterwards")
            turn.wanted += 1
            return turn

    def _drop(self, host: object, turn: _Turn[L]) -> None:
        """Forget the turn when nobody wants it any more."""
        with self._guard:
            turn.wanted -= 1
            if not turn.wanted:
                del self._turns[id(host)]


class ThreadTurns(_Turns[threading.Lock]):
    """Turns among threads."""

    def __init__(self) -> None:
        super().__init__(threading.Lock, threading.get_ident)

    @contextmanager
    def of(self, host: object) -> Iterator[None]:
        """Wait for the turn of *host* and hold it.

        Raises:
            Reentered: this thread holds it already.
        """
        turn = self._want(host)
        try:
            with turn.lock:
                turn.holder = self._me()
                try:
                    yield
                finally:
                    turn.holder = None
        finally:
            self._drop(host, turn)


class TaskTurns(_Turns[asyncio.Lock]):
    """Turns among the tasks of one event loop."""

    def __init__(self) -> None:
        super().__init__(asyncio.Lock, asyncio.current_task)

    @asynccontextmanager
    async def of(self, host: object) -> AsyncIterator[None]:
        """Wait for the turn of *host* and hold it.

        Raises:
            Reentered: this task holds it already.
        """
        turn = self._want(host)
        try:
            async with turn.lock:
                turn.holder = self._me()
                try:
                    yield
                finally:
                    turn.holder = None
        finally:
            self._drop(host, turn)
