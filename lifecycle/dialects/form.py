"""The form of a dialect: what differs between services, as data with evidence.

A dialect never repeats the model. It names the words that a service reports for our states, the
rows that it amends, what it answers to a refusal, which fields its events carry, its limits, and a
switch for every point that no source settles. Each entry says how it is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from lifecycle.machines import MACHINES, FoldRow
from lifecycle.table import Machine, Verdict, Written
from lifecycle.vocabulary import DeploymentErrorType, EventType, Evidence, RefusalCode, Word

__all__ = [
    "NO_ROWS",
    "Answer",
    "Dialect",
    "Field",
    "Limit",
    "Pausing",
    "Presence",
    "Reported",
    "Style",
    "Switch",
    "machines_of",
]


class Presence(Word):
    """Whether an event carries a field."""

    REQUIRED = "required", "Always there, never null."
    NEVER = "never", "Never there."


@attrs.frozen
class Reported:
    """The word that a service reports for a state of ours.

    Attributes:
        machine: the machine's name.
        state: the state's word in our tables.
        word: the word on the wire.
        when: a condition beyond the state, if the word needs one.
    """

    machine: str
    state: str
    word: str
    evidence: Evidence
    source: str
    when: str = ""


@attrs.frozen
class Answer:
    """What a service answers to a refused request.

    Attributes:
        message: what it says; ``{session}``, ``{status}`` and ``{reason}`` are filled in.
    """

    code: RefusalCode
    status: int
    type: str
    message: str
    evidence: Evidence
    source: str

    def said(self, *, session: str, status: str, reason: str) -> str:
        """Return the message about the session of that id, with that status, for that reason."""
        return self.message.format(session=session, status=status, reason=reason)


@attrs.frozen
class Field:
    """One field of one event type."""

    event: EventType
    name: str
    presence: Presence
    evidence: Evidence
    source: str


@attrs.frozen
class Limit:
    """A number that the service does not go beyond.

    Attributes:
        least: the number that it does not go below.
    """

    name: str
    value: int
    unit: str
    evidence: Evidence
    source: str
    least: int = 0

    @property
    def range(self) -> str:
        """What it allows, in words."""
        return f"{self.least} to {self.value}" if self.least else f"{self.value} at most"


@attrs.frozen
class Pausing:
    """Whether a scheduled run that fails with an error pauses its deployment.

    Attributes:
        switch: the switch that says so instead, if there is one.
    """

    error: DeploymentErrorType
    pauses: bool
    evidence: Evidence
    source: str
    switch: str = ""

    @property
    def is_certain(self) -> bool:
        """Whether it is known, and not just thought to be so."""
        return self.evidence in (Evidence.RECORDED, Evidence.DOCUMENTED)


@attrs.frozen
class Style:
    """How a service writes its events, apart from what they say.

    Attributes:
        event, thread, run, outcome, deployment, fired: what ids begin with; ``fired`` are the
            deployment runs.
        schema: the version that every event carries, with its session's id and the time at which
            it was made; empty where events carry none of these.
        text: whether threads send each other plain text, not content blocks.
        archived_name: what becomes of an archived deployment's name, so that another may have it;
            ``{name}`` and ``{seconds}``, those since 1970, are filled in.
    """

    event: str
    thread: str
    run: str
    outcome: str
    evidence: Evidence
    source: str
    schema: str = ""
    text: bool = False
    deployment: str = "depl_"
    fired: str = "drun_"
    archived_name: str = "{name}"


@attrs.frozen
class Switch:
    """A point that no source settles, or that services of one dialect settle differently.

    Attributes:
        name: what it is called.
        question: what is not known.
        machine: the machine whose rows it replaces; empty if it is about what no row says, such as
            the order of events.
        choices: every choice, with the rows that it replaces.
        value: the choice in force.
    """

    name: str
    question: str
    machine: str
    choices: Mapping[str, tuple[Written[Any, Any], ...]] = attrs.field(eq=False)
    value: str
    evidence: Evidence
    source: str

    def __attrs_post_init__(self) -> None:
        """Refuse a value that is not among the choices."""
        if self.value not in self.choices:
            known = ", ".join(self.choices)
            raise ValueError(f"switch {self.name}: no choice {self.value!r}; choose from {known}")


def machines_of(
    amendments: Mapping[str, tuple[Written[Any, Any], ...]], switches: Mapping[str, Switch]
) -> Mapping[str, Machine[Any, Any]]:
    """Return the base machines with a dialect's amendments and its switches' rows applied.

    A switch speaks after the amendments: its choice may replace one of them.
    """
    machines: dict[str, Machine[Any, Any]] = {}
    for name, machine in MACHINES.items():
        chosen = (s.choices[s.value] for s in switches.values() if s.machine == name)
        for rows in (amendments.get(name, ()), *chosen):
            machine = machine.amended(rows) if rows else machine
        machines[name] = machine
    return MappingProxyType(machines)


@attrs.frozen
class Dialect:
    """One service's way of speaking the model.

    Attributes:
        name: what ``--dialect`` takes.
        title: the service, as prose.
        reported: the reported word of every state of the reported machines.
        amendments: the rows that replace cells of a base machine, by machine name.
        answers: what a refused request is answered with.
        fields: what is known about the events' fields.
        limits: numbers, by name.
        switches: open points, by name.
        fold: the session's fold.
        events: the event types that the service's pages name.
        delegation_tools: tool names that coordinators use to delegate.
        lists_in: ``processing`` if an input stands where it was consumed, ``arrival`` if where it
            came in.
        style: how events are written.
        pausing: for each error of a deployment's run, whether it pauses the deployment.
    """

    name: str
    title: str
    reported: tuple[Reported, ...]
    amendments: Mapping[str, tuple[Written[Any, Any], ...]]
    answers: Mapping[RefusalCode, Answer]
    fields: tuple[Field, ...]
    limits: Mapping[str, Limit]
    switches: Mapping[str, Switch]
    fold: tuple[FoldRow, ...]
    events: frozenset[EventType]
    delegation_tools: frozenset[str]
    lists_in: str
    style: Style
    pausing: Mapping[DeploymentErrorType, Pausing]
    machines: Mapping[str, Machine[Any, Any]] = attrs.field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Build the amended machines; a row that breaks a table fails here."""
        object.__setattr__(self, "machines", machines_of(self.amendments, self.switches))

    def word(self, machine: str, state: str) -> str:
        """Return the word that the service reports for *state*; the state's own if it has none."""
        for entry in self.reported:
            if entry.machine == machine and entry.state == state and not entry.when:
                return entry.word
        return state

    def switched(self, name: str, value: str) -> Dialect:
        """Return this dialect with the switch *name* set to *value*.

        Raises:
            KeyError: there is no such switch.
            ValueError: the switch has no such choice; the message lists the choices.
        """
        changed = attrs.evolve(self.switches[name], value=value)
        return attrs.evolve(self, switches=MappingProxyType({**self.switches, name: changed}))

    def entries(self) -> Iterator[tuple[str, str, Evidence]]:
        """Iterate over everything that the dialect says: its key, its value, its evidence."""
        for word in self.reported:
            when = f" ({word.when})" if word.when else ""
            yield f"word {word.machine}.{word.state}{when}", word.word, word.evidence
        for name, machine in self.machines.items():
            for row in machine:
                effects = f" [{', '.join(map(str, row.effects))}]" if row.effects else ""
                target = f" {row.target}" if row.verdict is Verdict.MOVE else ""
                value = f"{row.verdict}{target}{effects}: {row.because}"
                yield f"row {name}: {row.state} x {row.trigger}", value, row.evidence
        yield "fold order", " > ".join(row.fact for row in self.fold), Evidence.DOCUMENTED
        for fold_row in self.fold:
            stop = f" {fold_row.stop}" if fold_row.stop else ""
            yield f"fold {fold_row.fact}", f"{fold_row.state}{stop}", fold_row.evidence
        for answer in self.answers.values():
            value = f"{answer.status} {answer.type}: {answer.message}"
            yield f"refusal {answer.code}", value, answer.evidence
        for field in self.fields:
            yield f"field {field.event}.{field.name}", field.presence, field.evidence
        for limit in self.limits.values():
            least = f"{limit.least} to " if limit.least else ""
            yield f"limit {limit.name}", f"{least}{limit.value} {limit.unit}", limit.evidence
        for error in self.pausing.values():
            told = "pauses" if error.pauses else "goes on"
            told = f"as the switch {error.switch} says" if error.switch else told
            yield f"pausing {error.error}", told, error.evidence
        for switch in self.switches.values():
            yield f"switch {switch.name}", switch.value, switch.evidence
        for event in EventType:
            if event in self.events:
                yield f"event {event}", "known", Evidence.DOCUMENTED
        yield from self._manners()

    def _manners(self) -> Iterator[tuple[str, str, Evidence]]:
        """Iterate over what the dialect says of how things are written."""
        yield "list order of events", self.lists_in, Evidence.DOCUMENTED
        style = self.style
        ids = (style.event, style.thread, style.run, style.deployment, style.fired)
        yield "style ids", " ".join(ids), style.evidence
        yield "style name of an archived deployment", style.archived_name, style.evidence
        yield "style schema_version", style.schema or "none", style.evidence
        text = "plain text" if style.text else "content blocks"
        yield "style thread messages", text, style.evidence
        for tool in sorted(self.delegation_tools):
            yield f"delegation tool {tool}", "known", Evidence.DOCUMENTED


NO_ROWS: Final[tuple[Written[Any, Any], ...]] = ()
"""What a choice replaces when it is the base table's own."""
