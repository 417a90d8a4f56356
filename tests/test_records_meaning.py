"""Errors about records are never wrong: two that mean the same agree, and what is thin is no error.

Each story here is of a capture that a real service, or a tool that passes its answers on, may well
give.
"""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any, Final

import pytest
from histories import histories
from hypothesis import given, strategies as st
from reading import read
from witnesses import as_read, breach, found as found_in
from wrapping import lines

import lifecycle
from lifecycle.check import Finding, Level
from lifecycle.check.shorthand import events
from lifecycle.wire.bulk import Seen
from lifecycle.wire.readers import BadLine, Recorded, source_line
from lifecycle.wire.structure import unstructure
from lifecycle.wire.words import dotted

Json = dict[str, Any]

(RUN, FAILED, SCHEDULED, NOTICE, ENDED) = events("""
    deployment_run r manual at=12:00
    deployment_run r schedule 12:00 at=12:00 error=unknown_error
    deployment_run r schedule 12:00 at=12:00:04
    webhook deployment.paused depl_1 id=w at=12:00
    deployment archived=09:00 updated=09:00 schedule="0 9 * * *" upcoming=[]
""")
FRACTION: Final = "2026-03-02T12:00:00.418Z"


def found(records: list[Json], dialect: str = "anthropic") -> list[Finding]:
    """Return what is found in *records*."""
    return lifecycle.check(records, dialect).findings


def codes(text: str, dialect: str = "anthropic") -> list[tuple[int, str]]:
    """Return lines and codes of what is found in the records that a shorthand stands for."""
    return [(f.line, f.code) for f in found(events(text), dialect)]


def changed(record: Json, path: str, value: Any) -> Json:
    """Return *record* with another value at *path*; without it, if the value is `...`."""
    first, _, rest = path.partition(".")
    if rest:
        return record | {first: changed(record[first], rest, value)}
    return {k: v for k, v in (record | {first: value}).items() if v is not ...}


class TestTheSame:
    """Two readings of one thing may write it in two ways."""

    @pytest.mark.parametrize(
        ("record", "path", "value"),
        [
            pytest.param(RUN, "created_at", "2026-03-02T13:00:00+01:00", id="offset"),
            pytest.param(RUN, "created_at", FRACTION, id="fractions"),
            pytest.param(RUN, "trigger_context.scheduled_at", None, id="null for absent"),
            pytest.param(RUN, "trigger_context.by", "somebody", id="unknown in the trigger"),
            pytest.param(RUN, "agent", "agent_1", id="agent by its id"),
            pytest.param(RUN, "agent.name", "reporter", id="unknown in the agent"),
            pytest.param(RUN, "agent.version", ..., id="agent without a version"),
            pytest.param(RUN, "agent.version", "1", id="version as a string"),
            pytest.param(RUN, "agent", None, id="agent of nobody"),
            pytest.param(FAILED, "error.retryable", False, id="unknown in the error"),
            pytest.param(FAILED, "error.message", None, id="no message any more"),
            pytest.param(SCHEDULED, "trigger_context.scheduled_at", FRACTION, id="fractions of it"),
            pytest.param(NOTICE, "created_at", "2026-03-02T12:00:00+00:00", id="offset, too"),
            pytest.param(NOTICE, "created_at", FRACTION, id="fractions of a webhook"),
            pytest.param(NOTICE, "data.session_thread_id", None, id="null in its data"),
            pytest.param(NOTICE, "data.organization_id", ..., id="no organization"),
            pytest.param(NOTICE, "data.region", "eu", id="unknown in its data"),
            pytest.param(ENDED, "schedule.jitter_seconds", 5, id="unknown in the schedule"),
            pytest.param(ENDED, "agent", "agent_1", id="agent of the deployment"),
            pytest.param(ENDED, "description", ..., id="no description"),
            pytest.param(
                ENDED,
                "initial_events",
                [{"type": "user.message", "content": "Write the report.", "name": None}],
                id="null in a list",
            ),
        ],
    )  # fmt: skip
    def test_in_other_words(self, record: Json, path: str, value: Any) -> None:
        """Neither of them is accused, whichever was read first."""
        other = changed(record, path, value)

        assert other != record
        for pair in ([record, other], [other, record]):
            assert [f.code for f in found(pair) if f.line == 2 and f.witness] == []

    @pytest.mark.parametrize(
        ("record", "path", "value", "code"),
        [
            (RUN, "created_at", "2026-03-02T12:00:01Z", "DR007"),
            (RUN, "agent.version", 2, "DR007"),
            (RUN, "agent.id", "agent_2", "DR007"),
            (RUN, "session_id", None, "DR007"),
            (RUN, "session_id", "s9", "DR007"),
            (FAILED, "error.type", "agent_archived_error", "DR007"),
            (FAILED, "trigger_context.type", "manual", "DR007"),
            (SCHEDULED, "trigger_context.scheduled_at", "2026-03-02T12:01:00Z", "DR007"),
            (NOTICE, "data.type", "deployment.unpaused", "DW001"),
            (NOTICE, "data.id", "depl_2", "DW001"),
            (ENDED, "schedule.expression", "0 8 * * *", "DP011"),
            (ENDED, "environment_id", "env_2", "DP011"),
        ],
    )
    def test_a_change_is_found_where_it_is(
        self, record: Json, path: str, value: Any, code: str
    ) -> None:
        """At the very value, whichever was read first."""
        for pair in permutations([record, changed(record, path, value)]):
            (finding,) = [f for f in found(list(pair)) if f.code == code]

            assert dotted(finding.path) == path
            assert breach(as_read(list(pair)), finding, "anthropic") == ""

    def test_an_error_that_goes_away(self) -> None:
        """It is the error as a whole that was there."""
        gone = FAILED | {"error": None, "session_id": "s1"}
        paths = [f.path for f in found([FAILED, gone]) if f.code == "DR007"]

        assert paths == [("session_id",)]

    def test_each_leaf_is_compared_with_who_told_it_first(self) -> None:
        """A reading that leaves it out hides nothing."""
        bare = changed(RUN, "session_id", ...)
        other = changed(RUN, "session_id", "s9")

        for three in permutations([RUN, bare, other]):
            assert [f.code for f in found(list(three)) if f.witness] == ["DR007"]

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ("deployment_run r manual created_at=", "DR007"),
            ("webhook deployment.paused depl_1 id=w created_at=", "DW001"),
            ("deployment updated=12:00 created_at=", "DP012"),
        ],
    )
    def test_near_times_are_compared_with_the_earliest(self, line: str, code: str) -> None:
        """Each a fraction after the other; the last of them is too far from the first."""
        three = [f"{line}2026-03-02T08:00:{second}Z" for second in ("00.0", "00.6", "01.2")]

        for text in permutations(three):
            assert [found for _, found in codes("\n".join(text))] == [code]
        assert codes("\n".join(three[:2])) == codes("\n".join(three[1:])) == []

    def test_an_empty_id_is_nobodys(self) -> None:
        """Two records without a name have nothing to do with each other."""
        one, two = RUN | {"id": ""}, RUN | {"id": "", "session_id": "s9"}
        d, e = events("deployment created=08:00\ndeployment created=09:00")

        assert found([one, two, d | {"id": ""}, e | {"id": ""}]) == []


class TestClocks:
    """Times of one service are not all from one clock, and not all to the microsecond."""

    @pytest.mark.parametrize(
        ("before", "after", "found"),
        [("09:00:00", "09:00:59", []), ("09:00:00", "09:01:00", []),
         ("09:00:00", "09:01:01", [(2, "DP010")])],
    )  # fmt: skip
    def test_what_comes_back_does_so_clearly_later(
        self, before: str, after: str, found: list[tuple[int, str]]
    ) -> None:
        """The update that was a moment before may be stamped a moment after."""
        text = f"deployment archived=09:00 updated={before}\ndeployment updated={after}"

        assert codes(text) == found

    def test_archived_at_another_time(self) -> None:
        """It may have been archived twice; a second is rounding."""
        one = "deployment archived=09:00 updated=09:00"

        assert codes(f"{one}\ndeployment archived=09:00:01 updated=09:00") == [(2, "DP016")]
        assert codes(f"deployment archived=09:00:01 updated=09:00\n{one}") == [(1, "DP016")]
        assert codes(f"{one}\ndeployment archived=2026-03-02T09:00:00.9Z updated=09:00") == []

    @pytest.mark.parametrize(("before", "found"), [("09:01:00", []), ("09:00:59", [(2, "DS006")])])
    def test_a_last_run_moves_back_clearly_later(
        self, before: str, found: list[tuple[int, str]]
    ) -> None:
        """Of two readings of about one update nobody knows which was first."""
        had = f'deployment schedule="0 * * * *" last_run=12:00 updated={before}'
        has = 'deployment schedule="0 * * * *" last_run=11:00 updated=09:02'

        assert codes(f"{had}\n{has}") == found

    def test_a_last_run_is_compared_with_the_latest(self) -> None:
        """Not with what was read just before."""
        text = """
            deployment schedule="0 * * * *" last_run=12:00 updated=07:00
            deployment schedule="0 * * * *" updated=08:00
            deployment schedule="0 * * * *" last_run=11:00 updated=09:00
        """

        assert codes(text) == [(3, "DS006")]
        assert codes(text.replace("11:00", "2026-03-02T11:59:59.2Z")) == []


class TestReceivers:
    """Who keeps a log of webhooks adds fields of his own, and may wrap some lines."""

    FIRST: Final = NOTICE | {"data": {"type": "session.status_terminated", "id": "sesn_1"}}
    """What it says is called as an event of a session is."""

    @pytest.mark.parametrize("mark", ["ts", "seq"])
    def test_a_log_of_webhooks_is_none_of_envelopes(self, mark: str) -> None:
        """Neither a time nor a number makes an envelope of it."""
        log = [{mark: n, **one} for n, one in enumerate([self.FIRST, NOTICE, ENDED, RUN])]

        for story in (log, log[1:] + log[:1], log[::-1]):
            items = read(lines(story), records=True)
            assert all(isinstance(item, Recorded) for item in items)

    @pytest.mark.parametrize("bare", [RUN, ENDED, NOTICE, FIRST])
    def test_a_record_without_an_envelope_among_envelopes(self, bare: Json) -> None:
        """It is read as it is, and shown as it stands."""
        wrapped = [{"seq": n, "data": one} for n, one in enumerate([ENDED, RUN, self.FIRST])]
        items = read(lines([*wrapped, bare]), records=True)

        assert [type(item) for item in items] == [Recorded] * 4
        last = items[-1]
        assert isinstance(last, Recorded)
        assert unstructure(last.record) == bare

    def test_what_is_shown_of_either(self, tmp_path: Path) -> None:
        """The envelope is left away, and nothing of a record that has none."""
        path = tmp_path / "mixed.jsonl"
        path.write_bytes(lines([{"seq": 1, "data": RUN}, NOTICE]))

        assert json.loads(source_line(path, 1)) == RUN
        assert json.loads(source_line(path, 2)) == NOTICE

    def test_an_envelope_that_is_called_event(self) -> None:
        """What it holds has the times of an event, or of a record, so it is an envelope."""
        event = {"type": "session.status_idle", "id": "sevt_1", "processed_at": FRACTION}
        story = [{"seq": n, "type": "event", "id": n, "data": one} for n, one in enumerate([event])]

        assert [type(item) for item in read(lines(story), records=True)] == [Seen]
        bare = {"seq": 1, "type": "event", "data": self.FIRST["data"]}
        assert [type(item) for item in read(lines([bare]), records=True)] == [Seen]
        story = [{"type": "event", "id": "x", "data": one} for one in (NOTICE, self.FIRST)]
        assert [type(item) for item in read(lines(story), records=True)] == [Recorded] * 2

    def test_a_webhook_among_envelopes_of_events(self) -> None:
        """It looks like one more of them."""
        event = {"type": "session.status_idle", "id": "sevt_1", "processed_at": FRACTION}
        story = [{"seq": 1, "data": event}, NOTICE, {"seq": 2, "data": event}]

        assert [type(item) for item in read(lines(story), records=True)] == [Seen, Recorded, Seen]

    def test_noise_among_envelopes(self) -> None:
        """It is no record, and no event."""
        story = lines([{"seq": 1, "data": RUN}]) + b"oops\n[]\n" + lines([{"type": "event"}])

        assert [type(item) for item in read(story, records=True)] == [Recorded] + [BadLine] * 3


class TestWhatIsNoError:
    """What only looks like a contradiction."""

    @pytest.mark.parametrize(
        ("days", "code"),
        [("*/2 * 1", "DS002"), ("1 * */2", "DS002"), ("*,* * 1", "DS002"), ("1-31 * 1", "DS002"),
         ("1-31/1 * 5-7", "DS002"), ("1 * 0-6", "DS002"), ("1-30 * 1-5", "DS001"),
         ("1 * 1", "DS001")],
    )  # fmt: skip
    def test_a_day_field_that_may_count_as_open(self, days: str, code: str) -> None:
        """Another reader of cron may see no restriction in it."""
        assert codes(f'deployment schedule="0 9 {days}"') == [(1, code)]

    def test_limits_get_raised(self) -> None:
        """A longer name is no contradiction."""
        (finding,) = found(events(f"deployment name={'n' * 257}"))

        assert (finding.code, finding.level) == ("DP007", Level.WARNING)

    def test_an_archived_deployment_of_qoder_may_keep_its_reason(self) -> None:
        """Nobody says that archiving takes it away; the other service says so."""
        archived, active = "deployment active manual archived=09:00", "deployment active manual"
        (unknown,) = events(active)

        assert found([changed(unknown, "archived_at", ...)], "qoder") == []
        assert codes(archived, "qoder") == []
        assert codes(active, "qoder") == [(1, "DP001")]
        assert codes(archived) == [(1, "DP001")]

    def test_a_run_after_the_end_as_a_webhook_tells_it(self) -> None:
        """Its time is its event's; a reading says when the end was, and then that counts."""
        webhook = "webhook deployment.archived depl_1 at=08:00"
        run = "deployment_run schedule 09:00"

        assert codes(f"{webhook}\n{run}") == [(2, "DR016")]
        assert codes(f"{webhook}\n{run}\ndeployment archived=08:59 updated=08:59") == []
        assert codes(f"{webhook}\n{run}\ndeployment archived=08:58 updated=08:58") == [(2, "DR012")]

    def test_of_several_webhooks_of_the_end_the_earliest_counts(self) -> None:
        """In whatever order they came."""
        two = [f"webhook deployment.archived depl_1 at={at}" for at in ("08:00", "10:00")]

        for one, other in permutations(two):
            assert codes(f"{one}\n{other}\ndeployment_run schedule 09:00") == [(3, "DR016")]

    @pytest.mark.parametrize(
        ("time", "found"),
        [("2016-12-31T23:59:60Z", []), ("2016-12-31T18:59:60.5-05:00", []), ("", []),
         ("0000-01-01T00:00:00Z", []), ("0001-01-01T00:00:00Z", []),
         ("2016-12-31t23:59:59.123456789z", []), ("2016-12-31T23:59:61Z", [(1, "DP014")]),
         ("2016-12-31T23:59:59", [(1, "DP014")])],
    )  # fmt: skip
    def test_a_time_or_a_way_to_write_null(self, time: str, found: list[tuple[int, str]]) -> None:
        """A leap second is a time, and some languages have a zero for a time that is none."""
        assert codes(f'deployment_run r manual created_at="{time}"') == found

    def test_a_time_of_no_service_archives_nothing(self) -> None:
        """It stands for null."""
        null = "deployment archived=0001-01-01T00:00:00Z updated=08:00"

        assert codes(f"{null}\ndeployment_run schedule 09:00") == []

    def test_what_others_call_an_event(self) -> None:
        """A note says that nobody looked at it; two of one id may be anything."""
        one, two = (NOTICE | {"data": {"type": says}} for says in ("click", "scroll"))

        assert [f.code for f in found([one, two])] == ["DW006", "DW006"]
        assert [f.code for f in found([one])] == ["DW006"]
        assert found([one | {"data": {"type": "session.status_idled"}}]) == []

    def test_a_run_is_not_its_own_witness(self) -> None:
        """One that failed ahead of its time paused nothing before its time."""
        text = "deployment_run r schedule 09:00 at=08:50 error=vault_archived_error"

        assert codes(text) == [(1, "DR010")]
        earlier = "deployment_run q schedule 08:00 error=vault_archived_error"
        assert codes(f"{earlier}\n{text}") == [(2, "DR010")]

    def test_a_run_by_hand_takes_no_occurrence(self) -> None:
        """It names one by mistake; the two that the schedule made are found in any order."""
        three = [
            "deployment_run m manual 09:00",
            *(f"deployment_run {n} schedule 09:00" for n in "ab"),
        ]

        for text in permutations(three):
            assert sorted(code for _, code in codes("\n".join(text))) == ["DR004", "DR008"]
        assert codes("\n".join(three[:2])) == [(1, "DR004")]

    def test_a_disputed_run_does_not_decide_between_webhooks(self) -> None:
        """They contradict each other all the same."""
        text = """
            deployment_run r schedule 09:00 session=s1
            deployment_run r schedule 09:00 session=s2
            webhook deployment_run.succeeded r
            webhook deployment_run.failed r
        """

        assert codes(text) == [(2, "DR007"), (4, "DW002")]

    def test_a_disputed_webhook_is_held_against_nothing(self) -> None:
        """It says two things, so it proves none."""
        text = """
            webhook deployment.archived depl_1 id=w at=08:00
            webhook deployment.updated depl_1 id=w at=08:00
            deployment_run r schedule 09:00
        """

        assert codes(text) == [(2, "DW001")]

    def test_an_earlier_run_of_qoder_tells_how_its_session_went(self) -> None:
        """It has a session, a status, and the error of the session's turn."""
        run = RUN | {"status": "failed", "error": {"type": "agent_error", "message": "Timed out."}}

        assert [f.code for f in found([run], "qoder")] == ["DR005"]
        assert [f.code for f in found([changed(run, "status", ...)], "qoder")] == ["DR001", "DR005"]

    @pytest.mark.parametrize(
        ("record", "path", "value"),
        [
            (FAILED, "error", "quota"),
            (FAILED, "error.type", 5),
            (FAILED, "error.message", []),
            (RUN, "session_id", 5),
            (SCHEDULED, "trigger_context", "schedule"),
            (SCHEDULED, "trigger_context.scheduled_at", 1772438400),
            (ENDED, "archived_at", 5),
            (ENDED, "paused_reason", {"type": "error", "error": "unknown"}),
        ],
    )
    def test_a_value_of_the_wrong_kind_is_one_fault(
        self, record: Json, path: str, value: Any
    ) -> None:
        """That it was left out is not held against the record."""
        findings = found([changed(changed(record, "status", ...), path, value)])

        assert [f.code for f in findings] == ["RC004"]
        assert dotted(findings[0].path).startswith(path)


class TestLimits:
    """How far a rule goes, and not further."""

    def test_a_run_that_was_made_after_the_pause_did_not_cause_it(self) -> None:
        """Its occurrence was before, and it was late."""
        paused = 'deployment paused agent_archived_error schedule="0 9 * * *" updated=09:01'

        assert codes(f"deployment_run schedule 09:00 at=09:02:01\n{paused}") == []
        assert codes(f"deployment_run schedule 09:00 at=09:02\n{paused}") == [(2, "DP013")]

    @pytest.mark.parametrize("turned", [False, True])
    def test_a_run_is_held_against_the_widest_bound(self, turned: bool) -> None:
        """Of two schedules that have its occurrence, the one that allows more."""
        two = [f'deployment schedule="{minutes} * * * *"' for minutes in ("*/10", "0,20,40")]
        text = "\n".join([*(two[::-1] if turned else two), "deployment_run schedule 09:00 at="])
        (finding,) = found(events(f"{text}09:05"))

        assert finding.expected == "at most 180 seconds after it"
        assert [one.line for one in finding.witness] == [1 if turned else 2]
        assert codes(f"{text}09:03:59") == codes(f"{text}09:04") == []

    def test_a_change_about_the_end_is_left_alone(self) -> None:
        """Clocks differ by up to a minute."""
        ended = "webhook deployment.archived depl_1 at=09:00"

        for at, expected in (("09:01", []), ("09:01:01", [(2, "DW005")])):
            assert codes(f"{ended}\nwebhook deployment.updated depl_1 at={at}") == expected

    def test_a_creation_may_be_rounded(self) -> None:
        """The deployment was updated within the same second."""
        text = "deployment created=2026-03-02T10:00:00.9Z updated=10:00"

        assert codes(text) == []
        assert codes(text.replace("00.9Z", "01Z")) == [(1, "DP009")]

    def test_of_two_signs_at_one_time_the_kinder_is_believed(self) -> None:
        """Nobody knows which was first."""
        two = [f"webhook deployment.{says} depl_1 at=08:00" for says in ("paused", "unpaused")]

        for text in permutations(two):
            assert codes("\n".join([*text, "deployment_run schedule 09:00"])) == []

    def test_an_end_that_is_not_dated_is_one(self) -> None:
        """A reading that leaves out when it was updated still says when it was archived."""
        records = events("deployment archived=08:00\ndeployment_run schedule 09:00")
        undated = changed(records[0], "updated_at", ...)

        assert [f.code for f in found([undated, records[1]])] == ["DR012"]

    def test_that_an_archived_deployment_is_active_says_nothing_of_a_pause(self) -> None:
        """Every archived one is reported so."""
        text = """
            webhook deployment.paused depl_1 at=08:00
            deployment archived=08:30 updated=08:30
            deployment_run schedule 09:00
        """

        assert codes(text) == [(3, "DR012"), (3, "DR013")]

    def test_the_first_time_that_is_none_is_shown(self) -> None:
        """One finding for a record."""
        (finding,) = found(events("deployment created=monday updated=tuesday"))

        assert (finding.code, finding.path) == ("DP014", ("created_at",))

    def test_a_scheduled_run_of_the_same_second_explains_it(self) -> None:
        """`last_run_at` may be rounded where the run is not."""
        text = """
            deployment_run m manual created_at=2026-03-02T09:00:04Z
            deployment_run s schedule 09:00 created_at=2026-03-02T09:00:04.7Z
            deployment schedule="0 9 * * *" last_run=09:00:04 updated=09:00
        """

        assert codes(text) == []
        assert codes(text.replace("04.7Z", "05Z")) == [(3, "DS007")]

    @pytest.mark.parametrize(
        ("reading", "expected"),
        [
            ("updated=12:28:59 last_run=12:30", [(2, "DR017")]),
            ("updated=12:29 last_run=12:30", []),
            ("updated=08:00 last_run=12:29:59", []),
            ("updated=08:00", []),
        ],
    )
    def test_a_schedule_is_in_force_from_an_update_to_a_last_run(
        self, reading: str, expected: list[tuple[int, str]]
    ) -> None:
        """Before and after that it may have been another one."""
        text = f'deployment schedule="0 9 * * *" {reading}\ndeployment_run schedule 12:30'

        assert codes(text) == expected
        assert codes(text.replace("0 9", "30 *")) == []

    def test_another_reading_of_the_same_update_may_show_it(self) -> None:
        """The one that was read last, wherever it stands."""
        three = [
            'deployment schedule="0 9 * * *" updated=08:00 last_run=13:00',
            'deployment schedule="0 9 * * *" updated=08:00',
            "deployment_run schedule 12:30",
        ]

        for text in permutations(three):
            assert [code for _, code in codes("\n".join(text))] == ["DR017"]


@st.composite
def muddled(draw: st.DrawFn) -> list[Json]:
    """Histories in which some records have values of others, or lack some, in any order."""
    records = [dict(one) for one in draw(histories().filter(bool))]
    for _ in range(draw(st.integers(1, 4))):
        one, other = draw(st.sampled_from(records)), draw(st.sampled_from(records))
        name = draw(st.sampled_from(sorted({*one} - {"type"})))
        if one["type"] == other["type"] and name in other:
            one[name] = other[name]
        elif draw(st.booleans()):
            one[name] = None
    return draw(st.permutations(records))


@given(muddled())
def test_whatever_is_found_obeys_the_law_of_witnesses(records: list[Json]) -> None:
    """The witness and the flagged record alone show it, and nothing less does."""
    items = as_read(records)

    for finding in found_in(items):
        assert breach(items, finding, "anthropic") == ""
