"""What goes on within a turn: ``span.*``, ``workflow_run.*`` and the previews on streams.

Sources: the client library's types and recordings.
"""

from __future__ import annotations

from typing import ClassVar

from lifecycle.events.form import ABSENT, Known, Maybe, Plain
from lifecycle.events.parts import ModelUsage, Phase, PreviewOf, RunError, RunResult
from lifecycle.frozen import frozen_by_type
from lifecycle.vocabulary import EventType

__all__ = [
    "ModelRequestEnd",
    "ModelRequestStart",
    "OutcomeEvaluationEnd",
    "OutcomeEvaluationOngoing",
    "OutcomeEvaluationStart",
    "OutcomeSpan",
    "PhaseEnded",
    "PhaseStarted",
    "PreviewDelta",
    "PreviewStart",
    "RunCreated",
    "RunEnded",
    "RunEvent",
    "RunFailed",
    "RunIdle",
    "RunRunning",
]


@frozen_by_type(kw_only=True)
class ModelRequestStart(Known):
    """A model request starts."""

    type: ClassVar[EventType] = EventType.SPAN_START


@frozen_by_type(kw_only=True)
class ModelRequestEnd(Known):
    """A model request ends."""

    type: ClassVar[EventType] = EventType.SPAN_END
    model_request_start_id: Maybe[str] = ABSENT
    model_usage: Maybe[ModelUsage] = ABSENT
    is_error: Maybe[bool] = ABSENT


@frozen_by_type(kw_only=True)
class OutcomeSpan(Known):
    """What every event of a grading has; iterations count from 0."""

    outcome_id: Maybe[str] = ABSENT
    iteration: Maybe[int] = ABSENT


@frozen_by_type(kw_only=True)
class OutcomeEvaluationStart(OutcomeSpan):
    """The grading of an outcome starts."""

    type: ClassVar[EventType] = EventType.OUTCOME_START


@frozen_by_type(kw_only=True)
class OutcomeEvaluationOngoing(OutcomeSpan):
    """The grading goes on."""

    type: ClassVar[EventType] = EventType.OUTCOME_ONGOING


@frozen_by_type(kw_only=True)
class OutcomeEvaluationEnd(OutcomeSpan):
    """The grading ends with a result."""

    type: ClassVar[EventType] = EventType.OUTCOME_END
    outcome_evaluation_start_id: Maybe[str] = ABSENT
    result: Maybe[str] = ABSENT
    explanation: Maybe[str] = ABSENT
    usage: Maybe[ModelUsage] = ABSENT


@frozen_by_type(kw_only=True)
class RunEvent(Known):
    """What every event of a workflow run has; a null run id means that no run was made."""

    workflow_run_id: Maybe[str] = ABSENT


@frozen_by_type(kw_only=True)
class RunCreated(RunEvent):
    """A workflow run was made."""

    type: ClassVar[EventType] = EventType.RUN_CREATED
    name: Maybe[str] = ABSENT
    description: Maybe[str] = ABSENT
    phases: Maybe[tuple[Phase, ...]] = ABSENT


@frozen_by_type(kw_only=True)
class RunRunning(RunEvent):
    """A workflow run executes."""

    type: ClassVar[EventType] = EventType.RUN_RUNNING


@frozen_by_type(kw_only=True)
class RunIdle(RunEvent):
    """A workflow run is paused."""

    type: ClassVar[EventType] = EventType.RUN_IDLE


@frozen_by_type(kw_only=True)
class RunEnded(RunEvent):
    """A workflow run is over."""

    type: ClassVar[EventType] = EventType.RUN_ENDED
    result: Maybe[RunResult] = ABSENT


@frozen_by_type(kw_only=True)
class RunFailed(RunEvent):
    """A workflow run met an error; it need not end by it."""

    type: ClassVar[EventType] = EventType.RUN_ERROR
    error: Maybe[RunError] = ABSENT


@frozen_by_type(kw_only=True)
class PhaseStarted(RunEvent):
    """A phase of a workflow run starts."""

    type: ClassVar[EventType] = EventType.PHASE_STARTED
    workflow_run_phase_id: Maybe[str] = ABSENT


@frozen_by_type(kw_only=True)
class PhaseEnded(RunEvent):
    """A phase of a workflow run ends."""

    type: ClassVar[EventType] = EventType.PHASE_ENDED
    workflow_run_phase_id: Maybe[str] = ABSENT
    phase_started_id: Maybe[str] = ABSENT


@frozen_by_type(kw_only=True)
class PreviewStart(Known):
    """A preview of an event begins; on streams only."""

    type: ClassVar[EventType] = EventType.EVENT_START
    event: Maybe[PreviewOf] = ABSENT


@frozen_by_type(kw_only=True)
class PreviewDelta(Known):
    """A piece of a preview; on streams only."""

    type: ClassVar[EventType] = EventType.EVENT_DELTA
    event_id: Maybe[str] = ABSENT
    delta: Maybe[Plain] = ABSENT
