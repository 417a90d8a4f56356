"""Pages whose examples are run: what stands below an example is what it prints.

In a ``console`` block each line after ``$`` is a command, and what follows is its output. A
``python`` block goes on from those before it; a ``text`` block after it is its output.

Write the README's outputs anew with ``python tests/transcripts.py``.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, Final

__all__ = ["README", "ROOT", "fresh"]

ROOT: Final = Path(__file__).parent.parent
README: Final = ROOT / "README.md"

_BLOCK: Final = re.compile(
    r"^```(?P<kind>console|python)\n(?P<body>.*?)^```$(?P<output>\n\n```text\n.*?^```$)?",
    re.MULTILINE | re.DOTALL,
)
_PROGRAM: Final = "import sys; sys.argv[0] = 'lifecycle'; from lifecycle.cli import main; main()"


def fresh(page: str) -> str:
    """Return *page* with the output of its examples as it is now.

    Raises:
        AssertionError: an example prints something and leaves no place for it.
    """
    space: dict[str, Any] = {"__name__": "example"}

    def again(block: re.Match[str]) -> str:
        body = block["body"]
        if block["kind"] == "console":
            assert not block["output"], "a console block has its output in itself"
            commands = [line[2:] for line in body.splitlines() if line.startswith("$ ")]
            said = "\n".join(f"$ {command}\n{_run(command)}" for command in commands)
            return f"```console\n{said}```"
        printed = _exec(body, space)
        code = f"```python\n{body}```"
        assert bool(printed) is (block["output"] is not None), f"it prints {printed!r}: {body}"
        return f"{code}\n\n```text\n{printed}```" if printed else code

    return _BLOCK.sub(again, page)


def _run(command: str) -> str:
    """Return what a ``lifecycle`` command prints, whatever it exits with."""
    program, *arguments = shlex.split(command)
    assert program == "lifecycle", f"not a command of ours: {command}"
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
    )
    return done.stdout


def _exec(code: str, space: dict[str, Any]) -> str:
    """Return what Python code prints, run from the checkout."""
    printed, before = io.StringIO(), Path.cwd()
    os.chdir(ROOT)
    try:
        with redirect_stdout(printed):
            exec(compile(code, str(README), "exec"), space)
    finally:
        os.chdir(before)
    return printed.getvalue()


if __name__ == "__main__":
    README.write_text(fresh(README.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
