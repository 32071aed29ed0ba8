"""The workbook in a browser: JupyterLab and Voilà as a person works in them, with Debian's Chromium.

What each screen looks like is kept in ``reports/screens`` for a person to look at.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import (
    TOKEN,
    Watched,
    chromium,
    cut_off,
    faint,
    idle,
    jupyterlab,
    nameless,
    open_notebook,
    pictured,
    run_all,
    unreachable,
    voila,
)

from hitmodel import paths
from hitmodel.contracts import load_contract
from hitmodel.lab import WORKSPACE

pytestmark = pytest.mark.slow
HOME = f"reports/browser_{os.getpid()}/notebooks"
OFFER = "offer_made_by_a_browser_test"
MADE = (
    paths.reports() / f"scenario_{OFFER}",
    paths.reports() / "quote_three_therapies",
    paths.reports() / "quote_meridian_2025-06-20",
    paths.reports() / "quick_reference_card_2025-06-30.pdf",
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A copy of the notebooks; what the screens wrote into the checkout goes again."""
    place = paths.reports() / f"browser_{os.getpid()}"  # in the checkout, whose server hands out reports
    held = os.environ.get("HITMODEL_WORKSPACE")
    os.environ["HITMODEL_WORKSPACE"] = str(place / "own")  # for the servers, their kernels and this process
    shutil.copytree(paths.notebooks(), place / "notebooks")
    before = [made for made in MADE if made.exists()]
    yield place
    os.environ.pop("HITMODEL_WORKSPACE") if held is None else os.environ.update(HITMODEL_WORKSPACE=held)
    shutil.rmtree(place, ignore_errors=True)
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
    """Keep the screen at the width of a laptop and at that of a projector; nothing may be cut off at either."""
    pictured(watched, f"{name}_1280")
    assert cut_off(watched.page) == []
    watched.page.set_viewport_size({"width": 1920, "height": 1080})
    watched.page.wait_for_timeout(300)
    pictured(watched, f"{name}_1920")
    assert cut_off(watched.page) == []
    watched.page.set_viewport_size({"width": 1280, "height": 800})


def open_screen(watched: Watched, lab: str, notebook: str) -> None:
    """Open a notebook as one does, and run it."""
    open_notebook(watched, lab, f"{HOME}/{notebook}")
    run_all(watched)


def put(field: Any, text: str) -> None:
    """Type a value into a field in the place of what stands there."""
    field.fill(text)
    field.press("Enter")


def headline(page: Any) -> str:
    """Return the finding above the views."""
    return str(page.locator(".hm-controls .hm-screen h3").first.inner_text()).replace("\u00a0", " ")


def until_headline(page: Any, how: str, words: str) -> None:
    """Wait until the finding above the views is, or is not, so many words."""
    found = "(document.querySelector('.hm-controls .hm-screen h3')?.innerText ?? '').replaceAll('\\u00a0', ' ')"
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
    open_screen(watched, lab, "20_code_tables")
    page = watched.page
    find = page.get_by_label("Find")
    find.fill("tpn every 24 hours")
    find.fill("ceftriaxone q24h")
    page.wait_for_selector(".hm-screen caption >> text=S9500: Anti-infective q24h.")
    at_both_widths(watched, "codes")
    page.get_by_label("On the day").fill("2019-06-30")
    page.wait_for_selector("text=codes on 2019-06-30")
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
    assert (paths.reports() / "quick_reference_card_2025-06-30.pdf").read_bytes().startswith(b"%PDF")


def test_an_order_is_typed_and_quoted(lab: str, watched: Watched) -> None:
    open_screen(watched, lab, "30_per_diem_calculator")
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
    page.get_by_label("Dose", exact=True).last.fill("99999")
    page.keyboard.press("Tab")
    page.wait_for_selector("[role=alert] >> text=1,000 g at most")
    page.wait_for_selector("[role=alert] >> text=There is no price")
    page.get_by_label("Dose", exact=True).last.fill("2")
    page.keyboard.press("Tab")
    page.wait_for_selector("h3 >> text=$4,376.04")
    page.get_by_role("button", name="Add a therapy").click()
    page.wait_for_selector("[role=alert] >> text=Which drug?")
    at_both_widths(watched, "calculator_added")
    page.get_by_label("Therapy", exact=True).last.select_option(label="Parenteral nutrition")
    page.get_by_label("Litres a day").last.fill("1.8")
    page.keyboard.press("Tab")
    page.wait_for_selector("img[alt*='therapy 3, first therapy of the day']")
    page.get_by_role("tab", name="Claim lines").click()
    page.wait_for_selector(".hm-controls td >> text=S9366")
    idle(page)
    at_both_widths(watched, "calculator_lines")
    page.get_by_role("tab", name="Every contract").click()
    page.wait_for_selector(".hm-controls caption >> text=Expected allowed before")
    idle(page)
    at_both_widths(watched, "calculator_contracts")
    page.get_by_role("tab", name="Every reading").click()
    page.wait_for_selector(".hm-controls >> text=every day from start to stop *")
    idle(page)
    at_both_widths(watched, "calculator_readings")
    page.get_by_label("Name", exact=True).fill("three_therapies")
    page.get_by_role("button", name="Write the quote").click()
    page.wait_for_selector(".hm-controls >> text=Written: PDF")
    assert (paths.reports() / "quote_three_therapies" / "quote.pdf").is_file()
    page.get_by_label("Begin with").select_option(label="Quote three therapies")
    page.get_by_role("tab", name="Days").click()
    page.wait_for_selector("img[alt*='therapy 3, first therapy of the day']")
    at_both_widths(watched, "calculator_again")


def move(page: Any, label: str, key: str, times: int) -> None:
    """Move the slider of a lever with the keyboard, and wait until the headline says otherwise."""
    before = headline(page)
    handle = page.locator(".hm-row", has_text=label).locator(".noUi-handle").first
    handle.focus()
    for _ in range(times):
        handle.press(key)
    page.wait_for_function(
        "before => document.querySelector('.hm-controls .hm-screen h3')?.innerText != before", arg=before
    )
    idle(page)


def test_terms_move_and_are_kept_as_a_contract_and_a_report(lab: str, watched: Watched) -> None:
    open_screen(watched, lab, "40_scenario_explorer")
    page = watched.page
    at_rest = headline(page)
    assert at_rest.startswith("Scenario pays the same as today, $")
    page.get_by_role("button", name="Mark", exact=True).click()
    page.wait_for_selector(".hm-controls >> text=Mark 1 kept")
    move(page, "All rates of Per diem", "ArrowRight", 30)
    raised = headline(page)
    assert re.fullmatch(r"Scenario pays \$[\d,]+ more \(\+\d\.\d %\)\.", raised)
    at_both_widths(watched, "explorer")
    page.get_by_role("button", name="Drugs and shares of the charge").click()
    limit = page.locator(".hm-row", has_text="Drugs, the Medicare limit").locator("input[type=text]")
    put(limit, "103")
    until_headline(page, "!=", raised)
    put(limit, "a lot")
    page.wait_for_selector("[role=alert] >> text=is not a number")
    put(limit, "103")
    looked_for = {"Drugs": "Spread", "By clause": "Proposal B pays", "Marks": "side by side", "Heat map": "most today"}
    for view, words in looked_for.items():
        page.get_by_role("tab", name=view, exact=True).click()
        page.wait_for_selector(f".hm-controls >> text={words}")
        at_both_widths(watched, f"explorer_{view.lower().replace(' ', '_')}")
    kept = headline(page)
    page.get_by_role("button", name="Undo").click()
    until_headline(page, "==", raised)
    put(limit, "103")
    until_headline(page, "==", kept)
    page.get_by_role("button", name="Save as scenario file").click()
    page.wait_for_selector("[role=alert] >> text=has no name")
    page.get_by_label("Name").fill(OFFER)
    page.get_by_role("button", name="Save as scenario file").click()
    page.wait_for_selector(".hm-controls >> text=Saved: ")
    saved = load_contract(OFFER).latest
    assert [str(row.factor) for row in saved.rate_change] == ["1.030"]
    _report_beside_the_screen(watched, limit, kept)
    page.get_by_label("Begin with").select_option(OFFER)  # opened again: the same dollars
    until_headline(page, "==", kept)


def _report_beside_the_screen(watched: Watched, limit: Any, kept: str) -> None:
    """The screen goes on while the report is made, and the link at its end opens what the screen said."""
    page = watched.page
    page.get_by_role("button", name="Make the report").click()
    page.wait_for_selector(".hm-controls >> text=Making the report")
    put(limit, "110")
    until_headline(page, "!=", kept)
    assert page.get_by_role("button", name="Stop the report").count() == 1, "the report was still being made"
    put(limit, "103")
    until_headline(page, "==", kept)
    page.wait_for_selector("a >> text=Open the report")
    pictured(watched, "explorer_report_1280")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open the report").click()
    report = opened.value
    report.wait_for_load_state()
    words = re.search(r"\$([\d,]+) (more|less)", kept)
    assert words is not None
    assert words[0] in report.locator("h1").first.inner_text(), "the report says what the screen said"
    report.close()


def test_what_pays_for_a_drug_cut_is_found_on_the_screen(lab: str, watched: Watched) -> None:
    """A cut from 106 to 103 % of the Medicare limit: mark the one, go to the other, and ask what pays for it."""
    open_screen(watched, lab, "40_scenario_explorer")
    page = watched.page
    page.get_by_role("button", name="Drugs and shares of the charge").click()
    limit = page.locator(".hm-row", has_text="Drugs, the Medicare limit").locator("input[type=text]")
    at_rest = headline(page)
    put(limit, "106")
    until_headline(page, "!=", at_rest)
    page.get_by_role("button", name="Mark", exact=True).click()
    page.wait_for_selector(".hm-controls >> text=Mark 1 kept")
    before = headline(page)
    put(limit, "103")
    until_headline(page, "!=", before)
    page.get_by_role("tab", name="Break-even").click()
    page.wait_for_selector("h4 >> text=All rates of Per diem at")
    page.get_by_label("As much as").select_option("Mark 1")
    page.wait_for_selector("h4 >> text=All rates of Per diem at +5.6")
    at_both_widths(watched, "explorer_break_even")
    page.get_by_role("button", name="Move it there").click()
    page.wait_for_function("document.querySelector('.hm-row input[type=text]').value.startsWith('+5.6')")


def test_every_control_can_be_reached_and_is_named(lab: str, watched: Watched) -> None:
    open_screen(watched, lab, "40_scenario_explorer")
    assert unreachable(watched.page) == []
    assert watched.page.locator(".hm-controls svg[role=img][aria-label*='Anti-infectives']").count() == 1
    handle = watched.page.locator(".hm-row .noUi-handle").first
    for _ in range(60):  # from the top of the screen to the first slider by keyboard alone
        if handle.evaluate("e => e === document.activeElement"):
            break
        watched.page.keyboard.press("Tab")
    else:
        pytest.fail("Tab does not come to the first slider")
    watched.page.keyboard.press("ArrowRight")  # what is heard is the value and not the slider's own count of steps
    watched.page.wait_for_selector(".hm-row .noUi-handle[aria-valuetext='0.1 %']")


def test_the_kernel_of_a_closed_page_ends(folder: Path, watched: Watched) -> None:
    with voila(folder, "20_code_tables") as address:
        for _ in range(2):
            watched.page.goto(address)
            watched.page.wait_for_selector(".hm-controls caption")
        watched.page.goto("about:blank")
        log = folder / "voila.log"
        deadline = time.monotonic() + 30
        while log.read_text(encoding="utf-8").count("Kernel shutdown") < 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert log.read_text(encoding="utf-8").count("Kernel shutdown") == 2


TITLES = {
    "40_scenario_explorer": "Scenario explorer",
    "20_code_tables": "Code tables",
    "30_per_diem_calculator": "Per diem calculator",
}


@pytest.mark.parametrize("notebook", TITLES)
def test_voila_shows_the_screen_and_no_code(folder: Path, watched: Watched, notebook: str) -> None:
    with voila(folder, notebook) as address:
        page = watched.page
        page.goto(address)
        page.wait_for_selector(".hm-controls h3, .hm-controls caption")
        assert "import" not in page.locator("body").inner_text()
        assert page.locator("pre").count() == 0
        if notebook.startswith("40"):
            page.wait_for_selector("h3 >> text=Scenario pays the same as today")
            before = headline(page)
            handle = page.locator(".hm-row .noUi-handle").first
            handle.focus()
            handle.press("ArrowRight")
            until_headline(page, "!=", before)
        at_both_widths(watched, f"app_{notebook[:2]}")
        assert page.title() == TITLES[notebook]
        assert nameless(page) == []
        assert unreachable(page) == []
        assert faint(page) == []
        if notebook.startswith("30"):
            page.get_by_role("button", name="Write the quote").click()
            page.wait_for_selector(".hm-controls >> text=Written: PDF")
            linked = page.get_by_role("link", name="Open", exact=True).get_attribute("href")
            handed = page.request.get(f"{address}{linked}")
            assert handed.body().startswith(b"%PDF")
            assert page.request.get(f"{address}/voila/files/data/samples/claims_2025.csv").status == 403
