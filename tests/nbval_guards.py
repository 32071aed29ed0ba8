"""A pytest plugin that keeps nbval honest. Load it early: ``python -m pytest -p tests.nbval_guards --nbval …``.

nbval by itself passes a notebook whose outputs were stripped, since there is nothing to compare; it never compares
pictures; and it fails falsely where a line ends in a semicolon. Here

- a notebook is refused at collection unless every code cell was run, in order, without an error kept in it;
- a cell that shows nothing but a picture is refused: the plotted values must be printed beside it;
- SVG pictures are not compared, as PNG ones are not: matplotlib draws them otherwise from version to version, and the
  printed values are compared in their place;
- cells run as a person runs them, so that a trailing semicolon keeps an output back.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import pytest

PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
IGNORED = "nbval-ignore-output"


def refusals(notebook: Any) -> list[str]:
    """Return why a notebook must not be compared; empty when it can be."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    found = []
    if not code:
        found.append("it has no code cell, so nothing would be tested")
    counts = [cell.execution_count for cell in code]
    if None in counts:
        found.append(f"code cell {counts.index(None) + 1} was never run: its stored output tests nothing")
    elif counts != list(range(1, len(code) + 1)):
        found.append("its cells were not run once each from top to bottom")
    for number, cell in enumerate(code, start=1):
        found += [f"code cell {number} {problem}" for problem in _cell_refusals(cell)]
    return found


def _cell_refusals(cell: Any) -> Iterator[str]:
    tags = cell.metadata.get("tags", [])
    if any(output.output_type == "error" for output in cell.outputs) and "raises-exception" not in tags:
        yield "keeps an error"
    shown = [output for output in cell.outputs if "data" in output]
    pictured = [output for output in shown if any(kind in output.data for kind in PICTURES)]
    if pictured and IGNORED not in tags and len(pictured) == len(cell.outputs):
        yield "shows only a picture, and pictures are not compared: print what it plots"


def pytest_configure(config: pytest.Config) -> None:
    """Put the guards into nbval when it is used."""
    if not (config.getoption("nbval", False) or config.getoption("nbval_lax", False)):
        return
    from nbval import kernel, plugin

    if getattr(plugin.IPyNbFile.collect, "guarded", False):
        return
    plugin.IPyNbFile.collect = _guarded_collect(plugin.IPyNbFile.collect)
    plugin.IPyNbFile.__init__ = _without_pictures(plugin.IPyNbFile.__init__)
    kernel.RunningKernel.execute_cell_input = _execute_cell_input


def _guarded_collect(collect: Any) -> Any:
    @functools.wraps(collect)
    def guarded(self: Any) -> Any:
        import nbformat

        found = refusals(nbformat.read(str(self.path), as_version=4))
        if found:
            raise self.CollectError(f"{self.path.name} cannot be compared: {'; '.join(found)}")
        return collect(self)

    guarded.guarded = True  # type: ignore[attr-defined]
    return guarded


def _without_pictures(init: Any) -> Any:
    @functools.wraps(init)
    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        self.skip_compare = (*self.skip_compare, *PICTURES)

    return made


def _execute_cell_input(self: Any, cell_input: str, allow_stdin: bool | None = None) -> str:
    """As nbval does it, but kept in the kernel's history: that is where IPython looks for the semicolon."""
    return str(self.kc.execute(cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False))
