"""The notation of lessons: sessions and deployments told line by line, and answered by the engine.

>>> from lifecycle.lesson import Stage
>>> stage = Stage("anthropic")
>>> for line in ("create", 'message "Hello"'):
...     answer = stage.say(line)
>>> answer[0]
'session    session.status_running'

A deployment has words of its own, and a host with a clock.

>>> from lifecycle.lesson import DeploymentStage
>>> stage = DeploymentStage("anthropic")
>>> for line in ('deploy digest "0 9 * * *" UTC', "now 2026-01-02 09:10 UTC", "tick"):
...     answer = stage.say(line)
>>> answer[0]
'noted       drun_1 opened for 2026-01-02 09:00 UTC'
"""

from __future__ import annotations

from lifecycle.lesson.deployment_stage import DeploymentStage
from lifecycle.lesson.deployments import DEPLOYMENTS
from lifecycle.lesson.notation import LineError, Notation, Phrase
from lifecycle.lesson.page import SCENES, PageError, fresh, stages
from lifecycle.lesson.scene import Scene
from lifecycle.lesson.sessions import PHRASES, SESSIONS, line_of, parse
from lifecycle.lesson.stage import Stage

__all__ = [
    "DEPLOYMENTS",
    "PHRASES",
    "SCENES",
    "SESSIONS",
    "DeploymentStage",
    "LineError",
    "Notation",
    "PageError",
    "Phrase",
    "Scene",
    "Stage",
    "fresh",
    "line_of",
    "parse",
    "stages",
]
