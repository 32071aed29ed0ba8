"""Typed files read as whole numbers come to the same as cell by cell; whatever is not plainly right is left to text."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hitmodel.book.many import make_many
from hitmodel.claims import read_claims
from hitmodel.codes import code_table
from hitmodel.kept_claims import prepare_file
from hitmodel.prepare import Prepared, prepare
from hitmodel.typed_claims import typed_columns

COLUMNS = ("kind", "first", "last", "patient", "claim", "payer", "paired", "blocked", "status", "reason")
QUANTITIES = ("units", "ndc_quantity", "charge", "cost")


def same(one: Prepared, other: Prepared) -> None:
    for name in COLUMNS:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    for name in QUANTITIES:
        assert np.array_equal(one.quantities.column(name), other.quantities.column(name)), name
    assert (one.kinds, one.payers, one.reasons) == (other.kinds, other.payers, other.reasons)
    assert one.claims.line_ids.tolist() == other.claims.line_ids.tolist()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("book")
    make_many(4000, folder)
    return folder / "part-00000.parquet"


@pytest.mark.slow
def test_a_typed_file_is_ready_as_its_text_is(book: Path, tmp_path: Path) -> None:
    """The book has voids and duplicates of its own; ten lines more stand twice, five more are taken back."""
    table = pq.read_table(book)
    again, voids = table.slice(100, 10), table.slice(200, 5)
    for name in ("units", "charge"):
        minus = pa.array([-cell for cell in voids[name].to_pylist()], voids[name].type)
        voids = voids.set_column(voids.column_names.index(name), name, minus)
    for part, letter in ((again, "A"), (voids, "V")):
        ids = pa.array([f"{letter}-{n}" for n in range(len(part))])
        table = pa.concat_tables([table, part.set_column(1, "line_id", ids)], promote_options="permissive")
    file = tmp_path / "more.parquet"
    pq.write_table(table, file)
    assert typed_columns(file) is not None
    by_text = prepare(read_claims(file), code_table())
    same(prepare_file(file, code_table()), by_text)
    assert by_text.paired.sum() >= 10
    assert sum("duplicate" in by_text.reasons[reason] for reason in by_text.reason[-15:-5]) == 10


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("code", "s9500"),
        ("code", "S950"),
        ("code", " S9500"),
        ("modifiers", "SH SH"),
        ("modifiers", "sh"),
        ("place_of_service", "1"),
        ("ndc", "00409-1966-12"),
        ("ndc_unit", "ml"),
        ("patient_id", ""),
        ("patient_id", "1.2E+11"),
        ("payer", "Pay\u00ador"),
        ("line_id", "C25-000592-01-1"),
        ("claim_id", None),
        ("units", Decimal("0.000")),
        ("units", None),
        ("charge", None),
        ("charge", Decimal("-1.00")),
        ("service_from", None),
        ("service_through", "before"),
        ("service_through", "a year on"),
        ("ndc_quantity", Decimal("1.000")),
        ("a_column_of_its_own", "x"),
    ],
)
def test_what_is_not_plainly_right_is_read_as_text(book: Path, tmp_path: Path, column: str, cell: object) -> None:
    """One cell of line 11, a per diem without an NDC, is changed; the file is then ready as its text says."""
    table = pq.read_table(book).slice(0, 40)
    rows = table.to_pylist()
    assert rows[0]["line_id"] == "C25-000592-01-1"
    place = next(n for n, row in enumerate(rows) if n > 0 and row["ndc"] == "" and row["code"].startswith("S"))
    dates = {"before": rows[place]["service_from"].replace(year=2024), "a year on": rows[place]["service_from"]}
    dates["a year on"] = dates["a year on"].replace(year=2027)
    rows[place][column] = dates.get(str(cell), cell)
    schema = table.schema if column in table.column_names else table.schema.append(pa.field(column, pa.string()))
    plain = pa.schema([(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in schema])
    file = tmp_path / "changed.parquet"
    pq.write_table(pa.Table.from_pylist(rows, plain), file)
    assert typed_columns(file) is None
    same(prepare_file(file, code_table()), prepare(read_claims(file), code_table()))


@pytest.mark.slow
def test_the_untouched_file_is_plainly_right(book: Path, tmp_path: Path) -> None:
    file = tmp_path / "plain.parquet"
    pq.write_table(pq.read_table(book).slice(0, 40), file)
    assert typed_columns(file) is not None
    assert typed_columns(book.with_name("book.json")) is None
