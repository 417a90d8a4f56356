"""Whole sessions at random: whatever is sent, in whatever order, what must hold holds.

A session has one coordinator and up to four children. Each step sends one command, of a client or
of the host's loop, whether or not it fits: what does not is refused, and a refusal changes nothing.
After each step every invariant is asked, and the checker reads along on every list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lifecycle import commands as c
from lifecycle.check import Level, check_events
from lifecycle.engine import Decision, Engine
from lifecycle.engine.tables import Tables
from lifecycle.events import ThreadRunning
from lifecycle.invariants import Listener, Made, complaints, faults, heard
from lifecycle.state import Entry, Session, dump, load, session_list, thread_list
from lifecycle.vocabulary import Permission, ThreadState
from lifecycle.wire.structure import unstructure

SESSION: Final = "sesn_1"
BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
CHILDREN_MAX: Final = 4
CAP: Final = {"type": "list_cost", "max_list_cost": {"amount": "5", "currency": "USD"}}

TOOLS: Final[tuple[dict[str, Any], ...]] = (
    {"permission": Permission.ASK},
    {"permission": Permission.ALLOW},
    {"permission": Permission.DENY},
    {"kind": "custom"},
    {"kind": "mcp", "server": "docs", "permission": Permission.ASK},
)
PICKS: Final = st.integers(0, 11)
"""A choice among however many there are."""


class Sessions(RuleBasedStateMachine):
    """A session of one dialect, driven at random."""

    dialect: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.engine = Engine(self.dialect)
        self.tables = Tables(self.engine.dialect)
        self.listener = Listener(self.engine.dialect, "primary")
        self.now = BEGIN
        self.log: list[Entry] = []
        self.state: Session | None = None

    # -- what is sent ------------------------------------------------------------------------------

    @initialize(hosted=st.booleans(), budget=st.booleans(), told=st.booleans())
    def create(self, hosted: bool, budget: bool, told: bool) -> None:
        """The session is made, at rest or at work."""
        first = (c.SendMessage(session_id=SESSION, content="Hi"),) if told else ()
        self.send(
            c.CreateSession(
                session_id=SESSION,
                primary_id="primary",
                self_hosted=hosted,
                budget=dict(CAP) if budget else None,
                initial=first,
            )
        )

    @rule(what=st.sampled_from(["message", "outcome", "system"]))
    def client_says(self, what: str) -> None:
        """A client sends input."""
        if what == "message":
            self.send(c.SendMessage(session_id=SESSION, content="Go on"))
        elif what == "outcome":
            self.send(c.DefineOutcome(session_id=SESSION, description="Tests pass"))
        else:
            self.send(c.SendSystemMessage(session_id=SESSION, content="Be brief"))

    @rule(pick=PICKS, how=st.sampled_from(["allow", "deny", "answer", "return", "result"]))
    def call_is_answered(self, pick: int, how: str) -> None:
        """Somebody answers an open call, perhaps not the one whose turn it is, or the wrong way."""
        calls = list(self.session.calls)
        if not calls:
            return
        about: Any = {"session_id": SESSION, "call_id": calls[pick % len(calls)]}
        if how in ("allow", "deny"):
            self.send(c.ConfirmTool(**about, allow=how == "allow"))
        elif how == "answer":
            self.send(c.AnswerTool(**about, content="42", is_error=pick % 2 == 1))
        elif how == "return":
            self.send(c.ReturnResult(**about, content="42"))
        else:
            self.send(c.ToolResulted(**about, content="42", is_error=pick % 2 == 1))

    @rule(pick=PICKS)
    def fitting_answer(self, pick: int) -> None:
        """A client gives a call the kind of answer that it waits for."""
        calls = [call for call in self.session.calls.values() if call.wants]
        if not calls:
            return
        call = calls[pick % len(calls)]
        about: Any = {"session_id": SESSION, "call_id": call.id}
        if call.kind == "agent.custom_tool_use":
            self.send(c.AnswerTool(**about, content="42"))
        elif call.by_client and call.state == "allowed":
            self.send(c.ReturnResult(**about, content="42"))
        else:
            self.send(c.ConfirmTool(**about, allow=pick % 3 != 0))

    @rule(pick=PICKS, everybody=st.booleans())
    def interrupt(self, pick: int, everybody: bool) -> None:
        """A client stops everybody, or one thread.

        The primary is named only when it has run: before, the checker takes the name for a child's.
        """
        name = None if everybody else self.thread(pick)
        if name == "primary" and not any(isinstance(x.event, ThreadRunning) for x in self.log):
            name = None
        self.send(c.Interrupt(session_id=SESSION, thread_id=name))

    @rule(pick=PICKS)
    def archive(self, pick: int) -> None:
        """A client archives a thread, also one that may not be."""
        self.send(c.ArchiveThread(session_id=SESSION, thread_id=self.thread(pick)))

    @rule(pick=PICKS, delete=st.booleans())
    def end(self, pick: int, delete: bool) -> None:
        """A client ends the session; seldom, so that there is something to end."""
        if pick == 0:
            command = c.DeleteSession if delete else c.ArchiveSession
            self.send(command(session_id=SESSION))

    @rule(pick=PICKS)
    def deliver(self, pick: int) -> None:
        """The host delivers to a thread."""
        self.send(c.DeliverNext(**self.about(pick)))

    @rule(pick=PICKS, kinds=st.lists(st.sampled_from(TOOLS), max_size=3), fails=st.booleans())
    def request(self, pick: int, kinds: list[dict[str, Any]], fails: bool) -> None:
        """A thread has a whole model request: words, calls, an account."""
        about = self.about(pick)
        if self.send(c.RequestStarted(**about)).refusal is None:
            self.send(c.AgentSpoke(**about, content="Well"))
            for kind in kinds:
                self.send(c.ToolUsed(**about, **kind, name="look"))
            usage = {"input_tokens": 10, "output_tokens": 2}
            self.send(c.RequestEnded(**about, usage=usage, is_error=fails and not kinds))

    @rule(pick=PICKS, what=st.sampled_from(["starts", "speaks", "calls", "ends"]))
    def part_of_a_request(self, pick: int, what: str) -> None:
        """A thread has a piece of a model request, whatever came before."""
        about = self.about(pick)
        commands: dict[str, c.Command] = {
            "starts": c.RequestStarted(**about),
            "speaks": c.AgentThought(**about),
            "calls": c.ToolUsed(**about, **TOOLS[pick % len(TOOLS)], name="look"),
            "ends": c.RequestEnded(**about),
        }
        self.send(commands[what])

    @rule(pick=PICKS)
    def results(self, pick: int) -> None:
        """The host runs whatever calls of a thread it may."""
        name = self.thread(pick)
        for call in [one.id for one in self.session.calls.values() if one.thread == name]:
            self.send(c.ToolResulted(session_id=SESSION, call_id=call, content="ok"))

    @rule(pick=PICKS, how=st.sampled_from(["", "", "refused", "over_budget"]))
    def turn_ends(self, pick: int, how: str) -> None:
        """A turn ends."""
        self.send(
            c.TurnEnded(
                **self.about(pick), refused=how == "refused", over_budget=how == "over_budget"
            )
        )

    @rule(blocking=st.booleans())
    def spawn(self, blocking: bool) -> None:
        """The coordinator makes a child."""
        made = len(self.session.threads) - 1
        if made < CHILDREN_MAX:
            self.send(
                c.SpawnChild(
                    session_id=SESSION, child_id=f"child-{made + 1}", task="Look", blocking=blocking
                )
            )

    @rule(pick=PICKS, down=st.booleans())
    def threads_talk(self, pick: int, down: bool) -> None:
        """A message goes down to a child, or up to the coordinator."""
        name = self.thread(pick)
        if down:
            self.send(c.MessageChild(session_id=SESSION, child_id=name, content="And?"))
        else:
            self.send(c.Report(session_id=SESSION, thread_id=name, content="Done"))

    @rule(pick=PICKS, what=st.sampled_from(["retry", "reschedule", "start", "fail", "die"]))
    def fault(self, pick: int, what: str) -> None:
        """Something goes wrong in a thread, or is taken up again."""
        about = self.about(pick)
        commands: dict[str, c.Command] = {
            "retry": c.ReportError(**about),
            "reschedule": c.RescheduleTurn(**about),
            "start": c.StartTurn(**about),
            "fail": c.FailTurn(**about),
            "die": c.FailSession(**about),
        }
        if what != "die" or pick > 6:
            self.send(commands[what])

    @rule(pick=PICKS, what=st.sampled_from(["reached", "raised", "removed"]))
    def budget(self, pick: int, what: str) -> None:
        """The budget stops a thread, or is changed."""
        if what == "reached":
            self.send(c.BudgetReached(**self.about(pick)))
        elif what == "raised" or pick > 8:
            value = dict(CAP) if what == "raised" else None
            self.send(c.UpdateSession(session_id=SESSION, changes={"budget": value}))

    # -- how it is sent ----------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The session as it is."""
        assert self.state is not None
        return self.state

    def thread(self, pick: int) -> str:
        """Return the id of some thread: of the working ones half of the time."""
        names = list(self.session.threads)
        works = [n for n in names if self.session.threads[n].state is ThreadState.RUNNING]
        choice = works if works and pick % 2 else names
        return choice[pick // 2 % len(choice)]

    def about(self, pick: int) -> dict[str, Any]:
        """Return how a report names its session and its thread."""
        return {"session_id": SESSION, "thread_id": self.thread(pick)}

    def send(self, command: c.Command) -> Decision:
        """Send a command, and check what a decision must be."""
        self.now += timedelta(milliseconds=7)
        before = self.state
        kept = dump(before) if before is not None else None
        decision = self.engine.decide(before, command, now=self.now)

        assert decision == self.engine.decide(before, command, now=self.now)
        assert kept == (dump(before) if before is not None else None)
        assert list(faults(Made(self.engine, before, command, decision))) == []
        self.log.extend(decision.entries)
        self.state = decision.state
        assert list(self.listener.hear(heard(decision.entries, "primary"))) == []
        return decision

    # -- what must hold ----------------------------------------------------------------------------

    @invariant()
    @precondition(lambda self: self.state is not None)
    def all_invariants_hold(self) -> None:
        """Whatever has happened."""
        assert list(complaints(self.tables, self.session)) == []

    @invariant()
    @precondition(lambda self: self.state is not None)
    def json_loses_nothing(self) -> None:
        """The state comes back from JSON as it was."""
        assert load(json.loads(json.dumps(dump(self.session)))) == self.session

    def teardown(self) -> None:
        """In the end, the log is the session, however it is cut, and the lists pass the checker."""
        if self.state is None:
            return
        half = len(self.log) // 2
        first = self.engine.apply(None, self.log[:half]) if half else None
        one_by_one: Session | None = None
        for entry in self.log:
            one_by_one = self.engine.evolve(one_by_one, entry)

        assert self.engine.apply(None, self.log) == self.state
        assert self.engine.apply(first, self.log[half:]) == self.state
        assert one_by_one == self.state
        assert list(self.listener.end()) == []
        for name, events in self.lists():
            report = check_events(events, dialect=self.dialect)
            assert [f for f in report.findings if f.level is not Level.NOTE] == [], name

    def lists(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Iterate over the lists of the session and of its children, as JSON."""
        yield "session", [unstructure(event) for event in session_list(self.log)]
        for thread in self.session.threads.values():
            if thread.parent:
                yield thread.id, [unstructure(event) for event in thread_list(self.log, thread.id)]


class AnthropicSessions(Sessions):
    """Sessions in Anthropic's dialect."""

    dialect = "anthropic"


class QoderSessions(Sessions):
    """Sessions in Qoder's dialect."""

    dialect = "qoder"


AMOUNT: Final = settings(
    max_examples=100,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestAnthropicSessions = AnthropicSessions.TestCase
TestAnthropicSessions.settings = AMOUNT
TestQoderSessions = QoderSessions.TestCase
TestQoderSessions.settings = AMOUNT


def test_instructions_alone_wake_nobody() -> None:
    """What was found at random: a system message that waited opened a turn without a cause."""
    engine = Engine("anthropic")
    first = (c.SendMessage(session_id=SESSION, content="Hi"),)
    made = engine.decide(None, c.CreateSession(session_id=SESSION, initial=first), now=BEGIN)
    state = engine.decide(made.state, c.Interrupt(session_id=SESSION), now=BEGIN).state
    said = c.SendSystemMessage(session_id=SESSION, content="Be brief")
    state = engine.decide(state, said, now=BEGIN).state

    assert engine.decide(state, c.DeliverNext(session_id=SESSION), now=BEGIN).events == ()

    sent = engine.decide(state, c.SendMessage(session_id=SESSION, content="Go"), now=BEGIN)
    woken = engine.decide(sent.state, c.DeliverNext(session_id=SESSION), now=BEGIN)

    assert [str(event.type) for event in woken.events] == [
        "session.status_running",
        "session.thread_status_running",
        "system.message",
        "user.message",
    ]
