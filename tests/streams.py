"""
Plausible sessions, grown a turn at a time, in the checker's shorthand: one event a line.

Only shapes that the references know grow here: wakes, requests, calls that are allowed, asked or
custom, answers in parts, denials, interrupts, errors, and children with the shape of a forwarded
answer. What is wrong with a session is somebody else's doing.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field
from hypothesis import strategies as st

__all__ = ["sessions"]

Draw = Callable[[st.SearchStrategy[int]], int]


@define
class Growing:
    """A session that grows: its lines so far, and what is still open in it."""

    draw: Draw
    lines: list[str] = field(factory=list)
    names: int = 0
    child: str = ""  # "", "told", "running", "resting": at most one child at a time
    kids: int = 0
    session: str = "idle"

    def chance(self, percent: int) -> bool:
        """Whether something happens that happens so often; shrinks towards no."""
        return self.draw(st.integers(0, 99)) >= 100 - percent

    def say(self, *lines: str) -> None:
        """Add events."""
        self.lines.extend(lines)

    def name(self, letter: str) -> str:
        """A new id."""
        self.names += 1
        return f"{letter}{self.names}"

    # -- Pieces -----------------------------------------------------------------------------------

    def wake(self) -> None:
        """The pair of running events; a session that never rested is not told to run."""
        if self.session == "idle":
            self.say("session.status_running")
            if self.chance(10):
                self.say('session.error error={"type":"mcp_connection_failed_error",'
                         '"retry_status":{"type":"retrying"}}')  # fmt: skip
        self.session = "running"
        self.say("session.thread_status_running main")

    def rest(self, reason: str, *, alone: bool = False) -> None:
        """The primary rests, and the session with it unless a child works on."""
        self.say(f"session.thread_status_idle main {reason}")
        if self.child != "running" and not alone:
            self.say("session.usage", f"session.status_idle {reason}")
            self.session = "idle"

    def request(self, calls: list[str]) -> None:
        """A model request; a running child may be heard of inside it."""
        start = self.name("s")
        self.say(f"span.model_request_start {start}")
        if self.chance(30):
            self.say("agent.thinking")
        if self.chance(50):
            self.say("agent.message")
        self.say(*calls)
        self.say(f"span.model_request_end {start}")

    def turn(self) -> None:
        """A message wakes the primary; it works until nothing is left to do."""
        self.wake()
        self.say("user.message")
        while self.step():
            pass

    def step(self) -> bool:
        """One request and what comes of it; whether the turn goes on."""
        calls = [self.call() for _ in range(self.draw(st.integers(0, 3)))]
        self.request([line for line, _, _ in calls])
        if not calls and not self.child and self.chance(25):
            self.spawn()
            return True
        if not calls:
            if self.chance(5):
                self.say('session.error error={"type":"unknown_error",'
                         '"retry_status":{"type":"terminal"}}')  # fmt: skip
                self.say("session.status_terminated")
                self.session = "over"
            elif self.chance(10):
                self.say("user.interrupt")
                self.rest("end_turn")
            else:
                self.rest("end_turn")
            return False
        return self.settle(calls)

    def call(self) -> tuple[str, str, str]:
        """A call: its line, its id, and how it is settled."""
        name = self.name("c")
        kind = ("allow", "mcp", "ask", "custom")[self.draw(st.integers(0, 3))]
        lines = {
            "allow": f"agent.tool_use {name} allow",
            "mcp": f"agent.mcp_tool_use {name} allow",
            "ask": f"agent.tool_use {name} ask",
            "custom": f"agent.custom_tool_use {name}",
        }
        return lines[kind], name, kind

    def settle(self, calls: list[tuple[str, str, str]]) -> bool:
        """The client answers what it is asked for, in order; the platform does the rest."""
        asked = [(name, kind) for _, name, kind in calls if kind in ("ask", "custom")]
        results = [self.result(name, kind) for _, name, kind in calls if kind in ("allow", "mcp")]
        if not asked:
            if self.chance(10) and all(kind == "allow" for _, _, kind in calls):
                self.say(*(f"agent.tool_result {name} error" for _, name, _ in calls))
                self.say("user.interrupt")
                self.rest("end_turn")
                return False
            self.say(*results)
            return True
        while asked:
            self.rest(f"requires_action({','.join(name for name, _ in asked)})")
            if self.chance(10) or self.child == "running":
                self.session = "parked"
                return False
            if results and {kind for _, kind in asked} == {"custom"} and self.chance(20):
                self.wake()
                self.rest(f"requires_action({','.join(name for name, _ in asked)})")
            for name, kind in asked[: 1 + self.draw(st.integers(0, len(asked) - 1))]:
                results += self.answer(name, kind)
                asked = asked[1:]
        self.wake()
        self.say(*results)
        return True

    def result(self, name: str, kind: str) -> str:
        """The platform's result of a call."""
        family = "agent.mcp_tool_result" if kind == "mcp" else "agent.tool_result"
        return f"{family} {name}"

    def answer(self, name: str, kind: str) -> list[str]:
        """The client's answer, and the result that it leads to."""
        if kind == "custom":
            self.say(f"user.custom_tool_result {name}")
            return []
        denied = self.chance(40)
        self.say(f"user.tool_confirmation {name} {'deny' if denied else 'allow'}")
        return [f"agent.tool_result {name}{' error' if denied else ''}"]

    # -- Children ---------------------------------------------------------------------------------

    def spawn(self) -> None:
        """A child is made, told what to do, and runs."""
        self.kids += 1
        child = f"k{self.kids}"
        self.say(f"session.thread_created {child}")
        self.say(f"agent.thread_message_sent to_session_thread_id={child}")
        self.say(f"session.thread_status_running {child}")
        self.child = "running"

    def childs_life(self) -> None:
        """A running child asks for something, and then reports."""
        child = f"k{self.kids}"
        if self.chance(60):
            name = self.name("c")
            kind = "custom" if self.chance(50) else "ask"
            line = (
                f"agent.custom_tool_use {name}"
                if kind == "custom"
                else f"agent.tool_use {name} ask"
            )
            first = [
                f"{line} of={child}",
                f"session.thread_status_idle {child} requires_action({name})",
            ]
            self.say(*(first if self.chance(50) else first[::-1]))
            self.say("session.usage", f"session.status_idle requires_action({name})")
            self.session = "idle"
            if self.chance(20):
                self.child, self.session = "resting", "parked"
                return
            self.wake()
            if kind == "custom":
                self.say(f"user.custom_tool_result {name} of={child}")
            else:
                self.say(f"user.tool_confirmation {name} allow of={child}")
            runs = f"session.thread_status_running {child}"
            before = self.chance(50)
            if before:
                self.say(runs)
            self.say("session.thread_status_idle main end_turn", "session.usage",
                     f"session.status_idle requires_action({name})")  # fmt: skip
            self.session = "idle"
            if not before:
                self.say(runs)
        self.report(child)

    def report(self, child: str) -> None:
        """The child's report wakes the coordinator; the child rests before or after."""
        rests = f"session.thread_status_idle {child} end_turn"
        early = self.chance(30)
        if early:
            self.say(rests)
        self.wake()
        self.say(f"agent.thread_message_received from_session_thread_id={child}")
        self.child = ""
        start = self.name("s")
        self.say(f"span.model_request_start {start}")
        if not early:
            self.say(rests)
        self.say("agent.message", f"span.model_request_end {start}")
        self.rest("end_turn")


@st.composite
def sessions(draw: Draw) -> list[str]:
    """The lines of a session of a few turns."""
    growing = Growing(draw)
    for _ in range(draw(st.integers(1, 3))):
        if growing.session in ("over", "parked"):
            break
        growing.turn()
        if growing.child == "running" and growing.session == "running":
            growing.childs_life()
    return growing.lines
