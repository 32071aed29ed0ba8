"""A contract's terms moved: settings, what they come to, and settings kept as files."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from builders import PER_DIEM, claims, header, write
from builders import contract as example

from hitmodel import paths
from hitmodel.claims import read_claims
from hitmodel.contracts import load_contract
from hitmodel.errors import InputError
from hitmodel.heat_chart import heat_chart
from hitmodel.levers import lever_named, levers
from hitmodel.live_bars import bars_svg, bars_words
from hitmodel.negotiate import PER_DIEMS
from hitmodel.points import Point, Setting
from hitmodel.pricing import Dating, Pricer
from hitmodel.scenario import bridge
from hitmodel.scenario_file import MARKER, save_scenario
from hitmodel.whatif import WhatIf, with_limit
from hitmodel.whatif_page import setting_of
from hitmodel.whatif_tables import marks_table, point_words, settings_table, spread_table, therapies_table

LIMIT = "drugs.chain[0].multiplier"
AS_OF = Dating(date(2027, 1, 1))
MOVED = Setting(
    {
        LIMIT: Decimal("1.03"),
        PER_DIEMS: Decimal("0.03"),
        "concurrency.shares[1]": Decimal("0.6"),
        "nursing.first": Decimal(140),
    },
    "claim",
)
"""Every kind of control at once."""


@pytest.fixture(scope="module")
def made() -> WhatIf:
    """The sample claims under Meridian, as if on 1 January 2027."""
    contract = load_contract("meridian")
    return WhatIf(read_claims(paths.data("samples", "claims_2025.csv")), contract, contract, AS_OF)


@pytest.fixture(scope="module")
def point(made: WhatIf) -> Point:
    return made.point(MOVED)


def test_what_is_paid_where_changes_stand_on_a_rate(tmp_path: Path) -> None:
    """95.00 with 10 % on S9500 alone pays 104.50 there and 95.00 elsewhere; with 10 % on all, 104.50 everywhere."""
    lines = claims(tmp_path, "S9500 2025-03-03 2025-03-09 7 2000.00")
    for number, (about, paid) in enumerate((('codes = ["S9500"]', None), ('roles = ["per_diem"]', Fraction("104.50")))):
        change = f'[[rate_change]]\nid = "up"\nfactor = 1.10\napplies_to = {{ {about} }}\n'
        folder = tmp_path / f"with_{number}"
        contract = load_contract(write(folder, header() + PER_DIEM + change).parent)
        made = WhatIf(lines, contract, contract)
        rate = next(lever.name for lever in made.levers if lever.is_dollars)
        assert made.paid_rates == {rate: paid}
    plain = example(tmp_path)
    assert WhatIf(lines, plain, plain).paid_rates == {}


def test_a_baseline_that_has_ended_is_as_on_its_last_day(tmp_path: Path) -> None:
    """It ended on 2025-12-31 at 95.00; seven days as of June 2026 are 665.00 there, and 700.00 at the new 100.00."""
    lines = claims(tmp_path, "S9500 2025-03-03 2025-03-09 7 2000.00")
    ended = load_contract(write(tmp_path / "ended", header(last="2025-12-31") + PER_DIEM).parent)
    new = header("2026-01-01") + PER_DIEM.replace("95.00", "100.00")
    made = WhatIf(
        lines, ended, load_contract(write(tmp_path / "new", new, "2026.toml").parent), Dating(date(2026, 6, 1))
    )
    total = made.point(Setting()).total
    assert (total.today, total.amount) == (66500, 70000)


def test_a_setting_by_hand(tmp_path: Path) -> None:
    """Seven days at 95.00 are 665.00; at 96.90 (2 % more) 678.30; at 98.00 686.00; with half as many more, 997.50."""
    contract = example(tmp_path)
    made = WhatIf(claims(tmp_path, "S9500 2025-03-03 2025-03-09 7 2000.00"), contract, contract)
    assert made.point(Setting()).total.amount == 66500
    assert made.point(Setting({PER_DIEMS: Decimal("0.02")})).total.amount == 67830
    rate = next(lever for lever in made.levers if lever.name.endswith(".rate"))
    raised = Setting().with_lever(rate, Decimal("98.00"))
    assert made.point(raised).total.amount == 68600
    more = made.point(raised.with_volume("anti_infective", Decimal("1.5")))
    assert (more.total.today, more.total.today_at_volume, more.total.amount) == (66500, 99750, 102900)
    assert (more.total.by_rates, more.total.by_volume, more.total.difference) == (3150, 33250, 36400)
    assert raised.with_lever(rate, rate.written) == Setting()


def test_what_is_written_pays_what_today_pays(made: WhatIf) -> None:
    at_rest = made.point(Setting())
    assert at_rest.total.difference == 0
    assert not any(group.difference for group in (*at_rest.therapies, *at_rest.codes))


def test_every_breakdown_adds_up_to_full_pricing(made: WhatIf, point: Point) -> None:
    full = made.pricer.price(point.contract, AS_OF)
    assert point.total.amount == int(full.allowed[made.book(MOVED).compared].sum())
    for groups in (point.therapies, point.codes):
        assert sum(group.amount for group in groups) == point.total.amount
        assert sum(group.today for group in groups) == point.total.today


def test_the_quick_bridge_is_the_full_one(made: WhatIf, point: Point) -> None:
    full = bridge(made.pricer, made.priced, made.pricer.price(point.contract, AS_OF), made.book(MOVED).compared)
    quick = made.bridge(point)
    assert [(s.label, s.in_turn, s.alone) for s in quick.steps] == [(s.label, s.in_turn, s.alone) for s in full.steps]
    assert (quick.start, quick.end) == (full.start, full.end)
    assert len(quick.steps) > 3


def test_a_limit_by_claim_leaves_out_what_it_leaves_open(made: WhatIf, point: Point) -> None:
    """Claims of which a line is silent have no amount under it: in no total, on neither side, and counted as such."""
    as_written = made.point(Setting())
    assert point.left_out.lines > as_written.left_out.lines > 0
    assert point.total.today < as_written.total.today
    assert "in no total" in therapies_table(point, "Scenario").notes[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", [LIMIT, "anti_infective_per_diem.rate", "nursing.first", "concurrency.shares[1]"])
def test_a_lever_made_ready_gives_the_same_cents_sooner(made: WhatIf, name: str) -> None:
    """Beside other levers that stand moved, at values near and far, and with volumes changed meanwhile."""
    lever = lever_named(made.contract, name)
    beside = Setting({"other_per_diem.rate": Decimal("55.10")})
    settings = [beside.with_lever(lever, lever.written * part) for part in map(Decimal, ("0.5", "0.9537", "0.999"))]
    settings += [settings[0].with_volume("hydration", Decimal("1.2")), beside, Setting()]
    plain = [made.point(setting) for setting in settings]
    while made.make_ready(settings[1], name):
        pass
    assert made._moving is not None
    assert made._moving.along.is_even
    assert [made.point(setting) for setting in settings] == plain
    assert plain[0].total.amount == int(
        made.pricer.price(plain[0].contract, AS_OF).allowed[made.book(beside).compared].sum()
    )


def test_drugs_below_cost_are_named(made: WhatIf) -> None:
    low = made.point(Setting({LIMIT: Decimal("0.90")}))
    assert low.below_cost
    assert all(drug.spread < 0 for drug in low.below_cost)
    assert len(low.below_cost) > len(made.point(Setting()).below_cost)
    assert spread_table(low).rows[0][1] == f"{low.below_cost[0].label} †"


def test_sliders_and_the_file_they_are_saved_as_give_the_same_cents(made: WhatIf, point: Point, tmp_path: Path) -> None:
    folder = save_scenario("counter_offer", made.contract, point.contract, home=tmp_path)
    saved = load_contract(folder)
    again = made.pricer.price(saved, AS_OF)
    moved = made.pricer.price(point.contract, AS_OF)
    assert (again.status == moved.status).all()
    assert (again.allowed == moved.allowed).all()
    assert int(again.allowed[made.book(MOVED).compared].sum()) == point.total.amount
    text = (folder / "2025.toml").read_text()
    assert 'extends = "meridian/2025"' in text
    assert len(re.findall(r"^\[\[term\]\]", text, re.MULTILINE)) == 2, "only what changes: drugs and nursing"


def test_a_scenario_over_several_versions_has_a_file_for_each(tmp_path: Path) -> None:
    write(tmp_path / "plan", header(last="2025-06-30") + PER_DIEM)
    write(tmp_path / "plan", '[contract]\nextends = "plan/2025"\neffective_from = 2025-07-01\n', "2026.toml")
    start = load_contract(tmp_path / "plan")
    lines = claims(tmp_path, "S9500 2025-03-03 2025-03-09 7 2000.00", "S9500 2025-08-04 2025-08-10 7 2000.00")
    made = WhatIf(lines, start, start)
    point = made.point(Setting({PER_DIEMS: Decimal("0.10")}))
    folder = save_scenario("more", start, point.contract, home=tmp_path / "own")
    assert sorted(p.name for p in folder.iterdir()) == ["2025.toml", "2026.toml", MARKER]
    assert Pricer(lines).price(load_contract(folder)).total == point.total.amount == 2 * 73150


def test_no_other_contract_is_ever_replaced(made: WhatIf, point: Point, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is a contract 'cascade' already"):
        save_scenario("cascade", made.contract, point.contract, home=tmp_path)
    for name in ("", "Offer 1", "../up", "a" * 60):
        with pytest.raises(InputError, match="name"):
            save_scenario(name, made.contract, point.contract, home=tmp_path)
    with pytest.raises(InputError, match="nothing is moved"):
        save_scenario("same", made.contract, made.contract, home=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_scenario_saved_again_takes_the_place_of_the_first(made: WhatIf, point: Point, tmp_path: Path) -> None:
    save_scenario("offer", made.contract, point.contract, home=tmp_path)
    other = made.point(Setting({LIMIT: Decimal("1.01")}))
    folder = save_scenario("offer", made.contract, other.contract, home=tmp_path)
    assert "1.01" in (folder / "2025.toml").read_text()
    assert "nursing" not in (folder / "2025.toml").read_text()


def test_what_a_contract_could_not_write_is_refused(made: WhatIf) -> None:
    with pytest.raises(InputError, match="cannot be moved there"):
        made.point(Setting({"concurrency.shares[1]": Decimal("1.2")}))
    with pytest.raises(InputError, match="no volume"):
        Setting().with_volume("hydration", Decimal(6))
    with pytest.raises(InputError, match="no level"):
        with_limit(made.contract, "always")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        (LIMIT, "103", "1.03"),
        (LIMIT, "103.5 %", "1.035"),
        (PER_DIEMS, "+2.5 %", "0.025"),
        (PER_DIEMS, "−1", "-0.01"),
        ("nursing.first", "$1,140.50", "1140.50"),
    ],
)
def test_what_is_typed_is_read_as_it_is_shown(name: str, text: str, value: str) -> None:
    lever = lever_named(load_contract("meridian"), name)
    assert lever.read(text) == Decimal(value)
    assert lever.read(lever.shown(Decimal(value))) == Decimal(value)
    with pytest.raises(InputError, match="not a number"):
        lever.read("a lot")


def test_a_yearly_increase_is_a_lever_too() -> None:
    lever = next(x for x in levers(load_contract("cascade")) if x.name == "escalator.yearly_increase")
    assert (lever.written, lever.shown(lever.written)) == (Decimal("0.03"), "3.0 %")
    made = setting_of(["escalator.yearly_increase=5"], load_contract("cascade"))
    assert made.values == {"escalator.yearly_increase": Decimal("0.05")}


def test_several_clauses_can_be_raised_at_once(made: WhatIf) -> None:
    """Each is a rate change of its own, so that one does not hide the other from the bridge."""
    both = made.point(Setting({PER_DIEMS: Decimal("0.02"), "clause:nursing": Decimal("0.05")}))
    labels = [step.label for step in made.bridge(both).steps]
    assert labels == ["All rates of Per diem +2.0 %", "Clause “nursing” +5.0 %"]


def test_tables_say_what_they_find(made: WhatIf, point: Point) -> None:
    words = point_words(point, "Scenario")
    assert words.startswith("Scenario pays $")
    table = therapies_table(point, "Scenario")
    assert table.totals[0][-2] == point.total.difference
    marks = [("Mark 1", made.point(Setting())), ("Scenario", point)]
    table = marks_table(marks)
    assert table.totals[0][1:] == (marks[0][1].total.today, 0, point.total.difference)
    assert table.notes == ("On other lines, since its charge limit leaves some open: Scenario.",)
    settings = settings_table([("Scenario", MOVED)], made.levers, made.limit)
    assert ("Drugs, the Medicare limit", "108.0 %", "103.0 %") in settings.rows
    assert ("Charge limit", "line", "claim") in settings.rows


@pytest.mark.slow
def test_pictures_say_the_same_in_words(point: Point) -> None:
    svg = bars_svg(point.therapies, "Scenario")
    assert 'role="img"' in svg
    assert bars_words(point.therapies, "Scenario").split(":")[1][:30] in svg
    heat_chart([(f"Mark {n}", point) for n in range(60)])  # too many for their names
    heat = heat_chart([("Scenario", point)])
    code, change = next((c, c.difference) for c in point.codes if c.difference)
    assert any(label == f"{code.key}, Scenario" for label, _ in heat.values)
    assert change
    assert heat.alt.startswith("Heat map of codes by scenario")


def test_claims_that_no_contract_prices_say_so(made: WhatIf, tmp_path: Path) -> None:
    other = load_contract("lakeshore")
    with pytest.raises(InputError, match="priced by every side"):
        WhatIf(made.pricer.prepared.claims, load_contract("meridian"), other)
