"""The page of all runs in a browser: sorted and searched offline, and nothing on it cut off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browser import CHROMIUM, OPTIONS, Watched

from hitmodel.ledger import add_to_ledger
from hitmodel.run_index import write_index

FACTS = {"due": None, "why": "due", "record": "", "report": "50_contract_comparison", "event": "run"}


def page_of_runs(home: Path) -> Path:
    """Thirty runs of two schedules and a batch, every seventh failed, every fifth external."""
    start = datetime(2026, 5, 2, 6, 0, tzinfo=UTC)
    rows = []
    for n in range(30):
        when = (start + timedelta(days=n)).isoformat(timespec="seconds")
        good, external = n % 7 != 3, n % 5 == 2
        said = f"Proposal A pays ${96_225 + n:,} less a year (−1.3 %)." if good else "there is no file x.csv"
        rows.append(
            {
                **FACTS,
                "run": f"scheduled/r{n}",
                "schedule": ("monthly", "weekly", "")[n % 3],
                "item": ("cascade", "meridian", "aurora")[n % 3],
                "edition": "external" if external else "internal",
                "status": "ok" if good else "failed",
                "headline": said,
                "moved": "" if external or not good else "412 more claim lines; Today +121,054.",
                "started": when,
                "finished": when,
                "parameters": {} if external else {"baseline": "meridian", "as_of": "2027-01-01"},
            }
        )
    home.mkdir()
    add_to_ledger(home, rows)
    return write_index(home)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed, so no page can be looked at")
@pytest.mark.parametrize("width", [1280, 1920])
def test_runs_are_sorted_and_searched_offline(tmp_path: Path, width: int) -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    file = page_of_runs(tmp_path / "reports")
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
        page = context.new_page()
        watched = Watched(page)
        watched.listen()
        page.goto(file.as_uri())
        rows = page.locator("#runs tbody tr:visible")
        assert rows.count() == 30
        assert rows.first.locator("time").get_attribute("datetime").startswith("2026-05-31")  # the latest first

        page.locator("#runs thead button", has_text="When").click()
        assert rows.first.locator("time").get_attribute("datetime").startswith("2026-05-02")
        page.locator("#runs thead button", has_text="Status").click()
        states = [text.strip() for text in page.locator("#runs .state").all_inner_texts()]
        assert states == sorted(states)
        assert states.count("failed") == 4  # runs 3, 10, 17 and 24

        page.fill("#find", "weekly meridian")
        assert rows.count() == 10  # runs 1, 4, … 28
        assert "10" in page.locator("#found").inner_text()
        page.fill("#find", "no such word")
        assert rows.count() == 0
        page.fill("#find", "")
        assert rows.count() == 30
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert watched.troubles == []
        browser.close()
