"""The user's own NDC prices and indexes taken in: read as people have them, and found by contracts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from builders import PER_DIEM, header, write
from workspace_tools import run
from workspace_tools import workspace as workspace

from hitmodel.contracts import load_contract
from hitmodel.errors import InputError
from hitmodel.indexes import find_index
from hitmodel.intake.asp_import import import_crosswalk
from hitmodel.intake.price_import import PriceOptions, import_index, import_prices
from hitmodel.references import default_references

BEGINS = PriceOptions(name="awp", begins=date(2026, 4, 1))
LIST = (
    "Acme Wholesale;;;\nNDC;Drug;AWP;UOM\n"
    "143985625;Ceftriaxone;$1,234.50;EA\n"
    "00409-1283-31;Morphine;95,50;ML\n"
    "70594-0041-01;Vancomycin;(3.00);ML\n"
    "00409128332;Morphine;12;TABLET\n"
    "Prices subject to change;;;\n"
)
CROSSWALK = (
    "April 2026 ASP NDC - HCPCS Crosswalk\n_2026_CODE,Short Description,LABELER NAME,NDC2,Drug Name,HCPCS dosage,"
    "PKG SIZE,PKG QTY,BILLUNITS,BILLUNITSPKG\nJ0696,x,Hikma,00143-9856-25,Ceftriaxone,250 MG,1,25,8,200\n"
    "J1171,x,Hospira,00409-1283-31,Hydromorphone,0.1 MG,30,1,100,100\n"
)


def prices_file(folder: Path, text: str = LIST, name: str = "acme.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_messy_list_is_read_and_every_repair_listed(workspace: Path, tmp_path: Path) -> None:
    """Two rows are taken; a negative price and a unit that is none are not, nor a note beneath."""
    made = import_prices(prices_file(tmp_path), BEGINS)
    assert [(row.ndc, row.prices["awp"], row.unit) for row in made.rows] == [
        ("00143985625", Decimal("1234.50"), "UN"),
        ("00409128331", Decimal("95.50"), "ML"),
    ]
    entry = made.landed.entry
    assert (entry.rows_in, entry.rows_kept) == (5, 2)
    said = {(one.field, one.repaired): one.example for one in entry.findings}
    assert said["ndc", True] == "acme.csv row 3, ndc '143985625': leading zeros put back: 00143985625"
    assert said["awp", False] == "acme.csv row 5, awp '(3.00)': is a negative price: taken as no price"
    assert said["unit", False].startswith("acme.csv row 6, unit 'TABLET': is not an NDC unit")


def test_a_contract_finds_the_prices_by_name(workspace: Path, tmp_path: Path) -> None:
    import_prices(prices_file(tmp_path), BEGINS)
    for name in ("awp", "awp.csv"):
        folder = write(tmp_path / name, header() + f'[drug_prices]\nndc_table = "{name}"\n' + PER_DIEM).parent
        table = default_references().ndc_prices(load_contract(folder).latest)
        assert table is not None
        assert not table.findings
        found = table.at("00409128331", date(2026, 5, 1))
        assert found is not None
        assert found.awp == Decimal("95.50")
        assert table.at("00409128331", date(2026, 3, 31)) is None


def test_codes_and_units_come_from_the_crosswalk(workspace: Path, tmp_path: Path) -> None:
    """One vial of ceftriaxone is 8 units of J0696. 30 ml of hydromorphone are 100 units of J1171: 1 ml is 100/30."""
    crosswalk = tmp_path / "crosswalk.csv"
    crosswalk.write_text(CROSSWALK)
    import_crosswalk(crosswalk, whole=False)
    rows = import_prices(prices_file(tmp_path), BEGINS).rows
    assert [(row.code, Fraction(row.units)) for row in rows] == [("J0696", Fraction(8)), ("J1171", Fraction(10, 3))]


def test_a_corrected_list_replaces_and_add_keeps(workspace: Path, tmp_path: Path) -> None:
    first = prices_file(tmp_path, "ndc,awp,unit\n00409128331,10.00,ML\n00409128332,11.00,ML\n")
    import_prices(first, BEGINS)
    later = prices_file(tmp_path, "ndc,awp,unit\n00409128331,12.00,ML\n", "later.csv")
    added = import_prices(later, PriceOptions("awp", date(2026, 7, 1), add=True))
    assert [(str(row.from_date), row.ndc[-1], row.prices["awp"]) for row in added.rows] == [
        ("2026-04-01", "1", Decimal("10.00")),
        ("2026-04-01", "2", Decimal("11.00")),
        ("2026-07-01", "1", Decimal("12.00")),
    ]
    corrected = prices_file(tmp_path, "ndc,awp,unit\n00409128331,12.50,ML\n", "corrected.csv")
    again = import_prices(corrected, PriceOptions("awp", date(2026, 7, 1), add=True))
    assert (again.kept, again.replaced, len(again.rows)) == (2, 1, 3)
    assert import_prices(corrected, PriceOptions("awp", date(2026, 7, 1), add=True)).landed.again
    alone = import_prices(corrected, PriceOptions("awp", date(2026, 8, 1)))
    assert (len(alone.rows), alone.gone) == (1, ("00409128332",)), "the same file with another day is another table"


def test_a_list_that_says_no_day_is_refused(workspace: Path, tmp_path: Path) -> None:
    code, _, err = run("import", "prices", prices_file(tmp_path))
    assert code == 2
    assert "nothing says from which day the prices hold. Say it: --from 2026-04-01." in err


def test_nadac_as_medicaid_publishes_it(workspace: Path, tmp_path: Path) -> None:
    text = (
        "NDC Description,NDC,NADAC_Per_Unit,Effective_Date,Pricing_Unit,Pharmacy_Type_Indicator,OTC,Explanation_Code\n"
        '"CEFAZOLIN 1 GM VIAL",00143992490,1.23450,03/18/2026,EA,C/I,N,1\n'
    )
    (row,) = import_prices(prices_file(tmp_path, text), PriceOptions()).rows
    assert (row.ndc, row.from_date, row.prices["nadac"], row.unit) == (
        "00143992490",
        date(2026, 3, 18),
        Decimal("1.23450"),
        "UN",
    )


def test_which_column_can_be_said(workspace: Path, tmp_path: Path) -> None:
    path = prices_file(tmp_path, "ndc,Our price,uom\n00409128331,10.00,ML\n")
    assert run("import", "prices", path, "--from", "2026-04-01")[0] == 2
    code, out, _ = run("import", "prices", path, "--from", "2026-04-01", "--column", "invoice=Our price")
    assert code == 0
    assert '[drug_prices] ndc_table = "acme"' in out
    assert "Did you mean 'invoice'" in run("import", "prices", path, "--column", "invoce=B")[2]


FLAT = "series_id\tyear\tperiod\tvalue\tnotes\nCUUR0000SAM\t2026\tM09\t600.123\t\nCUUR0000SAM\t2026\tM13\t1\t\n"
YEARS = (
    "Consumer Price Index for All Urban Consumers (CPI-U)\nSeries Id:,CUUR0000SEMD03\nItem:,Home health care\n\n"
    "Year,Jan,Feb,Mar,Annual\n2026,150.1,150.2,-,150\n2027,155.0,,,\n"
)


@pytest.mark.parametrize(
    ("text", "series", "month", "value"),
    [
        (FLAT, "CUUR0000SAM", date(2026, 9, 1), "600.123"),
        (YEARS, "CUUR0000SEMD03", date(2027, 1, 1), "155.0"),
        ("Month,Value\nSep 2026,101.5\n2026-10,102\n", "basket", date(2026, 9, 1), "101.5"),
        ("DATE;Index\n2026-09-01;101.5\n", "basket", date(2026, 9, 1), "101.5"),
    ],
)
def test_an_index_in_any_layout_is_found_by_name(
    workspace: Path, tmp_path: Path, text: str, series: str, month: date, value: str
) -> None:
    import_index(prices_file(tmp_path, text, "basket.csv"))
    assert find_index(series).values[month] == Decimal(value)


def test_an_imported_index_outranks_the_one_that_ships(workspace: Path, tmp_path: Path) -> None:
    """September 2025 as it ships is another value than 1.0, so one month is revised."""
    text = "series_id,title,year,period,value\nCUUR0000SAM,Medical care,2025,M09,1.0\n"
    (made,) = import_index(prices_file(tmp_path, text, "bls.csv"))
    assert made.entry.about["revised"] == "1"
    assert find_index("CUUR0000SAM").values == {date(2025, 9, 1): Decimal("1.0")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("month,value\n2026-13,1\n", "row 2 column A, month: '2026-13' is not a month"),
        ("month,value\n2026-01,zero\n", "row 2 column B, value: 'zero' is not an index value"),
        ("month,value\n2026-01,0\n", "row 2 column B, value: '0' is not an index value"),
        ("month,value\n2026-01,1\nJan 2026,2\n", "row 3 column A, month: January 2026 stands in series acme twice"),
        ("series_id,year,period,value\n../x,2026,M01,1\n", "'../x' cannot be the name of a series"),
        ("series_id,year,period,value\nX,2026,Q1,1\n", "row 2 column C, period: period 'Q1' is no month"),
        ("code,rate\nS9500,1\n", "Expected series_id, year, period and value; or a year table"),
    ],
)
def test_a_wrong_index_is_named_with_its_place(workspace: Path, tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        import_index(prices_file(tmp_path, text))
    assert said in str(refused.value)


def test_the_published_series_are_taken_in_whole(real_files: Path, workspace: Path) -> None:
    """Eleven series; October 2025 was never published, and no annual average is kept."""
    (path,) = (real_files / "cpi").glob("*.csv")
    made = import_index(path)
    assert len(made) == 11
    medical = find_index("CUUR0000SAM")
    assert medical.last_month == date(2026, 8, 1)
    assert date(2025, 10, 1) in medical.never_published


def test_a_price_of_nothing_is_no_price(workspace: Path, tmp_path: Path) -> None:
    """0 stands where nobody knew; as a price it would pay nothing and keep later sources from their turn."""
    path = tmp_path / "list.csv"
    path.write_text("NDC,AWP,WAC,Unit\n00409128331,0,80.00,ML\n00143985625,0.00,,UN\n", encoding="utf-8")
    made = import_prices(path, BEGINS)
    (row,) = made.rows
    assert (row.ndc, row.prices["awp"], row.prices["wac"]) == ("00409128331", None, Decimal("80.00"))
    assert {one.field for one in made.landed.entry.findings} >= {"awp", "ndc"}


@pytest.mark.slow
def test_the_same_list_after_a_new_crosswalk_is_read_again(workspace: Path, tmp_path: Path) -> None:
    """Its codes and units come from the crosswalk: 8 units of 250 mg in a vial."""
    path = prices_file(tmp_path)
    import_prices(path, BEGINS)
    assert import_prices(path, BEGINS).landed.again
    crosswalk = tmp_path / "crosswalk.csv"
    crosswalk.write_text(CROSSWALK)
    import_crosswalk(crosswalk, whole=False)
    made = import_prices(path, BEGINS)
    assert not made.landed.again
    assert any(row.code == "J0696" for row in made.rows)


@pytest.mark.slow
def test_two_prices_of_one_day_are_told_and_a_bad_one_takes_no_other_with_it(workspace: Path, tmp_path: Path) -> None:
    """Of five rows the second takes the first's place, the third keeps its WAC, the fifth has nothing: three stay."""
    text = (
        "NDC,AWP,WAC,Eff Date,UOM\n"
        "00206886202,12.00,9.00,1/13/2026,EA\n00206886202,14.00,9.00,1/13/2026,EA\n"
        "00338011704,N/A,0.003,1/13/2026,ML\n00409733201,12.5,eight,1/13/2026,EA\n00409733202,-,,1/13/2026,EA\n"
    )
    made = import_prices(prices_file(tmp_path, text), PriceOptions(name="twice"))
    assert [(row.prices["awp"], row.prices["wac"]) for row in made.rows] == [
        (Decimal("14.00"), Decimal("9.00")),
        (None, Decimal("0.003")),
        (Decimal("12.5"), None),
    ]
    assert (made.landed.entry.rows_in, made.landed.entry.rows_kept) == (5, 3)
    said = [count.example for count in made.landed.entry.findings if not count.repaired]
    assert said == [
        "acme.csv row 3, ndc '00206886202': stands in row 2 already for 2026-01-13 with another price; this one was "
        "taken: ask which holds",
        "acme.csv row 5, wac 'eight': is not an amount of money: taken as no price",
        "acme.csv row 6, ndc '00409733202': has no price that can be used: the row is left out",
    ]
