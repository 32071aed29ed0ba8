"""ARCHITECTURE.md's table of modules is true, and imports run one way through it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = PROJECT / "hitmodel"
OUTSIDE = "hitmodel"  # the package's own __init__ names things of all layers and imports them lazily


def layers(text: str) -> list[tuple[str, list[str]]]:
    """Return each layer's name and its modules, from the headings and tables under "## Modules"."""
    section = re.search(r"^## Modules\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    assert section
    parts = re.split(r"^### (.+)\n", section[1], flags=re.MULTILINE)[1:]
    return [
        (name, re.findall(r"^\| `(\w+/?)` \|", table, re.MULTILINE))
        for name, table in zip(parts[::2], parts[1::2], strict=True)
    ]


LAYERS = layers((PROJECT / "ARCHITECTURE.md").read_text(encoding="utf-8"))
LEVEL = {module: level for level, (_, modules) in enumerate(LAYERS) for module in modules}


BEFORE_FACES = {module for _, names in LAYERS[:-1] for module in names}


def modules() -> dict[str, Path]:
    """Return every module of the package by its dotted name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PROJECT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def row_of(module: str) -> str:
    """Return the name under which the table has a module: its own, or its folder's."""
    parts = module.split(".")
    return parts[1] if (PACKAGE / f"{parts[1]}.py").exists() else f"{parts[1]}/"


def imported(statements: Iterator[ast.AST]) -> Iterator[str]:
    """Yield the modules of the package that some import statements name."""
    for node in statements:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "hitmodel":
            inner = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in MODULES else node.module for name in inner)


def imports(module: str, *, when_loaded: bool = False) -> set[str]:
    """Return what a module imports: everywhere in it, or only what loading it imports."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    statements = iter(tree.body) if when_loaded else ast.walk(tree)
    return set(imported(statements)) - {module, OUTSIDE}


def test_every_module_has_its_row_and_every_row_its_module() -> None:
    held = {row_of(module) for module in MODULES if module != OUTSIDE}
    assert sorted(held - set(LEVEL)) == [], "give these a row in ARCHITECTURE.md"
    assert sorted(set(LEVEL) - held) == [], "these rows of ARCHITECTURE.md name no module"


def test_no_module_has_two_rows() -> None:
    assert sum(len(names) for _, names in LAYERS) == len(LEVEL)


@pytest.mark.parametrize("module", sorted(set(MODULES) - {OUTSIDE}))
def test_a_module_imports_nothing_from_a_later_layer(module: str) -> None:
    level = LEVEL.get(row_of(module), len(LAYERS))
    upward = {other for other in imports(module) if LEVEL.get(row_of(other), 0) > level}
    assert not upward, f"{module} is in '{LAYERS[level][0]}' and imports {sorted(upward)}"


def test_no_modules_import_one_another_in_a_circle() -> None:
    graph = {module: imports(module, when_loaded=True) for module in MODULES if module != OUTSIDE}
    assert list(TopologicalSorter(graph).static_order())


def test_an_upward_import_would_be_seen() -> None:
    tree = ast.parse("def f():\n    from hitmodel import cli\n    from hitmodel.claims import Claims\n")
    assert set(imported(ast.walk(tree))) == {"hitmodel.cli", "hitmodel.claims"}
    assert LEVEL["cli"] > LEVEL["claims"] > LEVEL["money"]


@pytest.mark.parametrize("module", sorted(m for m in MODULES if m != OUTSIDE and row_of(m) in BEFORE_FACES))
def test_only_faces_round_or_make_floats(module: str) -> None:
    """Amounts are exact until they are shown, and `hitmodel.money` alone rounds them."""
    calls = (node.func for node in ast.walk(ast.parse(MODULES[module].read_text())) if isinstance(node, ast.Call))
    assert not {call.id for call in calls if isinstance(call, ast.Name)} & {"round", "float"}
