"""A notebook's questions asked without a notebook: its cells as plain Python, the records they show as they are.

For a hundred reports in a row of which nobody opens the notebook. A test holds both ways to the same values.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType
from typing import Any

from hitmodel.document import NOT_IN_REPORT, Document, Reader
from hitmodel.editions import Edition, cells_for
from hitmodel.frontpage import FrontPage
from hitmodel.parameters import Value
from hitmodel.pictures import Chart
from hitmodel.shell_runner import is_quiet
from hitmodel.tables import Table


class NotPlain(Exception):
    """A cell shows something that only a notebook can show, such as a control to move."""


def ask_plainly(notebook: Any, name: str, values: Mapping[str, Value], edition: Edition) -> Document:
    """Return the document that a run of ``notebook`` with ``values`` would give; no notebook is made.

    Raises whatever a cell raises, and `NotPlain` or `SyntaxError` where a cell is not plain Python.
    """
    reader = Reader(name, edition)
    for _ in _steps(notebook, values, edition, reader):
        pass
    return reader.document()


def first_page(notebook: Any, values: Mapping[str, Value]) -> FrontPage | None:
    """Return the first page that a notebook shows, with nothing run after it; None where it shows none.

    Raises as `ask_plainly` does.
    """
    reader = Reader("", "internal")
    steps = _steps(notebook, values, "internal", reader)
    while not reader.front and next(steps, False):
        pass
    return reader.front[0] if reader.front else None


def _steps(notebook: Any, values: Mapping[str, Value], edition: Edition, reader: Reader) -> Iterator[bool]:
    """Run the cells one by one, each when the next value is asked for."""
    space: dict[str, Any] = {"__name__": "__main__"}
    for cell in cells_for(edition, notebook.cells):
        tags = cell.metadata.get("tags", [])
        screen = _Screen(reader, edition, shows=NOT_IN_REPORT not in tags)
        if cell.cell_type == "markdown":
            if screen.shows:
                reader.read(cell)
        elif cell.cell_type == "code" and cell.source.strip():
            space["display"] = screen.display
            _run(cell.source, space, screen)
        if "parameters" in tags:
            space.update(values)
        yield True


def _run(source: str, space: dict[str, Any], screen: _Screen) -> None:
    """Run one cell; its last expression is shown, as in a notebook."""
    body, last = _compiled(source)
    with screen.watching():
        exec(body, space)
        if last is not None:
            value = eval(last, space)
            if value is not None and not is_quiet(source):
                screen.display(value)


@lru_cache(maxsize=256)
def _compiled(source: str) -> tuple[CodeType, CodeType | None]:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    shown = compile(ast.Expression(last.value), "<cell>", "eval") if isinstance(last, ast.Expr) else None
    return compile(tree, "<cell>", "exec"), shown


class _Screen:
    """What one cell shows, handed to the reader in the order in which it is shown."""

    def __init__(self, reader: Reader, edition: Edition, *, shows: bool) -> None:
        self.reader, self.edition, self.shows = reader, edition, shows
        self.said: list[str] = []
        self.saying = ""

    def display(self, *things: Any, **how: Any) -> None:
        """Show records as they are, and anything else as a notebook would hold it."""
        self.finish()
        for thing in things:
            if isinstance(thing, Table | Chart | FrontPage):
                if self.shows:
                    self.reader.show(thing)
            elif self.edition == "internal" and self.shows:
                self.reader.read_outputs([_output(thing, how)])

    def say(self, name: str, text: str) -> None:
        """Take printed text; pieces that follow one another on one stream are one output."""
        if name != self.saying:
            self.finish()
        self.saying = name
        self.said.append(text)

    def finish(self) -> None:
        """Hand over what was printed so far."""
        text, name, self.said, self.saying = "".join(self.said), self.saying, [], ""
        if text and self.shows:
            self.reader.read_outputs([_Output(output_type="stream", name=name, text=text)])

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take what is printed while the block runs."""
        held = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Stream(self, "stdout"), _Stream(self, "stderr")
        try:
            yield
        finally:
            sys.stdout, sys.stderr = held
        self.finish()


class _Stream:
    """Standard output or error while a cell runs."""

    def __init__(self, screen: _Screen, name: str) -> None:
        self.screen, self.name = screen, name

    def write(self, text: str) -> int:
        self.screen.say(self.name, text)
        return len(text)

    def flush(self) -> None:
        """Do nothing: every piece is kept at once."""


class _Output(dict[str, Any]):
    """An output as notebooks hold it: its parts by key and as attributes."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


def _output(thing: Any, how: Mapping[str, Any]) -> _Output:
    from IPython.core.formatters import DisplayFormatter

    if how or hasattr(thing, "_ipython_display_"):
        raise NotPlain(type(thing).__name__)
    data, metadata = DisplayFormatter().format(thing)  # type: ignore[no-untyped-call]
    return _Output(output_type="display_data", data=data, metadata=metadata)
