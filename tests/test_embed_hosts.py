"""The host's own objects: slotted, equal, frozen, mapped; and what a machine keeps of them."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import attrs
import pytest
from hosting import Flaky, Thread, fails, noted

from lifecycle.effects import CANCEL_MAILBOX, START_CLOCK, STOP_CLOCK
from lifecycle.embed import HookFailed, Hooks, UnknownWord, message_machine, thread_machine
from lifecycle.vocabulary import MessageTrigger, ThreadState as S, ThreadTrigger as T


class Status(Enum):
    """A host's own enum, with our words as values."""

    AT_REST = "idle"
    AT_WORK = "running"
    OVER = "archived"


@attrs.define(slots=False)
class Open:
    """A class with a dict."""

    status: str = "idle"


class Mapped:
    """A class as an ORM maps it: the status is a property, and kept in a row."""

    def __init__(self, status: object) -> None:
        self.row = {"status": status}

    @property
    def status(self) -> object:
        """Return the column's value."""
        return self.row["status"]

    @status.setter
    def status(self, value: object) -> None:
        self.row = {**self.row, "status": value}


class Column:
    """A descriptor that lets only some values in."""

    def __get__(self, host: Any, owner: object) -> object:
        return host.__dict__["kept"]

    def __set__(self, host: Any, value: object) -> None:
        if value == "archived" and not host.may_end:
            raise PermissionError("the column is locked")
        host.__dict__["kept"] = value


class Described:
    """A class whose status is behind a descriptor."""

    status = Column()

    def __init__(self, *, may_end: bool) -> None:
        self.may_end = may_end
        self.status = "idle"


@attrs.frozen
class Frozen:
    """A class that cannot be changed."""

    status: str = "idle"
    name: str = "t1"


@dataclass(frozen=True, slots=True)
class FrozenData:
    """A data class that cannot be changed."""

    status: str = "idle"
    names: list[str] = field(default_factory=list)


class TestHosts:
    """Any object with a status will do, and is kept as it was."""

    @pytest.mark.parametrize(
        ("host", "kept"),
        [
            (Thread(), "archived"),
            (Open(), "archived"),
            (Mapped("idle"), "archived"),
            (Mapped(S.IDLE), S.ARCHIVED),
            (Mapped(Status.AT_REST), Status.OVER),
            (Described(may_end=True), "archived"),
        ],
        ids=["slotted", "open", "mapped", "mapped, our enum", "mapped, own enum", "descriptor"],
    )
    def test_a_status_is_written_as_it_was_read(self, host: Any, kept: object) -> None:
        """A string stays a plain string, and an enum's member one of the same enum."""
        thread_machine().fire(host, T.ARCHIVE_CHILD)

        assert host.status == kept
        assert type(host.status) is type(kept)

    def test_the_attribute_has_any_name(self) -> None:
        """Also the name of a trigger, which `transitions` would not allow."""

        @attrs.define
        class Message:
            deliver: str = "pending"

        message = Message()
        message_machine(attribute="deliver").fire(message, MessageTrigger.DELIVER)

        assert message.deliver == "delivered"

    def test_equal_objects_are_two(self) -> None:
        """An object that equals another is fired by itself."""
        one, two = Thread(), Thread()
        assert one == two
        noted.fire(two, T.DELIVER)

        assert (one.status, two.status) == ("idle", "running")

    @pytest.mark.parametrize("host", [Frozen(), FrozenData()], ids=["attrs", "dataclass"])
    def test_a_frozen_object_has_a_successor(self, host: Any) -> None:
        """What cannot be changed stays, and the firing returns what comes after it."""
        seen: list[object] = []
        hooks = Hooks[Any](
            effects={START_CLOCK: lambda h, _: seen.append(h)}, after=[lambda h, _: seen.append(h)]
        )
        fired = thread_machine(hooks=hooks).fire(host, T.DELIVER)

        assert host.status == "idle"
        assert fired.host == type(host)("running")
        assert seen == [host, fired.host]

    def test_a_frozen_objects_failure_carries_the_successor(self) -> None:
        """Going on after a late failure goes on with the successor."""
        flaky = Flaky(2)
        hooks: Hooks[Any] = flaky.hooks(START_CLOCK)
        machine = thread_machine(hooks=hooks)
        with pytest.raises(HookFailed) as caught:
            machine.fire(Frozen(), T.DELIVER)

        assert caught.value.host == Frozen("running")
        assert machine.resume(caught.value).host == Frozen("running")

    def test_an_enum_that_lacks_the_word_is_found_before_any_hook(self) -> None:
        """The host's enum must have a member for the state that the row leads to."""
        host = Mapped(Status.AT_WORK)
        hooks = Hooks[Any](effects={STOP_CLOCK: fails}, before=[fails])
        with pytest.raises(UnknownWord, match="Status has no member for 'rescheduling'"):
            thread_machine(hooks=hooks).fire(host, T.RESCHEDULE)

        assert host.status is Status.AT_WORK

    def test_a_status_that_cannot_be_set_is_a_failure(self) -> None:
        """The effects are known to be done, and going on sets the status only."""
        host: Any = Described(may_end=False)
        done: list[str] = []
        hooks = Hooks[Any](effects={CANCEL_MAILBOX: lambda _, firing: done.append("cancelled")})
        machine = thread_machine(hooks=hooks)
        with pytest.raises(HookFailed, match="set status raised PermissionError") as caught:
            machine.fire(host, T.ARCHIVE_CHILD)

        assert host.status == "idle"
        assert caught.value.performed == (CANCEL_MAILBOX,)
        host.may_end = True
        machine.resume(caught.value)
        assert host.status == "archived"
        assert done == ["cancelled"]

    def test_a_machine_keeps_nothing_about_an_object(self) -> None:
        """An object that was fired is gone when its owner lets it go, and has nothing added."""
        host = Open()
        seen = weakref.ref(host)
        machine = thread_machine()
        machine.fire(host, T.DELIVER)

        assert vars(host) == {"status": "running"}
        del host
        gc.collect()
        assert seen() is None

    def test_an_object_costs_no_memory(self) -> None:
        """Firing a thousand objects leaves less than a byte for each of them."""
        machine = thread_machine()
        threads = [Thread() for _ in range(1000)]
        for thread in threads[:10]:
            machine.fire(thread, T.DELIVER)
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        for thread in threads[10:]:
            machine.fire(thread, T.DELIVER)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert after - before < len(threads)
