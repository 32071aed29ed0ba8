"""An executed notebook becomes one document; an external one holds only what says it may leave the house."""

from __future__ import annotations

import base64

import nbformat
import pytest

from hitmodel.document import Document, Prose, Verbatim, read_document
from hitmodel.editions import Edition, cells_for, edition_named, marking
from hitmodel.errors import InputError
from hitmodel.pictures import Chart
from hitmodel.prose import headings, parse, to_html
from hitmodel.tables import Table
from tests import report_standin as standin


def read(*cells: nbformat.NotebookNode, edition: Edition = "internal") -> Document:
    return read_document(nbformat.v4.new_notebook(cells=list(cells)), "fallback", edition)


def kinds(document: Document) -> list[str]:
    return [type(block).__name__ for block in document.blocks]


def test_tables_charts_and_text_come_in_reading_order_and_code_does_not() -> None:
    document = read_document(standin.executed_notebook(), "fallback", "internal")
    assert document.title == "Contract comparison"
    assert document.foot.endswith("claims 2025-01-01 to 2025-12-31")
    assert kinds(document) == (
        ["Prose", "Prose", "Chart", "Prose", "Chart", "Table", "Prose", "Table", "Prose", "Table", "Prose", "Verbatim"]
    )
    assert [table.name for table in document.tables] == ["by_therapy", "rates", "drug_spread"]


def test_records_come_back_exact() -> None:
    document = read(standin.cell(standin.rates()), standin.cell(standin.bridge()))
    assert document.blocks[0] == standin.rates()
    chart = document.blocks[1]
    assert isinstance(chart, Chart)
    assert (chart.svg, chart.values) == (standin.bridge().svg, standin.bridge().values)


def test_the_first_heading_is_the_title_and_others_never_skip_a_level() -> None:
    document = read(standin.text("# The title\n\n#### Deep\n\n## Second\n\n##### Deeper"))
    assert document.title == "The title"
    block = document.blocks[0]
    assert isinstance(block, Prose)
    assert headings(block.tokens) == [(2, "Deep"), (2, "Second"), (3, "Deeper")]


def test_without_a_heading_the_notebook_lends_its_name() -> None:
    assert read(standin.text("Just text.")).title == "fallback"


def test_a_frame_becomes_a_table_and_print_stays_as_it_is() -> None:
    head, row = "<th></th><th>code</th><th>allowed</th>", "<th>0</th><td>S9500</td><td>1,050.00</td>"
    html = f"<table><tr>{head}</tr><tr>{row}</tr></table>"
    framed = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", data={"text/html": html})])
    document = read(framed, standin.cell("665.00\n"))
    table = document.blocks[0]
    assert isinstance(table, Table)
    assert [column.kind for column in table.columns] == ["shown", "text", "shown"]
    assert document.blocks[1] == Verbatim("665.00")


def test_a_picture_that_is_no_record_is_kept_inside_with_what_is_known_of_it() -> None:
    data = {"image/png": base64.b64encode(b"png").decode(), "text/plain": "<Figure size 1x1>"}
    shown = [
        nbformat.v4.new_output("display_data", data=data, metadata={"image/png": {"alt": alt}}) for alt in ("A", "")
    ]
    document = read(nbformat.v4.new_code_cell(outputs=shown))
    first, second = document.blocks
    assert isinstance(first, Chart)
    assert isinstance(second, Chart)
    assert (first.png, first.alt) == (b"png", "A")
    assert (second.name, second.alt) == ("picture_2", "A picture that nobody described.")
    assert read(nbformat.v4.new_code_cell(outputs=shown), edition="external").blocks == ()


def test_what_is_tagged_not_in_report_is_not_in_the_report() -> None:
    assert read(standin.text("Only in Jupyter", "not-in-report")).blocks == ()


def test_a_name_that_comes_again_is_numbered() -> None:
    document = read(standin.cell(standin.rates()), standin.cell(standin.rates()))
    assert [table.name for table in document.tables] == ["rates", "rates_2"]


def test_an_external_document_holds_only_records_for_both() -> None:
    document = read_document(standin.executed_notebook(), "fallback", "external")
    assert [table.name for table in document.tables] == ["by_therapy", "rates"]
    assert "spread" not in [column.key for column in document.tables[0].columns]
    assert document.front is None  # the stand-in's page is internal
    assert "Verbatim" not in kinds(document)
    assert "Drug spread" not in "".join(to_html(b.tokens) for b in document.blocks if isinstance(b, Prose))


@pytest.mark.parametrize("record", [standin.drug_spread(), standin.front_page(), "printed 665.00"])
def test_whatever_does_not_say_that_it_may_leave_stays_inside(record: object) -> None:
    document = read(standin.cell(record), edition="external")
    assert document.blocks == ()
    assert document.front is None


def test_cells_tagged_internal_do_not_even_run_for_an_external_edition() -> None:
    cells = [standin.text("a"), standin.text("b", "internal")]
    assert cells_for("external", cells) == cells[:1]
    assert cells_for("internal", cells) == cells


def test_editions_have_names_and_the_internal_one_a_marking() -> None:
    assert edition_named("external") == "external"
    assert (marking("internal"), marking("external")) == ("CONFIDENTIAL – internal", "")
    with pytest.raises(InputError, match="'public' is not an edition"):
        edition_named("public")


def test_raw_html_in_text_is_shown_not_obeyed() -> None:
    tokens, _ = parse("Before <script>alert(1)</script>\n\n<b>x</b>")
    assert "<script>" not in to_html(tokens)
    assert "<b>" not in to_html(tokens)


def test_a_link_that_would_run_something_is_made_harmless() -> None:
    tokens, _ = parse("[x](javascript:alert(1))")
    assert "javascript:" not in to_html(tokens)
