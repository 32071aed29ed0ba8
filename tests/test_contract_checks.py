"""A contract held against the code tables: what a person should look at, and what prices each code."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from builders import PER_DIEM, contract, header, write

from hitmodel.contract_checks import check_contract, coverage
from hitmodel.contracts import load_draft
from hitmodel.overlays import contract_names
from hitmodel.references import default_references
from hitmodel.vocabulary import Selector

ONE_YEAR = header("2025-01-01", "2025-12-31")


def said(folder: Path, text: str) -> list[tuple[str, str, str]]:
    """Return place, words and weight of each finding."""
    made = contract(folder, text if "[contract]" in text else ONE_YEAR + text)
    found = check_contract(made, default_references())
    return [(f.place, f.problem, "mistake" if f.serious else "note") for f in found]


def term(selects: str, more: str = 'mechanism = "per_diem"\nrate = 95.00', name: str = "t") -> str:
    return f'[[term]]\nid = "{name}"\n{selects}\n{more}\n'


@pytest.mark.parametrize("name", contract_names())
def test_contracts_that_ship_have_no_mistake(name: str) -> None:
    found = check_contract(load_draft(name), default_references())
    assert [str(f) for f in found if f.serious and f.kind != "open_place"] == []


def test_a_sound_contract_has_no_finding(tmp_path: Path) -> None:
    assert said(tmp_path, PER_DIEM) == []


@pytest.mark.parametrize(
    ("selects", "problem"),
    [
        ('roles = ["per_diems"]', "roles names 'per_diems', which is not known; did you mean 'per_diem'?"),
        (
            'classes = ["antiinfective"]',
            "classes names 'antiinfective', which is not known; did you mean 'anti_infective'?",
        ),
        ('codes = ["S9599"]', "S9599 is not in the 2026-07 release; nearest S9590"),
        ('codes = ["s9500"]', "s9500 is not in the 2026-07 release; nearest S9500"),
        ('codes = ["S9504..S9500"]', "no code lies in S9504..S9500"),
        ('codes = ["S9500"]\nmodifiers = ["XX"]', "modifier 'XX' is in no release of HCPCS Level II held here"),
        ('codes = ["S9500"]\nplaces = ["1"]', "place '1' is not a place of service of two digits, such as 12 for home"),
        ('codes = ["S9500"]\nall_modifiers = ["XX"]', "modifier 'XX' is in no release of HCPCS Level II held here"),
        ('roles = ["per_diem"]\nwithout_codes = ["S9599"]', "S9599 is not in the 2026-07 release; nearest S9590"),
        (
            'roles = ["per_diem"]\nwithout_classes = ["hydratoin"]',
            "without_classes names 'hydratoin', which is not known; did you mean 'hydration'?",
        ),
        ('ndcs = ["00409-1283-31"]', "ndc '00409-1283-31' is not an NDC of eleven digits"),
    ],
)
def test_a_name_that_is_not_there_is_one_mistake(tmp_path: Path, selects: str, problem: str) -> None:
    """And not a second one, that the term can never apply."""
    assert said(tmp_path, term(selects)) == [("term 't'", problem, "mistake")]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[concurrency]\ncounts = { roles = ["perdiem"] }', "[concurrency] counts"),
        ('[concurrency]\nexempt = { roles = ["perdiem"] }', "[concurrency] exempt"),
        ('[lesser_of]\nexclude = { roles = ["perdiem"] }', "[lesser_of] exclude"),
        ('[[bundle]]\nid = "b"\nlines = { roles = ["perdiem"] }\ninto = { roles = ["per_diem"] }', "bundle 'b', lines"),
        ('[[bundle]]\nid = "b"\nlines = { roles = ["per_diem"] }\ninto = { roles = ["perdiem"] }', "bundle 'b', into"),
        ('[[adjustment]]\nid = "a"\nroles = ["perdiem"]\nfactor = 0.85', "adjustment 'a'"),
        ('[[exclusive]]\nid = "x"\namong = { roles = ["perdiem"] }', "exclusive 'x', among"),
        ('[[episode]]\nid = "e"\nlines = { roles = ["perdiem"] }\ngap_days = 5', "episode 'e', lines"),
        ('[[allowance]]\nid = "a"\nlines = { roles = ["perdiem"] }\nmost = 1\nper = "day"', "allowance 'a', lines"),
        (
            '[[allowance]]\nid = "w"\nlines = { roles = ["nursing"] }\nmost = 1\nper = "day"\n'
            'weights = [{ roles = ["perdiem"], each = 2 }]',
            "allowance 'w', weights",
        ),
        (
            '[[limit]]\nid = "l"\nkind = "cap"\nper = "day"\namount = 9\nlines = { roles = ["perdiem"] }',
            "limit 'l', lines",
        ),
    ],
)
def test_every_place_that_chooses_lines_is_looked_at(tmp_path: Path, text: str, place: str) -> None:
    problem = "roles names 'perdiem', which is not known; did you mean 'per_diem'?"
    assert (place, problem, "mistake") in said(tmp_path, ONE_YEAR + text + "\n" + PER_DIEM)


def test_a_selector_knows_no_list_that_is_not_looked_at() -> None:
    looked_at = {"codes", "modifiers", "places", "roles", "classes", "families"}
    looked_at |= {f"without_{field}" for field in looked_at} | {"all_modifiers", "ndcs"}
    free = {"patients", "products", "without_products"}  # the team's own names, which no table holds
    assert looked_at | free == set(Selector.model_fields)


@pytest.mark.parametrize("field", ["without_roles", "without_classes", "without_families"])
def test_what_a_selector_leaves_out_is_looked_at_too(tmp_path: Path, field: str) -> None:
    text = ONE_YEAR + PER_DIEM + f'{field} = ["antiinfective"]\n'
    assert any(
        kind == "mistake" and f"{field} names 'antiinfective'" in problem for _, problem, kind in said(tmp_path, text)
    )


def test_two_terms_that_fit_equally_are_one_mistake_for_all_their_codes(tmp_path: Path) -> None:
    text = term('codes = ["S9500..S9504"]', name="a") + term('codes = ["S9494..S9503"]', name="b")
    (found,) = said(tmp_path, text)
    assert found == (
        "terms",
        "'a' and 'b' fit S9500, S9501, S9502, S9503 equally well; narrow one of them by codes, modifiers, places, "
        "products, days or dates",
        "mistake",
    )


def test_many_codes_are_counted_and_not_listed(tmp_path: Path) -> None:
    text = term('roles = ["per_diem"]', name="a") + term('roles = ["per_diem"]', name="b")
    (found,) = said(tmp_path, text)
    assert " more equally well" in found[1]
    assert len(found[1]) < 200


def test_terms_that_clash_only_with_a_modifier_are_found(tmp_path: Path) -> None:
    text = PER_DIEM + term('codes = ["S9500"]\nmodifiers = ["SH"]', name="a")
    text += term('codes = ["S9500"]\nmodifiers = ["SH", "SJ"]', name="b")
    (found,) = said(tmp_path, text)
    assert found[1].startswith("'a' and 'b' fit S9500-SH equally well")


def test_terms_with_other_dates_do_not_clash(tmp_path: Path) -> None:
    text = term('codes = ["S9500"]\neffective_through = 2025-06-30', name="a")
    text += term('codes = ["S9500"]\neffective_from = 2025-07-01', name="b")
    assert said(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            term('codes = ["S9500"]\neffective_from = 2026-05-01'),
            "its dates lie outside the contract's, so it can never apply",
        ),
        (
            term('roles = ["supplies"]\nclasses = ["anti_infective"]', 'mechanism = "bundled"'),
            "no code of the tables fits it, so it can never apply",
        ),
        (
            PER_DIEM
            + term('codes = ["S9500"]\nclasses = ["anti_infective"]\nmodifiers = ["SS"]', name="s")
            + term('classes = ["anti_infective"]\nroles = ["per_diem"]\ncodes = []')
            + term('codes = ["S9494..S9499", "S9503..S9504"]', name="others"),
            "every code that it is for has a more specific clause of its own, so it can never apply",
        ),
    ],
)
def test_a_term_that_can_never_apply_is_noted_with_the_reason(tmp_path: Path, text: str, problem: str) -> None:
    assert ("term 't'", problem, "note") in said(tmp_path, text)


def test_a_term_for_a_patient_or_an_ndc_is_not_doubted(tmp_path: Path) -> None:
    """Which patients and drugs there are is in the claims, not in the tables."""
    text = PER_DIEM + term('patients = ["P7"]', name="p") + term('ndcs = ["00409128331"]', 'mechanism = "not_covered"')
    assert said(tmp_path, text) == []


def test_codes_that_end_are_noted_unless_what_follows_is_named(tmp_path: Path) -> None:
    fixed = 'mechanism = "fixed"\nper = "unit"\nrate = 2.00'
    assert said(tmp_path / "a", term('codes = ["J3370"]', fixed)) == [
        ("term 't'", "J3370 ends on 2025-06-30, while the contract is in force; J3373 follows it", "note")
    ]
    assert said(tmp_path / "b", term('codes = ["J3370", "J3373"]', fixed)) == []
    later = header("2026-01-01", "2026-12-31") + term('codes = ["J3370"]', fixed)
    assert said(tmp_path / "c", later)[0] == (
        "term 't'",
        "J3370 ended on 2025-06-30, before the contract begins; J3373 follows it",
        "mistake",
    )


def test_drugs_paid_by_the_day_are_a_mistake(tmp_path: Path) -> None:
    """A therapy class holds its drugs too: 95.00 would be paid for every 250 mg."""
    found = said(tmp_path, term('classes = ["hydration"]') + PER_DIEM)
    assert len(found) == 1
    place, problem, weight = found[0]
    assert (place, weight) == ("term 't'", "mistake")
    assert problem.startswith("it pays by the day, and these codes are billed in other units: J")
    assert said(tmp_path / "b", term('classes = ["hydration"]\nroles = ["per_diem"]') + PER_DIEM) == []


def test_a_rate_change_that_touches_nothing_is_noted(tmp_path: Path) -> None:
    text = PER_DIEM + '[[rate_change]]\nid = "up"\nfactor = 1.04\napplies_to = { codes = ["S9379"] }\n'
    text += '[[escalator]]\nid = "yearly"\npercent = 0.03\nfirst = 2025-07-01\nterms = ["antibiotic_per_diem"]\n'
    problem = "no term that prices a line is touched by it, so it changes nothing"
    assert said(tmp_path, text) == [("rate_change 'up'", problem, "note")]


def test_ndc_prices_without_a_table_and_a_table_with_bad_rows(tmp_path: Path) -> None:
    chain = 'mechanism = "drug"\nchain = [{ of = "awp", multiplier = 0.85 }, { of = "charge", multiplier = 0.40 }]'
    assert said(tmp_path, term('roles = ["drug"]', chain)) == [
        ("term 't'", "it asks for awp, and no ndc_table is named under [drug_prices]", "mistake")
    ]
    table = tmp_path / "with" / "example" / "mine.csv"
    table.parent.mkdir(parents=True)
    heading = "ndc,from_date,awp,wac,invoice,nadac,package,unit\n"
    table.write_text(heading + "00409128331,2025-01-01,12.00,,,,1,UN\n409128331,2025-01-01,12.00,,,,1,UN\n")
    found = said(
        tmp_path / "with", ONE_YEAR + '[drug_prices]\nndc_table = "mine.csv"\n' + term('roles = ["drug"]', chain)
    )
    assert len(found) == 1
    assert found[0][0] == "[drug_prices]"
    assert "mine.csv row 3, ndc '409128331': is not an NDC of eleven digits" in found[0][1]


def test_findings_name_their_file_and_are_said_once(tmp_path: Path) -> None:
    write(tmp_path / "c", ONE_YEAR + term('codes = ["S9599"]'))
    write(tmp_path / "c", '[contract]\nextends = "2025.toml"\neffective_from = 2026-01-01\n', "2026.toml")
    found = check_contract(load_draft(tmp_path / "c"), default_references())
    assert [str(f).split("/")[-1] for f in found] == [
        f"{year}.toml, term 't': S9599 is not in the 2026-07 release; nearest S9590" for year in (2025, 2026)
    ]


# --- what prices which code ---


def test_coverage_says_what_prices_each_code_and_on_which_dates(tmp_path: Path) -> None:
    text = (
        ONE_YEAR + PER_DIEM + term('roles = ["drug"]', 'mechanism = "fixed"\nper = "unit"\nrate = 2.00', name="drugs")
    )
    by_code = {row.code: row for row in coverage(contract(tmp_path, text), default_references())}
    whole = (date(2025, 1, 1), date(2025, 12, 31))
    assert (by_code["S9500"].term, by_code["S9500"].first, by_code["S9500"].last) == ("antibiotic_per_diem", *whole)
    assert (by_code["S9379"].term, by_code["S9379"].why) == ("", "no term speaks of S9379")
    assert by_code["J3370"].last == date(2025, 6, 30)  # the code ends, the contract does not
    assert by_code["J3373"].first == date(2025, 7, 1)


def test_coverage_joins_days_on_which_one_term_prices_a_code(tmp_path: Path) -> None:
    text = ONE_YEAR + PER_DIEM + term('codes = ["S9374"]\neffective_from = 2025-07-01')
    rows = [r for r in coverage(contract(tmp_path, text), default_references()) if r.code in ("S9500", "S9374")]
    assert [(r.code, str(r.first), str(r.last), r.term) for r in sorted(rows, key=lambda r: (r.code, r.first))] == [
        ("S9374", "2025-01-01", "2025-06-30", ""),
        ("S9374", "2025-07-01", "2025-12-31", "t"),
        ("S9500", "2025-01-01", "2025-12-31", "antibiotic_per_diem"),
    ]


def test_a_place_that_is_not_covered_is_paid_where_a_code_term_outranks_it(tmp_path: Path) -> None:
    text = ONE_YEAR + term('codes = ["S9500"]', name="daily")
    text += '[[term]]\nid = "no_suite"\nroles = ["per_diem"]\nplaces = ["49"]\nmechanism = "not_covered"\n'
    problem = "'daily' is more specific and pays S9500 there too; name these codes in 'no_suite' as well"
    assert ("term 'no_suite'", problem, "note") in said(tmp_path, text)


def test_a_code_term_narrowed_by_something_else_pays_there_too(tmp_path: Path) -> None:
    text = ONE_YEAR + term('codes = ["S9500"]\nmodifiers = ["SH"]', name="second")
    text += '[[term]]\nid = "no_suite"\nroles = ["per_diem"]\nplaces = ["49"]\nmechanism = "not_covered"\n'
    problem = "'second' is more specific and pays S9500 there too; name these codes in 'no_suite' as well"
    assert ("term 'no_suite'", problem, "note") in said(tmp_path, text)
    meant = text.replace('modifiers = ["SH"]', 'modifiers = ["SH"]\nplaces = ["49"]')
    assert not [place for place, _, _ in said(tmp_path, meant) if place == "term 'no_suite'"]


def test_terms_of_days_that_can_fall_together_clash(tmp_path: Path) -> None:
    text = ONE_YEAR + term('codes = ["S9500"]\nweekdays = ["sat", "sun"]', name="weekend")
    text += term('codes = ["S9500"]\nbeside = { families = ["ceftriaxone"] }', name="with_ceftriaxone")
    problem = "'weekend' and 'with_ceftriaxone' fit S9500 equally well; "
    problem += "narrow one of them by codes, modifiers, places, products, days or dates"
    assert ("terms", problem, "mistake") in said(tmp_path, text)
    parted = text.replace('["sat", "sun"]', '["sat", "sun"]\nalone = { families = ["ceftriaxone"] }')
    assert said(tmp_path, parted) == []


def test_the_lines_beside_a_term_are_held_against_the_code_tables(tmp_path: Path) -> None:
    text = ONE_YEAR + PER_DIEM + term('roles = ["per_diem"]\nbeside = { codes = ["J0697X"] }')
    assert "term 't', beside" in [place for place, _, _ in said(tmp_path, text)]


def test_a_year_laid_before_a_day_makes_no_sense(tmp_path: Path) -> None:
    text = ONE_YEAR + '[order]\nsteps = ["lesser_of", "year", "claim", "episode", "day"]\n' + PER_DIEM
    for per in ("year", "day"):
        text += f'[[limit]]\nid = "{per}_cap"\nkind = "cap"\nper = "{per}"\namount = 900\n'
    problem = "'year_cap' on a whole year is laid before 'day_cap' on a day, "
    problem += "so it counts dollars that 'day_cap' then takes away"
    assert ("[order] steps", problem, "note") in said(tmp_path, text)
    usual = text.replace('steps = ["lesser_of", "year", "claim", "episode", "day"]', "")
    assert not [place for place, _, _ in said(tmp_path, usual) if place == "[order] steps"]
