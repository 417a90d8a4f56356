"""JSON becomes events and comes back without loss; a wrong kind of value is refused by its path."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin

import attrs
import pytest
from hypothesis import assume, given, strategies as st

from lifecycle.dialects import UnknownDialect
from lifecycle.events import (
    ABSENT,
    EVENTS,
    Absent,
    AgentToolUse,
    Deployment,
    DeploymentRun,
    Record,
    RunCreated,
    Session,
    SessionIdle,
    SessionThread,
    SessionUpdated,
    StopReason,
    ThreadCreated,
    UnknownEvent,
    UserMessage,
    Webhook,
)
from lifecycle.wire.structure import (
    StructureError,
    structure,
    structure_resource,
    unstructure,
)

Json = dict[str, Any]

# -- What services might send ------------------------------------------------------------------

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
leaves: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    bool: st.booleans(),
    int: st.integers(),
    float: st.integers() | st.floats(allow_nan=False),
    Mapping: st.dictionaries(st.text(), values, max_size=3),
    Sequence: st.lists(values, max_size=3),
}


def fields_of(kind: type[Record]) -> dict[str, Any]:
    """The types of a class's own fields, by name."""
    attrs.resolve_types(kind)
    return {f.name: f.type for f in attrs.fields(kind) if f.name not in ("extra", "type")} | (
        {"type": str} if "type" in [f.name for f in attrs.fields(kind)] else {}
    )


def json_for(target: Any) -> st.SearchStrategy[Any]:
    """JSON values that fit *target*."""
    if isinstance(target, type) and issubclass(target, Record):
        return objects(target)
    if get_origin(target) is tuple:
        return st.lists(json_for(get_args(target)[0]), max_size=3)
    if Absent in get_args(target):
        kinds = [one for one in get_args(target) if one not in (NoneType, Absent)]
        return st.none() | st.one_of([json_for(one) for one in kinds])
    return leaves[get_origin(target) or target]


@st.composite
def objects(draw: st.DrawFn, kind: type[Record], word: str | None = None) -> Json:
    """Objects with any of a class's fields, and some that it does not have."""
    known = {name: json_for(target) for name, target in fields_of(kind).items()}
    made = draw(st.dictionaries(st.text(), values, max_size=2))
    made |= draw(st.fixed_dictionaries({}, optional=known))
    return made | ({"type": word} if word is not None else {})


known_events = st.sampled_from(list(EVENTS)).flatmap(lambda word: objects(EVENTS[word], str(word)))
unknown_events = st.text().flatmap(lambda word: objects(UnknownEvent, word))
resources = st.one_of(
    [
        objects(kind, kind.type)
        for kind in (Session, SessionThread, Deployment, DeploymentRun, Webhook)
    ]
)


class TestNothingIsLost:
    """``unstructure(structure(x)) == x``."""

    @given(known_events, st.sampled_from(["anthropic", "qoder"]))
    def test_known_types(self, event: Json, dialect: str) -> None:
        """Any subset of the fields, null or not, and fields from beyond our knowledge."""
        assert event == unstructure(structure(event, dialect))

    @given(unknown_events)
    def test_unknown_types(self, event: Json) -> None:
        """A type of tomorrow is kept as it is."""
        assume(event["type"] not in EVENTS)

        assert event == unstructure(structure(event))
        assert isinstance(structure(event), UnknownEvent)

    @given(resources)
    def test_resources(self, resource: Json) -> None:
        """Sessions, threads, deployments, runs and webhooks, in whatever dialect's fields."""
        assert resource == unstructure(structure_resource(resource))

    @given(
        st.sampled_from(list(EVENTS)),
        st.dictionaries(
            st.sampled_from(["id", "content", "stop_reason", "extra", "error"]), values
        ),
    )
    def test_or_it_is_refused(self, word: str, fields: Json) -> None:
        """No third thing happens to an object: it comes back whole, or an error names its place."""
        event = {"type": word, **fields}
        refused: StructureError | None = None
        try:
            back = unstructure(structure(event))
        except StructureError as error:
            refused = error

        assert refused.path[0] in fields if refused else event == back

    @pytest.mark.parametrize("dialect", ["anthropic", "qoder"])
    def test_our_recordings(self, dialect: str) -> None:
        """Every event that ships with us comes back whole."""
        events = list(_events_below(Path(__file__).parent / "recordings"))

        assert events
        assert events == [unstructure(structure(event, dialect)) for event in events]

    @pytest.mark.parametrize("dialect", ["anthropic", "qoder"])
    def test_the_corpus(self, dialect: str) -> None:
        """Every event of the foreign recordings comes back whole."""
        folder = os.environ.get("LIFECYCLE_CORPUS")
        if not folder:
            pytest.skip("needs recordings of your own: set LIFECYCLE_CORPUS to their folder")
        events = list(_events_below(Path(folder)))

        assert events
        assert events == [unstructure(structure(event, dialect)) for event in events]


class TestWhatBecomesOfAnEvent:
    """Single events, and what they become."""

    def test_fields_become_attributes(self) -> None:
        """A stop reason is an object of ours; its ids are a tuple."""
        event = structure(
            {
                "type": "session.status_idle",
                "id": "sevt_1",
                "stop_reason": {"type": "requires_action", "event_ids": ["sevt_0"]},
                "stop_details": None,
            }
        )

        reason = StopReason(type="requires_action", event_ids=("sevt_0",))
        assert SessionIdle(id="sevt_1", stop_reason=reason, stop_details=None) == event

    def test_null_and_absent_stay_apart(self) -> None:
        """A null budget means that it was removed; an absent one, that it was not touched."""
        removed = structure({"type": "session.updated", "budget": None})
        untouched = structure({"type": "session.updated", "title": "Laptops"})

        assert isinstance(removed, SessionUpdated)
        assert isinstance(untouched, SessionUpdated)
        assert removed.budget is None
        assert untouched.budget is ABSENT

    def test_content_may_be_text(self) -> None:
        """Older services put a string where newer ones put blocks."""
        event = structure({"type": "user.message", "content": "Hello"})

        assert UserMessage(content="Hello") == event

    def test_a_field_called_extra_is_a_field(self) -> None:
        """A wire field with the name of our own attribute is not mixed up with it."""
        event = structure({"type": "user.message", "extra": 5})

        assert event.extra == {"extra": 5}

    def test_an_unknown_field_is_kept(self) -> None:
        """Also within a part of an event."""
        event = structure({"type": "session.status_idle", "stop_reason": {"detail": "odd"}})

        assert isinstance(event, SessionIdle)
        assert StopReason(extra={"detail": "odd"}) == event.stop_reason

    def test_either_kind_of_version(self) -> None:
        """Qoder's agent versions are numbers or words."""
        one = structure({"type": "session.thread_created", "agent_version": 3})
        two = structure({"type": "session.thread_created", "agent_version": "latest"})

        assert (ThreadCreated(agent_version=3), ThreadCreated(agent_version="latest")) == (one, two)

    def test_a_dialect_knows_its_own_types(self) -> None:
        """Qoder's pages name no workflow runs, so there such an event is an unknown one."""
        event = {"type": "workflow_run.created", "name": "nightly"}

        assert RunCreated(name="nightly") == structure(event)
        assert isinstance(structure(event, "qoder"), UnknownEvent)

    def test_no_dialect_of_that_name(self) -> None:
        """The message lists the dialects."""
        with pytest.raises(UnknownDialect, match="choose from anthropic, qoder"):
            structure({"type": "user.message"}, "quoder")


class TestWhatIsRefused:
    """Values of the wrong kind, by path."""

    @pytest.mark.parametrize(
        ("event", "path", "message"),
        [
            (5, (), "the event: expected an object, found a whole number"),
            ({}, ("type",), "type: expected a string, found nothing"),
            ({"type": None}, ("type",), "type: expected a string, found null"),
            (
                {"type": "user.message", "id": 5},
                ("id",),
                "id: expected a string, found a whole number",
            ),
            (
                {"type": "user.message", "content": {}},
                ("content",),
                "content: expected a string or a list, found an object",
            ),
            (
                {"type": "agent.tool_result", "is_error": 1},
                ("is_error",),
                "is_error: expected true or false, found a whole number",
            ),
            (
                {"type": "span.outcome_evaluation_start", "iteration": True},
                ("iteration",),
                "iteration: expected a whole number, found true or false",
            ),
            (
                {"type": "session.status_idle", "stop_reason": "end_turn"},
                ("stop_reason",),
                "stop_reason: expected an object, found a string",
            ),
            (
                {"type": "session.status_idle", "stop_reason": {"event_ids": "sevt_1"}},
                ("stop_reason", "event_ids"),
                "stop_reason.event_ids: expected a list, found a string",
            ),
            (
                {"type": "session.status_idle", "stop_reason": {"event_ids": ["sevt_1", None]}},
                ("stop_reason", "event_ids", 1),
                "stop_reason.event_ids[1]: expected a string, found null",
            ),
            (
                {"type": "workflow_run.created", "phases": [{"id": "wrph_1"}, {"id": 1.5}]},
                ("phases", 1, "id"),
                "phases[1].id: expected a string, found a number with a fraction",
            ),
            (
                {"type": "workflow_run.created", "phases": [[]]},
                ("phases", 0),
                "phases[0]: expected an object, found a list",
            ),
        ],
    )
    def test_by_its_path(self, event: Any, path: tuple[str | int, ...], message: str) -> None:
        """The error says where, what was expected and what was found."""
        with pytest.raises(StructureError) as refused:
            structure(event)

        assert path == refused.value.path
        assert message == str(refused.value)

    @given(known_events, st.data())
    def test_wherever_it_stands(self, event: Json, data: st.DataObject) -> None:
        """Any known field with a value of a kind that it cannot have is refused by its name."""
        kind = EVENTS[event["type"]]
        name = data.draw(st.sampled_from(sorted(fields_of(kind))))
        takes = [
            get_origin(one) or one
            for one in get_args(fields_of(kind)[name])
            if one not in (NoneType, Absent)
        ]
        wrong: dict[Any, Any] = {str: "x", int: 5, dict: {}, list: [], bool: True}
        if Mapping in takes or any(issubclass(one, Record) for one in takes):
            del wrong[dict]
        if Sequence in takes or tuple in takes:
            del wrong[list]
        if float in takes:
            del wrong[int]
        for one in (str, int, bool):
            if one in takes:
                del wrong[one]
        event[name] = data.draw(st.sampled_from(list(wrong.values())))

        with pytest.raises(StructureError) as refused:
            structure({key: event[key] for key in ("type", name)})
        assert (name,) == refused.value.path

    def test_only_resources_are_resources(self) -> None:
        """An event is no session, and says so."""
        with pytest.raises(StructureError, match="session or session_thread or deployment or"):
            structure_resource({"type": "user.message"})


class TestUnstructure:
    """What we make ourselves goes out as the service would write it."""

    def test_an_event_of_ours(self) -> None:
        """Absent fields are left out; the type stands first."""
        event = AgentToolUse(id="sevt_1", name="bash", input={"command": "ls"}, evaluation=None)

        assert json.dumps(unstructure(event)).startswith('{"type": "agent.tool_use"')
        assert unstructure(event) == {
            "type": "agent.tool_use",
            "id": "sevt_1",
            "name": "bash",
            "input": {"command": "ls"},
            "evaluation": None,
        }

    def test_a_field_wins_over_an_extra(self) -> None:
        """A known field cannot be smuggled past its class."""
        event = UserMessage(id="sevt_1", extra={"id": "sevt_2", "type": "user.interrupt"})

        assert unstructure(event) == {"type": "user.message", "id": "sevt_1"}


def _events_below(folder: Path) -> Iterator[Json]:
    """The events with a type in the JSON Lines below *folder*; what is broken on purpose is not."""
    for path in sorted(folder.rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and isinstance(event.get("type"), str):
                yield event
