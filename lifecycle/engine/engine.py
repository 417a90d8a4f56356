"""The engine: a command in, entries and effects out, or a refusal. Pure.

`Engine.decide` reads no clock, draws no random number, does no input or output, and leaves the
state that it was given as it was. `Engine.evolve` folds one entry, whatever it is. The state in a
decision is the fold of its entries over the state that was given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from lifecycle import commands as c
from lifecycle.dialects import Dialect, dialect as find_dialect
from lifecycle.engine import (
    answers,
    archive,
    budget,
    children,
    client,
    errands,
    faults,
    interrupt,
    mail,
    outcome,
    runs,
    turns,
)
from lifecycle.engine.draft import Draft, IdMaker, Owed
from lifecycle.engine.evolve import take
from lifecycle.engine.fold import Fold
from lifecycle.engine.refusals import Refusal, refusal, refused_by
from lifecycle.engine.tables import Tables
from lifecycle.events import Event
from lifecycle.frozen import frozen_by_type
from lifecycle.state import Entry, Session
from lifecycle.table import Phase
from lifecycle.vocabulary import RefusalCode, SessionState, SessionTrigger

__all__ = ["Decision", "Engine"]


@frozen_by_type
class Decision:
    """What follows from a command.

    Attributes:
        entries: to append to the session's log, in their order.
        effects: what the host owes: first what belongs in the same write, then what comes after.
        refusal: why nothing follows; `None` if the command was accepted.
        reply: the resource that answers the client, for a command that has one.
        state: the session after it: the fold of the entries.
    """

    entries: tuple[Entry, ...] = ()
    effects: tuple[Owed, ...] = ()
    refusal: Refusal | None = None
    reply: Mapping[str, Any] | None = None
    state: Session | None = None

    @property
    def events(self) -> tuple[Event, ...]:
        """The events among the entries, wherever they stand."""
        return tuple(one.event for one in self.entries if isinstance(one.event, Event))


_Decide = Callable[[Draft, Any], Refusal | None]

_DECIDE: Final[Mapping[type[c.Command], tuple[SessionTrigger | None, _Decide]]] = {
    c.CreateSession: (None, client.create),
    c.SendMessage: (SessionTrigger.SEND_ANSWER, client.send_message),
    c.SendSystemMessage: (SessionTrigger.SEND_ANSWER, client.send_system),
    c.DefineOutcome: (SessionTrigger.SEND_ANSWER, client.define_outcome),
    c.ConfirmTool: (SessionTrigger.SEND_ANSWER, answers.confirm_tool),
    c.AnswerTool: (SessionTrigger.SEND_ANSWER, answers.answer_tool),
    c.ReturnResult: (SessionTrigger.SEND_ANSWER, answers.return_result),
    c.Interrupt: (SessionTrigger.SEND_INTERRUPT, interrupt.interrupt),
    c.ArchiveThread: (SessionTrigger.UPDATE, archive.archive_thread),
    c.ArchiveSession: (None, archive.archive_session),
    c.DeleteSession: (None, archive.delete_session),
    c.DeliverNext: (SessionTrigger.REPORT, mail.deliver_next),
    c.RequestStarted: (SessionTrigger.REPORT, turns.request_started),
    c.RequestEnded: (SessionTrigger.REPORT, turns.request_ended),
    c.AgentSpoke: (SessionTrigger.REPORT, turns.agent_spoke),
    c.AgentThought: (SessionTrigger.REPORT, turns.agent_thought),
    c.ToolUsed: (SessionTrigger.REPORT, turns.tool_used),
    c.ToolResulted: (SessionTrigger.REPORT, turns.tool_resulted),
    c.TurnEnded: (SessionTrigger.REPORT, turns.turn_ended),
    c.SpawnChild: (SessionTrigger.REPORT, children.spawn_child),
    c.MessageChild: (SessionTrigger.REPORT, children.message_child),
    c.Report: (SessionTrigger.REPORT, children.report),
    c.ConsultAdvisor: (SessionTrigger.REPORT, errands.consult_advisor),
    c.FinishThread: (SessionTrigger.REPORT, errands.finish_thread),
    c.UpdateSession: (SessionTrigger.UPDATE, budget.update_session),
    c.BudgetReached: (SessionTrigger.REPORT, budget.budget_reached),
    c.ReportError: (SessionTrigger.REPORT, faults.report_error),
    c.RescheduleTurn: (SessionTrigger.REPORT, faults.reschedule_turn),
    c.StartTurn: (SessionTrigger.REPORT, faults.start_turn),
    c.FailTurn: (SessionTrigger.REPORT, faults.fail_turn),
    c.FailSession: (SessionTrigger.REPORT, faults.fail_session),
    c.EvaluationStarted: (SessionTrigger.REPORT, outcome.evaluation_started),
    c.EvaluationEnded: (SessionTrigger.REPORT, outcome.evaluation_ended),
    c.StartRun: (SessionTrigger.REPORT, runs.start_run),
    c.RunResumed: (SessionTrigger.REPORT, runs.run_resumed),
    c.RunPaused: (SessionTrigger.REPORT, runs.run_paused),
    c.PhaseReported: (SessionTrigger.REPORT, runs.phase_reported),
    c.RunEnded: (SessionTrigger.REPORT, runs.run_ended),
}
"""For each command: what the session's table is asked first, and what decides it then."""

_ANSWERED_BY_SESSION: Final = frozenset(
    {c.CreateSession, c.UpdateSession, c.ArchiveSession, c.DeleteSession}
)
"""The commands that are answered with the session."""

_IDLE: Final = SessionState.IDLE


class Engine:
    """Decides over sessions of one dialect.

    Args:
        dialect: the dialect, or its name.
        ids: makes ids of a prefix, the session's id, its version and an index; without it ids are
            made of the position in the log.

    Raises:
        UnknownDialect: no dialect is called so.
    """

    def __init__(self, dialect: str | Dialect = "anthropic", *, ids: IdMaker | None = None) -> None:
        self.dialect: Final = find_dialect(dialect)
        self._tables: Final = Tables(self.dialect)
        self._ids: Final = ids

    def decide(self, state: Session | None, command: c.Command, *, now: datetime) -> Decision:
        """Return what follows from *command* in *state*; `None` is for a session that is not made.

        Raises:
            ValueError: *now* has no time zone.
            KeyError: *command* is of no class that this module knows.
        """
        trigger, decide = _DECIDE[type(command)]
        refused = self._cannot_begin(state, command, trigger)
        if refused is not None:
            return Decision(refusal=refused, state=state)
        draft = Draft(self._tables, state, command.session_id, now, self._ids)
        refused = decide(draft, command)
        if refused is not None:
            return Decision(refusal=refused, state=state)
        after = draft.finish()
        owed = draft.owed
        if len(owed) > 1:
            owed.sort(key=_phase)
        reply = None if command.reported else self._reply(after, command)
        return Decision(tuple(draft.entries), tuple(owed), None, reply, after)

    def _cannot_begin(
        self, state: Session | None, command: c.Command, trigger: SessionTrigger | None
    ) -> Refusal | None:
        """Return why the session takes no such command at all; `None` if it does."""
        creates = type(command) is c.CreateSession
        if state is None:
            if creates:
                return None
            return self._refuse(
                RefusalCode.SESSION_NOT_FOUND, "no such session", command.session_id
            )
        if creates:
            same = state.id == command.session_id
            code = RefusalCode.SESSION_EXISTS if same else RefusalCode.WRONG_SESSION
            return self._refuse(code, "a session is created once", state.id)
        if state.id != command.session_id:
            reason = f"the state is that of {state.id}"
            return self._refuse(RefusalCode.WRONG_SESSION, reason, command.session_id)
        if trigger is None or state.state is _IDLE:
            return None
        row = self._tables.session.step(state.state, trigger)
        if row.accepts:
            return None
        return self._refuse(refused_by("session", row), row.because, state.id)

    def _refuse(self, code: RefusalCode, reason: str, subject: str) -> Refusal:
        """Return a refusal in the dialect's words."""
        return refusal(self.dialect, code, reason, subject)

    def _reply(self, after: Session, command: c.Command) -> Mapping[str, Any] | None:
        """Return the resource that answers *command*, if one does."""
        if isinstance(command, c.ArchiveThread):
            thread = after.threads[command.thread_id]
            return archive.thread_object(self._tables, after, thread)
        if type(command) in _ANSWERED_BY_SESSION:
            return archive.session_object(self._tables, after)
        return None

    def evolve(self, state: Session | None, entry: Entry) -> Session:
        """Return *state* with *entry* folded in; nothing that an entry holds is refused."""
        return self.apply(state, (entry,))

    def apply(self, state: Session | None, entries: Iterable[Entry]) -> Session:
        """Return *state* with all of *entries* folded in, in their order.

        Raises:
            TypeError: one of them is a bare event, which does not say of which thread it is.
        """
        fold = Fold(self._tables, state)
        for entry in entries:
            if not isinstance(entry, Entry):
                found = type(entry).__name__  # type: ignore[unreachable]  # not by types alone
                raise TypeError(f"apply takes the entries of a decision, not a bare {found}")
            take(fold, entry)
        return fold.finish()


def _phase(owed: Owed) -> bool:
    """Return the place of an effect's phase: what belongs in the write goes before the rest."""
    return owed.phase is _AFTER


_AFTER: Final = Phase.AFTER
