"""
A slow, plain second opinion on the threads, sessions and calls of a recorded event stream.

The twin exists to disagree. It is written from the references alone (`recorded.md`, cited here as
"recorded", and `anthropic.md`), shares no code with the package, keeps the whole stream in memory
and asks of every event, rule by rule: given all that was listed before, can this be?

Only hard errors are complaints: what the real service never showed and what is recorded or
documented beyond doubt. Four things make it hold its tongue:

* *An unknown past.* A list that opens otherwise than a life does (a session's with its running, a
  child's with its running and its task) started mid-life; what an earlier event could explain is
  no fault.
* *An unknown future.* A list may stop anywhere; nothing still owed at its end is a fault.
* *Missing words.* A recording of types alone has no ids and no stop reasons to judge by.
* *What nobody recorded* (rescheduling, workflow runs, budgets, interrupted waits): where the
  references say "unknown", everything is allowed.

A complaint stands on the line of the first event that cannot be right.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from attrs import frozen

__all__ = ["Complaint", "judge"]

OWN = "(own)"  # the thread that a list belongs to: the primary's, or a child's own list

SESSION_RUNNING = "session.status_running"
SESSION_IDLE = "session.status_idle"
SESSION_TERMINATED = "session.status_terminated"
CREATED = "session.thread_created"
RUNNING = "session.thread_status_running"
IDLE = "session.thread_status_idle"
RESCHEDULED = "session.thread_status_rescheduled"
TERMINATED = "session.thread_status_terminated"
SENT = "agent.thread_message_sent"
RECEIVED = "agent.thread_message_received"
SPAN_START = "span.model_request_start"
SPAN_END = "span.model_request_end"
ERROR = "session.error"
INTERRUPT = "user.interrupt"
CONFIRMATION = "user.tool_confirmation"

WAKERS = ["user.message", "user.define_outcome"]
CALLS = ["agent.tool_use", "agent.mcp_tool_use", "agent.custom_tool_use"]
PLATFORM_RESULTS = ["agent.tool_result", "agent.mcp_tool_result"]

# Which field of a result names its call, and of which family that call must be (recorded H14).
RESULT_FIELD = {
    "agent.tool_result": "tool_use_id",
    "agent.mcp_tool_result": "mcp_tool_use_id",
    "user.tool_result": "tool_use_id",
    "user.custom_tool_result": "custom_tool_use_id",
}
RESULT_FAMILY = {
    "agent.tool_result": "agent.tool_use",
    "agent.mcp_tool_result": "agent.mcp_tool_use",
    "user.tool_result": "agent.tool_use",
    "user.custom_tool_result": "agent.custom_tool_use",
}


@frozen
class Complaint:
    """
    One thing that cannot be.

    Args:
        rule: the rule's name in the references: "H13" (recorded), "INV-36", "T3" (anthropic).
        line: 1-based index of the event in the list given to `judge`.
        about: "thread", "session" or "call".
        why: one sentence.
    """

    rule: str
    line: int
    about: str
    why: str


# -- What a rule sees --------------------------------------------------------------------------


@frozen
class Event:
    """One event, its place in the list, and the thread whose event it is."""

    line: int
    type: str
    id: str | None
    thread: str
    others: list[str]  # the threads, other than the list's own, that it is of, from or for
    body: dict[str, Any]

    @property
    def pending(self) -> bool:
        """Not consumed yet: only client events may lack `processed_at` (recorded L3, INV-04)."""
        return self.type.startswith("user.") and self.body.get("processed_at") is None

    @property
    def reason(self) -> str | None:
        """The type of the stop reason, None where there is none."""
        stop = self.body.get("stop_reason")
        return stop.get("type") if isinstance(stop, dict) else None

    @property
    def asks(self) -> set[str]:
        """The ids that a `requires_action` waits for."""
        if self.reason != "requires_action":
            return set()
        return set(self.body["stop_reason"].get("event_ids") or [])

    @property
    def answers(self) -> str | None:
        """The id of the call that this result or confirmation is about."""
        field = "tool_use_id" if self.type == CONFIRMATION else RESULT_FIELD.get(self.type)
        return self.body.get(field) if field else None

    @property
    def call_answered(self) -> str | None:
        """The id of the call that this event is the result of; a confirmation is no result."""
        return self.answers if self.type in RESULT_FIELD else None

    @property
    def retry(self) -> str | None:
        """A `session.error`'s retry status: retrying, exhausted or terminal."""
        error = self.body.get("error")
        status = error.get("retry_status") if isinstance(error, dict) else None
        return status.get("type") if isinstance(status, dict) else None


@frozen
class Moment:
    """One event between all that came before it and all that came after."""

    view: str
    whole: bool  # the list starts at the beginning of the session's (or the child's) life
    types_only: bool
    past: list[Event]
    now: Event
    future: list[Event]

    def before(self, *types: str) -> list[Event]:
        """The earlier events of these types, on whatever thread."""
        return [e for e in self.past if e.type in types]

    def own(self, *types: str) -> list[Event]:
        """The earlier events of these types on the list's own thread."""
        return [e for e in self.before(*types) if e.thread == OWN]

    def status(self, thread: str) -> Event | None:
        """The thread's last status event, None when it had none yet."""
        return last([e for e in self.past if is_thread_status(e) and e.thread == thread])

    def session_status(self) -> Event | None:
        """The session's last status event."""
        return last([e for e in self.past if e.type.startswith("session.status_")])

    def call(self, call_id: str | None) -> Event | None:
        """The earlier tool use with this id."""
        return last([e for e in self.before(*CALLS) if e.id is not None and e.id == call_id])

    @property
    def runs(self) -> bool:
        """A workflow run was seen: it can hold the session running (anthropic 1.7, point 2)."""
        return any(e.type.startswith("workflow_run.") for e in self.past)

    @property
    def alone(self) -> bool:
        """The primary has had no company so far; an unknown past may hold some."""
        return self.whole and not self.runs and not any(e.others for e in self.past)


def is_thread_status(event: Event) -> bool:
    return event.type.startswith("session.thread_status_")


def is_work(event: Event) -> bool:
    """The event can only be of a running thread: no error, no queued input, nothing unknown."""
    if event.type.startswith(("agent.", "span.", "user.", "session.thread_")):
        return not event.pending
    return event.type in (SESSION_RUNNING, SESSION_IDLE, "session.usage")


def last(events: list[Event]) -> Event | None:
    return events[-1] if events else None


def since(past: list[Event], mark: Event | None) -> list[Event]:
    """What follows the mark; everything when there is none."""
    return [e for e in past if mark is None or e.line > mark.line]


def unanswered(m: Moment, idle: Event) -> set[str]:
    """The asks of an idle that nothing has answered, closed or interrupted (INV-21)."""
    if any(e.type == INTERRUPT and e.thread in (OWN, idle.thread) for e in since(m.past, idle)):
        return set()
    return idle.asks - {e.answers for e in m.past if e.answers is not None}


def open_calls(m: Moment) -> list[Event]:
    """The own calls that have no result yet."""
    answered = {e.call_answered for e in m.past}
    return [c for c in m.own(*CALLS) if c.id is not None and c.id not in answered]


def owed_results(m: Moment) -> list[Event]:
    """
    The own calls that must have had their result by now.

    Nobody recorded how a failed request, a rescheduled thread or an interrupted custom or MCP
    wait settles its calls (recorded I9, X5): those are let off.
    """
    errors = [e for e in m.own(SPAN_END) if e.body.get("is_error")]
    failed = {e.body.get("model_request_start_id") for e in errors}
    owed = []
    for call in open_calls(m):
        later = since(m.past, call)
        interrupted = any(e.type == INTERRUPT and e.thread == OWN for e in later)
        rescheduled = any("rescheduled" in e.type for e in later)
        excused = interrupted and call.type != "agent.tool_use"
        if request_of(m, call) not in failed and not rescheduled and not excused:
            owed.append(call)
    return owed


def request_of(m: Moment, call: Event) -> str | None:
    """The id of the model request that a call came from."""
    start = last([e for e in m.own(SPAN_START) if e.line < call.line])
    return start.id if start else None


def open_requests(m: Moment) -> list[Event]:
    """The own model requests that have started and not ended."""
    if m.types_only:
        return [e for e in m.own(SPAN_START, SPAN_END)[-1:] if e.type == SPAN_START]
    ended = {e.body.get("model_request_start_id") for e in m.own(SPAN_END)}
    return [e for e in m.own(SPAN_START) if e.id not in ended]


# -- The register ------------------------------------------------------------------------------

Rule = Callable[[Moment], str | None]
RULES: list[tuple[str, str, tuple[str, ...], tuple[str, ...], Rule]] = []


def rule(code: str, about: str, *types: str, view: str | None = None) -> Callable[[Rule], Rule]:
    """Register a rule for these event types (none: for every event) on one view or both."""
    views = (view,) if view else ("session", "thread")

    def register(function: Rule) -> Rule:
        RULES.append((code, about, types, views, function))
        return function

    return register


# -- Threads -----------------------------------------------------------------------------------


@rule("INV-36", "thread", RUNNING)
def runs_twice(m: Moment) -> str | None:
    """anthropic INV-36; recorded, "Checked against the corpus": no thread runs twice in a row."""
    status = m.status(m.now.thread)
    return "the thread is running already" if status and status.type == RUNNING else None


@rule("INV-36", "thread", IDLE)
def idles_twice(m: Moment) -> str | None:
    """
    anthropic INV-36, INV-20; recorded G5: an idle thread idles again only with other asks.

    An interrupt or a budget may say the same thing once more, and a first status of idle needs an
    unknown past.
    """
    status = m.status(m.now.thread)
    if status is None:
        return "the thread idles before it ever ran" if m.whole else None
    if status.type != IDLE or None in (status.reason, m.now.reason):
        return None
    stops = since(m.before(INTERRUPT), status)
    if m.now.reason == "budget_reached" or any(e.thread in (OWN, m.now.thread) for e in stops):
        return None
    same = (status.reason, status.asks) == (m.now.reason, m.now.asks)
    return "the thread is idle already, for the same reason" if same else None


@rule("INV-36", "thread", RESCHEDULED)
def reschedules_while_idle(m: Moment) -> str | None:
    """anthropic INV-36: only a running thread, or one that waits for a retry, is rescheduled."""
    status = m.status(m.now.thread)
    return "an idle thread has nothing to retry" if status and status.type == IDLE else None


@rule("INV-37", "thread")
def acts_after_its_end(m: Moment) -> str | None:
    """
    anthropic INV-36, INV-37: a terminated thread does nothing.

    What it sent before may be read after its end: the list is in processing order (recorded,
    "The one idea"), and advice is known to lag (recorded C8).
    """
    acts = is_thread_status(m.now) or m.now.type == SPAN_START
    says = m.now.type.startswith("agent.") and m.now.type not in (*PLATFORM_RESULTS, RECEIVED)
    if not (acts or says):
        return None
    ended = [e.thread for e in m.before(TERMINATED)]
    return "the thread has terminated" if {m.now.thread, *m.now.others} & {*ended} else None


@rule("H24", "thread", TERMINATED, view="session")
def primary_terminates(m: Moment) -> str | None:
    """recorded H24: the primary's end is the session's; it has no terminated event of its own."""
    return "the primary ends with its session" if m.now.thread == OWN else None


@rule("H25", "thread", view="session")
def appears_uncreated(m: Moment) -> str | None:
    """recorded H25: the first event to name a child is its `session.thread_created`."""
    if not m.whole or m.now.type in (CREATED, SENT):
        return None
    known = {t for e in m.past if e.type != SENT for t in e.others}
    return "no thread_created before" if set(m.now.others) - known else None


@rule("H26", "thread", SENT, view="session")
def is_told_before_it_exists(m: Moment) -> str | None:
    """recorded H26: a message is sent to a child only after its `session.thread_created`."""
    created = [e.thread for e in m.before(CREATED)]
    strangers = [t for t in m.now.others if t not in created]
    return "the message's target was never created" if m.whole and strangers else None


@rule("INV-34", "thread", CREATED, view="session")
def is_created_twice(m: Moment) -> str | None:
    """anthropic INV-34: a thread is created once, and the primary never."""
    if m.now.body.get("session_thread_id") is None:
        return None
    if m.now.thread == OWN:
        return "the primary exists from the start"
    twice = any(e.thread == m.now.thread for e in m.before(CREATED))
    return "the thread exists already" if twice else None


@rule("H27", "thread", view="thread")
def starts_without_a_task(m: Moment) -> str | None:
    """
    recorded H27: a child's own list opens with its running, then the message for it.

    Only a list that is known to be whole: one that was captured from a later turn, which an answer
    resumed, opens otherwise.
    """
    advisor = "anthropic.advisor" in [e.body.get("agent_name") for e in m.past]
    second = is_work(m.now) and len([e for e in m.past if is_work(e)]) == 1
    fault = m.whole and second and not advisor and m.now.type != RECEIVED
    return "a child's task comes second" if fault else None


@rule("H4", "thread", RUNNING, view="session")
def primary_runs_unled(m: Moment) -> str | None:
    """recorded H4, trap 22: the primary runs bare only in a session that children keep running."""
    session, status = m.session_status(), m.status(OWN)
    if m.now.thread != OWN or session is None or "rescheduled" in session.type:
        return None
    led = not since(m.own(RUNNING), session) or (status and status.type == RESCHEDULED)
    if session.type == SESSION_RUNNING and (led or not m.alone):
        return None
    return "no session.status_running leads it"


@rule("H5", "thread", *WAKERS, view="session")
def is_woken_too_early(m: Moment) -> str | None:
    """
    recorded H5: a message that wakes the idle primary is listed after the running it caused.

    A turn that died of `exhausted` flushes its queue (recorded X6); how that lists, nobody saw.
    """
    status = m.status(OWN)
    asleep = status.type == IDLE if status else m.whole
    statuses = [e for e in m.future if e.type.startswith("session.status_")]
    statuses += [e for e in m.future if is_thread_status(e) and e.thread == OWN]
    if m.now.pending or not asleep or not statuses:
        return None
    following = min(statuses, key=lambda e: e.line)
    answered = [e for e in m.future if e.line < following.line and e.answers]
    flushed = any(e.retry == "exhausted" for e in since(m.past, last(m.own(RUNNING))))
    wakes = following.type in (SESSION_RUNNING, RUNNING) and not answered and not flushed
    return "a waking message comes after the running events" if wakes else None


@rule("H8", "thread", RUNNING)
def runs_unanswered(m: Moment) -> str | None:
    """
    recorded H8, anthropic INV-21: a thread that waits runs again when every ask is answered.

    Two runnings come earlier and ask the model nothing: the primary's, when a child's ask is
    answered (recorded K2), and, four times in real recordings, that of a thread whose response
    also had calls for the platform: those run while the client's call is open.
    """
    idle = m.status(OWN)
    if m.now.thread != OWN or idle is None or idle.type != IDLE:
        return None
    children = {t for e in m.past for t in e.others}
    forwards = [s for s in map(m.status, children) if s and s.type == IDLE and s.asks]
    executes = [c for c in open_calls(m) if c.id not in idle.asks]
    waiting = sorted(unanswered(m, idle))
    calls = [m.call(ask) for ask in waiting]
    unseen = not m.whole and not all(call and request_of(m, call) for call in calls)
    fault = waiting and not (forwards or executes or unseen)
    return f"nobody answered {waiting[0]}" if fault else None


@rule("H8", "thread", IDLE, view="session")
def child_ran_on_unanswered(m: Moment) -> str | None:
    """
    recorded H8, anthropic INV-21, for a child: having run, it still names what nobody answered.

    Its calls for the platform are not on the session's list, so its running alone tells nothing.
    """
    status, idles = m.status(m.now.thread), [e for e in m.before(IDLE) if e.thread == m.now.thread]
    ran = status is not None and status.type == RUNNING and m.now.thread != OWN
    if not ran or not idles or m.now.reason not in ("end_turn", "requires_action"):
        return None
    ignored = sorted(unanswered(m, idles[-1]) - m.now.asks)
    return f"nobody answered {ignored[0]}" if ignored else None


@rule("H13", "thread", IDLE)
def waits_for_a_finished_call(m: Moment) -> str | None:
    """recorded H13: no id named by a *thread* idle has a processed result already."""
    finished = {e.call_answered for e in m.past if not e.pending}
    stale = sorted(m.now.asks & finished)
    return f"{stale[0]} has its result already" if stale else None


@rule("T3", "thread", IDLE)
def ends_with_an_open_call(m: Moment) -> str | None:
    """
    anthropic T2, T3; recorded E1: a turn ends when its calls have results, else it waits.

    A running that only forwards a child's answer (recorded K2) ends without a request and tells
    nothing about the primary's own calls.
    """
    if m.now.thread != OWN or m.now.reason != "end_turn":
        return None
    started = since(m.own(SPAN_START), last(m.own(RUNNING)))
    owed = owed_results(m)
    if not owed or (not started and m.view == "session" and not m.alone):
        return None
    return f"{owed[0].id} has no result"


@rule("H20", "thread", IDLE)
def waits_after_an_interrupt(m: Moment) -> str | None:
    """recorded H20, I2: what an interrupt stops idles with `end_turn`, its calls closed."""
    stops = [e for e in m.own(INTERRUPT) if not e.pending]
    if m.now.thread != OWN or not stops or since(m.own(RUNNING), stops[-1]):
        return None
    kept = [c for c in m.own(*CALLS) if c.id in m.now.asks and c.line < stops[-1].line]
    return f"the interrupt closed {kept[0].id}" if kept else None


# -- Sessions ----------------------------------------------------------------------------------


@rule("H3", "session", view="session")
def runs_without_the_primary(m: Moment) -> str | None:
    """
    recorded H3, W3: only `session.error` may come between the session's running and the primary's.

    Silent where a workflow run may be what runs, or where the start failed for good or for now.
    """
    starts = m.before(SESSION_RUNNING)
    if not starts or m.runs or not is_work(m.now):
        return None
    between = since(m.past, starts[-1])
    failed = [e for e in [*between, m.now] if e.type.endswith(("_rescheduled", "_terminated"))]
    if failed or any(is_work(e) for e in between):
        return None
    is_it = m.now.type == RUNNING and m.now.thread == OWN
    return None if is_it else "the primary's running comes first"


@rule("H34", "session", SESSION_RUNNING, view="session")
def session_runs_twice(m: Moment) -> str | None:
    """recorded H34: a session of one thread idles before it runs again."""
    status = m.session_status()
    again = m.alone and status is not None and status.type == SESSION_RUNNING
    return "the session is running already" if again else None


@rule("H10", "session", SESSION_IDLE, view="session")
def session_idles_unled(m: Moment) -> str | None:
    """
    recorded H10, E2: the primary's idle leads the session's.

    With children one idle of the primary may lead several of the session (K2 to K4, G5), and what
    a session at its cap lists after an answer nobody recorded (anthropic T6).
    """
    status = m.status(OWN)
    if status is not None and status.type == RUNNING:
        return "the primary is running"
    if status is not None and status.type == RESCHEDULED:
        return None  # what a retry lists nobody recorded (X5)
    again = not m.alone or m.now.reason == "budget_reached"
    marks = m.before(SESSION_RUNNING) if again else m.before(SESSION_RUNNING, SESSION_IDLE)
    if not marks or m.runs:
        return None
    return None if since(m.own(IDLE), marks[-1]) else "no idle of the primary leads it"


@rule("E2", "session", SESSION_IDLE, view="session")
def session_stops_for_another_reason(m: Moment) -> str | None:
    """recorded E2: alone, session and primary stop for one reason, but for a budget (12)."""
    idles = m.own(IDLE)
    if not m.alone or not idles or None in (m.now.reason, idles[-1].reason):
        return None
    same = (m.now.reason, m.now.asks) == (idles[-1].reason, idles[-1].asks)
    capped = m.now.reason == "budget_reached"
    return None if same or capped else f"the primary stopped for {idles[-1].reason}, or other asks"


@rule("1.7", "session", SESSION_IDLE, view="session")
def session_forgets_an_ask(m: Moment) -> str | None:
    """anthropic 1.7, point 4: while a thread waits for the client, so does the session."""
    if m.now.reason != "end_turn":
        return None
    statuses = [s for s in map(m.status, {e.thread for e in m.past}) if s and s.type == IDLE]
    waiting = sorted(call for idle in statuses for call in unanswered(m, idle))
    return f"nobody answered {waiting[0]}" if waiting else None


@rule("H21", "session", view="session")
def goes_on_after_its_end(m: Moment) -> str | None:
    """
    recorded H21, anthropic INV-09: a terminated session lists nothing more.

    Late ends of workflow runs are documented, a tail of unconsumed input is recorded (L2), and
    whether children get terminated events of their own nobody knows.
    """
    harmless = m.now.pending or m.now.type in ("session.deleted", TERMINATED)
    ours = m.now.type.startswith(("session.", "agent.", "span.", "user."))
    ended = m.before(SESSION_TERMINATED)
    return "the session has terminated" if ended and ours and not harmless else None


@rule("H22", "session", SPAN_START, SESSION_RUNNING)
def works_after_a_terminal_error(m: Moment) -> str | None:
    """recorded H22, anthropic INV-11: after a terminal error (of this thread) nothing starts."""
    terminal = any(e.retry == "terminal" for e in m.before(ERROR))
    ours = m.alone or m.view == "thread"
    return "the error before was terminal" if terminal and ours else None


@rule("H23", "session", SESSION_TERMINATED, view="session")
def ends_with_a_stop_reason(m: Moment) -> str | None:
    """recorded H23: `session.status_terminated` has no stop reason."""
    return "an end has no stop_reason" if m.now.body.get("stop_reason") is not None else None


# -- Stop reasons, of threads and sessions -----------------------------------------------------


def fault_of_stop_reason(m: Moment) -> str | None:
    """
    recorded H12: an idle has a reason, and `requires_action` names earlier tool uses.

    On the session list a child's call may follow the child's idle ("Checked against the corpus"):
    that one is judged at the end, if the list ends at rest.
    """
    if m.types_only:
        return None
    if m.now.reason is None:
        return "an idle has a stop_reason"
    if m.now.reason == "requires_action" and not m.now.asks:
        return "requires_action names nothing"
    others = m.now.type == IDLE and m.now.thread != OWN
    at_rest = any(e.type == SESSION_IDLE for e in m.future[-1:])
    for ask in sorted(m.now.asks):
        named = [e.type for e in m.past + (m.future if others else []) if e.id == ask]
        if any(kind not in CALLS for kind in named):
            return f"{ask} is no tool use"
        if not named and m.whole and (at_rest or not others):
            return f"{ask} was never seen"
    return None


@rule("H12", "thread", IDLE)
def thread_stops_for_nothing(m: Moment) -> str | None:
    """recorded H12, for a thread's idle."""
    return fault_of_stop_reason(m)


@rule("H12", "session", SESSION_IDLE, view="session")
def session_stops_for_nothing(m: Moment) -> str | None:
    """recorded H12, for the session's idle."""
    return fault_of_stop_reason(m)


# -- Calls -------------------------------------------------------------------------------------


@rule("H14", "call", *RESULT_FIELD)
def result_has_no_call(m: Moment) -> str | None:
    """recorded H14: a result follows its call."""
    named, call = m.now.answers, m.call(m.now.answers)
    missing = named is not None and call is None and m.whole
    return f"{named} is no earlier tool use" if missing else None


@rule("H14", "call", *RESULT_FIELD)
def result_is_of_another_family(m: Moment) -> str | None:
    """recorded H14: results stay in the family of the call; an interrupted wait is unknown (I9)."""
    call = m.call(m.now.answers)
    if call is None or call.type == RESULT_FAMILY[m.now.type]:
        return None
    closed = m.now.type in PLATFORM_RESULTS and m.now.body.get("is_error") is True
    return None if closed else f"{m.now.type} does not answer {call.type}"


@rule("H14", "call", *RESULT_FIELD)
def result_is_the_second(m: Moment) -> str | None:
    """recorded H14: a call has one result; the queued copy of the same event is not another."""
    earlier = [e for e in m.past if e.call_answered and e.call_answered == m.now.answers]
    other = [e for e in earlier if e.id is None or e.id != m.now.id]
    return f"{m.now.answers} has its result already" if other and not m.now.pending else None


@rule("H15", "call", *RESULT_FIELD)
def result_without_consent(m: Moment) -> str | None:
    """recorded H15: an `ask` call has no good result before its confirmation."""
    call = m.call(m.now.answers)
    if call is None or call.body.get("evaluated_permission") != "ask":
        return None
    confirmed = any(e.answers == call.id for e in m.before(CONFIRMATION))
    return None if confirmed or m.now.body.get("is_error") is True else "nobody confirmed the call"


@rule("H16", "call", *PLATFORM_RESULTS)
def result_before_a_sibling_is_confirmed(m: Moment) -> str | None:
    """recorded H16, G2: while an ask waits, no allowed call of the same response runs."""
    call = m.call(m.now.answers)
    if call is None or call.thread != OWN or call.body.get("evaluated_permission") != "allow":
        return None
    request, confirmed = request_of(m, call), [e.answers for e in m.before(CONFIRMATION)]
    for ask in [c for c in m.own(*CALLS) if c.body.get("evaluated_permission") == "ask"]:
        sibling = request is not None and request_of(m, ask) == request
        if sibling and ask.id not in confirmed and m.now.body.get("is_error") is not True:
            return f"its sibling {ask.id} still waits for a confirmation"
    return None


@rule("H20", "call", *PLATFORM_RESULTS)
def result_after_its_interrupt(m: Moment) -> str | None:
    """recorded H20, I1: the error results that an interrupt forces are listed before it."""
    call, stops = m.call(m.now.answers), [e for e in m.own(INTERRUPT) if not e.pending]
    if call is None or call.thread != OWN or not stops or m.now.body.get("is_error") is not True:
        return None
    late = call.line < stops[-1].line and not since(m.own(RUNNING), stops[-1])
    return "the interrupt comes after the results it forces" if late else None


@rule("E1", "call", SPAN_START)
def request_before_the_results(m: Moment) -> str | None:
    """recorded E1: the next model request starts when every call of the last has its result."""
    owed = owed_results(m) if m.now.thread == OWN else []
    return f"{owed[0].id} has no result" if owed else None


@rule("H18", "call", SPAN_START)
def request_in_a_request(m: Moment) -> str | None:
    """recorded H18: a thread has one open request; a rescheduled one may never be closed (X5)."""
    still_open = open_requests(m) if m.now.thread == OWN else []
    if not still_open or any("rescheduled" in e.type for e in since(m.past, still_open[-1])):
        return None
    return "an earlier request is still open"


@rule("H18", "call", SPAN_END)
def end_of_no_request(m: Moment) -> str | None:
    """recorded H18: a request's end names an earlier start that has not ended yet."""
    if m.now.thread != OWN:
        return None
    still_open, named = open_requests(m), m.now.body.get("model_request_start_id")
    if m.types_only:
        return "no request is open" if m.whole and not still_open else None
    if named in [e.id for e in still_open]:
        return None
    known = [e for e in m.past if named in (e.id, e.body.get("model_request_start_id"))]
    return "it names no open request" if m.whole or known else None


@rule("H19", "call", "agent.message", "agent.thinking", *CALLS)
def speaks_outside_a_request(m: Moment) -> str | None:
    """recorded H19: messages, thinking and tool uses of a thread lie inside its request."""
    known = m.whole or m.own(SPAN_START, SPAN_END)
    silent = m.now.thread == OWN and known and not open_requests(m)
    return "no model request is open" if silent else None


@rule("H19", "call", *PLATFORM_RESULTS)
def result_in_a_request(m: Moment) -> str | None:
    """recorded H19, E1: no result lies inside a request (a client may answer at any time)."""
    inside = m.now.thread == OWN and open_requests(m)
    return "a model request is open" if inside else None


# -- Judging -----------------------------------------------------------------------------------


def judge(
    events: list[dict[str, Any]], view: str | None = None, *, whole: bool | None = None
) -> list[Complaint]:
    """
    All that cannot be right in a list of events, in the list's order.

    Args:
        events: the decoded events of one session, in stream order.
        view: "session" for the session's list, "thread" for a child's own, None to guess.
        whole: whether the list starts at the beginning of a life, None to guess.
    """
    view = view or guess_view(events)
    types_only = not any(e.get("id") for e in events)
    if types_only and any(e.get("type") in (CREATED, SENT, RECEIVED) for e in events):
        return []  # several threads, and nothing to tell them apart
    opening = [SESSION_RUNNING] if view == "session" else [RUNNING, RECEIVED]
    if whole is None:
        whole = [e.get("type") for e in events[: len(opening)]] == opening
    stream = read(events, own_thread(events, view, whole=whole))
    complaints = []
    for at, now in enumerate(stream):
        moment = Moment(view, whole, types_only, stream[:at], now, stream[at + 1 :])
        for code, about, types, views, function in RULES:
            if view in views and (not types or now.type in types):
                why = function(moment)
                complaints += [Complaint(code, now.line, about, why)] if why else []
    return complaints


def guess_view(events: list[dict[str, Any]]) -> str:
    """A list that speaks of one thread's status and of no session's is a child's own."""
    types = [str(e.get("type")) for e in events]
    threads = [e for e in events if str(e.get("type")).startswith("session.thread_status_")]
    several = len({e.get("session_thread_id") for e in threads}) > 1 or CREATED in types
    session = any(t.startswith("session.status_") for t in types)
    return "session" if session or several or not threads else "thread"


def own_thread(events: list[dict[str, Any]], view: str, *, whole: bool) -> str | None:
    """
    The id of the list's own thread: that of the first status event (anthropic S6, INV-35).

    Mid-life the first may be a child's; the primary is then the one that the session's running
    leads (recorded H3), or unknown.
    """
    statuses = [e for e in events if str(e.get("type")).startswith("session.thread_status_")]
    if view == "session" and not whole:
        quiet = [e for e in events if e.get("type") != ERROR]
        pair = (SESSION_RUNNING, RUNNING)
        statuses = [b for a, b in pairwise(quiet) if (a.get("type"), b.get("type")) == pair]
    return statuses[0].get("session_thread_id") if statuses else None


def read(events: list[dict[str, Any]], own: str | None) -> list[Event]:
    """
    The events with their line and thread, each delivered once (trap 36, anthropic section 5).

    An event without a thread id, or with null (seen on the real service), is the own thread's.
    """
    stream = []
    for at, body in enumerate(events):
        thread = body.get("session_thread_id") or own
        ends = [body.get("to_session_thread_id"), body.get("from_session_thread_id")]
        others = [str(t) for t in [thread, *ends] if t is not None and t != own]
        whose = OWN if thread == own else str(thread)
        if body.get("id") is None or body not in events[:at]:
            event = Event(at + 1, str(body.get("type")), body.get("id"), whose, others, body)
            stream.append(event)
    return stream
