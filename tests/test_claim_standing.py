"""What stands of claims that several files hold: whatever the order in which the files were imported."""

from __future__ import annotations

import random
from itertools import permutations
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from hitmodel.claim_sets import claims_file, facts, standing_file
from hitmodel.claims import read_claims
from hitmodel.errors import InputError
from hitmodel.intake.claim_table import import_claims
from hitmodel.intake.x837 import import_837
from hitmodel.workspace import Workspace
from tests.x12_text import claim, submission

HEADING = "Claim #,Line,MRN,Payor,DOS From,DOS Thru,HCPCS,Qty,Billed Amt,POS,Frequency"
Files = dict[str, str]


def row(charge: int, *, number: str = "1001", line: int = 1, frequency: str = "1", code: str = "S9500") -> str:
    return f"{number},{line},77,Meridian Health Plan,2025-03-01,2025-03-07,{code},7,{charge}.00,12,{frequency}"


def table(*rows: str) -> str:
    return "\n".join((HEADING, *rows)) + "\n"


def sent(day: int, *bills: tuple[int, str], number: str = "1001", order: str = "P", payer: str = "MERIDIAN") -> str:
    """Return an 837 of a day in April; each bill is a charge and a frequency."""
    made = [
        claim(
            number,
            [f"SV1*HC:S9500*{charge}*UN*7*12**1~DTP*472*RD8*20250301-20250307"],
            str(charge),
            frequency=frequency,
            payer_order=order,
            payer=payer,
        )
        for charge, frequency in bills
    ]
    return submission(*made, made=f"2504{day:02}*1200")


def charges(folder: Path, files: Files, order: tuple[str, ...]) -> list[int]:
    """Import files in an order into a workspace; return the charges of the lines that stand [dollars], sorted."""
    for name in order:
        path = folder.parent / name
        path.write_text(files[name])
        (import_837 if name.endswith("837") else import_claims)(path, Workspace.open(folder))
    file = standing_file(Workspace.open(folder))
    if not pq.read_metadata(file).num_rows:
        with pytest.raises(InputError, match="none of the imported claim lines stands"):
            claims_file(Workspace.open(folder))
        return []
    lines = read_claims(file).lines
    return sorted(int(cents) // 100 for cents in lines["charge_cents"])


def back(charge: int, units: int = 7, *, line: int = 1) -> str:
    return row(-charge, line=line).replace(",7,-", f",-{units},-")


DRUG = row(95, line=2, code="J0696")
STORIES: dict[str, tuple[Files, list[int]]] = {
    "a void in a later extract": (
        {"a.csv": table(row(1050), DRUG), "b.csv": table(row(1050, frequency="8"), DRUG[:-1] + "8")},
        [],
    ),
    "a void that repeats one line of its claim": (
        {"a.csv": table(row(1050), DRUG), "b.csv": table(row(1050, frequency="8"))},
        [],
    ),
    "a void of a claim of which another extract has a part": (
        {
            "a.csv": table(row(1050), DRUG),
            "b.csv": table(row(1050, frequency="8"), DRUG[:-1] + "8"),
            "c.csv": table(DRUG),
        },
        [],
    ),
    "voided and billed again with another charge": (
        {
            "a.csv": table(row(1050), DRUG),
            "b.csv": table(row(1050, frequency="8"), DRUG[:-1] + "8"),
            "c.csv": table(row(900), DRUG),
        },
        [95, 900],
    ),
    "a void that holds no line of its claim": (
        {"a.csv": table(row(1050), DRUG), "b.csv": table(row(0, frequency="8"))},
        [],
    ),
    "a replacement in a later extract": (
        {"a.csv": table(row(1050), DRUG), "b.csv": table(row(900, frequency="7"))},
        [900],
    ),
    "a replacement that is voided": (
        {"a.csv": table(row(1050)), "b.csv": table(row(900, frequency="7")), "c.csv": table(row(900, frequency="8"))},
        [],
    ),
    "a void of a claim that was replaced": (
        {"a.csv": table(row(1050)), "b.csv": table(row(900, frequency="7")), "c.csv": table(row(1050, frequency="8"))},
        [],
    ),
    "voided and billed again under its number": (
        {"a.csv": table(row(1050)), "b.csv": table(row(1050, frequency="8")), "c.csv": table(row(900))},
        [900],
    ),
    "the same in one extract": (
        {"a.csv": table(row(1050), DRUG, row(1050, frequency="8"), DRUG[:-1] + "8", row(900), DRUG)},
        [95, 900],
    ),
    "a void in a later 837": ({"a.837": sent(1, (1050, "1")), "b.837": sent(2, (1050, "8"))}, []),
    "a void in an 837 of the same minute": ({"a.837": sent(1, (1050, "1")), "b.837": sent(1, (1050, "8"))}, []),
    "all three in 837s of one minute": (
        {"a.837": sent(1, (1050, "1")), "b.837": sent(1, (900, "7")), "c.837": sent(1, (1050, "8"))},
        [],
    ),
    "a replacement and its void in 837s": (
        {"a.837": sent(1, (1050, "1")), "b.837": sent(2, (900, "7")), "c.837": sent(3, (900, "8"))},
        [],
    ),
    "two replacements in 837s": (
        {"a.837": sent(1, (1050, "1")), "b.837": sent(2, (900, "7")), "c.837": sent(3, (800, "7"))},
        [800],
    ),
    "replaced, and billed as new again later": (
        {"a.837": sent(1, (1050, "1")), "b.837": sent(2, (900, "7")), "c.837": sent(3, (800, "1"))},
        [800],
    ),
    "voided and billed again in 837s": (
        {"a.837": sent(1, (1050, "1")), "b.837": sent(2, (1050, "8")), "c.837": sent(3, (1050, "1"))},
        [1050],
    ),
    "voided and billed again in one 837": ({"a.837": sent(1, (1050, "1"), (1050, "8"), (1050, "1"))}, [1050]),
    "an 837 speaks before an extract": ({"a.csv": table(row(1000)), "b.837": sent(1, (1050, "1"))}, [1050]),
    "the claim in extract and 837, voided in an 837": (
        {"a.csv": table(row(1050)), "b.837": sent(1, (1050, "1")), "c.837": sent(2, (1050, "8"))},
        [],
    ),
    "the claim in an extract, replaced in an 837": (
        {"a.csv": table(row(1050), DRUG), "c.837": sent(2, (900, "7"))},
        [900],
    ),
    "the claim in an 837, voided in an extract": (
        {"a.837": sent(1, (1050, "1")), "b.csv": table(row(1050, frequency="8"))},
        [],
    ),
    "the void in an extract and in an 837": (
        {"a.837": sent(1, (1050, "1")), "b.csv": table(row(1050, frequency="8")), "c.837": sent(2, (1050, "8"))},
        [],
    ),
    "lines numbered otherwise in extract and 837": (
        {"a.csv": table(row(1050, line=10), row(95, line=20, code="J0696")), "b.837": sent(1, (1050, "1"))},
        [1050],
    ),
    "a claim billed to two payers": (
        {"a.837": sent(1, (1050, "1")), "b.837": sent(2, (1050, "1"), order="S", payer="OTHER")},
        [1050],
    ),
    "a claim of other days billed to a second payer under the same number": (
        {"a.837": sent(1, (1050, "1")), "b.837": sent(2, (800, "1"), order="S").replace("202503", "202504")},
        [800, 1050],
    ),
    "a claim billed to a second payer alone": ({"b.837": sent(2, (1050, "1"), order="S")}, [1050]),
    "taken back by a negative line": ({"a.csv": table(row(1050), DRUG), "b.csv": table(back(1050))}, [95]),
    "taken back by a negative line of another number": (
        {"a.csv": table(row(1050)), "b.csv": table(back(1050, line=2))},
        [],
    ),
    "taken back and billed again in one extract": (
        {"a.csv": table(row(1050), DRUG), "b.csv": table(back(1050), row(750))},
        [95, 750],
    ),
    "taken back twice over, in two extracts": (
        {"a.csv": table(row(1050)), "b.csv": table(back(1050)), "c.csv": table(back(1050))},
        [],
    ),
    "taken back in part": ({"a.csv": table(row(1050)), "b.csv": table(back(300, 2))}, [-300, 1050]),
    "an 837 taken back by a negative line": ({"a.837": sent(1, (1050, "1")), "b.csv": table(back(1050))}, []),
    "a void without its claim": ({"a.837": sent(1, (1050, "8"))}, [-1050]),
}


@pytest.mark.slow
@pytest.mark.parametrize("story", list(STORIES))
def test_it_does_not_matter_in_which_order_files_are_imported(story: str, own_workspace: Path) -> None:
    files, left = STORIES[story]
    for number, order in enumerate(permutations(files)):
        folder = own_workspace.parent / str(number) / "workspace"
        folder.parent.mkdir()
        assert charges(folder, files, order) == left, f"imported as {', '.join(order)}"


@pytest.mark.slow
@pytest.mark.parametrize("later", [(10, 20), (1, 2)], ids=["numbered otherwise", "numbered alike"])
def test_of_two_extracts_the_later_import_speaks_however_lines_are_numbered(
    later: tuple[int, int], own_workspace: Path
) -> None:
    """The second extract has the same two lines, one of them at 900 dollars in the place of 1,050."""
    first, second = later
    files = {
        "a.csv": table(row(1050), DRUG),
        "b.csv": table(row(900, line=first), row(95, line=second, code="J0696")),
    }
    assert charges(own_workspace, files, ("a.csv", "b.csv")) == [95, 900]


@pytest.mark.slow
def test_a_later_extract_that_holds_a_line_and_its_reversal_speaks_for_both(own_workspace: Path) -> None:
    """1,050 − 1,050 + 750 in the second, which numbers them 1 to 3: the first one's 1,050 is line 1 of it."""
    files = {"a.csv": table(row(1050)), "b.csv": table(row(1050), back(1050, line=2), row(750, line=3))}
    assert charges(own_workspace, files, ("a.csv", "b.csv")) == [-1050, 750, 1050]


@pytest.mark.slow
def test_lines_without_numbers_taken_back_and_billed_again_leave_the_others(own_workspace: Path) -> None:
    """1,050 taken back and 750 billed for it; the drug of 95 is not in the second extract and stands."""
    files = {"a.csv": table(row(1050), DRUG), "b.csv": table(back(1050), row(750))}
    bare = {
        name: "\n".join(",".join(line.split(",")[:1] + line.split(",")[2:]) for line in text.splitlines()) + "\n"
        for name, text in files.items()
    }
    assert charges(own_workspace, bare, ("a.csv", "b.csv")) == [95, 750]
    said = facts(claims_file(Workspace.open(own_workspace)))
    assert said["lines taken back by negative lines of another extract; neither stands"] == 1


NAMED = HEADING + ",Original Claim"


def named(charge: int, number: str, original: str) -> str:
    """Return an extract of one claim; with an original it is a replacement of that."""
    frequency = "7" if original else "1"
    return f"{NAMED}\n{row(charge, number=number, frequency=frequency)},{original}\n"


@pytest.mark.slow
def test_of_two_replacements_of_one_claim_the_last_speaks(own_workspace: Path) -> None:
    """Both name the first claim, under numbers of their own: 1,386, then 1,400, then 1,200."""
    files = {"a.csv": named(1386, "Q1", ""), "b.csv": named(1400, "Q1A", "Q1"), "c.csv": named(1200, "Q1B", "Q1")}
    assert charges(own_workspace, files, ("a.csv", "b.csv", "c.csv")) == [1200]
    said = facts(claims_file(Workspace.open(own_workspace)))
    assert said["replacements that a later replacement of the same claim takes back"] == 1


@pytest.mark.slow
def test_replacements_that_name_one_another_and_dated_ones_end_alike_in_any_order(own_workspace: Path) -> None:
    """A chain Q1 ← Q1A ← Q1B in extracts; two replacements of Q1 in 837s of the 2nd and 3rd."""
    chain = {"a.csv": named(1386, "Q1", ""), "b.csv": named(1400, "Q1A", "Q1"), "c.csv": named(1200, "Q1B", "Q1A")}
    dated = {"a.837": sent(1, (1386, "1"), number="Q1")} | {
        f"{day}.837": sent(day, (charge, "7"), number=number).replace("HI*", "REF*F8*Q1~HI*", 1)
        for day, charge, number in ((2, 1400, "Q1A"), (3, 1200, "Q1B"))
    }
    assert all("REF*F8*Q1" in dated[name] for name in ("2.837", "3.837"))
    for kind, files in enumerate((chain, dated)):
        for number, order in enumerate(permutations(files)):
            folder = own_workspace.parent / f"{kind}-{number}" / "workspace"
            folder.parent.mkdir()
            assert charges(folder, files, order) == [1200], f"imported as {', '.join(order)}"


@pytest.mark.slow
def test_lines_of_other_services_in_two_extracts_add_up(own_workspace: Path) -> None:
    """One extract for per diems and one for drugs, each counting its own lines from 1 or on."""
    files = {"a.csv": table(row(1050)), "b.csv": table(DRUG)}
    assert charges(own_workspace, files, ("a.csv", "b.csv")) == [95, 1050]
    assert not any("again" in said for said in facts(claims_file(Workspace.open(own_workspace))))


def told(events: list[tuple[int, str]]) -> list[int]:
    """Return what is left of one claim's bills in order of time: the last that was not voided."""
    left: list[int] = []
    for charge, frequency in events:
        left = [] if frequency == "8" else [charge]
    return left


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_random_stories_end_alike_in_any_order(seed: int, own_workspace: Path) -> None:
    """Claims billed, replaced, voided and billed again in dated 837s, some of them in an extract too."""
    drawn = random.Random(seed)
    days: dict[int, list[list[str]]] = {day: [] for day in range(1, 5)}
    rows, left = [], []
    for number in range(12):
        events = [(100 * number + 10, "1")]
        for step in range(drawn.randrange(4)):
            voided = events[-1][1] == "8"
            frequency = "1" if voided else drawn.choice("178")
            charge = events[-1][0] if frequency == "8" else 100 * number + 11 + step
            events.append((charge, frequency))
        for day, (charge, frequency) in zip(sorted(drawn.sample(range(1, 5), len(events))), events, strict=True):
            service = f"SV1*HC:S9500*{charge}*UN*7*12**1~DTP*472*RD8*20250301-20250307"
            days[day].append(claim(f"C{number}", [service], str(charge), frequency=frequency))
        if drawn.random() < 0.5:
            rows.append(row(events[0][0], number=f"C{number}", line=10))
        left += told(events)
    files = {f"{day}.837": submission(*bills, made=f"2504{day:02}*1200") for day, bills in days.items() if bills}
    files |= {"all.csv": table(*rows)} if rows else {}
    orders = list(permutations(files))
    for number, order in enumerate(drawn.sample(orders, min(4, len(orders)))):
        folder = own_workspace.parent / str(number) / "workspace"
        folder.parent.mkdir()
        assert charges(folder, files, order) == sorted(left), f"imported as {', '.join(order)}"


@pytest.mark.slow
def test_what_only_the_extract_knows_is_laid_on_the_837s_line(own_workspace: Path) -> None:
    """Two like lines cost 10 and 11, a drug 40; the 837 numbers its lines otherwise and holds another line beside."""
    heading = "Claim #,Line,MRN,Payor,DOS From,DOS Thru,HCPCS,Qty,Billed Amt,POS,Cost,Product,Allowed"
    diem = "1001,{},77,MERIDIAN,2025-03-01,2025-03-07,S9500,7,1050.00,12,{},PPO,{}"
    rows = [
        diem.format(10, 10, 700),
        diem.format(20, 11, ""),
        diem.format(30, 40, 90).replace("S9500,7,1050", "J0696,56,95"),
    ]
    line = "SV1*HC:{}*{}*UN*7*12**1~DTP*472*RD8*20250301-20250307"
    services = [
        line.format("J0696", 95),
        line.format("99601", 80),
        line.format("S9500", 1050),
        line.format("S9500", 1050),
    ]
    files = {"a.csv": "\n".join((heading, *rows)) + "\n", "b.837": submission(claim("1001", services, "2275"))}
    for number, order in enumerate(permutations(files)):
        folder = own_workspace.parent / str(number) / "workspace"
        folder.parent.mkdir()
        assert charges(folder, files, order) == [80, 95, 1050, 1050]
        found = read_claims(claims_file(Workspace.open(folder))).lines.fillna(-1)
        columns = ("code", "acquisition_cost_cents", "actual_allowed_cents", "product")
        assert list(found[list(columns)].itertuples(index=False, name=None)) == [
            ("J0696", 4000, 9000, "PPO"),
            ("99601", -1, -1, ""),
            ("S9500", 1000, 70000, "PPO"),
            ("S9500", 1100, -1, "PPO"),
        ]
        assert (
            facts(claims_file(Workspace.open(folder)))[
                "lines of 837s with a cost, product or allowed amount from an extract"
            ]
            == 3
        )
