"""The pure engine: commands in, events and effects out.

>>> from datetime import UTC, datetime
>>> from lifecycle.commands import CreateSession, SendMessage
>>> from lifecycle.engine import Engine
>>> engine, now = Engine("anthropic"), datetime(2026, 1, 1, tzinfo=UTC)
>>> made = engine.decide(None, CreateSession(session_id="sesn_1"), now=now)
>>> sent = engine.decide(made.state, SendMessage(session_id="sesn_1", content="Hi"), now=now)
>>> [event.type.value for event in sent.events]
['session.status_running', 'session.thread_status_running', 'user.message']
"""

from __future__ import annotations

from lifecycle.engine.draft import IdMaker, Owed
from lifecycle.engine.engine import Decision, Engine
from lifecycle.engine.refusals import PRECEDENCE, REFUSED, RETRY_HELPS, Refusal

__all__ = [
    "PRECEDENCE",
    "REFUSED",
    "RETRY_HELPS",
    "Decision",
    "Engine",
    "IdMaker",
    "Owed",
    "Refusal",
]
