"""Asynchronous hooks, a failure, and its second attempt."""

from __future__ import annotations

import asyncio

import attrs

from lifecycle.effects import RUN_TOOL
from lifecycle.embed import (
    AsyncHookedMachine,
    AsyncHooks,
    Fired,
    Firing,
    HookFailed,
    call_machine,
)
from lifecycle.vocabulary import CallState, CallTrigger


@attrs.define
class Call:
    """The host's own record of a tool use."""

    status: CallState = CallState.ASKED
    runs: int = 0
    workers: int = 0


async def run_tool(call: Call, firing: Firing) -> None:
    """Hand the call to a worker."""
    await asyncio.sleep(0)
    if not call.workers:
        raise ConnectionError("no worker")
    call.runs += 1


def log(call: Call, firing: Firing) -> None:
    """Log; a plain function among asynchronous ones."""
    firing.context.append(f"{firing.row.trigger}: {firing.row.because}")


calls = call_machine(hooks=AsyncHooks(effects={RUN_TOOL: run_tool}, after=[log]))
typed: AsyncHookedMachine[Call, CallState, CallTrigger] = calls


async def allow(call: Call, lines: list[str]) -> Fired[Call, CallState, CallTrigger]:
    """Allow *call*; when no worker takes it, find one and go on."""
    try:
        return await calls.fire(call, CallTrigger.ALLOW, context=lines)
    except HookFailed as failure:
        if failure.effect != RUN_TOOL:
            raise
        call.workers = 1
        return await calls.resume(failure, context=lines)


def main() -> None:
    """Allow a call."""
    call, lines = Call(), list[str]()
    fired = asyncio.run(allow(call, lines))

    assert fired.performed == (RUN_TOOL,)
    assert call.status is CallState.PROCESSED
    assert call.runs == 1
    assert lines == ["allow: the client allows it"]
