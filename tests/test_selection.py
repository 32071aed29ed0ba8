"""Which term governs: the hierarchy, what narrows it, ranges, and two equal hits."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import header, outcome, priced, version

from hitmodel.errors import ContractError
from hitmodel.mechanisms.base import LineKind, RateRule
from hitmodel.selection import LEVELS, counts_as_therapy, describe_level, govern, level, matches, touches
from hitmodel.terms import Concurrency, Term
from hitmodel.vocabulary import Selector

KIND = LineKind(
    code="S9500",
    modifiers=frozenset({"SH"}),
    place="12",
    product="PPO",
    ndc="00409128331",
    role="per_diem",
    therapy_class="anti_infective",
    patient="P1",
    billed_code="S9500",
)


def term(term_id: str, **selects: object) -> Term:
    return Term(id=term_id, mechanism="not_covered", **selects)


WAYS = (
    term("single_case", patients=("P1",)),
    term("by_ndc", ndcs=("00409128331",)),
    term("by_code_and_modifier", codes=("S9500",), modifiers=("SH",)),
    term("by_code", codes=("S9500",)),
    term("by_class_and_place", classes=("anti_infective",), places=("12",)),
    term("by_class", classes=("anti_infective",)),
    term("by_role", roles=("per_diem",)),
    term("rest", unlisted=True),
    term("otherwise", default=True),
)
"""From the most specific to the least, as `selection` says the order is."""


@pytest.mark.parametrize("place", range(len(WAYS)))
def test_the_most_specific_term_governs(place: int) -> None:
    there = WAYS[place:]
    choice = govern(KIND, there[::-1])  # the order in the file does not matter
    assert choice.chosen is there[0]
    assert [name for name, _ in choice.not_used] == [t.id for t in there[1:]]


def test_why_another_term_is_not_used_is_said() -> None:
    _, *others = govern(KIND, (WAYS[3], WAYS[6], WAYS[7])).not_used
    assert govern(KIND, (WAYS[3], WAYS[6])).not_used == (("by_role", "a code match outranks a role match"),)
    assert others == [("rest", "a code match outranks an unlisted-code rule")]
    assert govern(KIND, WAYS[2:4]).not_used == (
        ("by_code", "a code match with modifier, place, product or day outranks a code match"),
    )
    assert govern(KIND, WAYS[1:3]).not_used[0][1].startswith("an NDC match outranks a code match with")


def test_levels_are_named_for_every_way() -> None:
    assert [describe_level(level(t)) for t in WAYS if not (t.modifiers or t.places)] == [
        "single-case agreement",
        "NDC match",
        "code match",
        "therapy class match",
        "role match",
        "unlisted-code rule",
        "contract default",
    ]
    assert set(LEVELS) >= {"drug family match"}


def test_a_narrowed_class_stays_below_a_plain_code() -> None:
    assert govern(KIND, (WAYS[3], WAYS[4])).chosen is WAYS[3]


def test_no_term_is_no_choice() -> None:
    assert govern(KIND, ()).chosen is None
    assert govern(KIND, (term("other", codes=("S9501",)),)).chosen is None


def test_two_equal_hits_are_an_error_that_names_both() -> None:
    with pytest.raises(ContractError) as raised:
        govern(KIND, (term("one", codes=("S9500",)), term("two", codes=("S9500..S9502",))), "2025.toml")
    assert str(raised.value) == (
        "2025.toml: terms 'one' and 'two' fit S9500-SH equally well. Expected one term that is more specific. "
        "Narrow one of them by codes, modifiers, places, products, days or dates."
    )


def test_equal_hits_below_the_governing_term_do_not_matter() -> None:
    others = (term("one", roles=("per_diem",)), term("two", roles=("per_diem",)))
    assert govern(KIND, (*others, WAYS[3])).chosen is WAYS[3]


@pytest.mark.parametrize(
    ("selects", "fits"),
    [
        ({}, True),
        ({"codes": ("S9494..S9504",)}, True),
        ({"codes": ("S9500..S9500",)}, True),
        ({"codes": ("S9501..S9504",)}, False),
        ({"codes": ("S9501", "S9500")}, True),
        ({"modifiers": ("SS", "SH")}, True),  # any of them
        ({"modifiers": ("SS",)}, False),
        ({"without_modifiers": ("SS",)}, True),
        ({"without_modifiers": ("SS", "SH")}, False),
        ({"places": ("11", "12")}, True),
        ({"places": ("11",)}, False),
        ({"products": ("PPO",)}, True),
        ({"products": ("HMO",)}, False),
        ({"ndcs": ("00409128331",)}, True),
        ({"patients": ("P2",)}, False),
        ({"classes": ("anti_infective",), "roles": ("drug",)}, False),  # every list must hold
    ],
)
def test_every_list_that_is_given_must_hold(selects: dict[str, tuple[str, ...]], fits: bool) -> None:
    assert matches(Selector(**selects), KIND) is fits


def test_a_range_compares_codes_as_text_of_equal_length() -> None:
    drug = LineKind(code="J0696")
    assert matches(Selector(codes=("J0120..J3590",)), drug)
    assert not matches(Selector(codes=("J0697..J3590",)), drug)


def test_a_therapy_counts_unless_exempt_or_not_counted_by_days() -> None:
    rule = Concurrency(exempt=Selector(classes=("enteral_nutrition",)))
    assert counts_as_therapy(KIND, rule)
    assert not counts_as_therapy(LineKind(code="B4150", role="per_diem", therapy_class="enteral_nutrition"), rule)
    every_anti_infective = Concurrency(counts=Selector(classes=("anti_infective",)))
    assert not counts_as_therapy(
        LineKind(code="J0696", role="drug", therapy_class="anti_infective"), every_anti_infective
    )


def test_a_rate_rule_touches_by_term_or_by_line() -> None:
    def rule(**about: object) -> RateRule:
        return RateRule("rate change", (), (), 2, **({"terms": (), "applies_to": Selector()} | about))

    by_code = WAYS[3]
    assert touches(rule(terms=("by_code",)), by_code, KIND)
    assert not touches(rule(terms=("by_class",)), by_code, KIND)
    assert touches(rule(applies_to=Selector(roles=("per_diem",))), by_code, KIND)
    assert not touches(rule(applies_to=Selector(codes=("S9501",))), by_code, KIND)
    assert touches(rule(), by_code, KIND)  # a rule about nothing in particular touches every dollar rate


# --- the same through a whole contract ---

LADDER = header(more='products = ["PPO", "HMO"]') + "\n".join(
    f'[[term]]\nid = "{name}"\n{selects}\nmechanism = "fixed"\nper = "case"\nrate = {rate}.00\n'
    for name, selects, rate in [
        ("single_case", 'patients = ["P9"]', 1),
        ("suite", 'codes = ["S9500"]\nmodifiers = ["SS"]', 2),
        ("hospice", 'codes = ["S9500"]\nplaces = ["34"]', 3),
        ("hmo", 'codes = ["S9500"]\nproducts = ["HMO"]', 4),
        ("antibiotic", 'codes = ["S9500"]', 5),
        ("anti_infective", 'classes = ["anti_infective"]\nroles = ["per_diem"]', 6),
        ("per_diem", 'roles = ["per_diem"]', 7),
        ("rest", "unlisted = true", 8),
    ]
)


def test_each_line_finds_its_term(tmp_path: Path) -> None:
    day = "2025-03-03 2025-03-03 1 900.00 product=PPO"
    made = priced(
        tmp_path,
        LADDER,
        f"S9500 {day} patient=P9",
        f"S9500-SS {day}",
        f"S9500 {day} place=34",
        "S9500 2025-03-03 2025-03-03 1 900.00 product=HMO patient=P2",
        f"S9500-SH {day}",
        f"S9501 {day}",
        f"S9379 {day}",
        f"99601 {day}",
    )
    assert [cents for _, cents in outcome(made)] == [100, 200, 300, 400, 500, 600, 700, 800]
    assert made.terms == ("single_case", "suite", "hospice", "hmo", "antibiotic", "anti_infective", "per_diem", "rest")


def test_a_modifier_and_a_place_are_equally_narrow(tmp_path: Path) -> None:
    """A suite line at hospice: neither term is more specific, and nobody guesses."""
    with pytest.raises(ContractError, match="terms 'suite' and 'hospice' fit S9500-SS equally well"):
        priced(tmp_path, LADDER, "S9500-SS 2025-03-03 2025-03-03 1 900.00 product=PPO place=34")


def test_dates_part_two_terms_that_fit_equally(tmp_path: Path) -> None:
    text = """
[[term]]
id = "spring"
codes = ["S9500"]
mechanism = "per_diem"
rate = 90.00
effective_through = 2025-06-30

[[term]]
id = "summer"
codes = ["S9500"]
mechanism = "per_diem"
rate = 91.00
effective_from = 2025-07-01
"""
    made = priced(tmp_path, text, "S9500 2025-06-29 2025-07-02 4 9000.00")
    assert outcome(made) == [("priced", 36200)]  # 2 × 90 + 2 × 91
    assert made.terms == ("spring + summer",)


def test_a_default_is_reached_where_no_unlisted_rule_stands(tmp_path: Path) -> None:
    text = '[[term]]\nid = "otherwise"\ndefault = true\nmechanism = "percent_of_charge"\nshare = 0.50\n'
    made = priced(tmp_path, text, "S9500 2025-03-03 2025-03-03 1 900.00")
    assert outcome(made) == [("priced", 45000)]
    assert version(tmp_path, text).named("otherwise") is not None
