"""QO: what Qoder's archive of a thread promises, and the words of its mailbox.

Nobody has published a recording of this dialect: all of it rests on the archive page and its
neighbours. What these leave open (the order of an archive's effects among themselves, say) is let
pass.
"""

from __future__ import annotations

from typing import Any, Final

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.view import RUNNING, ThreadView, View
from lifecycle.check.words import E, StopReason
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen

__all__: list[str] = []

_QODER: Final[dict[str, Any]] = {"evidence": Evidence.DOCUMENTED, "dialects": ("qoder",)}
_CANCELLED: Final = b"Agent cancelled."
_DIRECTIONS: Final = ("coordinator_to_child", "child_to_coordinator")


@rule("QO001", Level.NOTE, "archived-for-another-reason", E.THREAD_TERMINATED, **_QODER)
def archived_for_another_reason(v: View, e: Seen) -> Fault | None:
    """The terminated event of an archived thread says `archive`.

    Another cause of termination is not documented.

    Why it matters: a client cannot tell an archived child from a failed one.
    Flagged:
        session.thread_status_terminated child stop_reason={"type":"end_turn"}
    Accepted:
        session.thread_status_terminated child stop_reason={"type":"archive"}
    Source: the archive page.
    """
    stop = e.stop_reason
    if stop is None or stop.type == StopReason.ARCHIVE:
        return None
    return Fault(
        f"the thread is terminated for `{stop.type}`",
        expected=f"`{StopReason.ARCHIVE}`",
        path=("stop_reason", "type"),
        thread=e.session_thread_id,
    )


@rule("QO002", Level.ERROR, "archived-while-it-runs", E.THREAD_TERMINATED, **_QODER)
def archived_while_it_runs(v: View, e: Seen) -> Fault | None:
    """Only a thread that rests is archived.

    Why it matters: its turn is lost, and a coordinator that waits for it gets no answer.
    Flagged:
        session.thread_status_running child
        session.thread_status_terminated child stop_reason={"type":"archive"}
    Accepted:
        session.thread_status_running child
        session.thread_status_idle child end_turn
        session.thread_status_terminated child stop_reason={"type":"archive"}
    Source: the archive page: a request to archive another one is refused.
    """
    t, stop = v.threads.get(e.session_thread_id or ""), e.stop_reason
    if t is None or t.run is None or t.mask != RUNNING:
        return None
    if stop is None or stop.type != StopReason.ARCHIVE:
        return None
    return Fault(
        f"thread `{t.id}` is archived in the middle of its turn",
        ((t.run, "its turn opened"),),
        "`session.thread_status_idle` must come first",
        thread=t.id,
        allowed=(E.THREAD_IDLE.value,),
    )


@rule("QO003", Level.ERROR, "coordinator-archived", E.THREAD_TERMINATED, **_QODER)
def coordinator_archived(v: View, e: Seen) -> Fault | None:
    """The coordinator is never archived or terminated by a thread event.

    Why it matters: its children would work for nobody.
    Flagged:
        session.thread_created child parent_thread_id=main
        session.thread_status_terminated main stop_reason={"type":"archive"}
    Accepted:
        session.thread_created child parent_thread_id=main
        session.thread_status_terminated child stop_reason={"type":"archive"}
    Source: the archive page: only a thread with the role of a child can be archived.
    """
    child = v.spawned
    if child is None or child.parent_thread_id != e.session_thread_id or not e.session_thread_id:
        return None
    return Fault(
        "the coordinator's thread is terminated",
        ((child, "its child was made"),),
        "a child's id",
        ("session_thread_id",),
        e.session_thread_id,
    )


@rule("QO004", Level.ERROR, "coordinator-never-released", E.THREAD_RUNNING, E.SPAN_START,
      E.THREAD_IDLE, absence=True, **_QODER)  # fmt: skip
def coordinator_never_released(v: View, e: Seen) -> Fault | None:
    """A coordinator that waits in `Agent` for a child gets a result when the child is archived.

    It has the result before it goes on. That a child comes to rest does not release it.

    Why it matters: the coordinator would wait for ever.
    Flagged:
        agent.tool_use c1 allow name=Agent
        session.thread_created child created_by_tool_use_id=c1
        session.thread_status_running child
        session.thread_status_idle child end_turn
        session.thread_status_terminated child stop_reason={"type":"archive"}
        session.thread_status_running main
    Accepted:
        agent.tool_use c1 allow name=Agent
        session.thread_created child created_by_tool_use_id=c1
        session.thread_status_running child
        session.thread_status_idle child end_turn
        session.thread_status_terminated child stop_reason={"type":"archive"}
        agent.tool_result c1 content="Agent cancelled."
        session.thread_status_running main
    Source: the archive page: it receives a tool result and resumes execution.
    """
    t = v.thread_of(e)
    if t.interrupted is not None:
        return None
    for call in t.calls.values():
        if call.cancelled is None or call.spawned is None or call.use.name != "Agent":
            continue
        return Fault(
            f"the coordinator goes on, and its call at line {call.use.line} has no result",
            (
                (call.use, "the coordinator called `Agent`"),
                (call.spawned, "the call made this child"),
                (call.cancelled, "the child was archived"),
            ),
            "an `agent.tool_result` that says `Agent cancelled.` must come first",
            thread=t.id or None,
            allowed=(E.AGENT_TOOL_RESULT.value,),
            resync="the call is taken to be closed",
            repair=lambda _: _take_to_be_released(t),
        )
    return None


def _take_to_be_released(t: ThreadView) -> None:
    """Take *t* to wait for no archived child."""
    for call in t.calls.values():
        call.cancelled = None


@rule("QO005", Level.WARNING, "cancelled-wait-says-otherwise", E.AGENT_TOOL_RESULT, **_QODER)
def cancelled_wait_says_otherwise(v: View, e: Seen) -> Fault | None:
    """The result that an archive gives to a waiting coordinator is the text `Agent cancelled.`

    Whether it is marked as an error is not documented.

    Why it matters: the coordinator takes something else for the child's report.
    Flagged:
        agent.tool_use c1 allow name=Agent
        session.thread_created child created_by_tool_use_id=c1
        session.thread_status_running child
        session.thread_status_idle child end_turn
        session.thread_status_terminated child stop_reason={"type":"archive"}
        agent.tool_result c1 content=Done.
    Accepted:
        agent.tool_use c1 allow name=Agent
        session.thread_created child created_by_tool_use_id=c1
        session.thread_status_running child
        session.thread_status_idle child end_turn
        agent.tool_result c1 content=Done.
        session.thread_status_terminated child stop_reason={"type":"archive"}
    Source: the archive page. A report that was on its way is not documented.
    """
    call = v.calls.get(e.tool_use_id or "")
    if call is None or call.cancelled is None or call.spawned is None or not e.content:
        return None
    if call.use.name != "Agent" or _CANCELLED in bytes(e.content):
        return None
    return Fault(
        "the child was archived, and the coordinator's result says something else",
        (
            (call.use, "the coordinator called `Agent`"),
            (call.spawned, "the call made this child"),
            (call.cancelled, "the child was archived"),
        ),
        "`Agent cancelled.`",
        ("content",),
        call.thread.id or None,
    )


@rule("QO006", Level.ERROR, "archived-thread-receives", E.THREAD_MESSAGE_RECEIVED, **_QODER)
def archived_thread_receives(v: View, e: Seen) -> Fault | None:
    """The messages that wait for a thread are cancelled when it is archived: it receives no more.

    Why it matters: a message is taken for read that nobody acts on.
    Flagged:
        session.thread_status_terminated child stop_reason={"type":"archive"}
        agent.thread_message_received main of=child
    Accepted:
        agent.thread_message_received main of=child
        session.thread_status_idle child end_turn
        session.thread_status_terminated child stop_reason={"type":"archive"}
    Source: the archive page.
    """
    t = v.threads.get(e.session_thread_id or "")
    if t is None or t.ended is None:
        return None
    return Fault(
        f"thread `{t.id}` receives a message after it was archived",
        ((t.ended, "it was archived"),),
        "a live thread",
        ("session_thread_id",),
        t.id,
    )


@rule("QO007", Level.WARNING, "direction-that-nobody-knows", E.THREAD_MESSAGE_SENT, **_QODER)
def direction_that_nobody_knows(v: View, e: Seen) -> Fault | None:
    """A message goes from the coordinator to a child, or from a child to the coordinator.

    Why it matters: a client that sorts messages by their direction drops it.
    Flagged:
        agent.thread_message_sent child direction=sideways
    Accepted:
        agent.thread_message_sent child direction=coordinator_to_child
    Source: the thread pages show `coordinator_to_child`; the other word is inferred.
    """
    if e.direction is None or e.direction in _DIRECTIONS:
        return None
    return Fault(
        f"`{e.direction}` is no direction that the pages know",
        expected=" or ".join(f"`{one}`" for one in _DIRECTIONS),
        path=("direction",),
        thread=e.session_thread_id,
    )


@rule("QO008", Level.WARNING, "direction-against-its-threads", E.THREAD_MESSAGE_SENT, **_QODER)
def direction_against_its_threads(v: View, e: Seen) -> Fault | None:
    """What is called a message to a child is not sent by one, and the other way round.

    Why it matters: a client shows it on the wrong side.
    Flagged:
        session.thread_created child
        agent.thread_message_sent main from_session_thread_id=child
    Accepted:
        session.thread_created child
        agent.thread_message_sent child from_session_thread_id=main
    Source: the thread pages, by the word's meaning.
    """
    wrong = "from_session_thread_id" if e.direction == _DIRECTIONS[0] else "to_session_thread_id"
    t = v.threads.get(getattr(e, wrong) or "")
    if e.direction not in _DIRECTIONS or t is None or t.announced is None:
        return None
    return Fault(
        f"the message is called `{e.direction}`, and `{t.id}` is a child",
        ((t.announced, "the child was made"),),
        "the other direction, or another thread",
        (wrong,),
        t.id,
    )
