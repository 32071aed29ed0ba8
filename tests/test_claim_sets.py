"""What stands of everything imported: later files, replacements, voids, remittances; and its names as claims files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hitmodel.claim_sets import claims_file, facts, located, names
from hitmodel.claims import Claims, read_claims
from hitmodel.cli import app
from hitmodel.errors import InputError
from hitmodel.intake.claim_table import import_claims
from hitmodel.intake.x835 import import_835
from hitmodel.intake.x837 import import_837
from hitmodel.pricing import price
from hitmodel.workspace import Workspace
from tests.x12_text import claim, remittance, submission

HEADING = "Claim #,Line,MRN,Payor,DOS From,DOS Thru,HCPCS,Mod,Qty,Billed Amt,POS"
DIEM = "1001,1,77,Meridian Health Plan,2025-03-01,2025-03-07,S9500,,7,1050.00,12"
DRUG = "1001,2,77,Meridian Health Plan,2025-03-01,2025-03-07,J0696,,56,95.50,12"
X_DIEM = "SV1*HC:S9500*1050*UN*7*12**1~DTP*472*RD8*20250301-20250307~REF*6R*LINE1"
X_DRUG = "SV1*HC:J0696*95.5*UN*56*12**1~DTP*472*RD8*20250301-20250307"


class Team:
    """Somebody who imports files into a workspace, in order."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.at = folder, folder.parent

    def table(self, name: str, *rows: str, heading: str = HEADING) -> None:
        path = self.at / f"{name}.csv"
        path.write_text("\n".join((heading, *rows)) + "\n")
        import_claims(path, Workspace.open(self.folder))

    def x12(self, name: str, text: str) -> None:
        (self.at / name).write_text(text)
        (import_835 if name.endswith("835") else import_837)(self.at / name, Workspace.open(self.folder))

    def claims(self) -> Claims:
        return read_claims("workspace")

    def lines(self) -> list[tuple[str, int, int | None]]:
        """Return code, charge and remitted amount [cents] of each line that stands."""
        columns = ("code", "charge_cents", "actual_allowed_cents")
        found = self.claims().lines[list(columns)].itertuples(index=False, name=None)
        return [(code, int(charge), None if str(paid) == "<NA>" else int(paid)) for code, charge, paid in found]

    def facts(self) -> dict[str, int]:
        return facts(claims_file(Workspace.open(self.folder)))


@pytest.fixture
def team(own_workspace: Path) -> Team:
    return Team(own_workspace)


def remit(status: str, allowed: str, *, number: str = "1001", charge: str = "1050") -> tuple[str, ...]:
    less = f"{float(charge) - float(allowed):.2f}"
    return (
        *(f"CLP*{number}*{status}*{charge}*{allowed}**12*ICN1", f"SVC*HC:S9500*{charge}*{allowed}**7"),
        *("DTM*150*20250301", "DTM*151*20250307", f"CAS*CO*45*{less}"),
    )


@pytest.mark.slow
def test_imported_claims_are_claims_wherever_claims_are_taken(team: Team) -> None:
    team.table("march", DIEM, DRUG)
    priced = [price(name, "meridian") for name in ("workspace", "march", team.folder)]
    assert {tuple(p.allowed.tolist()) for p in priced} == {tuple(priced[0].allowed.tolist())}
    assert priced[0].known.all()
    assert names(Workspace.open(team.folder)) == ("workspace", "march")
    result = CliRunner().invoke(app, ["price", str(team.folder), "--contract", "meridian"])
    assert result.exit_code == 0, "a workspace's folder is not a folder of claims files"


@pytest.mark.slow
def test_names_that_are_none(team: Team) -> None:
    with pytest.raises(InputError, match="no file and no import called 'march'"):
        located("march")
    with pytest.raises(InputError, match="holds no claims"):
        claims_file(Workspace.open(team.folder))
    team.table("march", DIEM)
    with pytest.raises(InputError, match="Did you mean 'march'"):
        located("marhc")
    assert located("data/samples/claims_2025.csv").name == "claims_2025.csv", "files come first"


@pytest.mark.slow
def test_the_claims_file_follows_the_workspace(team: Team) -> None:
    team.table("march", DIEM)
    file = claims_file(Workspace.open(team.folder))
    stamp = file.stat().st_mtime_ns
    assert claims_file(Workspace.open(team.folder)).stat().st_mtime_ns == stamp, "nothing changed, nothing written"
    team.table("april", DIEM.replace("1001", "2001"))
    assert len(read_claims(claims_file(Workspace.open(team.folder))).lines) == 2
    assert len(read_claims("march").lines) == 1


def test_of_two_files_with_one_claim_the_later_speaks(team: Team) -> None:
    team.table("march", DIEM, DRUG, DIEM.replace("1001", "1002"))
    team.table("late", DIEM.replace("1050.00", "900.00"))
    assert sorted(team.lines()) == [("J0696", 9550, None), ("S9500", 90000, None), ("S9500", 105000, None)]
    assert team.facts() == {
        "lines of march taken from late, which holds them again": 1,
        "lines of march that stand, though late holds their claim without them": 1,  # the drug of 95.50
    }


@pytest.mark.slow
def test_without_line_numbers_the_whole_claim_is_taken_from_the_later_file(team: Team) -> None:
    def bare(*rows: str) -> list[str]:
        return [",".join((row.split(",")[0], *row.split(",")[2:])) for row in rows]

    heading, *rows = bare(HEADING, DIEM, DRUG)
    team.table("march", *rows, *bare(DIEM.replace("1001", "1002")), heading=heading)
    team.table("late", rows[0].replace("1050.00", "900.00"), heading=heading)
    assert sorted(team.lines()) == [("S9500", 90000, None), ("S9500", 105000, None)]


@pytest.mark.slow
def test_one_number_for_bills_of_different_months_is_two_bills(team: Team) -> None:
    team.table("march", DIEM)
    team.table("april", DIEM.replace("2025-03", "2025-04"))
    assert len(team.lines()) == 2
    ids = team.claims().lines["line_id"].tolist()
    assert ids[1] == f"{ids[0]}~2"
    assert not [f for f in team.claims().findings if f.kind == "duplicate_line_id"]
    assert team.facts()["claim numbers used for days that do not meet, taken as two bills"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("together", [True, False], ids=["in one file", "in two"])
@pytest.mark.parametrize(("frequency", "left"), [("7", [("S9500", 90000, None)]), ("8", [])])
def test_a_replacement_and_a_void_take_back_the_claim_they_name(
    team: Team, together: bool, frequency: str, left: object
) -> None:
    """The claim of 1,050.00 and 95.50 is replaced by 900.00 alone, or voided."""
    first = claim("CLM1", [X_DIEM, X_DRUG], "1145.5")
    other = claim("OTHER", [X_DRUG], "95.5", member="MBR2")
    second = claim("CLM1", [X_DIEM.replace("1050", "900")], "900", frequency=frequency)
    if together:
        team.x12("batch.837", submission(first, other, second))
    else:
        team.x12("batch.837", submission(first, other))
        team.x12("corrected.837", submission(second))
    assert [line for line in team.lines() if line[0] != "J0696"] == left
    assert [line for line in team.lines() if line[0] == "J0696"] == [("J0696", 9550, None)]


def test_a_replacement_that_names_the_payers_number(team: Team) -> None:
    """CLM2 says that it replaces ICN1, which the remittance shows to be CLM1."""
    team.x12("a.837", submission(claim("CLM1", [X_DIEM], "1050")))
    team.x12("a.835", remittance(remit("1", "665", number="CLM1")))
    second = claim("CLM2", [X_DIEM.replace("1050", "900")], "900", frequency="7", original="ICN1")
    team.x12("b.837", submission(second))
    assert team.lines() == [("S9500", 90000, None)]


@pytest.mark.slow
def test_a_void_without_its_claim_stays_as_negative_lines(team: Team) -> None:
    team.x12("a.837", submission(claim("CLM1", [X_DIEM], "1050", frequency="8")))
    assert team.lines() == [("S9500", -105000, None)]
    assert team.claims().lines["units_milli"].tolist() == [-7000]
    assert team.facts()["claims that void a claim which is not here; kept as negative lines"] == 1


@pytest.mark.slow
def test_remittances_fill_what_was_allowed(team: Team) -> None:
    team.table("march", DIEM, DRUG)
    team.x12("april.835", remittance(remit("1", "665")))
    assert team.lines() == [("S9500", 105000, 66500), ("J0696", 9550, None)]
    assert team.facts()["lines matched to a remittance"] == 1


@pytest.mark.slow
def test_a_remittance_of_a_second_payer_alone_fills_nothing(team: Team) -> None:
    team.table("march", DIEM, DRUG)
    team.x12("april.835", remittance(remit("2", "40")))
    assert team.lines() == [("S9500", 105000, None), ("J0696", 9550, None)]


@pytest.mark.slow
def test_a_payment_that_finds_no_line_is_named_with_its_dollars(team: Team) -> None:
    """665.00 find their line; 500.00 and 40.00 are of two claims that are not here."""
    team.table("march", DIEM, DRUG)
    others = remit("1", "500", number="77"), remit("1", "40", number="78")
    team.x12("april.835", remittance(remit("1", "665"), *others))
    (told,) = (text for text in team.facts() if "no claim line here matches" in text)
    assert re.fullmatch(r".* matches, 540\.00 allowed: claims \w{9,}, \w{9,}", told)
    assert team.facts()[told] == 2


def test_it_does_not_matter_which_comes_first(team: Team) -> None:
    team.x12("april.835", remittance(remit("1", "665")))
    team.table("march", DIEM, DRUG)
    assert team.lines() == [("S9500", 105000, 66500), ("J0696", 9550, None)]


REVERSED = tuple(part.replace("CLP*1001*1*1050*500", "CLP*1001*22*-1050*-500") for part in remit("1", "500"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("later", "allowed"),
    [
        ((remit("22", "500"), remit("1", "665")), 66500),  # reversed and paid again
        ((remit("22", "500"),), None),  # reversed for good
        ((remit("1", "700"),), 70000),  # a later payment takes the place of the earlier
        ((remit("2", "40"),), 50000),  # a second payer says nothing of the contract
        (((*remit("4", "0")[:-1], "CAS*OA*18*1050"),), 50000),  # the denial of a duplicate neither
        ((remit("4", "0"),), 0),  # but a denial does
    ],
)
def test_of_several_payments_the_last_that_stands_counts(team: Team, later: object, allowed: int | None) -> None:
    team.table("march", DIEM)
    team.x12("april.835", remittance(remit("1", "500")))
    team.x12("may.835", remittance(*later, paid_on="20260501"))  # type: ignore[misc]
    assert team.lines() == [("S9500", 105000, allowed)]


@pytest.mark.slow
def test_payments_find_their_line_by_number_then_by_what_they_say(team: Team) -> None:
    """Two like lines of 1,050.00: the line number tells them apart; without one, they pair off in order."""
    lines = [X_DIEM, X_DIEM.replace("LINE1", "LINE2")]
    team.x12("a.837", submission(claim("1001", lines, "2100")))
    second, first = ((*remit("1", amount)[1:], f"REF*6R*LINE{n}") for n, amount in ((2, "700"), (1, "665")))
    team.x12("a.835", remittance(("CLP*1001*1*2100*1365**12*ICN1", *second, *first)))
    assert team.lines() == [("S9500", 105000, 66500), ("S9500", 105000, 70000)]


@pytest.mark.slow
def test_a_claim_paid_as_a_whole_fills_its_one_line(team: Team) -> None:
    team.table("march", DIEM, DIEM.replace("1001", "1002"), DRUG.replace("1001", "1002"))
    whole = [(f"CLP*{number}*1*1050*665**12", "CAS*CO*45*385", "DTM*232*20250301") for number in ("1001", "1002")]
    team.x12("april.835", remittance(*whole))
    assert [paid for _, _, paid in team.lines()] == [66500, None, None]


@pytest.mark.slow
def test_the_remittance_speaks_before_the_file(team: Team) -> None:
    team.table("march", f"{DIEM},600.00", f"{DRUG},90.00", heading=f"{HEADING},Allowed")
    team.x12("april.835", remittance(remit("1", "665")))
    assert [paid for _, _, paid in team.lines()] == [66500, 9000]
    assert 1 in team.facts().values()
