"""``hitmodel lab`` and ``app``: the notebooks in JupyterLab, and one of them as a page."""

from __future__ import annotations

from typing import Annotated

import typer

EXPLORER = "40_scenario_explorer"

Port = Annotated[int | None, typer.Option(help="Port on this machine; the next that is free when not given.")]
Browser = Annotated[bool, typer.Option("--browser/--no-browser", help="Whether to open a browser.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(lab)
    app.command(name="app")(page)


def lab(port: Port = None, browser: Browser = True) -> None:
    """Open the notebooks in JupyterLab, on this machine only. Ctrl-C in this window stops it.

    hitmodel lab
    """
    from hitmodel import paths
    from hitmodel.lab import lab_command, notebook_folder, schema_for_editors, serve, served_from

    if paths.is_checkout():
        schema_for_editors()
    folder = notebook_folder()
    raise typer.Exit(serve(lab_command(folder, port, browser=browser), served_from(folder)))


def page(
    notebook: Annotated[str, typer.Argument(help="A notebook: its number, its name in notebooks/, or a path.")] = (
        EXPLORER
    ),
    port: Port = None,
    browser: Browser = True,
) -> None:
    """Show one notebook as a page without code, on this machine only. Needs Voilà: pip install "hitmodel[app]".

    hitmodel app · hitmodel app 30
    """
    from hitmodel.lab import app_command, app_notebook, serve, served_from

    shown = app_notebook(notebook).resolve()
    raise typer.Exit(serve(app_command(shown, port, browser=browser), served_from(shown.parent)))
