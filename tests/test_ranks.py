"""Ranks of concurrent therapies, day by day."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitmodel.dates import Span
from hitmodel.errors import InputError
from hitmodel.ranks import Contender, PrimaryBy, concurrency_modifier, rank_days


def d(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def contender(key: str, first: str, last: str, billed: int, rate: int | None = None, modifier: str = "") -> Contender:
    return Contender(
        key,
        (Span(d(first), d(last)),),
        billed,
        d(first),
        frozenset({modifier} - {""}),
        None if rate is None else Fraction(rate),
    )


def shown(found: tuple[object, ...]) -> list[tuple[str, str, int]]:
    return [
        (r.key, f"{r.span.first:%m-%d}..{r.span.last:%m-%d}", r.rank)  # type: ignore[attr-defined]
        for r in found
    ]


def test_sh_for_the_second_and_sj_for_the_third_and_every_later_one() -> None:
    assert [concurrency_modifier(rank) for rank in range(1, 6)] == ["", "SH", "SJ", "SJ", "SJ"]


# Vancomycin 1–14 March at 105 a day, ceftriaxone 5–20 March at 90.
VANCOMYCIN = contender("vancomycin", "03-01", "03-14", 0, 105)
CEFTRIAXONE = contender("ceftriaxone", "03-05", "03-20", 1, 90, "SH")


@pytest.mark.parametrize("how", [PrimaryBy.HIGHEST_RATE, PrimaryBy.FIRST_STARTED, PrimaryBy.AS_MODIFIED])
def test_a_line_is_cut_where_the_other_therapy_starts_or_stops(how: PrimaryBy) -> None:
    assert shown(rank_days([VANCOMYCIN, CEFTRIAXONE], how)) == [
        ("vancomycin", "03-01..03-14", 1),
        ("ceftriaxone", "03-05..03-14", 2),
        ("ceftriaxone", "03-15..03-20", 1),
    ]


def test_first_billed_makes_ceftriaxone_primary_throughout() -> None:
    late = contender("vancomycin", "03-01", "03-14", 1)
    first = contender("ceftriaxone", "03-05", "03-20", 0)
    assert shown(rank_days([late, first], PrimaryBy.FIRST_BILLED)) == [
        ("vancomycin", "03-01..03-04", 1),
        ("ceftriaxone", "03-05..03-20", 1),
        ("vancomycin", "03-05..03-14", 2),
    ]


def test_first_started_looks_at_the_start_and_not_at_the_claim() -> None:
    late, early = contender("late", "03-05", "03-08", 0), contender("early", "03-01", "03-08", 1)
    assert shown(rank_days([late, early], PrimaryBy.FIRST_STARTED)) == [
        ("early", "03-01..03-08", 1),
        ("late", "03-05..03-08", 2),
    ]


def test_ties_go_by_place_on_the_claim_then_key() -> None:
    same = [contender(key, "03-01", "03-02", billed, 100) for key, billed in (("b", 1), ("c", 0), ("a", 1))]
    for how in PrimaryBy:
        assert [key for key, _, _ in shown(rank_days(same, how))] == ["c", "a", "b"]


def test_a_therapy_without_a_rate_is_ranked_only_where_nothing_else_is_active() -> None:
    unknown = contender("unknown", "03-01", "03-02", 0)
    assert shown(rank_days([unknown], PrimaryBy.HIGHEST_RATE)) == [("unknown", "03-01..03-02", 1)]
    with pytest.raises(InputError, match="'unknown' has no rate on 2026-03-01"):
        rank_days([unknown, contender("known", "03-01", "03-01", 1, 5)], PrimaryBy.HIGHEST_RATE)


def test_a_rate_change_can_swap_the_ranks() -> None:
    # a: 100 through 4 March, 80 from 5 March; b: 90 throughout.
    early, late = contender("a", "03-01", "03-04", 0, 100), contender("a", "03-05", "03-08", 0, 80)
    assert shown(rank_days([early, late, contender("b", "03-01", "03-08", 1, 90)], PrimaryBy.HIGHEST_RATE)) == [
        ("a", "03-01..03-04", 1),
        ("b", "03-01..03-04", 2),
        ("b", "03-05..03-08", 1),
        ("a", "03-05..03-08", 2),
    ]


DAY0 = date(2026, 1, 1)
pairs = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted)


@st.composite
def contenders(draw: st.DrawFn) -> list[Contender]:
    return [
        Contender(
            f"t{n}",
            (Span(DAY0 + timedelta(first), DAY0 + timedelta(last)),),
            draw(st.integers(0, 3)),
            DAY0 + timedelta(draw(st.integers(0, first))),
            frozenset(draw(st.sampled_from([(), ("SH",), ("SJ",)]))),
            Fraction(draw(st.integers(1, 4))),
        )
        for n, (first, last) in enumerate(draw(st.lists(pairs, max_size=5)))
    ]


@given(contenders(), st.sampled_from(PrimaryBy), st.randoms())
def test_ranks_on_a_day_are_one_to_the_number_of_therapies(
    some: list[Contender], how: PrimaryBy, random: st.random_module
) -> None:
    found = rank_days(some, how)
    by_day = defaultdict(list)
    for ranked in found:
        for day in ranked.span:
            by_day[day].append(ranked.rank)
    active = defaultdict(int)
    for one in some:
        for span in one.spans:
            for day in span:
                active[day] += 1
    assert {day: sorted(ranks) for day, ranks in by_day.items()} == {
        day: list(range(1, n + 1)) for day, n in active.items()
    }
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rank_days(shuffled, how) == found
