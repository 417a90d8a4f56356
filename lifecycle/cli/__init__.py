"""The command ``lifecycle``: a thin door to the tables, the checker and the diagrams.

A command's module is imported when the command is called, so that each starts with no more than it
needs. Exit codes: 0 fine, 1 findings or differences, 2 a wrong call or unusable input, 130 Ctrl-C,
141 a reader that went away (``| head``). An error is one line on standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["COMMANDS", "LazyGroup", "main", "rendered"]

COMMANDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "check": ("lifecycle.cli.check", "Check recorded event streams against the tables."),
        "show": ("lifecycle.cli.show", "Show a recorded stream as the machines read it."),
        "rule": ("lifecycle.cli.rule", "Explain a rule of the checker, or list them all."),
        "table": ("lifecycle.cli.table", "Print a machine: its grid, and why each row says so."),
        "play": (
            "lifecycle.cli.play",
            "Play a session or deployment by hand, and see the answers.",
        ),
        "explore": (
            "lifecycle.cli.explore",
            "Walk every state of a small session or deployment, and check it.",
        ),
        "draw": ("lifecycle.cli.draw", "Write the diagrams and tables, or check them."),
        "replay": ("lifecycle.cli.replay", "Decide a recording anew, and compare the events."),
        "diff": ("lifecycle.cli.diff", "Print what two dialects say differently."),
        "schedule": ("lifecycle.cli.schedule", "Print when a cron expression fires in a zone."),
    }
)
"""Every command: the module that holds it under its own name, and its line in the help."""

USAGE, INTERRUPTED, READER_GONE = 2, 128 + 2, 128 + 13


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, and whose errors are one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands, in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Import and return the command *cmd_name*; `None` if there is none."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name][0]}.{cmd_name} is no command")
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that *args* begin with; a wrong name is told the right ones."""
        if args[0] not in COMMANDS:
            ctx.fail(f"no command {args[0]!r}; choose from {', '.join(COMMANDS)}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and flush what it wrote; stay silent if nobody reads it."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(READER_GONE)
        return result

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program: like click's, with the exit codes and one-line errors of this module."""
        kwargs["standalone_mode"] = False
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")  # an arrow is no reason to fail on a terminal
        try:
            code = super().main(*args, **kwargs)
        except click.Abort:
            sys.exit(INTERRUPTED)
        except click.ClickException as error:
            ctx = getattr(error, "ctx", None)
            name = ctx.command_path if ctx else "lifecycle"
            click.echo(f"{name}: {' '.join(error.format_message().split())}", err=True)
            sys.exit(USAGE)
        except OSError as error:
            click.echo(f"lifecycle: cannot go on: {error.strerror or error}", err=True)
            os._exit(USAGE)  # what is still to be flushed cannot be
        sys.exit(code if isinstance(code, int) else 0)


def rendered(*parts: RenderableType) -> str:
    """Return *parts* as rich prints them here: as wide as the terminal, 80 columns in a pipe.

    Blanks at the ends of lines are left out, so that a copied grid is a clean one.
    """
    from rich.console import Console

    console = Console(highlight=False)
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print the version and leave."""
    if wanted and not ctx.resilient_parsing:
        try:
            number = version("agent-lifecycle")
        except PackageNotFoundError:
            number = "(not installed)"
        click.echo(f"lifecycle {number}")
        ctx.exit()


@click.group(
    "lifecycle",
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version,
    help="Print the version and leave.",
)  # fmt: skip
@click.pass_context
def main(ctx: click.Context) -> None:
    """How agent sessions and their threads live, pause and end.

    Everything that can happen is a row of a small table: in this state, upon that trigger, this is
    the answer, and here is why. The same tables check recordings, draw the diagrams and drive
    servers.

    \b
    Is this recording possible, and if not, since which event?
        lifecycle check session.jsonl
    What may happen to a thread, and why?
        lifecycle table thread
    Where do the two services differ?
        lifecycle diff anthropic qoder
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
