"""A child's own list: what its coordinator must have done, which that list does not show."""

from __future__ import annotations

from lifecycle import commands as c
from lifecycle.replay.story import Story
from lifecycle.replay.where import On

__all__ = ["opened"]


def opened(story: Story) -> tuple[c.Command, ...]:
    """Return what comes before a child's list begins; nothing for a session's list.

    The coordinator is kept at work throughout, so that nothing needs to go through it.
    """
    if not story.is_child:
        return ()
    on: On = {"session_id": story.session_id, "thread_id": story.primary}
    return (
        c.SendMessage(session_id=story.session_id, content="…"),
        c.RequestStarted(**on),
        c.RequestEnded(**on),
        c.SpawnChild(**on, child_id=story.own, agent_name=_name(story), task="…"),
    )


def _name(story: Story) -> str:
    """Return the name of the child's agent."""
    return str(next((x.agent_name for x in story.events if hasattr(x, "agent_name")), "child"))
