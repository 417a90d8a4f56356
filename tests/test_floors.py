"""The floors: a module imports only from below, and stays small enough to be read in one go.

The list of floors is here and nowhere else. Imports are read from the source, wherever they stand
in it: one that is hidden in a function, or meant for the type checker alone, still ties two modules
together.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = "lifecycle"

FLOORS: Final = (
    {"frozen", "plain", "vocabulary"},
    {"table"},
    {"effects"},
    {"machines", "schedule"},
    {"commands", "dialects", "events"},
    {"state"},
    {"embed", "engine"},
    {"deployments"},
    {"wire"},
    {"check", "draw", "lesson", "replay", "show"},
    {"invariants"},
    {"explore"},
    {"cli"},
    {"__init__"},
)
"""From the ground up: the modules and packages of one floor know nothing of each other."""

OWNERS: Final = {
    "transitions": {"embed"},
    "cattrs": {"wire"},
    "msgspec": {"wire", "check"},
    "click": {"cli"},
}
"""Libraries that only these may import."""

APART: Final = {"check": {"commands", "deployments", "engine", "invariants", "state"}}
"""What a part never knows, be it below: a recording is checked without an engine being loaded."""

LINES_MAX: Final = 400
FUNCTION_LINES_MAX: Final = 40

MODULES: Final = sorted(path.relative_to(ROOT) for path in (ROOT / PACKAGE).rglob("*.py"))


def part_of(module: Path) -> str:
    """Return the module or package below ``lifecycle`` that a file belongs to."""
    return module.with_suffix("").parts[1]


def imported(source: str, package: str) -> Iterator[str]:
    """Iterate over the dotted names that *source* imports, as a module of *package*."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(above if node.level else ()), *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def known_to(source: str, module: Path) -> set[str]:
    """Return the parts of ours that *module* imports, itself left out."""
    package, own = ".".join(module.parts[:-1]), part_of(module)
    ours = [name.split(".") for name in imported(source, package) if name.startswith(PACKAGE)]
    parts = {names[1] if len(names) > 1 else "__init__" for names in ours if names[0] == PACKAGE}
    return {part if part in floor_of else "__init__" for part in parts} - {own}


def too_high(source: str, module: Path) -> list[str]:
    """List what *module* imports of ours from its own floor or from above."""
    height = floor_of[part_of(module)]
    return sorted(part for part in known_to(source, module) if floor_of[part] >= height)


floor_of: Final = {part: height for height, floor in enumerate(FLOORS) for part in floor}


class TestFloors:
    """What may import what."""

    @pytest.mark.parametrize("module", MODULES, ids=str)
    def test_a_module_is_on_the_list(self, module: Path) -> None:
        """Who adds a module says on which floor it lives."""
        assert part_of(module) in floor_of

    @pytest.mark.parametrize("module", MODULES, ids=str)
    def test_a_module_imports_only_from_below(self, module: Path) -> None:
        """Modules of one package may know each other; everything else comes from lower floors."""
        assert too_high((ROOT / module).read_text(encoding="utf-8"), module) == []

    @pytest.mark.parametrize("module", MODULES, ids=str)
    def test_a_module_does_not_know_what_it_is_kept_apart_from(self, module: Path) -> None:
        """Though it may lie below."""
        known = known_to((ROOT / module).read_text(encoding="utf-8"), module)

        assert known & APART.get(part_of(module), set()) == set()

    def test_an_import_of_what_is_kept_apart_would_be_found(self) -> None:
        """As any other."""
        module = Path("lifecycle/check/rules/snapshots.py")

        assert known_to("from lifecycle.deployments.limits import Wrong", module) == {"deployments"}

    @pytest.mark.parametrize("module", MODULES, ids=str)
    def test_a_library_stays_with_its_owner(self, module: Path) -> None:
        """Only embed knows transitions, only wire knows cattrs, and so on."""
        source = (ROOT / module).read_text(encoding="utf-8")
        libraries = {name.split(".")[0] for name in imported(source, ".".join(module.parts[:-1]))}

        assert [
            name for name in OWNERS if name in libraries and part_of(module) not in OWNERS[name]
        ] == []

    def test_a_part_that_is_gone_leaves_the_list(self) -> None:
        """The list names nothing that is not there."""
        assert set(floor_of) == {part_of(module) for module in MODULES}

    @pytest.mark.parametrize(
        ("source", "found"),
        [
            ("from lifecycle.vocabulary import Word", []),
            ("from lifecycle.machines.thread import THREAD", []),
            ("from .thread import THREAD", []),
            ("import lifecycle.dialects", ["dialects"]),
            ("from lifecycle import check", ["check"]),
            ("from lifecycle import decide", ["__init__"]),
            ("from .. import draw", ["draw"]),
            ("from ..cli.table import table", ["cli"]),
            ("def f():\n    from lifecycle.embed import Hooks", ["embed"]),
            ("if TYPE_CHECKING:\n    from lifecycle.wire.bulk import Seen", ["wire"]),
            ("import lifecycle_other", []),
        ],
    )
    def test_an_import_is_found_however_it_is_written(self, source: str, found: list[str]) -> None:
        """As seen from a module of the machines' floor."""
        assert too_high(source, Path("lifecycle/machines/call.py")) == found

    def test_neighbours_on_a_floor_do_not_know_each_other(self) -> None:
        """What two of them share belongs below."""
        assert too_high("import lifecycle.check.report", Path("lifecycle/draw/files.py")) == [
            "check"
        ]


def functions(source: str) -> Iterator[tuple[str, int]]:
    """Iterate over the functions of *source*, with their lines, the docstring aside.

    A docstring may be a rule's whole page, or a command's help.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            said = node.body[0] if ast.get_docstring(node) else None
            yield node.name, height_of(node) - (height_of(said) if said else 0)


def height_of(node: ast.stmt) -> int:
    """Return how many lines a statement takes."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


class TestTidy:
    """How long things may be. There are no exceptions."""

    @pytest.mark.parametrize("module", MODULES, ids=str)
    def test_a_module_is_short(self, module: Path) -> None:
        """What is longer hides two modules."""
        lines = len((ROOT / module).read_text(encoding="utf-8").splitlines())

        assert lines <= LINES_MAX

    @pytest.mark.parametrize("module", MODULES, ids=str)
    def test_a_function_fits_on_a_screen(self, module: Path) -> None:
        """From its first line to its last, its docstring aside."""
        source = (ROOT / module).read_text(encoding="utf-8")

        assert [name for name, lines in functions(source) if lines > FUNCTION_LINES_MAX] == []

    def test_a_long_function_would_be_found(self) -> None:
        """Also one within a class or within another function."""
        body = "        x = 1\n" * FUNCTION_LINES_MAX
        source = (
            f"class C:\n    async def long(self):\n{body}\n    def short(self):\n        pass\n"
        )

        assert [n for n, lines in functions(source) if lines > FUNCTION_LINES_MAX] == ["long"]

    def test_a_docstring_does_not_count(self) -> None:
        """Explaining more is no fault."""
        page = "    said\n" * FUNCTION_LINES_MAX

        assert list(functions(f'def f():\n    """Do.\n\n{page}    """\n    return 1\n')) == [
            ("f", 2)
        ]
