"""Whole questions at random: the files of a contract, claims, and by which dates they are priced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from oracle import generate_contracts as contracts
from oracle import generate_evidence as evidence
from oracle.generate_claims import Row, rows
from oracle.generate_terms import mechanisms
from oracle.generate_words import CODES, rates, selectors, some, toml

NDC_TABLE = """ndc,from_date,awp,wac,invoice,nadac,package,unit,code,units_per_ndc_unit
00143985625,2025-01-01,15.02,5.5365,3.3620,3.39764,1,UN,J0696,8
00143985625,2025-04-04,16.13,,3.4,,1,UN,J0696,8
00143935710,2025-01-01,14.86,5.4681,,,1,UN,J3370,2
00143935710,2025-07-01,15.01,5.5228,,,1,UN,J3373,100
00000000001,2025-01-01,80,70,60,50,1,UN,J0878,3
00000000001,2025-01-01,80,70,60,50,1,UN,J1561,7
"""


@dataclass(frozen=True)
class Question:
    """Contract files by path beside ``contract/``, claims rows, the dating, and companion files by name."""

    files: Mapping[str, str]
    rows: list[Row]
    as_of: date | None = None
    drug_prices: str = "service_quarter"
    evidence: Mapping[str, str] = field(default_factory=dict)

    def write(self, home: Path) -> Path:
        """Write the contract's files and those beside ``claims.csv``; return the contract's folder."""
        for name, text in self.evidence.items():
            (home / "claims_evidence").mkdir(exist_ok=True)
            (home / "claims_evidence" / f"{name}.csv").write_text(text, encoding="utf-8")
        for name, text in self.files.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text, encoding="utf-8")
        return home / "contract"


@st.composite
def schedules(draw: st.DrawFn) -> str:
    """A rate schedule: plain rows, rows with a modifier, dated rows; never two that fit equally well."""
    lines = ["code,rate,modifier,from,through,ndc,unit"]
    if draw(st.booleans()):
        lines.append(f"J0696,{draw(rates())},,,,00143985625,UN")
        lines.append(f",{draw(rates())},,,,13533080020,")
    for code in draw(some(CODES, 8)):
        if draw(st.integers(0, 2)) == 0:
            lines += [
                f"{code},{draw(rates())},,,2025-04-02,,",
                f"{code},{draw(rates())},,2025-04-03,,,",
            ]
        else:
            lines.append(f"{code},{draw(rates())},,,,,")
        if draw(st.integers(0, 2)) == 0:
            lines.append(f"{code},{draw(rates())},SS,,,,")
            if draw(st.booleans()):
                lines += [f"{code},{draw(rates())},SH,,,,", f"{code},{draw(rates())},SH SS,,,,"]
    return "\n".join(lines) + "\n"


def _header(draw: st.DrawFn) -> dict[str, Any]:
    header: dict[str, Any] = {"payers": ["A payer"], "effective_from": date(2025, 1, 1)}
    if draw(st.integers(0, 5)) == 0:
        header["products"] = draw(st.sampled_from([["ppo"], ["ppo", "hmo"]]))
    return header


@st.composite
def _changed(draw: st.DrawFn, term: dict[str, Any], schedule: bool) -> dict[str, Any]:
    """A term as an overlay writes it: another mechanism, or one rate of the same, or its shares."""
    said = draw(mechanisms(schedule))
    if said["mechanism"] != term["mechanism"]:
        return {"id": term["id"], **said}
    return {"id": term["id"], **({"rate": draw(rates())} if "rate" in term else {"shares": [1]})}


@st.composite
def overlays(draw: st.DrawFn, base: dict[str, Any], schedule: bool) -> dict[str, Any]:
    """A file that changes some terms, removes one and adds its own rules to what it extends."""
    over: dict[str, Any] = {}
    ids = [t["id"] for t in base["term"]]
    if ids and draw(st.booleans()):
        over["remove"] = [draw(st.sampled_from(ids))]
    kept = [i for i in ids if i not in over.get("remove", [])]
    named = {r["id"] for name in ("escalator", "rate_change", "phase_in") for r in base.get(name, []) if "terms" in r}
    if named and over.get("remove"):
        over.pop("remove")
        kept = ids
    if kept:
        chosen = draw(st.sampled_from(kept))
        over["term"] = [draw(_changed(next(t for t in base["term"] if t["id"] == chosen), schedule))]
    if draw(st.booleans()):
        over["rate_change"] = [{"id": "c9", "factor": Decimal("1.03")}]
    if draw(st.booleans()):
        over["lesser_of"] = draw(contracts.charge_limits())
    if draw(st.booleans()):
        over["concurrency"] = draw(contracts.concurrencies())
    if draw(st.integers(0, 2)) == 0:
        over["rounding"] = {"place": draw(st.sampled_from(["line", "segment", "day"]))}
    if draw(st.integers(0, 3)) == 0:
        into = {"roles": ["per_diem"]}
        over["bundle"] = [{"id": "b9", "lines": draw(selectors(("roles", "codes"))), "into": into}]
    return over


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """A contract of one version or two, perhaps over another contract, and claims to price under it."""
    schedule = draw(st.booleans())
    theme = draw(st.sampled_from(sorted(contracts.THEMES)))
    body = draw(contracts.tables(schedule, theme))
    records: dict[str, str] = {}
    if theme == "evidence":
        body |= draw(evidence.clauses())
        records = draw(evidence.records())
    header = _header(draw)
    files = {"contract/ndc.csv": NDC_TABLE, "base/ndc.csv": NDC_TABLE}
    if schedule:
        body["schedule"] = [{"id": "base", "file": "base.csv"}]
        files["contract/base.csv"] = files["base/base.csv"] = draw(schedules())
    ends = draw(st.sampled_from([None, None, None, date(2025, 3, 31), date(2025, 12, 31)]))
    way = draw(st.sampled_from(["one", "one", "two", "over"]))
    if way == "two":
        ends = draw(st.sampled_from([date(2025, 3, 31), date(2025, 4, 4)]))
        over = {"contract": {"extends": "contract/2025", "effective_from": ends + timedelta(days=1)}}
        over |= draw(overlays(body, schedule))
        if schedule and draw(st.booleans()):
            files["contract/later.csv"] = draw(schedules())
            over["schedule"] = [{"id": "base", "file": "later.csv"}]
        files["contract/2026.toml"] = toml(over)
    if ends is not None:
        header["effective_through"] = ends
    if way == "over":
        files["base/2025.toml"] = toml({"contract": header, **body})
        files["contract/2025.toml"] = toml({"contract": {"extends": "base"}, **draw(overlays(body, schedule))})
    else:
        files["contract/2025.toml"] = toml({"contract": header, **body})
    as_of = draw(st.sampled_from([None] * 5 + [date(2025, 4, 2), date(2026, 3, 1), date(2024, 6, 1)]))
    basis = draw(st.sampled_from(["service_quarter"] * 4 + ["latest", "2025Q2", "2024Q1"]))
    return Question(files, draw(rows(theme)), as_of, basis, records)
