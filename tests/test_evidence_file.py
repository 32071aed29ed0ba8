"""Companion files: what they may hold, and every problem found in one reading."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from hitmodel.dates import Span
from hitmodel.errors import InputError
from hitmodel.evidence import NO_EVIDENCE, BalanceRecord, HoldRecord, TherapyRecord
from hitmodel.evidence_file import find_evidence, read_evidence


def folder(home: Path, **files: str) -> Path:
    for name, text in files.items():
        suffix = "toml" if name == "evidence" else "csv"
        (home / f"{name}.{suffix}").write_text(text.replace(" ", ""), encoding="utf-8")
    return home


def test_every_file_is_read_with_its_types(tmp_path: Path) -> None:
    found = read_evidence(
        folder(
            tmp_path,
            therapies="patient_id,therapy_id,code,start,stop,interval\n007,T1,s9500,2025-06-01,2025-06-14,q48h\n"
            "007,T2,S9325,2025-06-01,,continuous\n",
            doses="patient_id,therapy_id,date,start_time,hours\n007,T1,2025-06-01,09:30,1.5\n",
            holds="patient_id,first,last\n007,2025-06-03,2025-06-05\n",
            stays="patient_id,admitted,discharged\n007,2025-06-08,2025-06-11\n",
            visits="patient_id,date,start_time,end_time,licence\n007,2025-06-01,23:00,01:31,RN\n",
            balances="patient_id,limit,period,amount\n007,year_cap,2025,9400.50\n",
            evidence="history_complete_from=2025-01-01\n",
        )
    )
    assert found.findings == ()
    assert found.history_complete_from == date(2025, 1, 1)
    assert found.therapies is not None
    assert found.therapies.of("007") == (
        TherapyRecord("007", "T1", "S9500", "", date(2025, 6, 1), date(2025, 6, 14), 48, False),
        TherapyRecord("007", "T2", "S9325", "", date(2025, 6, 1), None, None, True),
    )
    assert found.therapies.of("7") == (), "ids are text and stay as they are"
    assert found.doses is not None
    assert (found.doses.of("007")[0].begin, found.doses.of("007")[0].minutes) == (datetime(2025, 6, 1, 9, 30), 90)
    assert found.holds is not None
    assert found.holds.of("007") == (HoldRecord("007", "", Span(date(2025, 6, 3), date(2025, 6, 5))),)
    assert found.stays is not None
    assert found.stays.of("007")[0].discharged == date(2025, 6, 11)
    assert found.visits is not None
    assert found.visits.of("007")[0].minutes == 151, "23:00 to 01:31 of the next day is 2 h 31 min"
    assert found.balance("007", "year_cap", "2025") == BalanceRecord("007", "year_cap", "2025", Decimal("9400.50"))
    assert next(name for name, _ in found.checksums) == "therapies.csv"


def test_a_file_that_is_not_there_is_no_evidence_and_one_that_is_says_none(tmp_path: Path) -> None:
    found = read_evidence(folder(tmp_path, holds="patient_id,first,last\n"))
    assert found.lacks("holds", "P1", date(2025, 1, 1)) == ""
    assert found.lacks("stays", "P1", date(2025, 1, 1)) == "there is no record of stays (stays.csv)"
    assert NO_EVIDENCE.lacks("holds", "P1", date(2025, 1, 1)) != ""


def test_before_the_history_is_complete_nothing_is_evidence(tmp_path: Path) -> None:
    files = {"holds": "patient_id,first,last\n", "evidence": "history_complete_from=2025-03-01"}
    found = read_evidence(folder(tmp_path, **files))
    assert found.lacks("holds", "P1", date(2025, 2, 28)) == "the record of holds is complete only from 2025-03-01"
    assert found.lacks("holds", "P1", date(2025, 3, 1)) == ""


WRONG = [
    ("therapies", "patient_id,therapy_id,start\nP1,T1,2025-01-01\n", "code", "neither code nor therapy_class"),
    (
        "therapies",
        "patient_id,therapy_id,code,start,interval\nP1,T1,S9500,2025-01-01,sometimes\n",
        "interval",
        "q8h, 12h",
    ),
    ("therapies", "patient_id,therapy_id,code,start,stop\nP1,T1,S9500,2025-01-02,2025-01-01\n", "stop", "lies before"),
    ("therapies", "patient_id,therapy_id,code,start\nP1,T1,S9500,1/2/2025\n", "start", "2025-03-09"),
    ("doses", "patient_id,code,date,hours\nP1,J0878,2025-01-01,1,5\n", "row", "more fields"),
    ("doses", "patient_id,date\nP1,2025-01-01\n", "therapy_id", "says what was given"),
    ("doses", "patient_id,code,date,hours\nP1,J0878,2025-01-01,0\n", "hours", "no time"),
    ("holds", "patient_id,first,last\nP1,2025-01-05,\n", "last", "empty"),
    ("visits", "patient_id,date,start_time\nP1,2025-01-05,9.30\n", "start_time", "09:30"),
    ("visits", "patient_id,date,start_time,end_time\nP1,2025-01-05,09:30,09:30\n", "end_time", "when it begins"),
    ("balances", "patient_id,limit\nP1,cap\n", "amount", "none of amount"),
    ("balances", 'patient_id,limit,amount\nP1,cap,"1,200"\n', "amount", "plainly"),
]


@pytest.mark.parametrize(("name", "text", "field", "problem"), WRONG)
def test_a_wrong_row_is_a_finding_and_its_patient_is_doubtful(
    tmp_path: Path, name: str, text: str, field: str, problem: str
) -> None:
    found = read_evidence(folder(tmp_path, **{name: text}))
    (finding,) = found.findings
    assert (finding.row, finding.field, finding.blocks) == (2, field, True)
    assert problem in finding.problem
    assert "cannot be read" in found.lacks(name, "P1", date(2025, 1, 1))
    assert found.lacks(name, "P2", date(2025, 1, 1)) == ""


def test_a_therapy_is_named_once_for_a_patient(tmp_path: Path) -> None:
    text = "patient_id,therapy_id,code,start\nP1,T1,S9500,2025-01-01\nP2,T1,S9500,2025-01-01\nP1,T1,S9501,2025-02-01\n"
    (finding,) = read_evidence(folder(tmp_path, therapies=text)).findings
    assert (finding.row, finding.problem) == (4, "it is in row 2 already for this patient")


def test_other_columns_and_files_are_named_with_the_nearest(tmp_path: Path) -> None:
    folder(tmp_path, stays="patient_id,admitted,discharged,ward\n", visit="patient_id\n")
    found = read_evidence(folder(tmp_path, doses="patient_id,date,therapy\n"))
    told = {finding.field: finding.problem for finding in found.findings}
    assert told["therapy"].endswith("Did you mean 'therapy_id'?")
    assert told["file"].endswith("Did you mean 'visits.csv'?")
    assert told["ward"] == "the column is not used"


def test_what_cannot_be_used_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        read_evidence(tmp_path / "absent")
    with pytest.raises(InputError, match="holds no evidence"):
        read_evidence(tmp_path)
    with pytest.raises(InputError, match=r"no column first.*Did you mean 'frist'"):
        read_evidence(folder(tmp_path, holds="patient_id,frist,last\n"))
    folder(tmp_path, holds="patient_id,first,last\n", evidence='history_complete_form="x"')
    with pytest.raises(InputError, match="Did you mean 'history_complete_from'"):
        read_evidence(tmp_path)
    folder(tmp_path, evidence='history_complete_from="2025-01-01"')
    with pytest.raises(InputError, match="is not a date"):
        read_evidence(tmp_path)


def test_the_folder_beside_a_claims_file_is_found(tmp_path: Path) -> None:
    assert find_evidence(tmp_path / "claims.csv") is None
    (tmp_path / "claims_evidence").mkdir()
    assert find_evidence(tmp_path / "claims.csv") == tmp_path / "claims_evidence"
