"""A browser and the servers that it looks at: JupyterLab or Voilà on a copy of the notebooks, and Debian's Chromium.

Every test may ask afterwards what went wrong: errors on the console, requests that failed or left the machine.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TOKEN = "looked-at-by-tests"
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--force-color-profile=srgb"),
)
START = 120
"""Seconds for a server or a kernel to be there."""
NAMED_ROLES = {
    *("button", "textbox", "combobox", "checkbox", "slider", "tab", "image", "img", "listbox", "spinbutton", "link"),
    *("option", "Date", "DateTime", "table", "ToggleButton"),
}
CONTRAST = """() => {
  const parts = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const colour = parts(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.5) return colour;
    }
    return [255, 255, 255];
  };
  const words = [], kinds = 'p, td, th, h3, h4, caption, ins, del, a, button, label';
  for (const e of document.querySelectorAll(`.hm-controls :is(${kinds})`)) {
    if (!e.offsetParent || !e.innerText.trim() || e.disabled) continue;
    const [a, b] = [light(parts(getComputedStyle(e).color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) words.push(`${e.innerText.slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return words;
}"""
"""Script that measures text colours as WCAG does."""


@dataclass
class Watched:
    """A page, and what a user would never be told: errors, failed requests, requests to other machines."""

    page: Any
    troubles: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.troubles.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # left behind by a page that moved on
            self.troubles.append(f"failed: {request.url} {request.failure}")

    def _request(self, request: Any) -> None:
        address = urlparse(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname not in ("127.0.0.1", "localhost"):
            self.troubles.append(f"left the machine: {request.url}")

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self.troubles.append(f"{response.status}: {response.url}")


@contextlib.contextmanager
def chromium(width: int = 1280, height: int = 800) -> Iterator[Watched]:
    """Open a page of a browser of its own; skip the test where there is no Chromium."""
    if CHROMIUM is None:
        pytest.skip("no chromium on the PATH: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(START * 1000)
        watched = Watched(page)
        watched.listen()
        try:
            yield watched
        finally:
            browser.close()


@contextlib.contextmanager
def served(command: list[str], log: Path, environment: dict[str, str], ready: str) -> Iterator[str]:
    """Run a server until the block ends and give the address that ``ready`` begins with; fail with its log."""
    with log.open("wb") as written:
        server = subprocess.Popen(command, env=environment, stdout=written, stderr=subprocess.STDOUT)
    try:
        _wait(ready, server, log)
        yield ready
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START * 10):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except urllib.error.HTTPError:  # it answers, if only that there is no such page
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not come up:\n{log.read_text()[-3000:]}")


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@contextlib.contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """Serve a folder of notebooks through `hitmodel lab`'s own command; gives the address of its file browser."""
    from hitmodel.lab import environment, lab_command, served_from

    port = free_port()
    command = [*lab_command(folder / "notebooks", port, browser=False), f"--IdentityProvider.token={TOKEN}"]
    command += ["--allow-root"] if os.geteuid() == 0 else []
    held = environment(served_from(folder / "notebooks"), os.environ | _homes(folder))
    with served(command, folder / "lab.log", held, f"http://127.0.0.1:{port}/api"):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def voila(folder: Path, notebook: str) -> Iterator[str]:
    """Serve one notebook through `hitmodel app`'s own command."""
    from hitmodel.lab import app_command, environment, served_from

    port = free_port()
    command = app_command(folder / "notebooks" / f"{notebook}.ipynb", port, browser=False)
    held = environment(served_from(folder / "notebooks"), os.environ | _homes(folder))
    with served(command, folder / "voila.log", held, f"http://127.0.0.1:{port}/favicon.ico"):
        yield f"http://127.0.0.1:{port}"


def _homes(folder: Path) -> dict[str, str]:
    """Return where a server keeps what it remembers: nowhere that belongs to whoever runs the tests."""
    names = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipython", "HOME": "home"}
    places = {name: folder / "kept" / part for name, part in names.items()}
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True)
    return {name: str(place) for name, place in places.items()}


def open_notebook(watched: Watched, address: str, notebook: str) -> None:
    """Open a notebook in JupyterLab, without the panel of files beside it, and wait for its kernel."""
    page = watched.page
    page.goto(f"{address}/lab/tree/{notebook}.ipynb?token={TOKEN}")
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    idle(page)


def run_all(watched: Watched) -> None:
    """Run every cell from the menu, and wait until the controls stand and the kernel rests."""
    page = watched.page
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_selector(".hm-controls")
    idle(page)


def idle(page: Any) -> None:
    """Wait until the kernel of the open notebook is there and rests, with no cell left to run."""
    page.wait_for_selector("#jp-main-statusbar >> text=/Python 3 .*Idle/")
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', state="attached")
    page.wait_for_function("![...document.querySelectorAll('.jp-InputPrompt')].some(p => p.innerText.includes('*'))")


def cut_off(page: Any) -> list[str]:
    """Return what stands on the screen wider than its place, so that part of it is hidden."""
    wide = "e.offsetParent && e.scrollWidth > e.clientWidth + 1"
    said = "e.innerText.slice(0, 80) + ': ' + e.scrollWidth + ' in ' + e.clientWidth"
    cut: list[str] = page.evaluate(f"[...document.querySelectorAll('.hm-screen')].filter(e => {wide}).map(e => {said})")
    return cut


def nameless(page: Any) -> list[str]:
    """Return the controls, pictures and tabs of the whole page that a screen reader could only call by their kind."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    return [
        f"{node['role']['value']}: {node.get('properties')}"
        for node in tree["nodes"]
        if not node.get("ignored")
        and node.get("role", {}).get("value") in NAMED_ROLES
        and not node.get("name", {}).get("value", "").strip()
    ]


def unreachable(page: Any) -> list[str]:
    """Return the controls on the screen that Tab never comes to; of tabs and of boxes in a list one is enough."""
    controls = "'.hm-controls :is(input, select, button, a[href], [role=slider])'"
    shown = f"[...document.querySelectorAll({controls})].filter(e => e.offsetParent && !e.disabled)"
    missed: list[str] = page.evaluate(f"{shown}.filter(e => e.tabIndex < 0).map(e => e.outerHTML.slice(0, 200))")
    return missed


def faint(page: Any) -> list[str]:
    """Return texts of the screen whose contrast with their background is below 4.5 to 1."""
    found: list[str] = page.evaluate(CONTRAST)
    return found


def pictured(watched: Watched, name: str) -> Path:
    """Keep what the page looks like under ``reports/screens``, for a person to look at."""
    from hitmodel import paths

    assert re.fullmatch(r"[a-z0-9_]+", name)
    target = paths.reports() / "screens" / f"{name}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    watched.page.screenshot(path=target)
    return target
