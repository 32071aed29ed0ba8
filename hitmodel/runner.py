"""Run a notebook with checked parameters and hand back what it showed, free of times and places.

papermill and a fresh kernel do the work; nothing is written where reports go.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hitmodel import paths
from hitmodel.editions import Edition, cells_for
from hitmodel.errors import HitmodelError, InputError, nearest
from hitmodel.parameters import Value

KERNEL = "python3"
KERNEL_OPTIONS = ("--log-level=ERROR", "--HistoryManager.enabled=False")


@dataclass(frozen=True)
class Limits:
    """What a notebook may take: ``seconds`` in all, ``megabytes`` of memory; None for no limit.

    Memory is limited by the operating system, which Windows does not do: there ``megabytes`` is without effect.
    """

    seconds: float | None = None
    megabytes: int | None = None


NO_LIMITS = Limits()


class NotebookFailed(HitmodelError):
    """A cell raised. ``notebook`` is the notebook as far as it got."""

    def __init__(self, what: str, *, where: str, notebook: Any, next_step: str = "") -> None:
        super().__init__(what, where=where, next_step=next_step)
        self.notebook = notebook


def find_notebook(text: str) -> Path:
    """Return the notebook a user means: a path, or the name of one in ``notebooks/`` with or without its ending.

    Raises
    ------
    InputError
        There is none; names the nearest.
    """
    given = Path(text)
    if given.suffix == ".ipynb" and given.is_file():
        return given
    home = paths.notebooks()
    named = home / f"{given.name.removesuffix('.ipynb')}.ipynb"
    if named.is_file():
        return named
    known = sorted(p.stem for p in home.glob("*.ipynb"))
    raise InputError(
        f"there is no notebook {text}",
        expected=f"a path, or one of {', '.join(known)}",
        suggestion=nearest(text, known),
    )


def read_notebook(path: Path) -> Any:
    """Return a notebook as an nbformat node; raise `InputError` when the file is not one."""
    import nbformat

    try:
        return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (ValueError, nbformat.validator.NotebookValidationError) as error:
        raise InputError("this is not a notebook", where=paths.shown(path), next_step=str(error)[:200]) from None


def notebook_text(notebook: Any) -> str:
    """Return a notebook as the text of its file."""
    import nbformat

    return str(nbformat.writes(notebook)).rstrip("\n") + "\n"  # type: ignore[no-untyped-call]


def run_notebook(
    notebook: Any,
    name: str,
    values: Mapping[str, Value],
    edition: Edition,
    *,
    progress: bool = False,
    limits: Limits = NO_LIMITS,
) -> Any:
    """Return ``notebook`` after a run from a clean kernel.

    Parameters
    ----------
    notebook : nbformat node
        Not changed.
    values : mapping
        The parameters to set, already checked (see `hitmodel.parameters`).
    edition : str
        For ``external``, cells tagged ``internal`` are taken out before the run.
    progress : bool
        Show a progress bar on standard error.
    limits : Limits
        What the notebook may take.

    Raises
    ------
    NotebookFailed
        A cell raised, the kernel died, or a limit was reached.
    """
    prepared = deepcopy(notebook)
    prepared.cells = cells_for(edition, prepared.cells)
    with TemporaryDirectory() as folder:
        source, result = Path(folder) / "source.ipynb", Path(folder) / "result.ipynb"
        source.write_text(notebook_text(prepared), encoding="utf-8")
        bar = {"desc": name, "unit": "cell", "leave": False} if progress else False
        failed = _execute(source, result, values, bar, limits)
        executed = without_traces(read_notebook(result if result.is_file() else source))
    if failed:
        cell = failed_cell(executed)
        raise NotebookFailed(failed, where=f"{name}, code cell {cell}" if cell else name, notebook=executed)
    return executed


def _execute(source: Path, result: Path, values: Mapping[str, Value], bar: Any, limits: Limits) -> str:
    """Run a notebook file into another; return what went wrong, "" when nothing did."""
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    try:
        papermill.execute_notebook(
            source,
            result,
            parameters=dict(values),
            kernel_name=KERNEL,
            language="python",
            progress_bar=bar,
            cwd=Path.cwd(),
            extra_arguments=[*KERNEL_OPTIONS, *_memory_options(limits)],
            timeout_func=_time_left(limits),
        )
    except PapermillExecutionError as error:
        return said_by(error.ename, error.evalue)
    except CellTimeoutError:
        return f"the time limit of {limits.seconds:g} seconds was reached"
    except DeadKernelError:
        return "the kernel died, perhaps for want of memory"
    return ""


def _time_left(limits: Limits) -> Callable[[Any], float] | None:
    """Return what gives a cell the seconds that are left of the whole limit: one cell may take them all."""
    if limits.seconds is None:
        return None
    end = time.monotonic() + limits.seconds
    return lambda cell: max(0.1, end - time.monotonic())


def _memory_options(limits: Limits) -> list[str]:
    """Return the options by which a kernel limits its own memory before the first cell."""
    if limits.megabytes is None or sys.platform == "win32":
        return []
    size = limits.megabytes * 1024 * 1024
    return [f"--IPKernelApp.exec_lines=import resource; resource.setrlimit(resource.RLIMIT_AS, ({size}, {size}))"]


def without_traces(notebook: Any) -> Any:
    """Take out of an executed notebook what depends on the time, the machine or the run: timings, places, ids."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for number, cell in enumerate(notebook.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "id" in cell:
            cell["id"] = f"cell-{number}"
    return notebook


def said_by(kind: str, text: str) -> str:
    """Return what a cell's exception says: our own errors speak for themselves, others with their type."""
    if kind in {"HitmodelError", *(known.__name__ for known in HitmodelError.__subclasses__())}:
        return text.strip()
    return f"{kind}: {text.strip()}" if text.strip() else kind


def failed_cell(notebook: Any) -> int:
    """Return which code cell raised, counted from 1; 0 when none shows an error."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    failed = [i for i, c in enumerate(code, start=1) if any(o.output_type == "error" for o in c.outputs)]
    return failed[0] if failed else 0
