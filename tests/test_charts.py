"""Pictures draw what they are given, say it in words, and come out the same each time."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from matplotlib.axes import Axes

from hitmodel import chart_style as style
from hitmodel.charts import Bar, Chart, Group, plot_bridge, plot_differences
from hitmodel.errors import HitmodelError
from tests import report_standin as standin

SMALL = (Bar("Today", 100_000, "total"), Bar("More", 50_000), Bar("Less", -120_000), Bar("Then", 30_000, "total"))
"""1,000.00 + 500.00 − 1,200.00 = 300.00: the changes are as large as the totals, so nothing is cut."""


def bridge(*bars: Bar) -> Chart:
    return plot_bridge(bars, name="bridge", headline="It pays less.", caption="Dollars")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """Left end and length of every bar that is drawn."""
    found: list[tuple[float, float]] = []
    barh = Axes.barh

    def spy(self: Axes, y: Any, width: Any, *args: Any, **kwargs: Any) -> Any:
        found.append((float(kwargs.get("left", 0)), float(width)))
        return barh(self, y, width, *args, **kwargs)

    monkeypatch.setattr(Axes, "barh", spy)
    return found


def test_bars_begin_at_zero_and_hang_from_the_level_before(drawn: list[tuple[float, float]]) -> None:
    chart = bridge(*SMALL)
    # today 0 to 1,000; more 1,000 to 1,500; less from 300 to 1,500; then 0 to 300
    assert drawn == [(0, 100_000), (100_000, 50_000), (30_000, 120_000), (0, 30_000)]
    assert "cut" not in chart.alt


def test_small_changes_cut_the_totals_and_the_picture_says_so(drawn: list[tuple[float, float]]) -> None:
    chart = standin.bridge()
    assert "Bars of totals are cut: the scale begins at 6,800,000" in chart.alt
    # levels run from 6,956,777 (the estimate's low end) to 7,164,240: 40 % of that span below is 6,873,792,
    # and the scale begins at the next round 100,000 below
    assert drawn[0] == (680_000_000, standin.TODAY - 680_000_000)
    assert drawn[1] == (standin.TODAY, 8_529_400)


def test_an_estimate_is_a_range_from_the_end(drawn: list[tuple[float, float]]) -> None:
    standin.bridge()
    assert drawn[7] == (standin.PROPOSAL - 2_450_000, 2_450_000)


@pytest.mark.parametrize("end", [29_999, 30_001])
def test_steps_that_do_not_add_up_are_refused(end: int) -> None:
    with pytest.raises(HitmodelError, match=r"the steps lead to 300.00, not to"):
        bridge(*SMALL[:-1], Bar("Then", end, "total"))


def test_a_bridge_begins_with_a_total() -> None:
    with pytest.raises(HitmodelError, match="begins with the baseline's total"):
        bridge(Bar("More", 1))


def test_the_words_and_the_printed_values_name_every_bar_with_its_sign() -> None:
    chart = bridge(*SMALL)
    assert chart.values == (("Today", "1,000.00"), ("More", "+500.00"), ("Less", "−1,200.00"), ("Then", "300.00"))
    assert chart.alt == "Bridge of 4 bars, in dollars: Today 1,000.00; More +500.00; Less −1,200.00; Then 300.00."


def test_what_is_not_priced_is_in_no_total_and_says_so() -> None:
    assert dict(standin.bridge().values)["Not priced, 41 lines"] == "62,300.00 of charges, in no total"


def test_the_same_picture_is_the_same_bytes_without_date_or_outside_reference() -> None:
    first, again = standin.differences(), standin.differences()
    assert (first.svg, first.png) == (again.svg, again.png)
    assert "date" not in first.svg
    assert "matplotlib.org" not in first.svg


def test_differences_share_one_scale_and_say_how_much_larger_it_is(drawn: list[tuple[float, float]]) -> None:
    groups = (Group("A", 1_000_000, (900_000, 1_050_000)), Group("B", 500_000, (500_000, 500_000)))
    chart = plot_differences(
        groups, baseline="Today", proposals=("One", "Two"), name="groups", headline="A moves.", caption="Dollars"
    )
    # two amounts, then both groups' differences for the first proposal, then for the second
    assert [width for _, width in drawn] == [1_000_000, 500_000, -100_000, 0, 50_000, 0]
    assert "Two less Today: A +500.00 (+5.0\u00a0%); B 0.00 (0.0\u00a0%)." in chart.alt
    assert ("A, One", "9,000.00 (−1,000.00)") in chart.values


def test_groups_need_an_amount_for_each_proposal() -> None:
    with pytest.raises(HitmodelError, match="one amount for each proposal"):
        plot_differences(
            (Group("A", 1, (1,)),), baseline="Today", proposals=("One", "Two"), name="x", headline="", caption=""
        )


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    "colour", [style.INK, style.MUTED, style.BASELINE, style.BETTER, style.WORSE, *style.PROPOSALS[:2]]
)
def test_text_colours_have_contrast_enough_on_white(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def test_a_notebook_gets_the_finding_then_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[dict[str, Any], dict[str, Any]]] = []
    monkeypatch.setattr(
        "IPython.display.display", lambda data, raw, metadata=None: shown.append((data, metadata or {}))
    )
    chart = bridge(*SMALL)
    chart._ipython_display_()
    (finding, _), (picture, words) = shown
    assert "Less   −1,200.00" in finding["text/plain"]
    assert Chart.from_json(finding["application/vnd.hitmodel.chart+json"], chart.svg, chart.png) == chart
    assert picture["image/svg+xml"] == chart.svg
    assert words["image/png"]["alt"] == chart.alt
    assert BeautifulSoup(finding["text/html"], "html.parser").get_text() == "It pays less.Dollars"
