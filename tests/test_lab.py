"""How JupyterLab and Voilà are started."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from pathlib import Path

import pytest
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

from hitmodel import lab, paths
from hitmodel.errors import InputError
from hitmodel.prompt_connection import PromptConnection

NOTEBOOKS = sorted(paths.notebooks().glob("*.ipynb"))


def test_lab_opens_the_landing_notebook_on_this_machine_only() -> None:
    command = lab.lab_command(paths.notebooks(), 8899, browser=False)
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert "--ServerApp.ip=127.0.0.1" in command
    assert f"--ServerApp.root_dir={paths.root()}" in command
    assert "--LabApp.default_url=/lab/tree/notebooks/00_welcome.ipynb" in command
    assert "--ServerApp.port=8899" in command
    assert not [option for option in command if "token" in option], "JupyterLab's own token stays on"


def test_the_administrator_of_a_container_needs_no_option_that_there_is_none_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for user, is_told in ((0, True), (1000, False)):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        assert ("--ServerApp.allow_root=True" in lab.lab_command(paths.notebooks())) is is_told


def test_an_app_ends_kernels_without_a_page() -> None:
    command = lab.app_command(paths.notebooks("20_code_tables.ipynb"))
    assert "--MappingKernelManager.cull_idle_timeout=120" in command
    assert not [option for option in command if "cull_connected" in option], "a page that is open keeps its kernel"


def test_a_folder_of_ones_own_is_served_alone(tmp_path: Path) -> None:
    command = lab.lab_command(tmp_path)
    assert f"--ServerApp.root_dir={tmp_path}" in command
    assert "--LabApp.default_url=/lab/tree/00_welcome.ipynb" in command


def test_our_settings_go_first_and_leave_those_of_the_user(tmp_path: Path) -> None:
    held = lab.environment(tmp_path, {"JUPYTER_CONFIG_PATH": str(tmp_path), "OTHER": "x"})
    assert held["JUPYTER_CONFIG_PATH"].split(os.pathsep) == [str(paths.PACKAGE / "jupyter"), str(tmp_path)]
    assert held["OTHER"] == "x"


def test_a_page_that_is_only_looked_at_is_not_rewritten() -> None:
    written = paths.PACKAGE / "jupyter" / "labconfig" / "default_setting_overrides.json"
    assert json.loads(written.read_text())["@jupyterlab/docmanager-extension:plugin"] == {"autosave": False}


@pytest.mark.slow
def test_messages_are_sent_at_once_and_the_tab_keeps_its_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would cost a moved slider: TCP waits 40 ms for company, and a busy kernel's picture is fetched twice."""
    app = lab.app_command(paths.notebooks("20_code_tables.ipynb"))
    for command, server in ((lab.lab_command(tmp_path), "ServerApp"), (app, "Voila")):
        assert f"--{server}.kernel_websocket_connection_class=hitmodel.prompt_connection.PromptConnection" in command
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: "connected")
    sent: list[bool] = []
    monkeypatch.setattr(KernelWebsocketHandler, "set_nodelay", lambda self, on: sent.append(on))
    made = PromptConnection(websocket_handler=object.__new__(KernelWebsocketHandler))
    assert (made.connect(), sent) == ("connected", [True])
    kept = json.loads((paths.PACKAGE / "jupyter" / "labconfig" / "page_config.json").read_text())
    assert kept["disabledExtensions"] == {"@jupyterlab/application-extension:faviconbusy": True}
    assert lab.environment(tmp_path, {})["JUPYTER_WIDGETS_ECHO"] == "0"


def test_an_installed_package_works_on_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "is_checkout", lambda: False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / lab.COPIES).mkdir()
    (tmp_path / lab.COPIES / "00_welcome.ipynb").write_text("mine")
    folder = lab.notebook_folder()
    assert {p.name for p in folder.iterdir()} == {p.name for p in NOTEBOOKS}
    assert (folder / "00_welcome.ipynb").read_text() == "mine"


def test_an_app_is_one_notebook_by_name_or_number() -> None:
    assert lab.app_notebook("20").name == "20_code_tables.ipynb"
    command = lab.app_command(lab.app_notebook("20_code_tables"), 8899)
    assert "--strip_sources=True" in command
    assert "--Voila.ip=127.0.0.1" in command
    with pytest.raises(InputError, match="there is no notebook 21"):
        lab.app_notebook("21")


def test_without_voila_the_app_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"hitmodel\[app\]"):
        lab.app_command(NOTEBOOKS[0])


def test_editors_find_the_schema_where_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wired = tomllib.loads((paths.root() / ".taplo.toml").read_text())["rule"][0]["schema"]["path"]
    monkeypatch.setattr(paths, "data", lambda *parts: tmp_path.joinpath("data", *parts))
    (tmp_path / "data").mkdir()
    written = lab.schema_for_editors()
    assert written == tmp_path / wired
    assert json.loads(written.read_text())["title"] == "hitmodel contract"


def test_the_landing_notebook_links_every_other() -> None:
    text = paths.notebooks(lab.LANDING).read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([0-9a-z_]+\.ipynb)\)", text))
    assert linked == {p.name for p in NOTEBOOKS} - {lab.LANDING}, "give each notebook a row on the welcome page"
