"""The oracle answers on its own: nothing of the engine may reach it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "oracle"
DATA_MODULES = {"hitmodel.codes", "hitmodel.prices"}
MODULES = sorted(FOLDER.glob("*.py"))


def imported(path: Path) -> set[str]:
    """Return the dotted names of all modules that a file imports, at whatever depth."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            names.add(node.module or "")
            if node.module == "hitmodel":
                names |= {f"hitmodel.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_the_oracle_imports_only_code_tables_and_prices(path: Path) -> None:
    ours = {name for name in imported(path) if name.split(".")[0] == "hitmodel"}
    assert ours <= DATA_MODULES, f"{path.name} leans on the engine: {sorted(ours - DATA_MODULES)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_the_oracle_imports_nothing_by_name(path: Path) -> None:
    assert "importlib" not in imported(path)
    assert "__import__" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_the_oracle_uses_no_floats(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"{path.name}: {node.value}"
        assert not (isinstance(node, ast.Name) and node.id == "float"), path.name
