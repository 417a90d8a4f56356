"""The session's state: what is kept of it, and what becomes of entries that do not fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playing import SESSION, Play

from lifecycle import events as e
from lifecycle.commands import (
    ArchiveSession,
    Command,
    ConfirmTool,
    DefineOutcome,
    DeliverNext,
    FailSession,
    PhaseReported,
    RequestEnded,
    RequestStarted,
    RunResumed,
    SendMessage,
    SpawnChild,
    StartRun,
    ToolUsed,
    TurnEnded,
)
from lifecycle.engine import Engine
from lifecycle.engine.evolve import STEPS
from lifecycle.state import (
    FORM,
    BadState,
    CallOwed,
    ChildrenEnded,
    Entry,
    MessagesRead,
    NewerState,
    Note,
    Place,
    Session,
    SessionMade,
    ThreadArchived,
    WaitEnded,
    WaitStarted,
    dump,
    load,
)
from lifecycle.vocabulary import Permission, ThreadState

BUDGET = {"type": "list_cost", "max_list_cost": {"amount": "1"}}


@pytest.fixture(name="rich")
def _rich() -> Session:
    """A session in which everything is open that can be open."""
    play = Play(budget=BUDGET)
    play.do(DefineOutcome, description="A poem.", rubric={"type": "text", "content": "Rhymes."})
    play.do(RequestStarted)
    play.do(RequestEnded, usage={"input_tokens": 3, "output_tokens": 4})
    play.do(StartRun, run_id="wrun_1", phases=({"id": "p1", "name": "look"},))
    play.do(RunResumed, run_id="wrun_1")
    play.do(PhaseReported, run_id="wrun_1", phase_id="p1")
    play.do(SpawnChild, child_id="sthr_a", task="Look.", run_id="wrun_1")
    play.do(SpawnChild, child_id="sthr_b", task=({"type": "text", "text": "Wait."},))
    play.do(DeliverNext, thread_id="sthr_a")
    play.do(RequestStarted, thread_id="sthr_a")
    for name, kind in (("c1", "custom"), ("c2", "tool"), ("c3", "mcp")):
        play.do(
            ToolUsed,
            thread_id="sthr_a",
            call_id=name,
            kind=kind,
            permission=Permission.ASK,
            input={"path": ["a", {"b": [1, 2]}]},
        )
    play.do(RequestEnded, thread_id="sthr_a")
    play.do(TurnEnded, thread_id="sthr_a")
    play.do(ConfirmTool, call_id="c2", allow=False, deny_message="No.")
    play.do(SendMessage, content="More.")
    play.do(RequestStarted)
    assert play.state is not None
    return play.state


class TestKeeping:
    """`dump` and `load`."""

    def test_nothing_is_lost_on_the_way_through_json(self, rich: Session) -> None:
        """Open calls with their answers, mailboxes, phases, the account: all of it."""
        text = json.dumps(dump(rich))

        assert load(json.loads(text)) == rich
        assert json.dumps(dump(load(json.loads(text)))) == text
        assert rich.calls
        assert rich.messages
        assert rich.runs["wrun_1"].phases
        assert rich.outcome
        assert rich.tally.output_tokens == 4

    def test_an_idle_thread_is_a_few_words_long(self) -> None:
        """What has its default value is left out."""
        plain = dump(Play().state or pytest.fail("no session"))

        assert [sorted(one) for one in plain["threads"]] == [
            ["agent_name", "created_at", "id", "role"]
        ]
        assert plain["form"] == FORM

    def test_a_newer_form_is_refused_by_name(self, rich: Session) -> None:
        """The message names both versions, so that one knows what to update."""
        with pytest.raises(NewerState, match=rf"form {FORM + 7}, .* up to {FORM}") as raised:
            load({**dump(rich), "form": FORM + 7})

        assert (raised.value.found, raised.value.known) == (FORM + 7, FORM)

    @pytest.mark.parametrize(
        "plain",
        [
            None,
            [],
            {},
            {"form": "1"},
            {"form": 0},
            {"form": True},
            {"form": FORM},
            {"form": FORM, "threads": [{"x": 1}]},
        ],
        ids=str,
    )
    def test_what_is_no_state_is_refused(self, plain: Any) -> None:
        """And says what is wrong with it."""
        with pytest.raises(BadState):
            load(plain)

    def test_a_word_that_is_none_is_refused(self, rich: Session) -> None:
        """A state is ours alone: a word that this version does not know is a damaged one."""
        with pytest.raises(BadState, match="weather"):
            load({**dump(rich), "state": "weather"})


def test_a_primary_that_is_no_thread_is_refused(rich: Session) -> None:
    """And named."""
    with pytest.raises(BadState, match="no thread 'nobody'"):
        load({**dump(rich), "primary": "nobody"})


@pytest.mark.parametrize("form", [0, -1, True])
def test_a_form_that_never_was_is_refused(rich: Session, form: Any) -> None:
    """Though the rest of the state is whole."""
    with pytest.raises(BadState, match="form"):
        load({**dump(rich), "form": form})


def test_a_bare_event_is_no_entry() -> None:
    """It does not say of which thread it is: what a decision gave is what is folded."""
    play = Play()
    sent = play.do(SendMessage, content="Hi")
    with pytest.raises(TypeError, match="entries of a decision, not a bare SessionRunning"):
        play.engine.apply(play.state, sent.events)  # type: ignore[arg-type]


def misfits() -> Iterator[tuple[str, Entry]]:
    """One entry for every class that the fold knows, of a thread, call and run that are not."""
    notes: tuple[Note, ...] = (
        ThreadArchived("nobody"),
        ChildrenEnded(("nobody",)),
        MessagesRead("nobody", ("nothing",)),
        CallOwed(("nothing",)),
    )
    for note in notes:
        yield type(note).__name__, Entry(note, "nobody", Place.NOWHERE)
    for kind in STEPS:
        if issubclass(kind, e.Event):
            for stamp in (e.ABSENT, "2026-01-01T00:00:00.000000Z"):
                event = kind(id="sevt_odd", processed_at=stamp)
                for place in (Place.CHILD, Place.COPY):
                    for thread in ("nobody", "sthr_1_0"):
                        name = f"{kind.__name__} {stamp} {place} {thread}"
                        yield name, Entry(event, thread, place)


class TestMisfits:
    """`evolve` is total: nothing is raised, and what does not fit is counted."""

    @pytest.mark.parametrize("entry", [pytest.param(one, id=name) for name, one in misfits()])
    def test_no_entry_is_raised_on(self, rich: Session, entry: Entry) -> None:
        """Whoever it names is not there; the version moves on, and the state can be kept."""
        engine = Engine()

        after = engine.evolve(rich, entry)

        assert after.version == rich.version + 1
        assert load(json.loads(json.dumps(dump(after)))) == after
        engine.evolve(None, entry)

    def test_unknown_events_are_counted_by_type(self, rich: Session) -> None:
        """They change nothing else, and the counts are kept with the state."""
        engine = Engine()
        entry = Entry(e.UnknownEvent(type="agent.dream", id="sevt_x"), rich.primary)

        after = engine.apply(rich, (entry, entry))

        assert after.unknown == {"agent.dream": 2}
        assert rich.unknown == {}
        assert load(dump(after)).unknown == after.unknown
        assert after.threads == rich.threads

    def test_what_does_not_fit_is_counted_too(self, rich: Session) -> None:
        """A status of a thread that is not there, a result of no call, a phase of no run."""
        engine = Engine()
        odd = (
            e.ThreadIdle(id="sevt_1", session_thread_id="nobody"),
            e.AgentToolResult(id="sevt_2", tool_use_id="nothing"),
            e.PhaseStarted(id="sevt_3", workflow_run_id="wrun_9"),
            e.UserToolConfirmation(id="sevt_4", tool_use_id="nothing"),
        )

        after = engine.apply(rich, (Entry(one, rich.primary) for one in odd))

        assert after.unknown == {one.type.value: 1 for one in odd}

    def test_a_note_that_nobody_knows_is_counted(self, rich: Session) -> None:
        """Notes of a later version, for instance."""

        class Later(Note):
            """Not of this version."""

        after = Engine().evolve(rich, Entry(Later(), rich.primary, Place.NOWHERE))

        assert after.unknown == {"Later": 1}

    def test_what_tells_nothing_is_not_counted(self, rich: Session) -> None:
        """A message of the agent is known, and changes nothing that is decided over."""
        after = Engine().evolve(rich, Entry(e.AgentMessage(id="sevt_1"), rich.primary))

        assert after.unknown == {}
        assert after.threads == rich.threads

    def test_an_unknown_stop_reason_is_rest_all_the_same(self, rich: Session) -> None:
        """The set of stop reasons is open."""
        stop = e.StopReason(type="weather")
        event = e.ThreadIdle(id="sevt_1", session_thread_id=rich.primary, stop_reason=stop)

        primary = Engine().evolve(rich, Entry(event, rich.primary)).threads[rich.primary]

        assert (primary.state, primary.stop) == (ThreadState.IDLE, None)

    def test_notes_find_their_session_made(self) -> None:
        """A log that begins in the middle has no primary, and is folded all the same."""
        engine = Engine()
        state: Session | None = None
        for note in (WaitStarted("nobody"), WaitEnded("nobody")):
            state = engine.evolve(state, Entry(note, "", Place.NOWHERE))
        made = engine.evolve(state, Entry(SessionMade(SESSION, "sthr_p", "a"), "sthr_p"))

        assert list(made.threads) == ["sthr_p"]

    def test_a_thread_ends_with_whatever_waits_for_it(self, rich: Session) -> None:
        """Also where the log does not say first that its messages were cancelled."""
        event = e.ThreadTerminated(id="sevt_1", session_thread_id="sthr_b")

        after = Engine().evolve(rich, Entry(event, "sthr_b", Place.BOTH))

        assert rich.threads["sthr_b"].mailbox
        assert not after.threads["sthr_b"].mailbox
        assert set(after.messages) == set(rich.messages) - set(rich.threads["sthr_b"].mailbox)

    def test_a_message_that_nobody_sent_takes_none_out_of_the_mailbox(self, rich: Session) -> None:
        """Its sender is another one than that of what waits."""
        event = e.ThreadMessageReceived(id="sevt_1", from_session_thread_id="nobody")

        after = Engine().evolve(rich, Entry(event, "sthr_b", Place.CHILD))

        assert after.threads["sthr_b"].mailbox == rich.threads["sthr_b"].mailbox

    def test_an_input_that_waits_waits_once(self, rich: Session) -> None:
        """A stream may show it again before it is consumed."""
        entry = Entry(e.UserMessage(id="sevt_1", content=[]), rich.primary)

        mailbox = Engine().apply(rich, (entry, entry)).threads[rich.primary].mailbox

        assert mailbox.count("sevt_1") == 1

    def test_a_run_that_ends_late_gives_its_result_to_nobody(self, rich: Session) -> None:
        """The session is over: its list may still show the end."""
        over = Entry(e.SessionTerminated(id="sevt_1"), rich.primary)
        end = Entry(e.RunEnded(id="sevt_2", workflow_run_id="wrun_1"), rich.primary)

        after = Engine().apply(rich, (over, end))

        assert not after.runs
        assert "sevt_2" not in after.messages

    @pytest.mark.parametrize("over", [ArchiveSession, FailSession])
    def test_what_is_over_is_over_by_the_fold_too(self, over: type[Command]) -> None:
        """The fold's first two rows hold for it, whatever its threads say."""
        play = Play()
        play.do(over)

        assert play.state is not None
        assert play.engine._tables.fold(play.state).state is play.state.state
