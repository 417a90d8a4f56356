"""Each invariant of deployments can fail: of a healthy state or decision one thing is broken.

As for sessions: the exploration asks them where all of them hold. Here each is shown a case in
which it does not, and must say so, by its name and in its words.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from math import nan
from typing import Any, Final

import attrs
import pytest
from deploying import DEPLOYMENT, MORNING, Host
from forging import decided, nth, owing, without

from lifecycle import deployments as d, effects as f
from lifecycle.dialects import ANTHROPIC
from lifecycle.invariants import (
    OF_DEPLOYMENT_STEPS,
    OF_DEPLOYMENTS,
    Decided,
    LogReader,
    Look,
    mistakes,
    objections,
)
from lifecycle.invariants.form import words_of
from lifecycle.vocabulary import (
    DeploymentErrorType as E,
    DeploymentState as S,
)

Story = Callable[[], Host]
"""Plays a deployment up to somewhere."""
Break = Callable[[Look], Look]
"""Makes another look of one."""
Doctor = Callable[[d.Deployment], d.Deployment]
"""Makes another state of one."""
Forge = Callable[[Decided], Decided]
"""Makes another decision of one."""


# -- healthy deployments ---------------------------------------------------------------------------


def then(story: Story, kind: type[d.DeploymentCommand], /, **fields: Any) -> Story:
    """A story goes on with a command; the run that it is about is the one that was begun last."""

    def longer() -> Host:
        host = story()
        assert host.do(kind, **_about(host, kind), **fields).refusal is None
        return host

    return longer


def _about(host: Host, kind: type[d.DeploymentCommand]) -> dict[str, str]:
    of_run = "run_id" in [one.name for one in attrs.fields(kind)]
    return {"run_id": host.state.open[-1].id} if of_run else {}


def fires(story: Story) -> Story:
    """A story goes on until the next fire has begun, ten minutes past the hour."""

    def longer() -> Host:
        host = story()
        host.now = host.now.replace(minute=10) + timedelta(hours=1)
        assert len(host.tick()) == 1
        return host

    return longer


def late(story: Story, **time: float) -> Story:
    """A story goes on with time."""

    def longer() -> Host:
        host = story()
        host.wait(**time)
        return host

    return longer


made: Final[Story] = Host
unscheduled: Final = functools.partial(Host, schedule=None)
paused: Final = then(made, d.PauseDeployment)
archived: Final = then(made, d.ArchiveDeployment)
by_hand: Final = then(made, d.RunDeployment)
fired: Final = fires(made)
again: Final = fires(fired)
recorded: Final = then(fired, d.RunSucceeded, session_id="sesn_1")
broken: Final = then(fired, d.RunFailed, error=E.VAULT_ARCHIVED)
waiting: Final = late(made, hours=1, minutes=30)
over: Final = then(fired, d.ArchiveDeployment)


# -- what is broken in a look ----------------------------------------------------------------------


def state(**changes: Any) -> Doctor:
    """Change the state itself."""
    return lambda one: attrs.evolve(one, **changes)


def of_run(index: int, **changes: Any) -> Doctor:
    """Change a run under way."""

    def change(one: d.Deployment) -> d.Deployment:
        runs = list(one.open)
        runs[index] = attrs.evolve(runs[index], **changes)
        return attrs.evolve(one, open=tuple(runs))

    return change


def of_settings(**changes: Any) -> Doctor:
    """Change a setting."""
    return lambda one: attrs.evolve(one, settings=attrs.evolve(one.settings, **changes))


def anew(doctor: Doctor) -> Break:
    """Look at another state."""
    return lambda look: Look.at(look.dialect, doctor(look.deployment), look.now)


def shown(**changes: Any) -> Break:
    """Report something else."""
    return lambda look: attrs.evolve(look, shown={**look.shown, **changes})


def upcoming(*times: str) -> Break:
    """Report other occurrences."""

    def change(look: Look) -> Look:
        return shown(schedule={**look.shown["schedule"], "upcoming_runs_at": times})(look)

    return change


def due(*found: tuple[datetime, datetime]) -> Break:
    """Find other runs due: an occurrence and a start each."""
    answer = tuple(d.Due(start, DEPLOYMENT, at) for at, start in found)
    return lambda look: attrs.evolve(look, due=answer)


def at(hour: int, minute: int = 0) -> datetime:
    """A time of the day."""
    return MORNING.replace(hour=hour, minute=minute)


HALF_PAST: Final = {"type": "cron", "expression": "30 * * * *", "timezone": "UTC"}

# fmt: off
LOOKS: Final[tuple[tuple[str, Story, Break, str], ...]] = (
    ("a reason is shown exactly when paused", paused, shown(paused_reason=None),
     "the status is paused, and the paused reason None"),
    ("a reason is shown exactly when paused", made, shown(paused_reason={"type": "manual"}),
     "the status is active, and the paused reason {'type': 'manual'}"),
    ("a reason is shown exactly when paused", broken, shown(paused_reason={"type": "manual"}),
     "it is paused_by_error, and the paused reason {'type': 'manual'}"),
    ("a reason is shown exactly when paused", broken, shown(paused_reason={"type": "error"}),
     "it is paused_by_error, and the paused reason {'type': 'error'}"),
    ("an archived deployment shows its end", archived, shown(archived_at=None),
     "it is archived, archived at None"),
    ("an archived deployment shows its end", made, anew(state(archived_at=MORNING)),
     "it is active, archived at 08:00"),
    ("an archived deployment shows its end", archived, shown(status="paused"),
     "it is archived, and its status paused"),
    ("an archived deployment shows its end", archived, upcoming("2026-03-02T09:00:00Z"),
     "it is archived, and runs are to come"),
    ("upcoming runs are to come", paused, upcoming(),
     "0 runs are listed as upcoming"),
    ("upcoming runs are to come", made, upcoming("2026-03-02T08:00:00Z"),
     "08:00 is listed after 08:00"),
    ("upcoming runs are to come", made, upcoming("2026-03-02T08:30:00Z"),
     "08:30 is listed after 08:00"),
    ("an error is kept exactly while it pauses", broken, anew(state(error=None)),
     "it is paused_by_error, and its error None"),
    ("an error is kept exactly while it pauses", paused, anew(state(error=E.VAULT_ARCHIVED)),
     "it is paused, and its error vault_archived_error"),
    ("an error is kept exactly while it pauses", broken, anew(state(error=E.SESSION_RATE_LIMITED)),
     "session_rate_limited_error keeps it paused, and does not pause"),
    ("claims ascend", again, anew(of_run(1, scheduled_at=at(9))),
     "09:00 was claimed after 09:00"),
    ("claims ascend", fired, anew(state(fired=None)),
     "09:00 was claimed, and the newest claim is None"),
    ("claims ascend", again, anew(state(fired=at(9))),
     "10:00 was claimed, and the newest claim is 09:00"),
    ("stamps keep their order", recorded, anew(state(last_run_at=at(7))),
     "last run is 07:00, not from 08:00 to 09:10"),
    ("stamps keep their order", made, anew(state(updated_at=at(9))),
     "updated is 09:00, not from 08:00 to 08:00"),
    ("stamps keep their order", fired, anew(of_run(0, opened_at=at(7))),
     "drun_1_1 is 07:00, not from 08:00 to 09:10"),
    ("stamps keep their order", fired, anew(state(fired=at(10))),
     "10:00 was claimed before it came, at 09:10"),
    ("entries are known", made, anew(state(unknown=2)),
     "2 entries are not known"),
    ("a dump holds everything", made, anew(state(version="5")),
     "the state contradicts itself: its id is no string, or its version no number"),
    ("a dump holds everything", made, anew(of_settings(budget={"cap": nan})),
     "what is loaded is another deployment"),
    ("nothing is due that may not fire", paused, due((at(8), at(8))),
     "it is paused, and 1 runs are due"),
    ("nothing is due that may not fire", unscheduled, due((at(8), at(8))),
     "it is active, and 1 runs are due"),
    ("nothing is due that may not fire", fired, due((at(9), at(9))),
     "09:00 is due, and what is not after 09:00 is over"),
    ("nothing is due that may not fire", made, due((at(9), at(9))),
     "09:00 is due, starts 09:00, and is yet to come"),
    ("nothing is due that may not fire", waiting, due((at(9, 1), at(9, 1))),
     "09:01 is due, and no occurrence"),
    ("nothing is due that may not fire", waiting, due((at(9), at(9)), (at(9), at(9))),
     "09:00 is due out of its order"),
    ("what came due is not lost", waiting, due(),
     "09:00 should have started, and is not due"),
    ("a host is woken in time", waiting, lambda look: attrs.evolve(look, wake=at(11)),
     "the next run starts at 10:06, and its host is woken at 11:00"),
    ("a host is woken in time", paused, lambda look: attrs.evolve(look, wake=at(11)),
     "the next run starts at None, and its host is woken at 11:00"),
)
# fmt: on
"""The invariant, a healthy deployment, what is broken in it, and all that it says of it."""


def briefly(says: list[str]) -> str:
    """Return what is said in one line, with the time of the day alone."""
    return re.sub(r"2026-03-02T(\d\d:\d\d)(?::[\d.]+)Z", r"\1", "; ".join(says))


def looked(host: Host) -> Look:
    """Look at the deployment as it is now."""
    return Look.at(host.engine.dialect, host.state, host.now)


@pytest.mark.parametrize(("rule", "story", "breaks", "says"), LOOKS)
def test_what_is_broken_in_a_deployment_is_said(
    rule: str, story: Story, breaks: Break, says: str
) -> None:
    """And nothing is said of the deployment as it was."""
    look = looked(story())
    found = [one.says for one in objections(breaks(look)) if one.rule == rule]

    assert list(objections(look)) == []
    assert briefly(found) == says


# -- healthy decisions -----------------------------------------------------------------------------


def by(story: Story, kind: type[d.DeploymentCommand], /, **fields: Any) -> Callable[[], Decided]:
    """A story's next command is decided."""

    def made() -> Decided:
        host = story()
        before = host.state
        about = {"deployment_id": DEPLOYMENT, **_about(host, kind), **fields}
        command = kind(**about)
        decision = host.engine.decide(before, command, now=host.now)
        return Decided(host.engine, before, command, decision, host.now)

    return made


def creates() -> Decided:
    """There was no deployment before."""
    host = Host()
    command = d.CreateDeployment(deployment_id=DEPLOYMENT, settings=host.state.settings)
    return Decided(
        host.engine, None, command, host.engine.decide(None, command, now=MORNING), MORNING
    )


pauses: Final = by(made, d.PauseDeployment)
pauses_twice: Final = by(paused, d.PauseDeployment)
unpauses: Final = by(paused, d.UnpauseDeployment)
updates: Final = by(made, d.UpdateDeployment, description="Daily")
reschedules: Final = by(waiting, d.UpdateDeployment, schedule=HALF_PAST)
archives: Final = by(made, d.ArchiveDeployment)
runs: Final = by(late(made, minutes=5), d.RunDeployment)
claims: Final = by(waiting, d.Fire, scheduled_at=at(9))
claims_next: Final = by(late(fired, hours=1), d.Fire, scheduled_at=at(10))
succeeds: Final = by(fired, d.RunSucceeded, session_id="sesn_1")
succeeds_next: Final = by(fires(recorded), d.RunSucceeded, session_id="sesn_2")
succeeds_after: Final = by(over, d.RunSucceeded, session_id="sesn_1")
fails: Final = by(fired, d.RunFailed, error=E.VAULT_ARCHIVED)
passes: Final = by(fired, d.RunFailed, error=E.SESSION_RATE_LIMITED)
ends: Final = by(by_hand, d.RunFailed, error=E.VAULT_ARCHIVED)
loses: Final = by(fired, d.AgentDeleted)
loses_by_hand: Final = by(by_hand, d.AgentDeleted)
is_refused: Final = by(archived, d.RunDeployment)
is_early: Final = by(made, d.Fire, scheduled_at=at(9))
is_unknown: Final = by(fired, d.PauseDeployment, deployment_id="depl_2")
is_strange: Final = by(fired, d.RunSucceeded, run_id="drun_none", session_id="sesn_1")
is_doubled: Final = by(made, d.CreateDeployment, settings=Host().state.settings)


# -- what is broken in a decision ------------------------------------------------------------------


def after(doctor: Doctor) -> Forge:
    """Break the state after it."""

    def forge(one: Decided) -> Decided:
        assert one.after is not None
        return decided(state=doctor(one.after))(one)

    return forge


def before(doctor: Doctor) -> Forge:
    """Break the state that was given."""

    def forge(one: Decided) -> Decided:
        assert one.before is not None
        return attrs.evolve(one, before=doctor(one.before))

    return forge


def both(first: Forge, second: Forge) -> Forge:
    """Break two things."""
    return lambda one: second(first(one))


def doubled(one: Decided) -> Decided:
    """Owe the first effect once more."""
    return owing((one.decision.effects[0], *one.decision.effects))(one)


def accepted(one: Decided) -> Decided:
    """Accept what was refused, and let nothing follow."""
    return decided(refusal=None)(one)


def refused(one: Decided) -> Decided:
    """Refuse what was accepted, and let nothing follow."""
    refusal = is_refused().decision.refusal
    return decided(refusal=refusal, entries=(), effects=(), reply=None, state=one.before)(one)


def detail(index: int, **changes: Any) -> Forge:
    """Change what an effect is about."""

    def forge(one: Decided) -> Decided:
        told = {**one.decision.effects[index].detail, **changes}
        return nth("effects", index, detail=told)(one)

    return forge


def says_again(one: Decided) -> Decided:
    """Answer with a record that is another than is stored."""
    assert one.decision.reply is not None
    return decided(reply={**one.decision.reply, "session_id": "sesn_2"})(one)


def of_nobody(one: Decided) -> Decided:
    """Answer with neither a session nor an error, and store that."""
    assert one.decision.reply is not None
    reply = {**one.decision.reply, "session_id": None}
    return both(decided(reply=reply), nth("effects", 0, detail=reply))(one)


# fmt: off
STEPS: Final[tuple[tuple[str, Callable[[], Decided], Forge, str], ...]] = (
    ("refusals change nothing", is_refused, decided(reply={}),
     "refused (deployment_archived), and something follows from it"),
    ("refusals change nothing", is_refused, decided(state=None),
     "refused (deployment_archived), and the state is another"),
    ("the table decides", is_refused, accepted,
     "archived denies run, and it was accepted"),
    ("the table decides", is_strange, accepted,
     "RunSucceeded is about nothing that is there, and was accepted"),
    ("the table decides", is_unknown, accepted,
     "PauseDeployment is about nothing that is there, and was accepted"),
    ("the table decides", is_doubled, accepted,
     "CreateDeployment is about nothing that is there, and was accepted"),
    ("the table decides", loses_by_hand, accepted,
     "AgentDeleted is about nothing that is there, and was accepted"),
    ("the table decides", pauses, refused,
     "active accepts pause, and it was refused (deployment_archived)"),
    ("the table decides", pauses, after(state(state=S.ARCHIVED)),
     "pause leads to paused, and it is archived"),
    ("a decision is the fold of its entries", pauses, after(state(unknown=1)),
     "the state is not what its entries make of the one before"),
    ("effects are owed once", pauses, doubled,
     "suppress the fires is owed 2 times for depl_1; two effects have one id"),
    ("effects keep their phases", claims, lambda one: owing(reversed(one.decision.effects))(one),
     "what comes after the write stands before what belongs in it"),
    ("effects are the rows", pauses, without(f.SEND_PAUSED),
     "the row says suppress the fires, send deployment.paused, and owed are suppress the fires"),
    ("effects are the rows", pauses_twice, lambda one: owing(pauses().decision.effects)(one),
     "nothing is written, and owed are suppress the fires, send deployment.paused"),
    ("the log goes on", pauses, after(state(version=9)),
     "the version is 9, and 2 entries were made"),
    ("the log goes on", pauses, nth("entries", 0, at=at(7)),
     "decided at 08:00, and stamped 07:00"),
    ("the log goes on", creates, nth("entries", 0, at=at(7)),
     "decided at 08:00, and stamped 07:00"),
    ("archived is for good", succeeds_after, after(state(archived_at=at(11))),
     "it was archived, and its archived at is another"),
    ("archived is for good", runs, before(state(state=S.ARCHIVED)),
     "it was archived, and its state is another; it was archived, and a run begins"),
    ("only an update changes settings", pauses, after(of_settings(description="Daily")),
     "PauseDeployment changed the settings"),
    ("only an update changes settings", archives, after(of_settings(description="Daily")),
     "ArchiveDeployment changed the settings"),
    ("updated at tells of changes", updates, after(state(updated_at=at(7))),
     "updated at 08:00, and then at 07:00"),
    ("updated at tells of changes", reschedules, after(state(updated_at=MORNING)),
     "changed at 09:30, and updated at 08:00"),
    ("what is past does not fire", creates, after(state(since=at(7))),
     "it fires what is after 08:00, and says 07:00"),
    ("what is past does not fire", unpauses, after(state(since=at(7))),
     "it fires what is after 08:00, and says 07:00"),
    ("what is past does not fire", reschedules, after(state(since=MORNING)),
     "it fires what is after 09:30, and says 08:00"),
    ("what is past does not fire", claims, after(state(since=at(7))),
     "it fires what is after 08:00, and says 07:00"),
    ("an occurrence is claimed once", claims, after(state(fired=None)),
     "the newest claim is 09:00, and remembered is None"),
    ("an occurrence is claimed once", claims_next, before(state(fired=at(10))),
     "10:00 is claimed, and 10:00 was before"),
    ("a fire is an occurrence that came", claims, before(state(state=S.PAUSED)),
     "it is paused, and 09:00 fires"),
    ("a fire is an occurrence that came", claims, before(state(since=at(9))),
     "09:00 fires, not after 09:00 and by 09:30"),
    ("a fire is an occurrence that came", claims, after(of_run(0, scheduled_at=at(10))),
     "10:00 fires, not after 08:00 and by 09:30"),
    ("a fire is an occurrence that came", claims, before(of_settings(schedule=HALF_PAST)),
     "09:00 fires, and is no occurrence"),
    ("a fire is an occurrence that came", claims, before(of_settings(schedule=None)),
     "09:00 fires, and is no occurrence"),
    ("runs stay until their outcome", claims_next, after(state(open=())),
     "a run under way is gone or another, and has no outcome; -1 runs begin, and 1 was asked for"),
    ("runs stay until their outcome", claims_next, after(of_run(0, opened_at=at(9))),
     "a run under way is gone or another, and has no outcome"),
    ("runs stay until their outcome", runs, after(state(open=())),
     "0 runs begin, and 1 was asked for"),
    ("a run gets one record", succeeds, before(of_run(0, opened_at=at(7))),
     "drun_1_1 is recorded, and was not under way as that"),
    ("a run gets one record", succeeds, of_nobody,
     "drun_1_1 has a session and an error, or neither"),
    ("a run gets one record", succeeds, says_again,
     "drun_1_1 is stored as another than is answered"),
    ("last run at is of a scheduled run", ends, after(state(last_run_at=MORNING)),
     "the last run is of 08:00, and no scheduled run of then has ended"),
    ("last run at is of a scheduled run", succeeds_next, after(state(last_run_at=None)),
     "the last run is of None, and no scheduled run of then has ended; the last run was of 09:10, "
     "and is of None"),
    ("last run at is of a scheduled run", succeeds_next, before(state(last_run_at=at(23))),
     "the last run was of 23:00, and is of 10:10"),
    ("an error pauses as the dialect says", fails, after(state(state=S.ACTIVE, error=None)),
     "vault_archived_error is to pause it, and it is active (None)"),
    ("an error pauses as the dialect says", fails, after(state(error=E.FILE_NOT_FOUND)),
     "vault_archived_error is to pause it, and it is paused_by_error (file_not_found_error)"),
    ("an error pauses as the dialect says", passes, after(state(state=S.PAUSED_BY_ERROR)),
     "nothing is to pause it, and it is paused_by_error (None)"),
    ("a run by hand changes nothing else", ends, after(state(state=S.PAUSED_BY_ERROR)),
     "a run by hand changed the deployment"),
    ("a run by hand changes nothing else", runs, after(state(updated_at=at(9))),
     "a run by hand changed the deployment"),
    ("sessions know their deployment", runs, detail(0, title="other"),
     "the session is of depl_1, and called other"),
    ("sessions know their deployment", runs, detail(0, deployment_id="depl_2"),
     "the session is of depl_2, and called digest"),
    ("a kept fire is the next one", updates, nth("effects", 0, detail=None),
     "nothing is kept as the next, and 09:00 is"),
    ("webhooks of runs are of scheduled ones", pauses, detail(1, id="depl_2"),
     "send deployment.paused names depl_2"),
    ("webhooks of runs are of scheduled ones", succeeds, detail(1, id="drun_2"),
     "send deployment_run.succeeded names drun_2, which is no scheduled run"),
    ("webhooks of runs are of scheduled ones", succeeds, before(of_run(0, scheduled_at=None)),
     "send deployment_run.succeeded names drun_1_1, which is no scheduled run"),
)
# fmt: on
"""The invariant, a healthy decision, what is broken in it, and all that it says of it."""


@pytest.mark.parametrize(("rule", "story", "forge", "says"), STEPS)
def test_what_is_broken_in_a_decision_is_said(
    rule: str, story: Callable[[], Decided], forge: Forge, says: str
) -> None:
    """And nothing is said of the decision as it was."""
    whole = story()
    found = [one.says for one in mistakes(forge(whole)) if one.rule == rule]

    assert list(mistakes(whole)) == []
    assert briefly(found) == says


def test_each_invariant_is_broken_once() -> None:
    """None is left out, and none is made up."""
    assert {rule for rule, *_ in LOOKS} == {words_of(rule) for rule in OF_DEPLOYMENTS}
    assert {rule for rule, *_ in STEPS} == {words_of(rule) for rule in OF_DEPLOYMENT_STEPS}


@pytest.mark.parametrize("story", [is_early, loses, pauses_twice, creates, unpauses])
def test_what_holds_of_each_decision_holds_of_the_others(story: Callable[[], Decided]) -> None:
    """Each is asked by itself: there may be no deployment before, or nothing that follows."""
    assert [says for rule in OF_DEPLOYMENT_STEPS for says in rule(story())] == []


# -- logs ------------------------------------------------------------------------------------------


Log = list[d.DeploymentEntry]
ONCE: Final = "a log has one run for an occurrence, and one record for a run"
QUIET: Final = "a log has no occurrence in a pause, or outside of its life"


def log(story: Story) -> Log:
    """Return the log of a story."""
    return story().log


def claim(hour: int, run_id: str = "drun_9", now: datetime = MORNING) -> d.RunOpened:
    """Return a run of the occurrence of *hour* that is begun a while later."""
    now = max(now, at(hour, 7))
    run = d.OpenRun(id=run_id, opened_at=now, scheduled_at=at(hour), agent={"id": "agent_1"})
    return d.RunOpened(at=now, run=run)


def stamped(entries: Log, when: datetime) -> Log:
    """Return a log with another stamp at its end."""
    return [*entries[:-1], attrs.evolve(entries[-1], at=when)]


late_again: Final = then(late(paused, hours=1, minutes=30), d.UnpauseDeployment)
rescheduled: Final = then(
    late(made, hours=1, minutes=30),
    d.UpdateDeployment,
    schedule={**HALF_PAST, "expression": "0,30 * * * *"},
)

LOGS: Final[tuple[tuple[str, Callable[[], Log], str], ...]] = (
    (ONCE, lambda: [*log(fired), claim(10, "drun_1_1")], "drun_1_1 begins twice"),
    (ONCE, lambda: [*log(fired), claim(9)], "09:00 is claimed twice"),
    (ONCE, lambda: [*log(recorded), log(recorded)[-1]],
     "drun_1_1 is recorded, and has a record or never began"),
    (ONCE, lambda: [log(recorded)[0], log(recorded)[-1]],
     "drun_1_1 is recorded, and has a record or never began"),
    (ONCE, lambda: [*log(then(fired, d.AgentDeleted)), log(recorded)[-1]],
     "drun_1_1 is recorded, and has a record or never began"),
    (QUIET, lambda: [*log(paused), claim(9)], "09:00 fires after pause"),
    (QUIET, lambda: [*log(broken), claim(10)], "10:00 fires after fire_failed_pausing"),
    (QUIET, lambda: [*log(archived), claim(9)], "09:00 fires after archive"),
    (QUIET, lambda: [*log(made), claim(8)], "08:00 fires, not after 08:00 and by 08:07"),
    (QUIET, lambda: [*log(late_again), claim(9, now=at(10))],
     "09:00 fires, not after 09:30 and by 10:00"),
    (QUIET, lambda: [*log(rescheduled), claim(9, now=at(10))],
     "09:00 fires, not after 09:30 and by 10:00"),
    (QUIET, lambda: stamped([*log(made), claim(9)], at(8)),
     "09:00 fires, not after 08:00 and by 08:00"),
    (QUIET, lambda: stamped(log(then(fired, d.PauseDeployment)), at(8)),
     "09:00 fired, and it stopped at 08:00"),
    (QUIET, lambda: stamped(log(broken), at(8)), "09:00 fired, and it stopped at 08:00"),
)  # fmt: skip
"""The rule, a log that cannot be, and all that is said of it."""


@pytest.mark.parametrize(("rule", "entries", "says"), LOGS)
def test_what_cannot_be_in_a_log_is_said(rule: str, entries: Callable[[], Log], says: str) -> None:
    """What no state remembers is found by whoever remembers the log."""
    found = list(LogReader(ANTHROPIC).hear(entries()))

    assert {one.rule for one in found} == {rule}
    assert briefly([one.says for one in found]) == says


@pytest.mark.parametrize(
    "story",
    [
        recorded,
        then(broken, d.UpdateDeployment, description="Daily"),
        fires(then(broken, d.UnpauseDeployment)),
        then(then(again, d.RunFailed, error=E.VAULT_ARCHIVED), d.RunFailed, error=E.VAULT_ARCHIVED),
        then(over, d.RunFailed, error=E.VAULT_ARCHIVED),
        fires(rescheduled),
        then(by_hand, d.RunSucceeded, session_id="sesn_1"),
    ],
)
def test_nothing_is_said_of_what_the_engine_writes(story: Story) -> None:
    """An entry that is not known says nothing."""
    reader = LogReader(ANTHROPIC)

    assert list(reader.hear([*log(story), d.DeploymentEntry(at=at(23))])) == []
    assert list(reader.end()) == []


def test_an_update_may_let_it_go_on() -> None:
    """If the dialect says so, it fires again from then on, and not before."""
    dialect = ANTHROPIC.switched("update_unpauses", "after_error")
    host = Host(dialect)
    host.wait(hours=1, minutes=10)
    (run,) = host.tick()
    host.do(d.RunFailed, run_id=run.id, error=E.VAULT_ARCHIVED)
    host.wait(hours=1)
    host.do(d.UpdateDeployment, description="Mended")

    assert list(LogReader(dialect).hear([*host.log, claim(11)])) == []
    (found,) = LogReader(dialect).hear([*host.log, claim(10, now=host.now)])
    assert briefly([found.says]) == "10:00 fires, not after 10:10 and by 10:10"
