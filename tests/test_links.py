"""Links from a screen to what it has written, where the server hands it out."""

from __future__ import annotations

from pathlib import Path

from hitmodel.paths import SERVED
from hitmodel.workbook.links import address_of, link


def test_each_server_has_its_own_address(tmp_path: Path) -> None:
    page = tmp_path / "reports" / "an offer" / "page.html"
    lab = {SERVED: str(tmp_path)}
    assert address_of(page, lab) == "/files/reports/an%20offer/page.html"
    assert address_of(page, {**lab, "JUPYTERHUB_SERVICE_PREFIX": "/user/ann/"}).startswith("/user/ann/files/reports/")
    app = {**lab, "SERVER_SOFTWARE": "voila/0.5", "VOILA_BASE_URL": "/"}
    assert address_of(page, app) == "/voila/files/reports/an%20offer/page.html"
    assert 'href="/files/reports' in link(page, "Open the report", lab)


def test_what_no_server_hands_out_is_named_by_its_path(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert address_of(page, {}) == ""
    assert address_of(page, {SERVED: str(tmp_path / "other")}) == ""
    assert link(page, "Open", {}) == f"Open: {page}"
