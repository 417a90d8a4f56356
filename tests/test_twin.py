"""
The twin judges small stories, one event a line, and every real recording at hand.

A line is `[who] verb [argument] [flags]`. `session`, `P` (the primary), `C` (a child) and `A` (an
advisor) are who; no who is the list's own thread.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import corpus
import pytest
from twin import RULES, judge

VERBS = {
    "message": ("user.message", ""),
    "interrupt": ("user.interrupt", ""),
    "answer": ("user.custom_tool_result", "custom_tool_use_id"),
    "confirm": ("user.tool_confirmation", "tool_use_id"),
    "says": ("agent.message", ""),
    "uses": ("agent.tool_use", "id"),
    "calls": ("agent.custom_tool_use", "id"),
    "result": ("agent.tool_result", "tool_use_id"),
    "sent": ("agent.thread_message_sent", "to_session_thread_id"),
    "received": ("agent.thread_message_received", "from_session_thread_id"),
    "request": ("span.model_request_start", "id"),
    "ends": ("span.model_request_end", "model_request_start_id"),
    "created": ("session.thread_created", ""),
    "error": ("session.error", ""),
}
FLAGS: dict[str, dict[str, Any]] = {
    "ask": {"evaluated_permission": "ask"},
    "allow": {"evaluated_permission": "allow"},
    "failed": {"is_error": True},
    "deny": {"result": "deny"},
    "queued": {"processed_at": None},
    "terminal": {"error": {"retry_status": {"type": "terminal"}}},
    "why": {"stop_reason": {"type": "end_turn"}},
}
REASONS = ("end_turn", "budget_reached", "retries_exhausted")


def story(text: str) -> list[dict[str, Any]]:
    """The events that a story tells."""
    return [event(line.split(), f"e{at}") for at, line in enumerate(text.strip().splitlines())]


def event(words: list[str], event_id: str) -> dict[str, Any]:
    who = words.pop(0) if words[0] in ("session", "P", "C", "A") else None
    verb, *rest = words
    body: dict[str, Any] = {"id": event_id, "processed_at": "2026-09-01T00:00:00Z"}
    if who not in (None, "session"):
        body["session_thread_id"] = who
    if who == "A":
        body["agent_name"] = "anthropic.advisor"
    if verb in VERBS:
        body["type"], field = VERBS[verb]
        if field:
            body[field] = rest.pop(0)
    else:
        body["type"] = f"session.{'' if who == 'session' else 'thread_'}status_{verb}"
    if verb == "idle":
        known = rest and rest[0] in REASONS
        reason = {"type": rest[0]} if known else {"type": "requires_action", "event_ids": rest}
        return {**body, "stop_reason": reason}
    for flag in rest:
        body |= FLAGS[flag]
    return body


def rules(text: str, view: str | None = None) -> list[str]:
    """The names of the rules that a story breaks, in its order; a story is told from its start."""
    return [complaint.rule for complaint in judge(story(text), view, whole=True)]


TURN = """
session running
P running
message
request r1
says
uses t1 allow
ends r1
result t1
request r2
says
ends r2
P idle end_turn
session idle end_turn
"""
TWICE = f"""
{TURN.strip()}
session running
P running
message
request r3
says
ends r3
P idle end_turn
session idle end_turn
"""
WAIT = """
session running
P running
message
request r1
calls c1
uses t2 ask
ends r1
P idle c1 t2
session idle c1 t2
answer c1
P idle t2
session idle t2
confirm t2
session running
P running
result t2
request r2
says
ends r2
P idle end_turn
session idle end_turn
"""
MIXED = """
session running
P running
message
request r1
uses t1 allow
calls c1
ends r1
P idle c1
session idle c1
session running
P running
P idle c1
session idle c1
answer c1
session running
P running
result t1
request r2
says
ends r2
P idle end_turn
session idle end_turn
"""
INTERRUPTED = """
session running
P running
message
request r1
uses t1 allow
ends r1
result t1 failed
interrupt
P idle end_turn
session idle end_turn
"""
FAILED = """
session running
P running
message
request r1
ends r1 failed
error terminal
session terminated
"""
COORDINATOR = """
session running
P running
message
request r1
ends r1
C created
sent C
request r2
C running
says
ends r2
P idle end_turn
C idle c1
C calls c1
session idle c1
session running
P running
C answer c1
C running
P idle end_turn
session idle c1
session running
P running
received C
request r3
C idle end_turn
says
ends r3
P idle end_turn
session idle end_turn
"""
CHILD = """
C running
received P
request r1
calls c1
ends r1
C idle c1
answer c1
C running
request r2
says
ends r2
sent P
C idle end_turn
"""
ADVISED = """
session running
P running
message
request r1
ends r1
A created
A running
A idle end_turn
A terminated
received A
request r2
says
ends r2
P idle end_turn
session idle end_turn
"""


class TestAccepted:
    def test_a_turn_with_a_tool(self) -> None:
        """A turn runs, asks the model, uses a tool, asks again and idles."""
        assert rules(TURN) == []

    def test_a_wait_answered_in_parts(self) -> None:
        """A partial answer idles again, with the rest; the last one runs (G1, G5)."""
        assert rules(WAIT) == []

    def test_the_platform_works_while_the_client_thinks(self) -> None:
        """An allowed call runs while its sibling waits for the client."""
        assert rules(MIXED) == []

    def test_an_interrupted_tool(self) -> None:
        """The forced result, the interrupt, the idle: in this order (I1)."""
        assert rules(INTERRUPTED) == []

    def test_a_terminal_error(self) -> None:
        """A terminated session leaves its primary running (X1)."""
        assert rules(FAILED) == []

    def test_an_answer_forwarded_to_a_child(self) -> None:
        """The primary runs and idles for nothing, and the session names a stale ask (K2 to K4)."""
        assert rules(COORDINATOR) == []

    def test_a_childs_own_list(self) -> None:
        """A child's list speaks of no session, and the twin sees that by itself."""
        assert rules(CHILD) == []
        assert rules(CHILD, "thread") == []

    def test_advice_after_the_advisor_has_gone(self) -> None:
        """Advice may arrive after the advisor's end (C8)."""
        assert rules(ADVISED) == []

    def test_a_budget_on_the_session_alone(self) -> None:
        """The session may say `budget_reached` where its primary says `end_turn` (section 12)."""
        assert rules(TURN.replace("session idle end_turn", "session idle budget_reached")) == []

    def test_a_thread_id_of_null(self) -> None:
        """A null thread id is the primary's."""
        assert judge([{"session_thread_id": None, **e} for e in story(TURN)]) == []

    @pytest.mark.parametrize("text", [TURN, WAIT, MIXED, INTERRUPTED, COORDINATOR, CHILD])
    def test_any_beginning_of_a_story(self, text: str) -> None:
        """What is still owed when a recording stops is no fault."""
        events = story(text)
        view = "thread" if text == CHILD else "session"

        assert [c for end in range(len(events)) for c in judge(events[:end], view)] == []

    @pytest.mark.parametrize("text", [TURN, WAIT, MIXED, INTERRUPTED, COORDINATOR, CHILD])
    def test_any_end_of_a_story(self, text: str) -> None:
        """What an unseen beginning can explain is no fault."""
        events = story(text)
        view, opening = "session", "session.status_running"
        if text == CHILD:
            view, opening = "thread", "session.thread_status_running"
        tails = [events[at:] for at, e in enumerate(events) if e["type"] != opening]

        assert [complaint for tail in tails for complaint in judge(tail, view)] == []

    @pytest.mark.parametrize("text", [TURN, WAIT, MIXED, COORDINATOR, CHILD])
    def test_everything_twice(self, text: str) -> None:
        """A replayed history is no second one (trap 36)."""
        assert judge(story(text) + story(text)) == []

    def test_a_queued_copy_before_the_processed_one(self) -> None:
        """An answer that is listed when queued and when consumed is one answer."""
        events = story(WAIT)
        answer = next(e for e in events if e["type"] == "user.custom_tool_result")
        events.insert(events.index(answer), {**answer, "processed_at": None})

        assert judge(events) == []

    def test_types_alone(self) -> None:
        """Without ids and stop reasons only the order of types is judged."""
        types = [{"type": e["type"]} for e in story(TURN)]

        assert judge(types) == []
        assert "H3" in [c.rule for c in judge(types[:1] + types[2:])]
        assert "H10" in [c.rule for c in judge(types[:-2] + types[-1:])]


BROKEN = [
    # rule     story        this             told as this instead
    ("INV-36", TURN, "P running", "P running\nP running"),
    ("INV-36", TURN, "P idle end_turn", "P idle end_turn\nP idle end_turn"),
    ("INV-36", TURN, "P idle end_turn", "P idle end_turn\nP rescheduled"),
    ("INV-36", COORDINATOR, "request r2\nC running", "request r2"),
    ("INV-37", COORDINATOR, "C idle end_turn", "C terminated\nC idle end_turn"),
    ("INV-37", ADVISED, "received A", "A running"),
    ("H24", TURN, "P idle end_turn", "P terminated"),
    ("H25", COORDINATOR, "C created\n", ""),
    ("H26", COORDINATOR, "C created\nsent C", "sent C\nC created"),
    ("INV-34", COORDINATOR, "C created", "C created\nC created"),
    ("INV-34", COORDINATOR, "C created", "C created\nP created"),
    ("H27", CHILD, "received P\nrequest r1", "request r1\nreceived P"),
    ("W2", TWICE, "message\nrequest r3", "request r3"),
    ("H28", COORDINATOR, "session running\nP running\nreceived C", "received C"),
    ("H6", TURN, "message\nrequest r1\nsays", "message\nsays\nrequest r1"),
    ("H7", TURN, "ends r2", "message\nends r2"),
    ("C2", COORDINATOR, "ends r1\nC created", "C created\nends r1"),
    ("C2", COORDINATOR, "sent C\nrequest r2", "request r2\nsent C"),
    ("K1", COORDINATOR, "C calls c1\nsession", "C calls c1\nP idle c1\nsession"),
    ("E2", WAIT, "session idle t2\nconfirm", "confirm"),
    ("G1", WAIT, "P idle c1 t2", "P idle c1"),
    ("X6", WAIT, "P idle c1 t2", "P idle retries_exhausted"),
    ("INV-22", WAIT, "confirm t2", "confirm c1"),
    ("INV-26", WAIT, "confirm t2", "confirm t2 deny"),
    (
        "H9",
        WAIT,
        "confirm t2\nsession running\nP running\nresult t2",
        "confirm t2 deny\nresult t2 failed\nsession running\nP running",
    ),
    ("H4", WAIT, "confirm t2\nsession running", "confirm t2"),
    ("H5", TURN, "session idle end_turn", "session idle end_turn\nmessage\nsession running"),
    ("H8", WAIT, "confirm t2\n", ""),
    ("H8", COORDINATOR, "C answer c1\n", ""),
    ("H8", CHILD, "answer c1\nC running", "C running\nanswer c1"),
    ("H13", WAIT, "P idle t2", "P idle c1 t2"),
    ("T3", INTERRUPTED, "result t1 failed\ninterrupt\n", ""),
    ("T3", MIXED, "P running\nP idle c1", "P running\nP idle end_turn"),
    ("H20", INTERRUPTED, "result t1 failed\ninterrupt", "interrupt\nresult t1 failed"),
    ("H20", WAIT, "answer c1", "interrupt"),
    ("H3", TURN, "P running\n", ""),
    ("H3", WAIT, "confirm t2\nsession running", "session running\nconfirm t2"),
    ("H34", WAIT, "session idle t2\n", "session running\nP running\n"),
    ("T13", TWICE, "session running\nP running\nmessage\nrequest r3", "session rescheduled"),
    ("H10", TURN, "P idle end_turn\n", ""),
    ("H10", WAIT, "answer c1\nP idle t2", "answer c1"),
    ("E2", WAIT, "session idle t2", "session idle c1 t2"),
    (
        "1.7",
        COORDINATOR,
        "session idle c1\nsession running\nP running\nC",
        "session idle end_turn\nC",
    ),
    ("H21", FAILED, "session terminated", "session terminated\nsays"),
    ("H22", FAILED, "session terminated", "request r2"),
    ("H23", FAILED, "session terminated", "session terminated why"),
    ("H12", TURN, "P idle end_turn", "P idle"),
    ("H12", TURN, "session idle end_turn", "session idle nobody"),
    ("H12", COORDINATOR, "C idle end_turn", "C idle nobody"),
    ("H14", TURN, "uses t1 allow\nends r1\nresult t1", "ends r1\nresult t1\nuses t1 allow"),
    ("H14", TURN, "result t1", "result t1\nresult t1"),
    ("H14", WAIT, "answer c1", "answer t2"),
    ("H15", WAIT, "confirm t2", "confirm c1"),
    ("H16", WAIT.replace("calls c1", "uses c1 allow"), "answer c1", "result c1"),
    ("E1", TURN, "result t1\n", ""),
    ("H18", TURN, "ends r1\n", ""),
    ("H18", TURN, "ends r2", "ends r1"),
    ("H19", TURN, "says\nends r2", "ends r2\nsays"),
    ("H19", TURN, "ends r1\nresult t1", "result t1\nends r1"),
]


class TestComplained:
    @pytest.mark.parametrize(("rule", "text", "told", "instead"), BROKEN)
    def test_a_story_with_one_thing_wrong(
        self, rule: str, text: str, told: str, instead: str
    ) -> None:
        """A good story, told wrong in one place, breaks the rule that guards the place."""
        assert rule not in rules(text)

        assert told in text
        assert rule in rules(text.replace(told, instead, 1))

    def test_every_rule_has_a_story(self) -> None:
        """No rule is beyond breaking."""
        assert {code for code, *_ in RULES} == {rule for rule, *_ in BROKEN}

    def test_a_complaint_says_where(self) -> None:
        """The line is the event's, counted from one, duplicates included."""
        events = story(TURN.replace("result t1\n", ""))

        (complaint,) = [c for c in judge(events[:2] + events) if c.rule == "E1"]
        assert (complaint.line, complaint.about, complaint.why) == (10, "call", "t1 has no result")


@pytest.fixture
def foreign() -> Path:
    """The folder of foreign recordings; not part of the project."""
    found = corpus.folder()
    if found is None:
        pytest.skip("needs recordings of your own: set LIFECYCLE_CORPUS to their folder")
    return found


class TestCorpus:
    def test_real_recordings_are_accepted(self, foreign: Path) -> None:
        """The real service is right: a complaint about it would be the twin's mistake."""
        names = corpus.real_and_complete(foreign)

        assert names
        assert {
            name: complaints
            for name in names
            if (complaints := judge(corpus.recording(foreign / name)))
        } == {}

    @pytest.mark.parametrize(
        ("pattern", "rule"),
        [("openma/recovered*[0-9]p.jsonl", "H18"), ("superduck/issue-260*", "H10")],
    )
    def test_broken_servers_are_caught(self, foreign: Path, pattern: str, rule: str) -> None:
        """Overlapping requests after a crash, and an idle in the middle of a tool, are seen."""
        if corpus.described() is None:
            pytest.skip("needs the recordings of broken servers in the folder LIFECYCLE_CORPUS")
        (path,) = foreign.glob(pattern)

        assert rule in [complaint.rule for complaint in judge(corpus.recording(path))]
