"""Sessions of one thread that do anything at all, drawn at random; what is refused is dropped."""

from __future__ import annotations

from random import Random

from playing import Play

from lifecycle import commands as c
from lifecycle.state import Session
from lifecycle.vocabulary import ErrorType, Permission, SessionState, ThreadState

__all__ = ["wander"]

_KINDS = ("tool", "mcp", "custom")
_PERMISSIONS = (Permission.ALLOW, Permission.ASK, Permission.ASK)


def wander(seed: int, steps: int) -> Play:
    """Return a session after *steps* random steps; the same for the same seed."""
    random, play = Random(seed), Play()
    for number in range(steps):
        assert play.state is not None
        primary = play.state.threads[play.state.primary]
        if primary.state is ThreadState.IDLE and primary.mailbox:
            play.do(c.DeliverNext)
        if primary.state is ThreadState.RUNNING:
            _work(play, play.state, random, f"c{number}")
        _send(play, play.state, random)
    return play


def _work(play: Play, state: Session, random: Random, call: str) -> None:
    """The agent's loop does something."""
    calls, chance = list(state.calls), random.random()
    if state.threads[state.primary].request:
        if chance < 0.3:
            kind, permission = random.choice(_KINDS), random.choice(_PERMISSIONS)
            play.do(c.ToolUsed, call_id=call, kind=kind, permission=permission)
        else:
            play.do(c.AgentSpoke if chance < 0.5 else c.RequestEnded)
    elif calls and chance < 0.5:
        play.do(c.ToolResulted, call_id=random.choice(calls))
    else:
        play.do(c.TurnEnded if chance < 0.75 else c.RequestStarted)


def _send(play: Play, state: Session, random: Random) -> None:
    """The client does something, or an error is told."""
    calls, chance = list(state.calls), random.random()
    resting = state.state is SessionState.IDLE and not state.asked
    if chance < 0.06 or (resting and chance < 0.5):
        play.do(c.SendMessage, content="Go")
    elif chance < 0.09:
        play.do(c.Interrupt)
    elif chance < 0.12:
        play.do(c.ReportError, error=ErrorType.MCP_CONNECTION_FAILED)
    elif calls and chance < 0.4:
        call = random.choice(calls)
        if play.do(c.AnswerTool, call_id=call).refusal is not None:
            play.do(c.ConfirmTool, call_id=call, allow=random.random() < 0.5)
