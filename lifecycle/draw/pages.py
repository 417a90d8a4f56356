"""The generated pages: machines, fold, vocabulary, differences, rules, and what leads to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from inspect import getdoc
from itertools import combinations
from typing import Any, Final, Protocol

from lifecycle import vocabulary
from lifecycle.dialects import DIALECTS, Dialect, Difference, diff
from lifecycle.draw.grid import DENIED, OWN, amended, answer, grid, meaning, owed, words
from lifecycle.draw.markdown import code, page, section, table
from lifecycle.draw.mermaid import diagram
from lifecycle.machines import MACHINES, STOPS
from lifecycle.vocabulary import Word

__all__ = [
    "RuleEntry",
    "diff_page",
    "fold_page",
    "grouped",
    "index_page",
    "machine_page",
    "rule_index",
    "vocabulary_page",
]


class RuleEntry(Protocol):
    """What the rule index needs to know of a rule."""

    @property
    def code(self) -> str:
        """Its code, such as ``TH003``."""

    @property
    def level(self) -> str:
        """Its level: error, warning or note."""

    @property
    def name(self) -> str:
        """Its name, which reads after "allow"."""

    @property
    def what(self) -> str:
        """What it checks; the first paragraph stands in the index."""

    @property
    def evidence(self) -> str:
        """How it is known."""

    @property
    def subject(self) -> str:
        """What it is asked about: events, or records."""


def machine_page(dialect: Dialect, name: str) -> str:
    """Return the page of the machine *name*: diagram, grid, every row, triggers, effects.

    Raises:
        KeyError: there is no such machine.
    """
    machine = dialect.machines[name]
    return page(
        f"{name} ({dialect.name})",
        f"{meaning(machine)} This is how {dialect.title} has it.",
        f"```mermaid\n{diagram(dialect, name)}```",
        section("Grid", _legend(dialect, name), table(*grid(dialect, name))),
        section("Rows", *(_state_rows(dialect, name, state) for state in machine.states)),
        section("Triggers", table(["trigger", "what happens"], _explained(machine.triggers))),
        _effects(dialect, name),
    )


def _legend(dialect: Dialect, name: str) -> str:
    """Explain the marks of a grid; the dialect's own only where there is one."""
    marks = "`→ state`: the trigger moves it there. `stay`: accepted, the state stays."
    if amended(dialect, name):
        own = f"`{OWN}`: a row of this dialect's own; every other row"
    else:
        own = "Every row"
    return f"{marks} `{DENIED}`: refused. {own} is the common table's, and so is its evidence."


def _explained(listed: Iterable[Word]) -> list[list[str]]:
    """List words with their sentences."""
    return [[code(word), word.__doc__ or ""] for word in listed]


def _state_rows(dialect: Dialect, name: str, state: Word) -> str:
    """Return the section of one state: its meaning, its reported words, its rows."""
    machine, own = dialect.machines[name], amended(dialect, name)
    reports = [
        f"Reported as `{r.word}`{f' when {r.when}' if r.when else ''} ({r.evidence}: {r.source})."
        for r in words(dialect, name, state)
    ]
    rows = []
    for trigger in machine.triggers:
        row = machine.step(state, trigger)
        mark = f" {OWN}" if (state, trigger) in own else ""
        effects = ", ".join(map(str, row.effects))
        rows.append(
            [code(trigger), answer(row) + mark, effects, row.because, row.evidence, row.source]
        )
    head = ["trigger", "answer", "effects, in order", "because", "evidence", "source"]
    about = " ".join([state.__doc__ or "", *reports])
    return section(state, about, table(head, rows), level=3)


def _effects(dialect: Dialect, name: str) -> str:
    """Return the section about the effects that the machine's rows name, if they name any."""
    rows = [
        [e.name, e.doc, e.phase.__doc__ or "", "yes" if e.repeatable else "no", e.lost]
        for e in owed(dialect.machines[name])
    ]
    head = ["effect", "what it is", "when", "may be repeated", "if it is never done"]
    return section("Effects", table(head, rows)) if rows else ""


def fold_page(dialect: Dialect) -> str:
    """Return the page of the session's fold, and of the stop reasons of a thread."""
    rows = [
        [
            str(rank),
            code(row.fact),
            row.fact.__doc__ or "",
            code(row.state),
            code(row.stop or ""),
            row.because,
            row.evidence,
        ]
        for rank, row in enumerate(dialect.fold, 1)
    ]
    head = ["rank", "fact", "it holds when", "the session is", "stop reason", "because", "evidence"]
    stops = [[code(t), t.__doc__ or "", code(s), s.__doc__ or ""] for t, s in STOPS.items()]
    return page(
        f"session fold ({dialect.name})",
        "A session has no work of its own: the first fact that holds says what it is, and why it "
        "rests.",
        table(head, rows),
        section(
            "Stop reasons of a thread",
            "What the idle event of a thread carries, by the trigger that brought it about.",
            table(["trigger", "what happens", "stop reason", "meaning"], stops),
        ),
    )


def vocabulary_page() -> str:
    """Return the page of every word of the domain, in the order in which they are declared."""
    enums = [
        value
        for module in (vocabulary.form, vocabulary.sessions, vocabulary.deployments)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Word) and value is not Word
    ]
    return page(
        "Vocabulary",
        "Every word of the domain. Open sets stay open: an unknown word is tolerated.",
        *(
            section(enum.__name__, getdoc(enum) or "", table(["word", "meaning"], _explained(enum)))
            for enum in enums
        ),
    )


_GROUPS: Final[Mapping[str, str]] = {
    "word": "Reported words",
    "row": "Rows",
    "fold": "Fold",
    "refusal": "Refusals",
    "field": "Fields",
    "limit": "Limits",
    "pausing": "Errors that pause",
    "switch": "Switches",
    "event": "Events",
    "delegation tool": "Delegation tools",
    "list order": "Lists",
    "style": "Style",
}


def grouped(differences: Iterable[Difference]) -> dict[str, list[tuple[str, Difference]]]:
    """Sort differences by what they are about; each with its key less the group's own word.

    Raises:
        KeyError: a key belongs to no group.
    """
    groups: dict[str, list[tuple[str, Difference]]] = {title: [] for title in _GROUPS.values()}
    for difference in differences:
        kind = next((k for k in _GROUPS if difference.key.startswith(f"{k} ")), difference.key)
        groups[_GROUPS[kind]].append((difference.key.removeprefix(f"{kind} "), difference))
    return {title: found for title, found in groups.items() if found}


def diff_page(left: Dialect, right: Dialect) -> str:
    """Return the page of what two dialects say differently, with the evidence of each side."""
    sections = [
        section(
            title,
            table(
                ["about", left.name, right.name],
                [[code(about), _side(d.left), _side(d.right)] for about, d in found],
            ),
        )
        for title, found in grouped(diff(left, right)).items()
    ]
    return page(
        f"{left.name} and {right.name}",
        f"What {left.title} and {right.title} say differently. `-`: says nothing.",
        *sections,
    )


def _side(side: tuple[str, Any] | None) -> str:
    """Return what one dialect says, and how it is known."""
    return f"{side[0]} ({side[1]})" if side else "-"


def rule_index(rules: Iterable[RuleEntry]) -> str:
    """Return the page that lists the checker's rules by code."""
    rows = [
        [
            code(rule.code),
            rule.level,
            rule.subject,
            rule.name,
            _first_paragraph(rule.what),
            rule.evidence,
        ]
        for rule in sorted(rules, key=lambda rule: rule.code)
    ]
    return page(
        "Rules",
        "What the checker looks for, in the events of sessions and in the records of deployments. "
        "`lifecycle rule CODE` prints a rule's whole page.",
        table(["code", "level", "about", "name", "what it checks", "evidence"], rows),
    )


def _first_paragraph(text: str) -> str:
    """Return the first paragraph of *text* on one line."""
    return " ".join(text.strip().split("\n\n")[0].split())


def index_page() -> str:
    """Return the page that leads to all others."""
    rows = [
        [
            code(name),
            meaning(machine),
            *(f"[table]({d}/{name}.md), [diagram]({d}/{name}.mmd)" for d in DIALECTS),
        ]
        for name, machine in MACHINES.items()
    ]
    folds = [f"[table]({d}/fold.md)" for d in DIALECTS]
    links = [
        *(
            f"- [What differs between {a} and {b}]({a}-{b}.md)"
            for a, b in combinations(DIALECTS, 2)
        ),
        "- [The rules of the checker](rules.md)",
        "- [The vocabulary](vocabulary.md)",
    ]
    return page(
        "Diagrams and tables",
        "Everything here is generated by `lifecycle draw`.",
        table(
            ["machine", "what it tells", *DIALECTS],
            [*rows, ["session fold", "What a session's threads make of it.", *folds]],
        ),
        "\n".join(links),
    )
