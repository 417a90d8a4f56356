"""What a host gives and gets: its hooks, what they are told, and the ways a firing can fail."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import attrs

from lifecycle.table import Effect, Row
from lifecycle.vocabulary import EventType, Word

__all__ = [
    "AsyncHooks",
    "Fired",
    "Firing",
    "HookFailed",
    "Hooks",
    "Reentered",
    "Refused",
    "UnknownWord",
]

M = TypeVar("M")
S = TypeVar("S", bound=Word)
T = TypeVar("T", bound=Word)


@attrs.frozen
class Firing:
    """What a hook is told.

    Attributes:
        machine: the machine's name.
        row: the row that is taken: its state, trigger, target, effects and reason.
        effect: the effect to perform; ``None`` for hooks before and after a transition.
        context: what the host gave to ``fire``, untouched: a database transaction, a request.
    """

    machine: str
    row: Row[Any, Any]
    effect: Effect | None
    context: Any


@attrs.frozen(kw_only=True)
class Hooks(Generic[M]):
    """The host's hooks over its own class *M*; with asynchronous ones, use `AsyncHooks`.

    Attributes:
        effects: what performs each effect.
        emit: what writes an event, for every effect that is the writing of one and has no hook
            of its own.
        before: called in order before anything is done; raising stops the transition.
        after: called in order when everything is done.

    Raises:
        TypeError: a hook is a coroutine function, which would never be awaited.
    """

    effects: Mapping[Effect, Callable[[M, Firing], None]] = attrs.field(factory=dict)
    emit: Callable[[M, EventType, Firing], None] | None = None
    before: Sequence[Callable[[M, Firing], None]] = ()
    after: Sequence[Callable[[M, Firing], None]] = ()

    def __attrs_post_init__(self) -> None:
        """Refuse hooks that nobody would await."""
        for hook in (*self.effects.values(), self.emit, *self.before, *self.after):
            if inspect.iscoroutinefunction(hook):
                raise TypeError(f"{hook.__qualname__} is asynchronous: use AsyncHooks")


@attrs.frozen(kw_only=True)
class AsyncHooks(Generic[M]):
    """`Hooks` that may be coroutine functions; plain functions work too."""

    effects: Mapping[Effect, Callable[[M, Firing], Awaitable[None] | None]] = attrs.field(
        factory=dict
    )
    emit: Callable[[M, EventType, Firing], Awaitable[None] | None] | None = None
    before: Sequence[Callable[[M, Firing], Awaitable[None] | None]] = ()
    after: Sequence[Callable[[M, Firing], Awaitable[None] | None]] = ()


@attrs.frozen
class Fired(Generic[M, S, T]):
    """A transition that was done.

    Attributes:
        host: the object after it: the one that was given, or its successor if that is frozen.
        row: the row that was taken.
        performed: the effects that are done, in the order of the row.
        left: the effects that no hook performs; they are the caller's to do.
    """

    host: M
    row: Row[S, T]
    performed: tuple[Effect, ...]
    left: tuple[Effect, ...]


class Refused(Exception):  # noqa: N818 - reads as what it says
    """The table denies the trigger; nothing was called and nothing changed.

    Attributes:
        machine: the machine's name.
        row: the row that denies: ``row.because`` is the reason, as the end of a sentence.
        state: the state that the object is in.
        trigger: what was asked.
        allowed: the triggers that the state accepts.
    """

    def __init__(self, machine: str, row: Row[Any, Any], allowed: tuple[Any, ...]) -> None:
        self.machine = machine
        self.row = row
        self.state = row.state
        self.trigger = row.trigger
        self.allowed = allowed
        super().__init__(machine, row, allowed)

    def __str__(self) -> str:
        """Say what was refused, why, and what may be done instead."""
        instead = ", ".join(self.allowed) or "nothing"
        return (
            f"{self.machine}: {self.trigger} is refused while {self.state}: {self.row.because} "
            f"({self.state} accepts {instead})"
        )


class HookFailed(RuntimeError):  # noqa: N818 - reads as what it says
    """A hook raised; its exception is the ``__cause__``.

    Attributes:
        machine: the machine's name.
        row: the row that was being taken.
        hook: what raised: the hook's name, or ``set status``.
        effect: the effect that the hook was to perform, or ``None``.
        performed: the effects that are done, in the order of the row.
        left: the other effects of the row, the failed one among them.
        moved: whether the status was set before the failure.
        host: the object as it is now; another one than was given only if that is frozen.
        at: how many steps of the firing are done; ``resume`` goes on from there.
    """

    def __init__(
        self,
        machine: str,
        row: Row[Any, Any],
        *,
        hook: str,
        effect: Effect | None,
        performed: tuple[Effect, ...],
        left: tuple[Effect, ...],
        moved: bool,
        host: Any,
        at: int,
    ) -> None:
        self.machine = machine
        self.row = row
        self.hook = hook
        self.effect = effect
        self.performed = performed
        self.left = left
        self.moved = moved
        self.host = host
        self.at = at
        super().__init__(machine, row, hook)

    def __str__(self) -> str:
        """Say what failed, what is done, what is left, and where the status is."""
        task = f" for {self.effect}" if self.effect else ""
        status = f"{self.row.target} already" if self.moved else f"{self.row.state} still"
        return (
            f"{self.machine}: {self.row.state} x {self.row.trigger}: {self.hook}{task} raised "
            f"{self.__cause__!r}; performed: {_names(self.performed)}; left: {_names(self.left)}; "
            f"the status is {status}"
        )


class Reentered(RuntimeError):  # noqa: N818 - reads as what it says
    """A hook fired the machine that called it, on the same object; fire when ``fire`` is back."""


class UnknownWord(ValueError):  # noqa: N818 - reads as what it says
    """A status or trigger is no word of the machine; the message lists those that are."""


def _names(effects: tuple[Effect, ...]) -> str:
    """Join the effects' names."""
    return ", ".join(map(str, effects)) or "nothing"
