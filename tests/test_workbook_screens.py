"""The screens without a browser: what controls do to what is shown. How they look and feel is `test_browser`."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hitmodel import paths
from hitmodel.contracts import load_contract
from hitmodel.pricing import Dating
from hitmodel.scenario import compare
from hitmodel.whatif_tables import total_words
from hitmodel.workbook import calculator_screen
from hitmodel.workbook import explorer_screen as explorer
from hitmodel.workbook.calculator_screen import CalculatorScreen
from hitmodel.workbook.choices import Asked
from hitmodel.workbook.codes_screen import CodesScreen
from hitmodel.workbook.explorer_screen import ExplorerScreen
from hitmodel.workbook.history import History, Stand
from hitmodel.workbook.panes import Pane
from hitmodel.workbook.report_errand import ReportErrand

PROPOSALS = ("meridian_proposal_a", "meridian_proposal_b")
CLAIMS = "data/samples/claims_2025.csv"
LIMIT = "drugs.chain[0].multiplier"


@pytest.fixture
def codes() -> CodesScreen:
    return CodesScreen("vancomycin every 12 hours", date(2026, 7, 1), ("2020-10", "2025-10"))


@pytest.fixture(scope="module")
def explored() -> ExplorerScreen:
    return ExplorerScreen(Asked(CLAIMS, "meridian", "meridian", PROPOSALS, Dating(date(2027, 1, 1))))


@pytest.fixture
def screen(explored: ExplorerScreen) -> ExplorerScreen:
    """The explorer with every control where the contract has it."""
    explored._show_setting(explorer.Setting())
    explored._history, explored.marks, explored.tabs.selected_index = History(), [], 0
    return explored


def said(pane: Any) -> str:
    return str(pane.widget.value).replace("<span>$</span>", "$").replace("\u00a0", " ")


def test_typing_finds_and_the_day_decides(codes: CodesScreen) -> None:
    assert codes.found.value == "S9501"
    assert "S9501: Anti-infective q12h." in said(codes.code)
    codes.query.value = "vancomycin"
    codes.found.value = "J3373"
    codes.day.value = date(2025, 6, 30)
    assert codes.found.value == "J3370"
    codes.query.value = "J3373"
    assert "J3373 begins on 2025-07-01" in said(codes.count)


def test_a_code_of_other_days_is_shown_with_its_days(codes: CodesScreen) -> None:
    codes.day.value = date(1995, 6, 30)
    assert "1 code on 1995-06-30; newest release held 2026-07. S9501 begins on 2002-01-01." in said(codes.count)
    codes.query.value = "S9501"
    assert "S9501 begins on 2002-01-01. Below as it was worded from 2002-01-01." in said(codes.code)
    assert "once every 12 hours" in said(codes.code)
    codes.day.value = date(2025, 6, 30)
    codes.query.value = "J3370"
    assert codes.found.options[0][0].startswith("J3370 (ends)  ")


def test_a_day_that_is_none_says_so_beside_its_field(codes: CodesScreen) -> None:
    codes.day.value = None
    assert "Choose a day" in said(codes.asked_day._message)
    codes.day.value = date(2026, 7, 1)
    assert codes.asked_day._message.widget.layout.display == "none"


def test_what_goes_is_struck_and_what_comes_is_underlined(codes: CodesScreen) -> None:
    assert "<del>palivizumab,</del> <ins>palivizumab or other monoclonal antibody for rsv,</ins>" in said(codes.changed)
    codes.after.value = "2019-01"
    assert "does not come after" in said(codes.changed)


def test_the_card_is_written(codes: CodesScreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "reports", lambda: tmp_path / "reports")
    codes.make_card.click()
    assert (tmp_path / "reports" / "quick_reference_card_2026-07-01.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.slow
def test_an_order_is_quoted_as_it_is_typed() -> None:
    screen = CalculatorScreen("data/samples/orders/nutrition_cycled.toml", "meridian", "")
    assert "Meridian Health Plan pays $6,370.00 for 26 days of therapy." in said(screen.headline)
    assert "Calendar of therapy days" in said(screen.panes[0])
    box = screen.form.boxes[0]
    box.fields["stop"].value = date(2025, 8, 1)
    assert "The stop lies before the start" in said(box.beside["stop"]._message)
    assert "hm-stale" in screen.tabs._dom_classes, "what stands there is of an earlier order"
    box.fields["stop"].value = date(2025, 9, 26)
    assert "hm-stale" not in screen.tabs._dom_classes


@pytest.mark.slow
def test_a_charge_limit_comes_only_from_charges_that_are_seen(tmp_path: Path) -> None:
    # 26 days × 225.00 = 5,850.00; charged 26 × 100.00 = 2,600.00, which is 3,250.00 less.
    screen = CalculatorScreen("data/samples/orders/nutrition_cycled.toml", "meridian", "")
    screen.form.leave.click()
    bare = said(screen.headline)
    assert "$5,850.00 for 26 days" in bare
    screen.charges.control.value = str(tmp_path / "none.csv")
    assert "the chargemaster is not there" in said(screen.charges._message)
    assert "There is no price" in said(screen.headline)
    charges = tmp_path / "charges.csv"
    charges.write_text("code,from,charge\nS9366,2025-01-01,100\n")
    screen.charges.control.value = str(charges)
    assert "$2,600.00 for 26 days" in said(screen.headline)
    screen.tabs.selected_index = 1
    assert "225.00 per day, held to the charge" in said(screen.panes[1])
    assert "which is $3,250.00 less than its rates" in said(screen.panes[1])
    screen.charges.control.value = ""
    assert said(screen.headline) == bare
    assert "held to the charge" not in said(screen.panes[1])


@pytest.mark.slow
def test_a_fault_takes_the_price_away_and_says_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = CalculatorScreen("data/samples/orders/nutrition_cycled.toml", "meridian", "")

    def broken(*given: object) -> None:
        raise OverflowError

    monkeypatch.setattr(calculator_screen, "quote", broken)
    with pytest.raises(OverflowError):
        screen.form.boxes[0].fields["litres"].value = "2"
    assert "$" not in said(screen.headline)
    assert "This is a fault in hitmodel" in said(screen.headline)
    assert "OverflowError" in said(screen.headline)
    assert "hm-stale" in screen.tabs._dom_classes


@pytest.mark.slow
def test_a_therapy_that_is_added_is_empty_and_asks() -> None:
    screen = CalculatorScreen("data/samples/orders/nutrition_cycled.toml", "meridian", "")
    before = said(screen.headline)
    screen.form.more.click()
    box = screen.form.boxes[-1]
    assert "Which drug?" in said(box.beside["drug"]._message)
    assert "How often?" in said(box.beside["every"]._message)
    assert "There is no price" in said(screen.headline)
    screen.form.fewer.click()
    assert said(screen.headline) == before


@pytest.mark.slow
def test_terms_of_a_day_on_which_there_are_none_are_refused_beside_their_field() -> None:
    screen = CalculatorScreen("data/samples/orders/nutrition_cycled.toml", "meridian", "")
    screen.terms_of.control.value = date(1990, 1, 1)
    told = said(screen.terms_of._message)
    assert "is not in force on 1990-01-01. Choose another day at Terms as of. It is in force from 2025-01-01" in told
    assert "--as-of" not in said(screen.headline) + told


@pytest.mark.slow
def test_quotes_are_kept_by_name_and_begun_with_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "reports", lambda: tmp_path / "reports")
    screen = CalculatorScreen("data/samples/orders/nutrition_cycled.toml", "meridian", "")
    screen.name.control.value = "a b"
    screen.write.click()
    assert "cannot name a quote" in said(screen.name._message)
    screen.name.control.value = ""
    screen.write.click()
    assert "quote_meridian_2025-09-01" in said(screen.written)
    screen.form.boxes[0].fields["litres"].value = "2.4"
    changed = said(screen.headline)
    screen.write.click()
    assert "quote_meridian_2025-09-01_2" in said(screen.written)
    screen.examples.value = str(tmp_path / "reports" / "quote_meridian_2025-09-01" / "order.toml")
    assert screen.form.boxes[0].fields["litres"].value == "1.8"
    screen.examples.value = str(tmp_path / "reports" / "quote_meridian_2025-09-01_2" / "order.toml")
    assert said(screen.headline) == changed


@pytest.mark.slow
def test_what_has_no_field_is_said_below_the_form_and_can_be_left_out() -> None:
    screen = CalculatorScreen("data/samples/orders/vancomycin_beside_nutrition.toml", "meridian", "")
    assert "patient P-0004" in said(screen.form.also)
    before = said(screen.headline)
    screen.form.leave.click()
    assert not screen.form.also.is_filled
    assert screen.form.leave.layout.display == "none"
    assert said(screen.headline) != before, "the lipids of the example are no longer quoted"


def test_a_slider_moves_the_total_and_undo_takes_it_back(screen: ExplorerScreen) -> None:
    assert "Scenario pays the same as today" in said(screen.headline)
    row = screen.rows.rows["roles:per_diem"]
    for step in (10, 20, 30):  # dragged: one step back
        row.slider.value = step
    assert row.field.value == "+3.0 %"
    assert screen.setting.values == {"roles:per_diem": Decimal("0.03")}
    raised = said(screen.headline)
    assert "more" in raised
    screen.rows.rows[LIMIT].field.value = "103"
    assert screen.setting.values[LIMIT] == Decimal("1.03")
    screen.buttons["Undo"].click()
    assert said(screen.headline) == raised
    assert screen.rows.rows[LIMIT].field.value == "108.0 %"
    screen.buttons["Undo"].click()
    assert "Scenario pays the same as today" in said(screen.headline)
    assert row.slider.value == 0


def test_a_value_that_cannot_be_is_refused_beside_its_control(screen: ExplorerScreen) -> None:
    row = screen.rows.rows["concurrency.shares[1]"]
    row.field.value = "120"
    assert "cannot be moved there" in said(row.beside._message)
    row.field.value = "sixty"
    assert "is not a number" in said(row.beside._message)
    assert screen.setting.values == {}
    row.field.value = "60"
    assert screen.setting.values == {"concurrency.shares[1]": Decimal("0.6")}


def test_the_limit_and_volumes_move_too(screen: ExplorerScreen) -> None:
    screen.limit.value = "none"
    assert screen.setting.limit == "none"
    screen.rows.volumes["hydration"].field.value = "150"
    assert "volume" in said(screen.headline)
    screen.buttons["As written"].click()
    assert (screen.limit.value, screen.setting) == ("line", explorer.Setting())


@pytest.mark.slow
def test_marks_are_compared_and_every_view_is_made(screen: ExplorerScreen) -> None:
    screen.buttons["Mark"].click()
    screen.rows.rows["nursing.first"].field.value = "160"
    shown = []
    for view in range(len(screen.panes)):
        screen.tabs.selected_index = view
        shown.append(said(screen.panes[view]))
    looked_for = ("Nursing", "Spread", "Bridge of", "Mark 1", "Heat map", "with every other control")
    for text, words in zip(shown, looked_for, strict=True):
        assert words.lower() in text.lower()


def test_a_setting_is_saved_by_name(screen: ExplorerScreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen.rows.rows[LIMIT].field.value = "103"
    screen.buttons["Save as scenario file"].click()
    assert "has no name" in said(screen.named._message)
    home = tmp_path / "contracts"
    monkeypatch.setattr(explorer, "save_scenario", lambda *given: _save(*given, home=home))
    screen.name.value = "offer"
    screen.buttons["Save as scenario file"].click()
    assert "Saved: " in said(screen.said)
    assert load_contract(home / "offer").latest.named("drugs").chain[0].multiplier == Decimal("1.03")  # type: ignore[union-attr]


_save = explorer.save_scenario


@pytest.mark.slow
def test_claims_that_are_not_there_say_so_in_place(screen: ExplorerScreen) -> None:
    screen.choices.claims.value = "data/samples/claims_2052.csv"
    assert 'role="alert"' in said(screen.headline)
    assert "Traceback" not in said(screen.headline)
    screen.choices.claims.value = CLAIMS
    assert "Scenario pays the same as today" in said(screen.headline)


@pytest.mark.slow
def test_where_nothing_can_be_compared_what_stood_there_dims_and_nothing_is_made(screen: ExplorerScreen) -> None:
    for claims in ("", "README.md"):
        screen.choices.claims.value = claims
        assert 'role="alert"' in said(screen.headline)
        assert "hm-stale" in screen.tabs._dom_classes
        for name in ("Mark", "Undo", "As written", "Save as scenario file", "Make the report"):
            screen.buttons[name].click()
        assert "nothing to report on" in said(screen.said)
        assert not screen.report.is_running
    screen.choices.claims.value = CLAIMS
    assert "hm-stale" not in screen.tabs._dom_classes
    screen.buttons["As written"].click()
    assert "Scenario pays the same as today" in said(screen.headline)


@pytest.mark.slow
def test_a_day_without_terms_is_mended_and_undo_goes_nowhere() -> None:
    """The first choice fails, so there is nothing that Undo could lead back to."""
    late = ExplorerScreen(Asked(CLAIMS, "meridian", "meridian", (), Dating(date(1990, 1, 1))))
    assert 'role="alert"' in said(late.headline)
    late.choices.as_of.value = None
    assert "Scenario pays the same as today" in said(late.headline)
    late.buttons["Undo"].click()
    assert "Scenario pays the same as today" in said(late.headline)


def test_what_should_not_happen_takes_the_total_away(screen: ExplorerScreen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen.whatif, "point", lambda setting: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        screen.rows.rows[LIMIT].field.value = "104"
    assert "Something went wrong that should not (ZeroDivisionError)" in said(screen.headline)
    assert "Scenario pays" not in said(screen.headline)
    monkeypatch.undo()
    screen.rows.rows[LIMIT].field.value = "105"
    assert "Scenario pays" in said(screen.headline)


@pytest.mark.slow
def test_whatever_else_is_compared_moves_and_marks_stay(screen: ExplorerScreen) -> None:
    screen.rows.rows[LIMIT].field.value = "103"
    screen.buttons["Mark"].click()
    screen.rows.rows["roles:per_diem"].field.value = "2"
    moved = dict(screen.setting.values)
    screen.choices.proposals["meridian_proposal_b"].value = False
    screen.choices.as_of.value = date(2027, 2, 1)
    screen.choices.prices.value = "latest"
    assert screen.setting.values == moved
    assert [name for name, _ in screen.marks] == ["Mark 1"]
    assert screen.marks[0][1].setting.values == {LIMIT: Decimal("1.03")}
    screen.choices.as_of.value = date(1990, 1, 1)
    assert 'role="alert"' in said(screen.headline)
    screen.choices.as_of.value, screen.choices.prices.value = date(2027, 1, 1), "service_quarter"
    screen.choices.proposals["meridian_proposal_b"].value = True
    assert (screen.setting.values, len(screen.marks)) == (moved, 1)
    screen.choices.contract.value = "meridian_proposal_a"
    assert screen.setting.values == {}
    assert "Undo leads back to meridian" in said(screen.said)
    screen.buttons["Undo"].click()
    assert (screen.choices.contract.value, screen.setting.values, len(screen.marks)) == ("meridian", moved, 1)
    assert screen.rows.rows[LIMIT].field.value == "103.0 %"


def test_a_control_that_is_dragged_is_one_step_and_after_a_pause_or_a_mark_another() -> None:
    seconds = iter((0.0, 0.4, 0.8, 3.0, 3.1, 3.2))
    history = History(lambda: next(seconds))
    steps = [Stand("plan", explorer.Setting({"drugs": Decimal(n)})) for n in range(6)]
    history.keep("drugs", steps[0])
    history.keep("drugs", steps[1])  # 0.4 seconds later: dragged on
    history.keep("nursing", steps[2])
    history.keep("nursing", steps[3])  # 2.2 seconds later
    history.cut()  # a mark is made
    history.keep("nursing", steps[4])
    history.keep("nursing", steps[5])
    assert [history.back() for _ in range(5)] == [steps[4], steps[3], steps[2], steps[0], None]


def test_a_wrong_entry_dims_what_stood_there_and_a_comma_is_no_point(screen: ExplorerScreen) -> None:
    field = screen.rows.rows[LIMIT].field
    field.value = "106,5"
    assert "is not a number" in said(screen.rows.rows[LIMIT].beside._message)
    assert "106.5" in said(screen.rows.rows[LIMIT].beside._message)
    assert "hm-stale" in screen.headline.widget._dom_classes
    field.value = "106.123456789"
    assert field.value == "106.123456789 %"
    assert "hm-stale" not in screen.headline.widget._dom_classes
    screen.rows.volumes["hydration"].field.value = "-10"
    assert "-10 % of today&#x27;s is no volume" in said(screen.rows.volumes["hydration"].beside._message)


@pytest.mark.slow
def test_a_scenario_of_another_day_is_replaced_only_when_asked_twice(screen: ExplorerScreen, own: Path) -> None:
    screen.rows.rows[LIMIT].field.value = "103"
    screen.name.value = "of_another_day"
    screen.buttons["Save as scenario file"].click()
    screen._own_names.clear()  # as a screen of another day has it
    screen.rows.rows[LIMIT].field.value = "104"
    screen.buttons["Save as scenario file"].click()
    assert "Press again to replace it" in said(screen.named._message)
    assert "1.03" in (own / "contracts" / "of_another_day" / "2025.toml").read_text()
    screen.buttons["Save as scenario file"].click()
    assert "1.04" in (own / "contracts" / "of_another_day" / "2025.toml").read_text()


def test_messages_beside_a_field_do_not_name_it_and_values_are_shown_whole(screen: ExplorerScreen) -> None:
    row, many = screen.rows.rows["nursing.first"], screen.rows.rows["roles:per_diem"]
    row.field.value = "-5"
    assert "It cannot be moved there: it must be more than 0." in said(row.beside._message)
    many.field.value = "-100"
    assert "A cut of 100 % leaves no rate." in said(many.beside._message)
    row.field.value = "160.005"
    assert (row.field.value, screen.setting.values["nursing.first"]) == ("160.005", Decimal("160.005"))


@pytest.mark.slow
def test_a_year_that_is_half_typed_is_refused_at_once() -> None:
    """The browser tells of 0202 on the way to 2025; so many days would take minutes and gigabytes."""
    screen = CalculatorScreen("data/samples/orders/two_antibiotics.toml", "meridian", "")
    box = screen.form.boxes[0]
    box.fields["start"].value = date(202, 6, 20)
    assert "three years at most. Check the year." in said(box.beside["stop"]._message)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of one's own, in which scenarios are saved."""
    monkeypatch.setenv("HITMODEL_WORKSPACE", str(tmp_path))
    return tmp_path


def seen(screen: ExplorerScreen, title: str) -> str:
    screen.tabs.selected_index = explorer.TITLES.index(title)
    return said(screen.panes[screen.tabs.selected_index])


@pytest.mark.slow
def test_proposals_are_seen_beside_the_scenario(screen: ExplorerScreen) -> None:
    """Proposal A as the comparison report prices it: $147,711 less a year, in every view that compares."""
    table = seen(screen, "By therapy")
    for words in ("Proposal A", "Proposal B"):
        for text in (table, *(seen(screen, view) for view in ("Drugs", "By clause", "Marks", "Heat map"))):
            assert words in text
    compared = compare(screen.whatif.pricer.prepared.claims, "meridian", PROPOSALS, date(2027, 1, 1))  # type: ignore[union-attr]
    for (_, point), side in zip(screen.beside, compared.proposals, strict=True):
        assert point.total.amount == side.bridge.end
        assert point.total.today == side.bridge.start
    screen.choices.proposals["meridian_proposal_b"].value = False
    assert "Proposal B" not in seen(screen, "By therapy")
    screen.choices.proposals["meridian_proposal_b"].value = True
    assert "meridian" not in screen.choices.proposals, "the baseline is no proposal beside itself"


@pytest.mark.slow
def test_what_pays_for_a_drug_cut_is_found_and_can_be_taken(screen: ExplorerScreen) -> None:
    """From 106 % of the limit, marked, to 103 %: the per diems that pay for it, and then the same total or the next."""
    limit = screen.rows.rows[LIMIT].field
    limit.value = "106"
    screen.buttons["Mark"].click()
    limit.value = "103"
    seen(screen, "Break-even")
    screen.even.beside.value = "Mark 1"
    words = said(screen.even.pane)
    answer = re.search(r"All rates of Per diem at (\+\d+\.\d %) pays it", words)
    assert answer is not None, words
    screen.even.go.click()
    assert screen.rows.rows["roles:per_diem"].field.value == answer[1].replace("\u00a0", " ")
    point, marked = screen.point, screen.marks[0][1]
    assert point is not None
    assert screen.whatif is not None
    assert point.total.amount >= marked.total.amount
    step = screen.setting.values["roles:per_diem"] - Decimal("0.001")
    less = explorer.Setting({**screen.setting.values, "roles:per_diem": step})
    assert screen.whatif.point(less).total.amount < marked.total.amount


@pytest.mark.slow
def test_a_saved_scenario_is_opened_again_with_its_volumes(screen: ExplorerScreen, own: Path) -> None:
    screen.rows.rows[LIMIT].field.value = "103"
    screen.rows.volumes["hydration"].field.value = "150"
    before = said(screen.headline)
    screen.name.value = "opened_again"
    screen.buttons["Save as scenario file"].click()
    assert (own / "contracts" / "opened_again" / "volumes.csv").read_text() == "therapy,times\nhydration,1.5\n"
    assert "opened_again" in screen.choices.proposals
    screen.choices.contract.value = "opened_again"
    assert said(screen.headline) == before
    assert screen.rows.volumes["hydration"].field.value == "150.0 %"
    screen.buttons["Save as scenario file"].click()
    assert "what this scenario begins with" in said(screen.named._message)
    screen.choices.contract.value = "meridian"


@pytest.mark.slow
def test_a_report_is_made_beside_the_screen(screen: ExplorerScreen, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "reports", lambda: own / "reports")
    screen.rows.rows[LIMIT].field.value = "103"
    screen.rows.volumes["hydration"].field.value = "150"
    screen.name.value = "made_beside"
    point = screen.point
    assert point is not None
    report = screen.buttons["Make the report"]
    report.click()
    assert report.description == "Stop the report"
    screen.rows.rows["nursing.first"].field.value = "160"
    assert screen.setting.values["nursing.first"] == 160, "the screen goes on"
    screen.report.wait()
    assert report.description == "Make the report"
    assert "Report: " in said(screen.said), said(screen.said)
    page = (own / "reports" / "scenario_made_beside" / "50_contract_comparison.html").read_text()
    text = page.replace("\u00a0", " ").replace("<span>$</span>", "$")
    told = total_words(point.total, "Made beside")
    assert told in text, "the report says what the screen said, volumes too"
    report.click()
    report.click()
    screen.report.wait()
    assert "was stopped" in said(screen.said)


@pytest.mark.slow
def test_a_report_that_cannot_be_made_says_so(own: Path) -> None:
    pane = Pane()
    report = ReportErrand(pane)
    report.start("nothing", {"claims": "data/samples/claims_2052.csv", "proposals": "meridian_proposal_a"})
    report.wait()
    assert 'role="alert"' in said(pane)
    assert "claims_2052.csv" in said(pane)
    assert "Traceback" not in said(pane)
