"""``import hitmodel`` is cheap, and its names lead where they say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import hitmodel


def python(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_importing_the_package_imports_nothing_heavy() -> None:
    loaded = set(python("import sys, hitmodel; print(*sys.modules)").split())
    assert not loaded & {"pandas", "numpy", "pydantic", "pyarrow", "matplotlib", "typer", "rich", "decimal", "typing"}
    assert [name for name in loaded if name.startswith("hitmodel")] == ["hitmodel"]


@pytest.mark.parametrize("name", hitmodel.__all__)
def test_each_public_name_is_a_documented_function(name: str) -> None:
    function = getattr(hitmodel, name)
    assert callable(function)
    assert function.__doc__
    assert name in dir(hitmodel)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'prize'"):
        _ = hitmodel.prize


def test_no_public_name_is_also_a_module(project: Path) -> None:
    """A module of that name, once imported, would stand in the function's place."""
    modules = {path.stem for path in (project / "hitmodel").glob("*.py")}
    assert not modules & set(hitmodel.__all__)
