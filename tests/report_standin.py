"""An invented comparison, in the shape of a real one, for tests of tables, charts and reports."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import nbformat

from hitmodel.charts import Bar, Chart, Group, plot_bridge, plot_differences
from hitmodel.frontpage import FrontPage, Remark, Step
from hitmodel.tables import Column, Gap, Table

TODAY, PROPOSAL = 707_894_600, 698_127_700  # cents; 7,078,946 + 85,294 − 20,592 − 159,961 − 2,410 = 6,981,277
THERAPIES = (
    ("Immune globulin", 310_000_000, 299_800_000),
    ("Biologics", 180_000_000, 175_263_100),
    ("Anti-infective", 130_000_000, 133_900_000),
    ("Parenteral nutrition", 62_894_600, 64_164_600),
    ("Hydration and catheter care", 25_000_000, 25_000_000),
)


def front_page() -> FrontPage:
    return FrontPage(
        title="Contract comparison",
        headline="Proposal A pays $97,669 less a year (−1.4 %) and takes 42 % of the drug spread.",
        subline="Example PPO · 2025 claims as if on 1 January 2027 · expected allowed",
        contract="Example PPO 2025, amendment 3",
        period="claims 2025-01-01 to 2025-12-31",
        strips=(
            (
                Step("Today", TODAY, "total"),
                Step("per diem +4 %", 8_529_400),
                Step("second therapy 75 → 50 %", -2_059_200),
                Step("drugs 108 → 104 % of limit", -15_996_100),
                Step("charge limit", -241_000),
                Step("Proposal", PROPOSAL, "total"),
            ),
        ),
        remarks=(
            Remark(
                "Drug spread 384,791 → 224,830. Immune globulin and biologics carry 96 % of the drug cut; two drugs"
                " would be paid below cost."
            ),
            Remark(
                "the model reproduces 98.9 % of what was remitted; 41 lines ($62,300 of charges) are not priced and"
                " stand outside; two clauses are silent: q48h days (−24,500 to 0), discharge day (± 6,100).",
                lead="How sure",
            ),
            Remark(
                "a per diem of +8.5 % pays for the drug and second-therapy cuts; or hold drugs at 106.4 % and accept"
                " the rest.",
                lead="Next",
            ),
        ),
    )


def bridge(second: int = -2_059_200) -> Chart:
    """The bridge; ``second`` [cents] is the effect of the second-therapy clause."""
    end = TODAY + 8_529_400 + second - 15_996_100 - 241_000
    return plot_bridge(
        (
            Bar("Example PPO today", TODAY, "total"),
            Bar("Per diem +4 %", 8_529_400, note="section 2.1"),
            Bar("Second therapy 75 → 50 %", second, note="section 2.4"),
            Bar("After per diem clauses", TODAY + 8_529_400 + second, "subtotal"),
            Bar("Drugs 108 → 104 % of limit", -15_996_100, note="section 3.1"),
            Bar("Charge limit", -241_000, note="section 4"),
            Bar("Proposal A", end, "total"),
            Bar("q48h days, clause silent", -2_450_000, "estimate", high=0),
            Bar("Not priced, 41 lines", 6_230_000, "unpriced"),
        ),
        name="bridge",
        headline="Drugs take $159,961; the per diem gives back little more than half of it.",
        caption="Expected allowed, dollars, 2025 claims as if on 1 January 2027, changes in the order of the file",
        audience="both",
    )


def differences() -> Chart:
    return plot_differences(
        tuple(Group(label, before, (after,)) for label, before, after in THERAPIES),
        baseline="Today",
        proposals=("Proposal A",),
        name="therapies",
        headline="Immune globulin loses $102,000, more than the whole difference.",
        caption="Expected allowed by therapy class, dollars, 2025 claims",
        audience="both",
    )


def by_therapy(*, audience: str = "both") -> Table:
    rows = [
        (label, 12 + i, before, after, after - before, Fraction(after - before, before), 4_000_00 * i)
        for i, (label, before, after) in enumerate(THERAPIES)
    ]
    before, after = sum(r[2] for r in rows), sum(r[3] for r in rows)
    total = ("All therapies", 70, before, after, after - before, Fraction(after - before, before), 40_000_00)
    return Table(
        name="by_therapy",
        headline="Immune globulin loses $102,000; anti-infectives gain $39,000.",
        caption="Expected allowed by therapy class, 2025 claims as if on 1 January 2027",
        columns=(
            Column("therapy", "Therapy"),
            Column("patients", "Patients", "count"),
            Column("today", "Today", "dollars", "$"),
            Column("proposal", "Proposal A", "dollars", "$"),
            Column("difference", "Difference", "dollars", "$", signed=True),
            Column("percent", "Difference", "percent", signed=True),
            Column("spread", "Drug spread", "dollars", "$", audience="internal"),
        ),
        rows=tuple(rows),
        totals=(total,),
        notes=("Section 2.4: a second therapy on the same day is paid at its share.",),
        audience=audience,  # type: ignore[arg-type]
    )


def rates() -> Table:
    """A wide table, of more rows than a page shows, with text that a spreadsheet would run."""
    rows = tuple(
        (
            f"S95{i:02d}",
            "=HYPERLINK(0)" if i == 0 else "+4 % since 2024" if i == 1 else f"Therapy number {i}",
            "0450",
            Decimal("95.00") + i,
            Decimal("98.8") + i,
            Gap.UNKNOWN if i == 2 else Decimal("3.8"),
            7 * i,
            Gap.NONE if i == 3 else 12_345 * i,
            Fraction(i, 30),
        )
        for i in range(26)
    )
    return Table(
        name="rates",
        headline="Twenty-six per diem rates rise by 3.80 a day.",
        caption="Rate, dollars per day, by code; days and allowed in 2025",
        columns=(
            Column("code", "Code", "code"),
            Column("label", "What it is"),
            Column("revenue", "Revenue code", "code"),
            Column("today", "Today", "rate", "$ per day"),
            Column("proposal", "Proposal A", "rate", "$ per day"),
            Column("difference", "Difference", "rate", "$ per day", signed=True),
            Column("days", "Days", "days"),
            Column("allowed", "Allowed", "dollars", "$"),
            Column("share", "Share of days", "percent"),
        ),
        rows=rows,
        audience="both",
    )


def drug_spread() -> Table:
    """An internal table."""
    return Table(
        name="drug_spread",
        headline="Two drugs would be paid below cost.",
        caption="Allowed less acquisition cost, dollars, 2025 claims",
        columns=(Column("code", "Code", "code"), Column("spread", "Spread", "dollars", "$", signed=True)),
        rows=(("J1561", -12_345_600), ("J1569", 2_200)),
    )


def output(record: Any) -> list[nbformat.NotebookNode]:
    """What a cell that shows ``record`` holds once it ran."""
    if isinstance(record, Chart):
        finding = {"application/vnd.hitmodel.chart+json": record.to_json(), "text/plain": record.to_text()}
        picture = {"image/svg+xml": record.svg, "text/plain": record.alt}
        return [nbformat.v4.new_output("display_data", data=held) for held in (finding, picture)]
    if isinstance(record, str):
        return [nbformat.v4.new_output("stream", text=record)]
    return [nbformat.v4.new_output("execute_result", data=record._repr_mimebundle_())]


def cell(record: Any, *tags: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell("show(it)", outputs=output(record), metadata={"tags": list(tags)})


def text(source: str, *tags: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(source, metadata={"tags": list(tags)})


def executed_notebook() -> nbformat.NotebookNode:
    """A whole comparison as it stands after it ran."""
    cells = [
        text("# Contract comparison\n\nWhat a proposal would change, on our own claims."),
        cell(front_page()),
        text("## What changes\n\nEach changed clause is applied **in the order of the file** and repriced in full."),
        cell(bridge()),
        text("## Who gains, who loses"),
        cell(differences()),
        cell(by_therapy()),
        text(
            "## Rates, side by side\n\n- codes keep their text, `0450` too\n- see [the rule](https://example.org/rule)"
        ),
        cell(rates()),
        text("## Drug spread", "internal"),
        cell(drug_spread(), "internal"),
        text("## One line, worked"),
        cell("S9500  2025-03-03 to 2025-03-09\n  per diem    7 days × 95.00 × 1 = 665.00\n"),
    ]
    return nbformat.v4.new_notebook(cells=cells)
