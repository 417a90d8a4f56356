"""The public names: what a module shows, it lists, and what it lists, it has and explains.

Public are the functions and classes whose names have no underscore, and the constants that have a
docstring; a constant without one is a shorthand of its module. A rule of the checker is registered
by its code, and nobody imports it by name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from itertools import zip_longest
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent


def name_of(path: Path) -> str:
    """Return the dotted name of a module by its path."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS: Final = {name_of(path): path for path in sorted((ROOT / "lifecycle").rglob("*.py"))}
PUBLIC: Final = [name for name in PATHS if not any(p.startswith("_") for p in name.split("."))]

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def is_docstring(node: ast.stmt) -> bool:
    """Whether a statement is nothing but a text."""
    return isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)


def shown(source: str) -> Iterator[str]:
    """Iterate over the public names that *source* defines."""
    body = ast.parse(source).body
    for node, following in zip_longest(body, body[1:]):
        if isinstance(node, Definition):
            if not (node.name.startswith("_") or is_registered(node)):
                yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign) and following and is_docstring(following):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [t.id for t in targets if isinstance(t, ast.Name)]
            yield from (name for name in names if not name.startswith("_"))


def unexplained(source: str) -> Iterator[str]:
    """Iterate over the public functions, classes and methods of *source* without a docstring."""

    def within(body: list[ast.stmt], prefix: str) -> Iterator[str]:
        for node in body:
            if isinstance(node, Definition) and not node.name.startswith("_"):
                if not (ast.get_docstring(node) or is_overload(node)):
                    yield prefix + node.name
                if isinstance(node, ast.ClassDef):
                    yield from within(node.body, f"{prefix}{node.name}.")

    yield from within(ast.parse(source).body, "")


def is_registered(node: Definition) -> bool:
    """Whether a definition is a rule: found by its code in the registry, not by its name."""
    calls = [d.func for d in node.decorator_list if isinstance(d, ast.Call)]
    return any(getattr(call, "id", "") == "rule" for call in calls)


def is_overload(node: Definition) -> bool:
    """Whether a definition is one of several signatures; the last one has the docstring."""
    return any(getattr(d, "id", getattr(d, "attr", "")) == "overload" for d in node.decorator_list)


class TestPublicNames:
    """Every module's ``__all__``."""

    @pytest.mark.parametrize("module", PUBLIC)
    def test_what_is_shown_is_listed(self, module: str) -> None:
        """A public definition that is missing from ``__all__`` is either private or forgotten."""
        names = set(shown(PATHS[module].read_text(encoding="utf-8")))

        assert sorted(names - set(getattr(import_module(module), "__all__", ()))) == []

    @pytest.mark.parametrize("module", PUBLIC)
    def test_what_is_listed_is_there(self, module: str) -> None:
        """Every listed name can be imported, has no underscore, and stands there once."""
        imported = import_module(module)
        listed = list(getattr(imported, "__all__", ()))

        assert [name for name in listed if not hasattr(imported, name)] == []
        assert [name for name in listed if name.startswith("_") and name != "__version__"] == []
        assert len(listed) == len(set(listed))

    @pytest.mark.parametrize("module", PUBLIC)
    def test_everything_public_is_explained(self, module: str) -> None:
        """Every module, class, function and method has a docstring."""
        source = PATHS[module].read_text(encoding="utf-8")

        assert ast.get_docstring(ast.parse(source)), "the module has no docstring"
        assert list(unexplained(source)) == []


class TestTheTestItself:
    """What the readers of source find."""

    def test_documented_constants_are_shown_and_shorthands_are_not(self) -> None:
        """The docstring below a constant is what makes it public."""
        source = 'A = 1\n"""Said."""\nB = 2\n_C = 3\n"""Said."""\nD: int = 4\n"""Said."""\n'

        assert list(shown(source)) == ["A", "D"]

    def test_definitions_are_shown_by_their_name(self) -> None:
        """An underscore keeps them private, and a rule is known by its code."""
        source = (
            "def a(): ...\ndef _b(): ...\nclass C: ...\nasync def d(): ...\n"
            '@rule("TH001")\ndef e(): ...\n@cache\ndef f(): ...\n'
        )

        assert list(shown(source)) == ["a", "C", "d", "f"]

    def test_a_method_without_docstring_is_found(self) -> None:
        """Private ones and overloads need none."""
        source = (
            'class C:\n    """Said."""\n    def a(self): ...\n    def _b(self): ...\n'
            "    @overload\n    def c(self): ...\n"
        )

        assert list(unexplained(source)) == ["C.a"]
