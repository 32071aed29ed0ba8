"""JupyterLab and Voilà as the workbook wants them: on this machine only, open at the right notebook, and quiet.

What is said here goes to the server that is started and into no file of the user's.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from hitmodel import paths
from hitmodel.errors import InputError
from hitmodel.runner import find_notebook

LANDING = "00_welcome.ipynb"
LOOPBACK = "127.0.0.1"
WORKSPACE = "default-37a8.jupyterlab-workspace"
"""The name under which JupyterLab keeps the layout that it opens with."""
SCHEMA = "contract.schema.json"
NOT_IN_APP = "not-in-app"
HANDED_OUT = (r".*\.(png|jpg|gif|svg)", r"reports/.*\.(html|pdf|xlsx|csv)")
"""What an app's server hands out: pictures, and the reports that are written from it."""
CONNECTION = "hitmodel.prompt_connection.PromptConnection"
LEFT_ALONE = 120
"""Seconds after which an app's kernel ends that no page is connected with: a page that crashed does not end its own."""
COPIES = "hitmodel_notebooks"
"""The folder of one's own copies where hitmodel is installed rather than checked out."""


def lab_command(folder: Path, port: int | None = None, *, browser: bool = True) -> list[str]:
    """Return the command that serves JupyterLab on ``folder``, open at the landing notebook.

    ``port`` None takes 8888 or the next that is free. The token is JupyterLab's own and stays on. At its first start
    the panels beside the notebook are folded away; what one opens later is found again.
    """
    home = folder.relative_to(served_from(folder)).as_posix()
    landing = LANDING if home == "." else f"{home}/{LANDING}"
    return [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.ip={LOOPBACK}",
        f"--ServerApp.root_dir={served_from(folder)}",
        f"--LabApp.default_url=/lab/tree/{landing}",
        f"--LabApp.workspaces_dir={_workspaces(folder)}",
        f"--ServerApp.kernel_websocket_connection_class={CONNECTION}",
        "--LabApp.extension_manager=readonly",  # the other one asks a package index what there is
        *_where(port, "ServerApp", browser),
    ]


def app_command(notebook: Path, port: int | None = None, *, browser: bool = True) -> list[str]:
    """Return the command that serves one notebook as a page without code, through Voilà.

    Raises `InputError` when Voilà is not installed: it is an optional extra.
    """
    if importlib.util.find_spec("voila") is None:
        raise InputError(
            "Voilà, which shows a notebook as a page, is not installed",
            next_step='Install it with: pip install "hitmodel[app]"',
        )
    return [
        *(sys.executable, "-m", "voila", str(notebook)),
        f"--MappingKernelManager.cull_idle_timeout={LEFT_ALONE}",
        f"--MappingKernelManager.cull_interval={LEFT_ALONE // 4}",
        f"--Voila.ip={LOOPBACK}",
        f"--Voila.kernel_websocket_connection_class={CONNECTION}",
        "--strip_sources=True",
        "--template=hitmodel",
        "--show_tracebacks=False",
        "--TagRemovePreprocessor.enabled=True",
        f"--TagRemovePreprocessor.remove_cell_tags={NOT_IN_APP}",
        f"--Voila.root_dir={served_from(notebook.parent.resolve())}",
        *(f"--VoilaConfiguration.file_allowlist={kind}" for kind in HANDED_OUT),
        *_where(port, "Voila", browser),
    ]


def schema_for_editors() -> Path:
    """Write the schema of contract files where ``.taplo.toml`` tells editors to find it, and return its path."""
    from hitmodel.contract_schema import write_schema

    target = paths.data("local", SCHEMA)
    target.parent.mkdir(exist_ok=True)
    write_schema(target)
    return target


def notebook_folder() -> Path:
    """Return the folder of notebooks to work in.

    A checkout's own; else copies in the folder one works in, since an installed package is nothing to write into.
    Copies that are there already stay as they are.
    """
    if paths.is_checkout():
        return paths.notebooks()
    folder = Path.cwd() / COPIES
    folder.mkdir(exist_ok=True)
    for notebook in sorted(paths.notebooks().glob("*.ipynb")):
        if not (folder / notebook.name).exists():
            shutil.copyfile(notebook, folder / notebook.name)
    return folder


def app_notebook(name: str) -> Path:
    """Return the notebook that a name or its number means; raise `InputError` with the nearest where there is none."""
    numbered = sorted(notebook_folder().glob(f"{name}_*.ipynb")) if name.isdigit() else []
    return numbered[0] if numbered else find_notebook(name)


def environment(served: Path, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of a server: our settings first, and the kernel of this Python before any other.

    Screens learn from it which files the server hands out, so that they can link to them.
    """
    ours = {"JUPYTER_CONFIG_PATH": paths.PACKAGE / "jupyter", "JUPYTER_PATH": paths.PACKAGE / "jupyter" / "share"}
    first = {name: os.pathsep.join(filter(None, [str(place), given.get(name)])) for name, place in ours.items()}
    own = {"JUPYTER_PREFER_ENV_PATH": "1", "JUPYTER_WIDGETS_ECHO": "0", paths.SERVED: str(served.resolve())}
    return {**given, **first, **own}


def serve(command: Sequence[str], served: Path) -> int:
    """Run a folder's server until it is stopped, and return its exit code; Ctrl-C is how one stops it, and no error."""
    with subprocess.Popen(command, env=environment(served)) as server:
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:  # the server has it too, and asks or stops
                continue


def served_from(folder: Path) -> Path:
    """Return the folder that a server hands out: the whole checkout, contracts too, or the folder of copies alone."""
    return paths.root() if paths.is_checkout() and folder.is_relative_to(paths.root()) else folder


def _workspaces(folder: Path) -> Path:
    """Return where JupyterLab keeps which panels are open; ours to begin with."""
    place = paths.data("local", "lab") if folder == paths.notebooks() else folder / ".lab"
    kept = place / WORKSPACE
    if not kept.exists():
        place.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(paths.PACKAGE / "jupyter" / "workspace.json", kept)
    return place


def _is_root() -> bool:
    """Say whether the administrator runs this, as in a container; JupyterLab asks to be told that it may."""
    return sys.platform != "win32" and os.geteuid() == 0


def _where(port: int | None, app: str, browser: bool) -> list[str]:
    options = [] if port is None else [f"--{app}.port={port}"]
    options += [f"--{app}.allow_root=True"] if app == "ServerApp" and _is_root() else []
    return options if browser else [*options, f"--{app}.open_browser=False"]
