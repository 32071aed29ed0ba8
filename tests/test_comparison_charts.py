"""The pictures of a comparison: what is plotted is what the tables say."""

from __future__ import annotations

import pytest
from small_book import small_study, wide_study

from hitmodel.comparison_charts import bridge_chart, bridge_charts, therapy_charts
from hitmodel.study import Study


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return small_study(tmp_path_factory.mktemp("book"))


def test_the_bridge_plots_every_clause_and_what_is_not_priced(made: Study) -> None:
    chart = bridge_chart(made, 0)
    assert [value for _, value in chart.values][:5] == ["1,542.00", "−70.00", "+98.00", "−93.00", "1,477.00"]
    assert chart.values[-1] == ("Not priced, 1 line", "500.00 of charges, in no total")
    assert chart.headline == "Offer pays $65.00 less (−4.2 %); “per diem 100 → 110” moves it most, +98.00."
    assert chart.audience == "internal"


def test_therapies_are_plotted_in_the_order_of_the_tables(made: Study) -> None:
    (chart,) = therapy_charts(made)
    assert chart.values[0] == ("Anti-infectives, Today", "1,422.00")
    assert chart.headline == "What moves most is anti-infectives: −65.00 under Offer."


@pytest.mark.slow
def test_pictures_for_others_are_pooled_and_show_no_charges(tmp_path_factory: pytest.TempPathFactory) -> None:
    outward = wide_study(tmp_path_factory.mktemp("wide"), "external")
    charts = [*bridge_charts(outward), *therapy_charts(outward)]
    assert {chart.audience for chart in charts} == {"both"}
    labels = [label for chart in charts for label, _ in chart.values]
    assert not any("Not priced" in label or "Chelation" in label for label in labels)
    assert any(label.startswith("Others, 2 together") for label in labels)
