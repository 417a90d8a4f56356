"""``lifecycle schedule``: when a cron expression fires, on the clock of a zone and in UTC."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Final

import click

from lifecycle.schedule import BadSchedule, Change, Schedule, Skipped

__all__ = ["schedule"]

_USAGE: Final = 2

_COUNT_MAX: Final = 10_000
_YEARS: Final = (1973, 9000)
"""Earlier clocks were not always whole minutes from UTC, which RFC 3339 cannot write."""

_READING: Final = "%a %Y-%m-%d %H:%M"


def _moment(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """Return the moment that *value* is: an instant with an offset, without one a reading.

    Raises:
        click.BadParameter: it is none.
    """
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        right = "write 2026-03-08 or 2026-03-08T06:30:00Z"
        raise click.BadParameter(f"{value!r} is no time; {right}", ctx, param) from error
    first, last = _YEARS
    if not first <= moment.year <= last:
        raise click.BadParameter(f"{value!r} is not in the years {first} to {last}", ctx, param)
    return moment


@click.command()
@click.argument("expression", metavar="EXPRESSION")
@click.option(
    "--timezone", default="UTC", show_default=True, metavar="ZONE",
    help="Whose clock it is read on: a name of the IANA database.",
)  # fmt: skip
@click.option(
    "--count", type=click.IntRange(1, _COUNT_MAX), default=5, show_default=True,
    help="How many occurrences.",
)  # fmt: skip
@click.option(
    "--from", "begin", callback=_moment, metavar="TIME",
    help="The first instant that counts; without an offset it is read in the zone."
    "  [default: now]",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="For reading, or for programs.",
)  # fmt: skip
@click.pass_context
def schedule(
    ctx: click.Context,
    expression: str,
    timezone: str,
    count: int,
    begin: datetime | None,
    form: str,
) -> None:
    """Print when EXPRESSION fires: five cron fields, read on the clock of a time zone.

    Local times that a change of the clock leaves out do not fire, and are shown as skipped; those
    that it repeats fire twice. A run starts at its time or a little later, by a delay that is the
    same for the same schedule; how late it may be is shown beside each. What cannot be a schedule
    is explained, and exits with 2.

    \b
    Examples:
        lifecycle schedule "0 9 * * 1-5" --timezone America/New_York
        lifecycle schedule "30 1 * * *" --timezone Europe/London --from 2026-10-24
        lifecycle schedule "*/15 * * * *" --count 96 --format json
    """
    now = begin or datetime.now(UTC)
    # The zone is not known to be one yet, so the expression is read at a time that has one anyway.
    read = Schedule.read(expression, timezone, now=now if now.tzinfo else now.replace(tzinfo=UTC))
    if isinstance(read, BadSchedule):
        _explain(ctx, read)
        return
    start = now if now.tzinfo else now.replace(tzinfo=read.clock.zone)
    before = start - timedelta(microseconds=1)
    coming = read.upcoming(count, after=before)
    skipped = list(read.skipped(before, coming[-1])) if coming else []
    if form == "json":
        click.echo(json.dumps(_as_data(read, coming, skipped), indent=2))
    else:
        click.echo("\n".join(_as_text(read, coming, skipped)))


def _explain(ctx: click.Context, bad: BadSchedule) -> None:
    """Say what is wrong, with carets under the fault, and leave."""
    text, marks = bad.pointed()
    click.echo(f"{ctx.command_path}: {bad.message}\n    {text}\n    {marks}", err=True)
    ctx.exit(_USAGE)


def _as_data(
    read: Schedule, coming: tuple[datetime, ...], skipped: list[Skipped]
) -> dict[str, object]:
    """Return the occurrences as JSON has them, in RFC 3339.

    A skipped reading has the offset that held before the clock was put forward.
    """
    zone = read.clock.zone
    return {
        "occurrences": [
            {"utc": f"{at:%Y-%m-%dT%H:%M:%SZ}", "local": at.astimezone(zone).isoformat()}
            for at in coming
        ],
        "skipped": [
            reading.replace(tzinfo=zone).isoformat()
            for skip in skipped
            for reading in skip.readings
        ],
    }


# -- text ------------------------------------------------------------------------------------------


def _as_text(read: Schedule, coming: tuple[datetime, ...], skipped: list[Skipped]) -> Iterator[str]:
    """Iterate over the lines: a head, then occurrences and skipped readings in their order."""
    name = read.clock.zone.key
    wide = max(len(name), len("Sun 2026-03-08 02:30 -05:00"))
    yield f"{name:{wide}}  {'UTC':16}  late by up to"
    # A change's own instant may fire; what it leaves out comes before it, and sorting keeps that.
    rows = [(skip.change.at, _left_out(skip, wide)) for skip in skipped]
    rows += [(at, _occurrence(read, at, wide)) for at in coming]
    yield from (line for _, line in sorted(rows, key=itemgetter(0)))


def _occurrence(read: Schedule, at: datetime, wide: int) -> str:
    """Return the line of one occurrence."""
    local = at.astimezone(read.clock.zone)
    shown = f"{local:{_READING}} {local.isoformat()[-6:]}"
    bound = _spoken(read.delay_bound(at))
    line = f"{shown:{wide}}  {at:%Y-%m-%d %H:%M}  {bound}"
    if not read.clock.is_doubled(local.replace(tzinfo=None, fold=0)):
        return line
    which = "second" if local.fold else "first"
    return f"{line:{wide + 33}}  {which} of two: the clock shows this time twice"


def _left_out(skip: Skipped, wide: int) -> str:
    """Return the line of the readings that one change of the clock leaves out."""
    first, last, times = skip.readings[0], skip.readings[-1], len(skip.readings)
    shown = f"{first:{_READING}}"
    if times > 1:
        shown += f" to {last:%H:%M}"
    more = f", {times} times" if times > 1 else ""
    return f"{shown:{wide}}  {'skipped' + more:16}  {_told(skip.change)}"


def _told(change: Change) -> str:
    """Return what happened to the clock."""
    form = "%H:%M" if change.leaves.date() == change.reaches.date() else "%Y-%m-%d %H:%M"
    return f"the clock goes from {change.leaves:{form}} to {change.reaches:{form}}"


def _spoken(bound: timedelta) -> str:
    """Return a delay in minutes and seconds."""
    minutes, seconds = divmod(int(bound.total_seconds()), 60)
    return " ".join(
        f"{number} {unit}" for number, unit in ((minutes, "min"), (seconds, "s")) if number
    )
