"""The notation of sessions: what a client says, and what the agent's loop reports.

A report of another thread than the primary begins with the thread: ``child-1: turn ends``.
"""

from __future__ import annotations

from typing import Final

from lifecycle import commands as c
from lifecycle.lesson.notation import Notation, Phrase
from lifecycle.lesson.slots import PRIMARY
from lifecycle.vocabulary import ErrorType

__all__ = ["PHRASES", "SESSIONS", "line_of", "parse"]

_CREATE: Final = {"primary_id": PRIMARY}
_MCP: Final = {"name": "search", "server": "docs"}

# fmt: off
PHRASES: Final = (
    Phrase("create [FIRST] [self-hosted] [budget=CAP]", c.CreateSession, {}, _CREATE),
    Phrase("message TEXT",                c.SendMessage),
    Phrase("outcome GOAL",                c.DefineOutcome, given={"outcome_id": "outcome"}),
    Phrase("system TEXT",                 c.SendSystemMessage),
    Phrase("interrupt [THREAD]",          c.Interrupt),
    Phrase("allow CALL",                  c.ConfirmTool, {"allow": True}),
    Phrase("deny CALL [REASON]",          c.ConfirmTool, {"allow": False}),
    Phrase("answer CALL [TEXT] [error]",  c.AnswerTool),
    Phrase("return CALL [TEXT] [error]",  c.ReturnResult),
    Phrase("archive session",             c.ArchiveSession),
    Phrase("archive THREAD",              c.ArchiveThread),
    Phrase("delete session",              c.DeleteSession),
    Phrase("update budget=BUDGET",        c.UpdateSession),
    Phrase("update title=TITLE",          c.UpdateSession),

    Phrase("deliver",                     c.DeliverNext),
    Phrase("turn starts",                 c.StartTurn),
    Phrase("request starts",              c.RequestStarted),
    Phrase("request ends [error]",        c.RequestEnded),
    Phrase("says TEXT",                   c.AgentSpoke),
    Phrase("thinks",                      c.AgentThought),
    Phrase("tool NEW [POLICY] [TOOL]",    c.ToolUsed, {"kind": "tool"}, {"name": "bash"}),
    Phrase("mcp NEW [POLICY] [TOOL]",     c.ToolUsed, {"kind": "mcp"}, _MCP),
    Phrase("custom NEW [TOOL]",           c.ToolUsed, {"kind": "custom"}, {"name": "lookup"}),
    Phrase("result CALL [TEXT] [error]",  c.ToolResulted),
    Phrase("turn ends [refused] [over-budget]", c.TurnEnded),
    Phrase("budget reached",              c.BudgetReached),
    Phrase("error ERROR [RETRY] [SAYING]", c.ReportError),
    Phrase("turn reschedules [ERROR] [SAYING]", c.RescheduleTurn),
    Phrase("turn fails [ERROR] [SAYING]", c.FailTurn),
    Phrase("thread fails [ERROR] [SAYING]", c.FailSession, given={"error": ErrorType.BILLING}),
    Phrase("spawn NEWCOMER [TASK] [blocking] [agent=AGENT] [call=CALL] [run=RUN]", c.SpawnChild),
    Phrase("tell CHILD TEXT",             c.MessageChild),
    Phrase("report TEXT",                 c.Report),
    Phrase("advise NEWCOMER [ADVICE]",    c.ConsultAdvisor),
    Phrase("thread finishes",             c.FinishThread),
    Phrase("grading starts",              c.EvaluationStarted),
    Phrase("grading ends [GRADE] [WHY]",  c.EvaluationEnded),
    Phrase("run NEWRUN opens",            c.StartRun),
    Phrase("run RUN runs",                c.RunResumed),
    Phrase("run RUN pauses",              c.RunPaused),
    Phrase("run RUN phase PHASE starts",  c.PhaseReported, {"ended": False}),
    Phrase("run RUN phase PHASE ends",    c.PhaseReported, {"ended": True}),
    Phrase("run RUN ends [END]",          c.RunEnded),
)
# fmt: on
"""Every phrase: first what a client says, then what the agent's loop reports."""

SESSIONS: Final = Notation(
    groups=(
        ("A client says:", tuple(one for one in PHRASES if not one.command.reported)),
        (
            "The agent's loop reports, of a child with its name before (`child-1: turn ends`):",
            tuple(one for one in PHRASES if one.command.reported),
        ),
    ),
    looks={
        "state": "Show the threads and what is open.",
        "list session": "Show the session's list of events.",
        "list THREAD": "Show a thread's own list of events.",
        "moves": "Show every line that would be accepted now and change something.",
    },
    threads=True,
)
"""The notation of sessions."""

parse: Final = SESSIONS.parse
line_of: Final = SESSIONS.line_of
