"""The workbook in a browser: JupyterLab and Voilà as a person works in them, with Debian's Chromium.

What each screen looks like is kept in ``reports/screens`` for a person to look at.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import TOKEN, Watched, chromium, idle, jupyterlab, open_notebook, pictured, run_all, voila

from hitmodel import paths
from hitmodel.contracts import load_contract
from hitmodel.lab import WORKSPACE

pytestmark = pytest.mark.slow
OFFER = "offer_made_by_a_browser_test"
MADE = (
    paths.reports() / f"scenario_{OFFER}",
    paths.reports() / "quote_meridian",
    paths.reports() / "quick_reference_card.pdf",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the notebooks; what the screens wrote into the checkout goes again."""
    place = tmp_path_factory.mktemp("workbook")
    held = os.environ.get("HITMODEL_WORKSPACE")
    os.environ["HITMODEL_WORKSPACE"] = str(place / "own")  # for the servers, their kernels and this process
    shutil.copytree(paths.notebooks(), place / "notebooks")
    before = [made for made in MADE if made.exists()]
    yield place
    os.environ.pop("HITMODEL_WORKSPACE") if held is None else os.environ.update(HITMODEL_WORKSPACE=held)
    for made in MADE:
        if made not in before and made.exists():
            shutil.rmtree(made) if made.is_dir() else made.unlink()


@pytest.fixture(scope="module")
def lab(folder: Path) -> Iterator[str]:
    with jupyterlab(folder) as address:
        yield address


@pytest.fixture
def watched(folder: Path) -> Iterator[Watched]:
    shutil.rmtree(folder / "notebooks" / ".lab", ignore_errors=True)  # what an earlier test left open
    (folder / "notebooks" / ".lab").mkdir()
    shutil.copyfile(paths.PACKAGE / "jupyter" / "workspace.json", folder / "notebooks" / ".lab" / WORKSPACE)
    with chromium() as page:
        yield page
        assert page.troubles == []


def at_both_widths(watched: Watched, name: str) -> None:
    """Keep the screen at the width of a laptop and at that of a projector."""
    pictured(watched, f"{name}_1280")
    watched.page.set_viewport_size({"width": 1920, "height": 1080})
    watched.page.wait_for_timeout(300)
    pictured(watched, f"{name}_1920")
    watched.page.set_viewport_size({"width": 1280, "height": 800})


def headline(page: Any) -> str:
    """Return the finding above the views."""
    return str(page.locator(".hm-controls .hm-screen h3").first.inner_text()).replace("\u00a0", " ")


def until_headline(page: Any, how: str, words: str) -> None:
    """Wait until the finding above the views is, or is not, so many words."""
    found = "document.querySelector('.hm-controls .hm-screen h3').innerText.replaceAll('\\u00a0', ' ')"
    page.wait_for_function(f"words => {found} {how} words", arg=words)


def test_lab_opens_at_the_welcome_page_without_news(lab: str, watched: Watched) -> None:
    page = watched.page
    page.goto(f"{lab}/?token={TOKEN}")
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    idle(page)
    assert page.locator(".jp-NotebookPanel h1").inner_text().startswith("The contract workbook")
    assert page.locator(".jp-Dialog").count() == 0
    assert page.locator(".Toastify__toast").count() == 0
    pictured(watched, "welcome_1280")
    page.locator(".jp-NotebookPanel a", has_text="Code tables").click()
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) h1:has-text('Code tables')")


def test_a_code_is_found_as_one_types(lab: str, watched: Watched) -> None:
    open_notebook(watched, lab, "20_code_tables")
    run_all(watched)
    page = watched.page
    find = page.get_by_label("Find")
    find.fill("tpn every 24 hours")
    find.fill("ceftriaxone q24h")
    page.wait_for_selector(".hm-screen caption >> text=S9500: Anti-infective q24h.")
    at_both_widths(watched, "codes")
    page.get_by_label("On the day").fill("2019-06-30")
    page.wait_for_selector("text=codes on 30 June 2019")
    page.get_by_label("On the day").fill("")
    page.wait_for_selector("[role=alert] >> text=Choose a day")
    page.get_by_label("On the day").fill("2025-06-30")
    find.fill("J3373")
    page.wait_for_selector("text=J3373 begins on 2025-07-01")
    page.get_by_role("tab", name="What changed").click()
    page.wait_for_selector("del >> text=palivizumab,")
    at_both_widths(watched, "codes_changed")
    page.get_by_role("tab", name="Quick reference card").click()
    page.get_by_role("button", name="Make the card as PDF").click()
    page.wait_for_selector(".hm-controls >> text=Written: ")
    assert (paths.reports() / "quick_reference_card.pdf").read_bytes().startswith(b"%PDF")


def test_an_order_is_typed_and_quoted(lab: str, watched: Watched) -> None:
    open_notebook(watched, lab, "30_per_diem_calculator")
    run_all(watched)
    page = watched.page
    assert headline(page).startswith("Meridian Health Plan pays $4,376.04 for 27 days")
    at_both_widths(watched, "calculator")
    last = page.get_by_label("Last day").last
    last.fill("2025-07-20")
    page.wait_for_selector("h3 >> text=for 30 days")
    last.fill("2025-01-01")
    page.wait_for_selector("[role=alert] >> text=The stop lies before the start")
    pictured(watched, "calculator_message_1280")
    last.fill("2025-07-17")
    page.wait_for_selector("h3 >> text=$4,376.04")
    page.get_by_role("button", name="Add a therapy").click()
    page.wait_for_selector("img[alt*='therapy 1, first therapy of the day']")
    page.get_by_role("tab", name="Claim lines").click()
    page.wait_for_selector(".hm-controls td >> text=S9366")
    idle(page)
    pictured(watched, "calculator_lines_1280")
    page.get_by_role("tab", name="Every contract").click()
    page.wait_for_selector(".hm-controls caption >> text=Expected allowed before")
    idle(page)
    page.get_by_role("tab", name="Every reading").click()
    page.wait_for_selector(".hm-controls >> text=every day from start to stop *")
    idle(page)
    at_both_widths(watched, "calculator_readings")
    page.get_by_role("button", name="Write the quote").click()
    page.wait_for_selector(".hm-controls >> text=Written: PDF")
    assert (paths.reports() / "quote_meridian" / "quote.pdf").is_file()


def move(page: Any, label: str, key: str, times: int) -> None:
    """Move the slider of a lever with the keyboard, and wait until the headline says otherwise."""
    before = headline(page)
    handle = page.locator(".hm-row", has_text=label).locator(".noUi-handle").first
    handle.focus()
    for _ in range(times):
        handle.press(key)
    page.wait_for_function(
        "before => document.querySelector('.hm-controls .hm-screen h3').innerText != before", arg=before
    )
    idle(page)


def test_terms_move_and_are_kept_as_a_contract_and_a_report(lab: str, watched: Watched) -> None:
    open_notebook(watched, lab, "40_scenario_explorer")
    run_all(watched)
    page = watched.page
    assert headline(page) == "Scenario pays the same."
    page.get_by_role("button", name="Mark", exact=True).click()
    move(page, "All rates of Per diem", "ArrowRight", 30)
    raised = headline(page)
    assert re.fullmatch(r"Scenario pays \$[\d,]+ more \(\+\d\.\d %\)\.", raised)
    at_both_widths(watched, "explorer")
    page.get_by_role("button", name="Drugs and shares of the charge").click()
    limit = page.locator(".hm-row", has_text="Drugs, the Medicare limit").locator("input[type=text]")
    limit.fill("103")
    limit.press("Enter")
    until_headline(page, "!=", raised)
    limit.fill("a lot")
    limit.press("Enter")
    page.wait_for_selector("[role=alert] >> text=is not a number")
    for view in ("Drugs", "Bridge", "Marks", "Heat map"):
        page.get_by_role("tab", name=view, exact=True).click()
        idle(page)
        page.wait_for_timeout(300)
        at_both_widths(watched, f"explorer_{view.lower().replace(' ', '_')}")
    kept = headline(page)
    page.get_by_role("button", name="Undo").click()
    until_headline(page, "==", raised)
    limit.fill("103")
    limit.press("Enter")
    until_headline(page, "==", kept)
    page.get_by_role("button", name="Save as scenario file").click()
    page.wait_for_selector("[role=alert] >> text=has no name")
    page.get_by_label("Name").fill(OFFER)
    page.get_by_role("button", name="Save as scenario file").click()
    page.wait_for_selector(".hm-controls >> text=Saved: ")
    saved = load_contract(OFFER).latest
    assert [str(row.factor) for row in saved.rate_change] == ["1.030"]
    page.get_by_role("button", name="Make the report").click()
    page.wait_for_selector(".hm-controls >> text=Report: reports/")
    report = paths.reports() / f"scenario_{OFFER}" / "50_contract_comparison.html"
    page.goto(report.as_uri())
    words = re.search(r"\$([\d,]+) (more|less)", kept)
    assert words is not None
    assert words[0] in page.locator("h1").first.inner_text(), "the report says what the screen said"


def test_every_control_can_be_reached_and_has_a_name(lab: str, watched: Watched) -> None:
    open_notebook(watched, lab, "40_scenario_explorer")
    run_all(watched)
    controls = "'.hm-controls input, .hm-controls select, .hm-controls button, .hm-controls [role=slider]'"
    shown = f"[...document.querySelectorAll({controls})].filter(e => e.offsetParent)"
    named = "e.labels?.[0]?.innerText || e.title || e.innerText || e.ariaLabel || e.closest('.hm-row')?.innerText"
    assert watched.page.evaluate(f"{shown}.filter(e => !({named})).map(e => e.outerHTML)") == []
    assert watched.page.evaluate(f"{shown}.filter(e => e.tabIndex < 0).map(e => e.outerHTML)") == []
    assert watched.page.locator(".hm-controls svg[role=img][aria-label*='Anti-infectives']").count() == 1


@pytest.mark.parametrize("notebook", ["40_scenario_explorer", "20_code_tables", "30_per_diem_calculator"])
def test_voila_shows_the_screen_and_no_code(folder: Path, watched: Watched, notebook: str) -> None:
    with voila(folder, notebook) as address:
        page = watched.page
        page.goto(address)
        page.wait_for_selector(".hm-controls h3, .hm-controls caption")
        assert "import" not in page.locator("body").inner_text()
        assert page.locator("pre").count() == 0
        if notebook.startswith("40"):
            page.wait_for_selector("h3 >> text=Scenario pays the same.")
            before = headline(page)
            handle = page.locator(".hm-row .noUi-handle").first
            handle.focus()
            handle.press("ArrowRight")
            until_headline(page, "!=", before)
        at_both_widths(watched, f"app_{notebook[:2]}")
