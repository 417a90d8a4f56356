"""Events are plain, closed objects; null and absent stay apart."""

from __future__ import annotations

import attrs
import pytest

from lifecycle.events import (
    ABSENT,
    EVENTS,
    Deployment,
    DeploymentError,
    DeploymentRun,
    DeploymentSchedule,
    Event,
    Known,
    PausedBy,
    Record,
    RunTrigger,
    Session,
    SessionThread,
    StopReason,
    UnknownEvent,
    UserMessage,
    Webhook,
    WebhookData,
)
from lifecycle.vocabulary import EventType

DEPLOYMENTS = [Deployment, DeploymentSchedule, PausedBy, DeploymentError, DeploymentRun, RunTrigger]
WEBHOOKS = [Webhook, WebhookData]
KINDS = [*EVENTS.values(), UnknownEvent, Session, SessionThread, *DEPLOYMENTS, *WEBHOOKS]


def name_of(kind: type[Record]) -> str:
    """The class's name, for the test's id."""
    return kind.__name__


class TestEveryClass:
    """What holds for all of them."""

    def test_every_event_type_has_one(self) -> None:
        """No word of the vocabulary is left without a class, and no class without a word."""
        assert set(EventType) == set(EVENTS)

    def test_no_two_types_share_one(self) -> None:
        """The type of an event can be told from its class alone."""
        assert len(EventType) == len(set(EVENTS.values()))

    @pytest.mark.parametrize("word", EventType)
    def test_says_its_type(self, word: EventType) -> None:
        """An event made from nothing knows its type."""
        assert word == EVENTS[word]().type

    @pytest.mark.parametrize("kind", KINDS, ids=name_of)
    def test_has_one_sentence(self, kind: type[Record]) -> None:
        """The sentence is the class's own, not an inherited one."""
        assert (kind.__dict__["__doc__"] or "").strip().endswith(".")

    @pytest.mark.parametrize("kind", KINDS, ids=name_of)
    def test_requires_no_field(self, kind: type[Record]) -> None:
        """Whether a service may leave a field out is for a rule to say; only a type is needed."""
        required = [f.name for f in attrs.fields(kind) if f.default is attrs.NOTHING]

        assert (["type"] if kind is UnknownEvent else []) == required

    @pytest.mark.parametrize("kind", KINDS, ids=name_of)
    def test_is_slotted(self, kind: type[Record]) -> None:
        """An object takes no dict, and so no attribute that nobody declared."""
        made = kind(type="x") if kind is UnknownEvent else kind()

        assert not hasattr(made, "__dict__")


class TestOneEvent:
    """What a reader of events relies on."""

    def test_null_is_not_absent(self) -> None:
        """A queued message has a null stamp; a message of an old recording has none."""
        queued = UserMessage(id="sevt_1", processed_at=None)
        old = UserMessage(id="sevt_1")

        assert queued.processed_at is None
        assert old.processed_at is ABSENT
        assert queued != old

    def test_absent_is_false(self) -> None:
        """``if event.processed_at`` asks for a stamp, whatever there is instead."""
        assert not UserMessage().processed_at
        assert repr(ABSENT) == "ABSENT"

    def test_a_part_is_frozen(self) -> None:
        """Events share parts. What was recorded does not change either: see the typing examples."""
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            StopReason(type="end_turn").type = "refusal"  # type: ignore[misc]

    def test_has_a_type_only_by_its_class(self) -> None:
        """What every event shares is no event yet."""
        with pytest.raises(NotImplementedError):
            _ = Event().type

    def test_keeps_what_nobody_knows(self) -> None:
        """An unknown event is an event, with its type and its fields."""
        event = UnknownEvent(type="session.warning", extra={"message": "low on disk"})

        assert isinstance(event, Event)
        assert not isinstance(event, Known)
        assert event.type == "session.warning"
        assert event.extra["message"] == "low on disk"
