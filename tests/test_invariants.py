"""Each invariant can fail: of a healthy state, or a healthy decision, one thing is broken.

The rest of the suite asks the invariants about what the engine makes, where all of them hold. Here
each is shown a case in which it does not, and must say so, by its name and in its words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import attrs
import pytest
from forging import decided, nth, owing, without
from playing import SESSION, Play

from lifecycle import commands as c, effects as f
from lifecycle.engine.draft import Owed
from lifecycle.engine.tables import Tables
from lifecycle.invariants import OF_STATES, OF_STEPS, Made, Violation, complaints, faults
from lifecycle.invariants.form import words_of
from lifecycle.invariants.lists import Listener, heard
from lifecycle.state import Call, Message, Note, Run, Session, Tally
from lifecycle.table import Effect, Phase
from lifecycle.vocabulary import EventType, SessionState, StopReason, ThreadState

PRIMARY: Final = "sthr_1_0"
CHILD: Final = "sthr_child"

Story = Callable[[], Play]
"""Plays a session up to somewhere."""
Doctor = Callable[[Session], Session]
"""Makes another state of one."""
Forge = Callable[[Made], Made]
"""Makes another decision of one."""


# -- healthy sessions ------------------------------------------------------------------------------


def then(story: Story, kind: type[c.Command], /, **fields: Any) -> Story:
    """A story goes on with a command."""

    def longer() -> Play:
        play = story()
        assert play.do(kind, **fields).refusal is None
        return play

    return longer


def asks(story: Story, name: str = "", /, **call: Any) -> Story:
    """A story goes on with a model request of a thread, perhaps with a call."""
    story = then(story, c.RequestStarted, thread_id=name)
    if call:
        story = then(story, c.ToolUsed, thread_id=name, call_id="c1", **call)
    return then(story, c.RequestEnded, thread_id=name)


working: Final = then(Play, c.SendMessage, content="Go.")
rested: Final = then(asks(working), c.TurnEnded)
asking: Final = then(asks(working, kind="custom"), c.TurnEnded)
queued: Final = then(asks(working), c.SpawnChild, child_id=CHILD, task="Look.")
blocked: Final = then(asks(working), c.SpawnChild, child_id=CHILD, task="Look.", blocking=True)
delegated: Final = then(queued, c.DeliverNext, thread_id=CHILD)
messaged: Final = then(delegated, c.MessageChild, child_id=CHILD, content="More.")
stopped: Final = then(messaged, c.Interrupt, thread_id=CHILD)
reported: Final = then(asks(delegated, CHILD), c.TurnEnded, thread_id=CHILD)
parted: Final = then(reported, c.ArchiveThread, thread_id=CHILD)
archived: Final = then(rested, c.ArchiveSession)
deleted: Final = then(rested, c.DeleteSession)


# -- what is broken in a state ---------------------------------------------------------------------


def session(**changes: Any) -> Doctor:
    """Change the session itself."""
    return lambda state: attrs.evolve(state, **changes)


def thread(name: str, **changes: Any) -> Doctor:
    """Change a thread."""

    def change(state: Session) -> Session:
        changed = attrs.evolve(state.threads[name], **changes)
        return attrs.evolve(state, threads={**state.threads, name: changed})

    return change


def called(by: str) -> Doctor:
    """Let there be an open call of a thread's."""
    return session(calls={"c1": Call("c1", by, EventType.AGENT_TOOL_USE)})


def crowded(state: Session) -> Session:
    """Let there be thirty children more."""
    more = {f"child-{n}": attrs.evolve(state.threads[CHILD], id=f"child-{n}") for n in range(30)}
    return attrs.evolve(state, threads=state.threads | more)


def both(first: Doctor, second: Doctor) -> Doctor:
    """Break two things."""
    return lambda state: second(first(state))


MESSAGE: Final = Message("m1", PRIMARY, EventType.USER_MESSAGE)

# fmt: off
STATES: Final[tuple[tuple[str, Story, Doctor, str], ...]] = (
    ("ended threads are bare", parted, called(CHILD),
     "sthr_child is over and still has the open call c1"),
    ("messages wait in one live mailbox", working, session(messages={"m1": MESSAGE}),
     "the mailboxes and the messages differ"),
    ("messages wait in one live mailbox", working, thread(PRIMARY, mailbox=("m1",)),
     "the mailbox of sthr_1_0 holds m1, which does not wait for it; "
     "the mailboxes and the messages differ"),
    ("nobody waits in vain", queued, thread(CHILD, waits_for=CHILD),
     "sthr_child waits, and is no coordinator at work"),
    ("nobody waits in vain", parted, thread(PRIMARY, waits_for=CHILD),
     "sthr_1_0 waits for sthr_child, which is over"),
    ("status is the fold", rested, session(state=SessionState.RUNNING),
     "the session is running, and the fold idle"),
    ("the list tells the status", rested, session(listed=SessionState.RUNNING),
     "every thread rests, and the list says running"),
    ("the list tells the status", working, session(listed=SessionState.IDLE),
     "the primary runs, and the list says idle"),
    ("rest names its reason", rested, session(stop=StopReason.RETRIES_EXHAUSTED),
     "the list says retries_exhausted, and the fold end_turn"),
    ("rest names its reason", asking, session(asked=()),
     "the list does not name c1"),
    ("rest names its reason", asking, session(asked=("c1", "c2")),
     "the list names c2, which nobody waits for"),
    ("children keep to their limit", reported, crowded,
     "31 children are live, and 25 may be"),
    ("asks are open calls", asking, both(thread(PRIMARY, asked=()), session(asked=())),
     "sthr_1_0 is idle (requires_action), and asks 0 calls"),
    ("asks are open calls", asking, session(calls={}),
     "sthr_1_0 asks c1, which waits for no client"),
    ("a turn that ended left no call open", rested, called(PRIMARY),
     "sthr_1_0 rests (end_turn) with the open call c1"),
    ("a turn that ended left no call open", rested, called("nobody"),
     "c1 is a call of nobody, which is not there"),
    ("requests belong to turns", rested, thread(PRIMARY, request="sevt_1"),
     "sthr_1_0 is idle with an open request"),
    ("clocks run with their threads", delegated, thread(CHILD, since_us=0),
     "sthr_child is running, and its clock stands"),
    ("clocks run with their threads", reported, thread(CHILD, since_us=1),
     "sthr_child is idle, and its clock runs"),
    ("clocks run with their threads", working, session(tally=Tally()),
     "the session's clock stands, unlike those of its threads"),
    ("what is archived has its stamp", parted, thread(CHILD, archived_at=None),
     "sthr_child is archived, archived at None"),
    ("what is archived has its stamp", archived, session(archived_at=None),
     "the session is archived and does not say when"),
    ("an ended session has nothing at work", archived,
     thread(PRIMARY, state=ThreadState.RESCHEDULING),
     "the session is archived, and sthr_1_0 is rescheduling"),
    ("an ended session has nothing at work", archived, session(runs={"r1": Run("r1")}),
     "the session is archived, and messages or runs are open"),
    ("an ended session has nothing at work", deleted,
     both(called(PRIMARY),
          thread(PRIMARY, state=ThreadState.IDLE, stop=StopReason.BUDGET_REACHED)),
     "the session is deleted, and calls are open"),
    ("everything fits", working, session(unknown={"agent.song": 2}),
     "2 of agent.song did not fit"),
)
# fmt: on
"""The invariant, a healthy session, what is broken in it, and all that is said of it."""


@pytest.mark.parametrize(("rule", "story", "doctor", "says"), STATES)
def test_what_is_broken_in_a_state_is_said(
    rule: str, story: Story, doctor: Doctor, says: str
) -> None:
    """And nothing is said of the state as it was."""
    play = story()
    tables = Tables(play.engine.dialect)
    assert play.state is not None

    assert list(complaints(tables, play.state)) == []
    broken = list(complaints(tables, doctor(play.state)))
    assert broken == [Violation(rule, one) for one in says.split("; ")]


# -- healthy decisions -----------------------------------------------------------------------------


def by(story: Story, kind: type[c.Command], /, **fields: Any) -> Callable[[], Made]:
    """A story's next command is decided."""

    def made() -> Made:
        play = story()
        command = kind(session_id=SESSION, **fields)
        return Made(play.engine, play.state, command, play.do(kind, **fields))

    return made


answers: Final = by(asking, c.AnswerTool, call_id="c1")
is_refused: Final = by(archived, c.SendMessage, content="Go.")
delivers: Final = by(queued, c.DeliverNext, thread_id=CHILD)
archives: Final = by(queued, c.ArchiveThread, thread_id=CHILD)
interrupts: Final = by(messaged, c.Interrupt, thread_id=CHILD)
fails: Final = by(blocked, c.FailSession, thread_id=CHILD)
messages: Final = by(parted, c.SendMessage, content="More.")
deletes: Final = by(archived, c.DeleteSession)
caps: Final = by(stopped, c.BudgetReached)
waits: Final = by(stopped, c.SendMessage, content="Go.")
results: Final = by(asks(working, name="look"), c.ToolResulted, call_id="c1")
results_mcp: Final = by(asks(working, kind="mcp"), c.ToolResulted, call_id="c1")
reads: Final = by(then(working, c.SendMessage, content="More."), c.RequestStarted)


def creates() -> Made:
    """There was no session before."""
    play = Play()
    command = c.CreateSession(session_id=SESSION)
    return Made(play.engine, None, command, play.engine.decide(None, command, now=play.now))


# -- what is broken in a decision ------------------------------------------------------------------


def after(doctor: Doctor) -> Forge:
    """Break the state after it."""

    def forge(one: Made) -> Made:
        assert one.after is not None
        return decided(state=doctor(one.after))(one)

    return forge


def before(doctor: Doctor) -> Forge:
    """Break the state that was given."""

    def forge(one: Made) -> Made:
        assert one.before is not None
        return attrs.evolve(one, before=doctor(one.before))

    return forge


def beside(effect: Effect, name: str, *subjects: str) -> Forge:
    """Owe one effect more, for a thread, in the same write as the others."""
    more = Owed(effect, name, subjects, "sesn_1:x", Phase.WITH)
    return lambda one: owing((more, *one.decision.effects))(one)


FOLD: Final = "a decision is the fold of its entries"
"""Breaks beside most others: few changes are the fold of the same entries."""

# fmt: off
STEPS: Final[tuple[tuple[str, Callable[[], Made], Forge, str], ...]] = (
    ("refusals change nothing", is_refused, decided(reply={}),
     "refused (session_ended), and something follows from it"),
    ("refusals change nothing", is_refused, decided(state=None),
     "refused (session_ended), and the state is another"),
    (FOLD, answers, after(session(unpriced=True)),
     "the state is not what its entries make of the one before"),
    ("the log moves on", answers, after(session(version=99)),
     "the version is 99, and 13 entries were made"),
    ("the log moves on", answers, nth("entries", 0, at_us=0),
     "the stamp of sevt_1_10 does not follow the one before"),
    ("effects are owed once", answers, beside(f.GIVE_RESULT, PRIMARY, "c1"),
     "give the result is owed 2 times for sthr_1_0"),
    ("effects are owed once", answers, nth("effects", 0, id="sesn_1:10:1"),
     "two effects have one id"),
    ("effects keep their phases", answers, nth("effects", 0, phase=Phase.AFTER),
     "what comes after the write stands before what belongs in it"),
    ("ends are final", messages, after(thread(CHILD, state=ThreadState.IDLE)),
     "sthr_child was archived and is idle"),
    ("ends are final", deletes, after(session(state=SessionState.IDLE)),
     "the session was archived and is idle"),
    ("only a resting child is archived", archives,
     before(thread(CHILD, state=ThreadState.RESCHEDULING)),
     "sthr_child was rescheduling, and is archived"),
    ("clocks are told", answers, without(f.START_CLOCK),
     "sthr_1_0 was idle, is running: 0 starts, 0 stops"),
    ("clocks are told", interrupts, without(f.STOP_CLOCK),
     "sthr_child was running, is idle: 0 starts, 0 stops"),
    ("slots are freed", archives, without(f.FREE_SLOT),
     "sthr_child was idle, is archived, and frees its slot 0 times"),
    ("slots are freed", answers, beside(f.FREE_SLOT, PRIMARY),
     "sthr_1_0 was idle, is running, and frees its slot 1 times"),
    ("messages are read or cancelled", archives, without(f.CANCEL_MAILBOX),
     "sevt_1_7 is cancelled, and nobody is told"),
    ("messages are read or cancelled", delivers, nth("entries", 1, event=Note()),
     "sevt_1_7 waited for sthr_child, and is neither read nor cancelled"),
    ("calls get one result", answers, nth("entries", 0, event=Note()),
     "c1 of sthr_1_0 has 0 results, and 1 is due"),
    ("calls get one result", answers, after(called(PRIMARY)),
     "c1 of sthr_1_0 has 1 results, and 0 is due"),
    ("deliveries are owed", interrupts, without(f.DELIVER_NEXT),
     "sthr_child is free, sevt_1_10 waits for it, and nobody delivers"),
    ("deliveries are owed", answers, beside(f.DELIVER_NEXT, PRIMARY),
     "sthr_1_0 is owed a delivery, and can take none"),
    ("waits end with their child", fails, without(f.UNBLOCK_COORDINATOR),
     "sthr_1_0 waited for sthr_child, which is over, and is not told"),
    ("waits end with their child", fails, after(thread(PRIMARY, waits_for=CHILD)),
     "sthr_1_0 waited for sthr_child, which is over, and is not told"),
)
# fmt: on
"""The invariant, a healthy decision, what is broken in it, and all that is said of it."""


@pytest.mark.parametrize(("rule", "story", "forge", "says"), STEPS)
def test_what_is_broken_in_a_decision_is_said(
    rule: str, story: Callable[[], Made], forge: Forge, says: str
) -> None:
    """And nothing is said of the decision as it was."""
    whole = story()
    broken = list(faults(forge(whole)))

    assert list(faults(whole)) == []
    assert [one for one in broken if one.rule == rule or one.rule != FOLD] == [
        Violation(rule, says)
    ]


def test_each_invariant_is_broken_once() -> None:
    """None is left out, and none is made up."""
    assert {rule for rule, *_ in STATES} == {words_of(rule) for rule in OF_STATES}
    assert {rule for rule, *_ in STEPS} == {words_of(rule) for rule in OF_STEPS}


@pytest.mark.parametrize("story", [creates, is_refused, caps, reads, waits, results, results_mcp])
def test_what_holds_of_each_decision_holds_of_the_first_and_of_refusals(
    story: Callable[[], Made],
) -> None:
    """Each is asked by itself: there may be no session before, or nothing that follows."""
    assert [says for rule in OF_STEPS for says in rule(story())] == []


@pytest.mark.parametrize(
    ("missing", "at_once", "at_the_end"),
    [
        (None, [], []),
        (6, ["the checker finds no TH002"], []),  # the child is made
        (10, [], ["the checker finds no TH019"]),  # the child asks the model
    ],
)
def test_what_is_missing_from_a_list_is_said(
    missing: int | None, at_once: list[str], at_the_end: list[str]
) -> None:
    """At once, or when nothing more is told."""
    play = reported()
    told = [one for index, one in enumerate(play.log) if index != missing]
    listener = Listener(play.engine.dialect, PRIMARY)

    assert [one.rule for one in listener.hear(heard(told, PRIMARY))] == at_once
    assert [one.rule for one in listener.end()] == at_the_end
