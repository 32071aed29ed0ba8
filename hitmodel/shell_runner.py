"""A notebook run inside this process, for many reports in a row: what a kernel shows, without starting one each time.

Each run has an empty namespace; what modules remember (code tables, contracts, claims already read) stays, which is
what makes the second report quick. A test holds that both ways of running give the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from typing import Any

from hitmodel.editions import Edition, cells_for
from hitmodel.parameters import Value
from hitmodel.runner import KERNEL, NotebookFailed, failed_cell, without_traces


def run_here(notebook: Any, name: str, values: Mapping[str, Value], edition: Edition) -> Any:
    """Return ``notebook`` after a run in this process, as `hitmodel.runner.run_notebook` returns it.

    Raises
    ------
    NotebookFailed
        A cell raised.
    """
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    prepared = deepcopy(notebook)
    prepared.cells = cells_for(edition, prepared.cells)
    executed = load_notebook_node(prepared)
    if values:
        executed = parameterize_notebook(executed, dict(values), kernel_name=KERNEL, language="python")
    shell = _shell()
    shell.reset(new_session=True)
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    for cell in code:
        cell.outputs, cell.execution_count = [], None
    for number, cell in enumerate((cell for cell in code if cell.source.strip()), start=1):
        failed = _run_cell(shell, cell, number)
        if failed:
            without_traces(executed)
            where = f"{name}, code cell {failed_cell(executed)}"
            raise NotebookFailed(failed, where=where, notebook=executed)
    return without_traces(executed)


def _run_cell(shell: Any, cell: Any, number: int) -> str:
    """Run one cell and keep what it shows; return what its exception says, "" when there is none."""
    from nbformat.v4 import new_output

    from hitmodel.runner import said_by

    cell.execution_count = number
    with _watched(shell, cell, number):
        result = shell.run_cell(cell.source, store_history=False, silent=False)
    error = result.error_before_exec or result.error_in_exec
    if error is None:
        return ""
    kind, text = type(error).__name__, str(error)
    lines = shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__, tb_offset=1)
    cell.outputs.append(new_output("error", ename=kind, evalue=text, traceback=list(lines)))  # type: ignore[no-untyped-call]
    return said_by(kind, text)


def is_quiet(source: str) -> bool:
    """Say whether a cell ends in a semicolon, which keeps its last value from being shown."""
    from IPython.core.displayhook import DisplayHook

    return bool(DisplayHook.semicolon_at_end_of_expression(source))  # type: ignore[no-untyped-call]


class _Stream:
    """Standard output or error of a cell; pieces that follow one another are one output, as in Jupyter."""

    def __init__(self, cell: Any, name: str) -> None:
        self.cell, self.name = cell, name

    def write(self, text: str) -> int:
        from nbformat.v4 import new_output

        last = self.cell.outputs[-1] if self.cell.outputs else None
        if last and last.output_type == "stream" and last.name == self.name:
            last.text += text
        elif text:
            self.cell.outputs.append(new_output("stream", name=self.name, text=text))  # type: ignore[no-untyped-call]
        return len(text)

    def flush(self) -> None:
        """Do nothing: every piece is kept at once."""

    def isatty(self) -> bool:
        """Say that nobody sits there."""
        return False


@contextmanager
def _watched(shell: Any, cell: Any, number: int) -> Iterator[None]:
    """Keep in ``cell`` what is displayed, returned and printed while the block runs."""
    from nbformat.v4 import new_output

    def publish(data: Any, metadata: Any = None, **more: Any) -> None:
        cell.outputs.append(new_output("display_data", data=dict(data), metadata=dict(metadata or {})))  # type: ignore[no-untyped-call]

    def returned(value: Any = None) -> None:
        if value is None or is_quiet(cell.source):
            return
        data, metadata = shell.display_formatter.format(value)
        if data:
            held = {"data": data, "metadata": metadata, "execution_count": number}
            cell.outputs.append(new_output("execute_result", **held))  # type: ignore[no-untyped-call]

    streams = sys.stdout, sys.stderr, shell.display_pub.publish, shell.display_trap.hook, shell.showtraceback
    sys.stdout, sys.stderr = _Stream(cell, "stdout"), _Stream(cell, "stderr")
    shell.display_pub.publish, shell.display_trap.hook = publish, returned
    shell.showtraceback = lambda *given, **more: None
    try:
        yield
    finally:
        sys.stdout, sys.stderr, shell.display_pub.publish, shell.display_trap.hook, shell.showtraceback = streams


@cache
def _shell() -> Any:
    """Return the one shell of this process; it keeps no history."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    main = sys.modules["__main__"]
    shell = InteractiveShell.instance(config=config)
    # Nothing is kept there, and it would collect garbage before each report.
    shell.displayhook.flush = lambda: None  # type: ignore[method-assign]
    sys.modules["__main__"] = main  # the shell takes its place, but further processes are started from the real one
    return shell
