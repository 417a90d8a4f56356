"""A complete set-up leaves no test out: `LIFECYCLE_REQUIRE_ALL` makes sure of that."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

SKIPPING: Final = {
    "in a test": 'import pytest\ndef test_a(): pytest.skip("{reason}")',
    "by a mark": 'import pytest\n@pytest.mark.skip(reason="{reason}")\ndef test_a(): pass',
    "in a fixture": (
        "import pytest\n"
        '@pytest.fixture\ndef b(): pytest.skip("{reason}")\n'
        "def test_a(b): pass"
    ),
    "as a module": 'import pytest\npytest.skip("{reason}", allow_module_level=True)',
}  # fmt: skip


def outcome(folder: Path, module: str, required: str) -> tuple[int, str]:
    """Run *module* beside a copy of our conftest; return the exit code and the last line."""
    shutil.copy(Path(__file__).with_name("conftest.py"), folder)
    (folder / "test_it.py").write_text(module + "\n\ndef test_other(): pass\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "."],
        cwd=folder,
        env={**os.environ, "LIFECYCLE_REQUIRE_ALL": required, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout


class TestRequireAll:
    @pytest.mark.parametrize("how", SKIPPING)
    def test_a_skip_for_something_missing_fails(self, tmp_path: Path, how: str) -> None:
        """However the test is skipped, and the reason is still said."""
        code, said = outcome(tmp_path, SKIPPING[how].format(reason="needs a moon"), "1")

        assert code in (1, 2)  # pytest's word for a module that fails is 2
        assert "needs a moon" in said

    @pytest.mark.parametrize("how", SKIPPING)
    def test_nothing_fails_unless_it_is_asked_for(self, tmp_path: Path, how: str) -> None:
        """Somebody who lacks something is told so, no more."""
        code, said = outcome(tmp_path, SKIPPING[how].format(reason="needs a moon"), "0")

        assert code in (0, 5)  # 5: a module that is skipped has no tests
        assert "skipped" in said

    def test_other_reasons_stay_reasons(self, tmp_path: Path) -> None:
        """What another system lacks cannot be set up."""
        module = SKIPPING["in a test"].format(reason="signals are POSIX")

        assert outcome(tmp_path, module, "1")[0] == 0
