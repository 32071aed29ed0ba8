"""Claim lines as they were billed, with every problem of the file found in one reading.

A file has one line to a row and the columns `hitmodel.claim_shape.REQUIRED`, with `OPTIONAL` ones where known. Dates
are ISO and both ends count; money is in dollars; modifiers are parted by blanks. A void is a line with negative units
and a negative charge that cancels an earlier one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hitmodel import claim_fields as fields
from hitmodel import paths
from hitmodel.claim_fields import Problem, each_distinct
from hitmodel.claim_file import TextTable, read_text_table
from hitmodel.claim_sets import located
from hitmodel.claim_shape import COLUMNS
from hitmodel.errors import Counted, Finding, counted

TEXT_COLUMNS = (
    "claim_id",
    "line_id",
    "patient_id",
    "payer",
    "product",
    "code",
    "modifiers",
    "place_of_service",
    "ndc",
    "ndc_unit",
)
MILLI_COLUMNS = {"units": "units_milli", "ndc_quantity": "ndc_quantity_milli"}
CENTS_COLUMNS = {
    "charge": "charge_cents",
    "acquisition_cost": "acquisition_cost_cents",
    "actual_allowed": "actual_allowed_cents",
}
_NEEDED = ("units", "charge")


@dataclass(frozen=True)
class Claims:
    """A claims file, read.

    Attributes
    ----------
    lines : DataFrame
        One row for each line of the file, in its order; none is left out. ``row`` is the row as seen in the file (the
        heading is row 1). Text columns hold "" when absent. ``service_from`` and ``service_through`` are
        datetime64[s], NaT when unreadable. ``units_milli`` and ``ndc_quantity_milli`` are thousandths,
        ``charge_cents``, ``acquisition_cost_cents`` and ``actual_allowed_cents`` are cents, all Int64 and <NA> when
        unknown. ``blocked`` says why a line cannot be priced, "" when it can.
    findings : tuple of Finding
        Every problem, by row and then by column; the ones that block a line say so.
    source : str
        The file, as a user would write it.
    checksum : str
        SHA-256 of the file's bytes.
    """

    lines: pd.DataFrame
    findings: tuple[Finding, ...]
    source: str
    checksum: str

    @property
    def line_ids(self) -> pd.Series:
        """The id of each line."""
        return self.lines["line_id"]

    @property
    def counted(self) -> tuple[Counted, ...]:
        """The findings by kind and field, in order of first appearance."""
        return counted(self.findings)

    def __iter__(self) -> Iterator[pd.DataFrame | tuple[Finding, ...]]:
        """Unpack as ``lines, findings``."""
        yield self.lines
        yield self.findings


@dataclass(frozen=True, init=False)
class LazyClaims(Claims):
    """Claims whose lines are looked up only when they are asked for.

    ``load`` returns the columns that it is given, of all lines; all columns for none. ``found`` are the findings by
    kind; ``findings`` holds the first of each.
    """

    load: Callable[[tuple[str, ...]], pd.DataFrame]
    found: tuple[Counted, ...]

    def __init__(
        self,
        load: Callable[[tuple[str, ...]], pd.DataFrame],
        source: str,
        checksum: str,
        found: tuple[Counted, ...] = (),
    ) -> None:
        given = {"load": load, "source": source, "checksum": checksum, "found": found}
        for name, value in (given | {"findings": tuple(one.first for one in found)}).items():
            object.__setattr__(self, name, value)

    @property
    def counted(self) -> tuple[Counted, ...]:
        """The findings by kind and field, all of them counted."""
        return self.found

    @cached_property  # type: ignore[misc]
    def lines(self) -> pd.DataFrame:
        """The lines, as `Claims.lines`."""
        return self.load(())

    @cached_property
    def line_ids(self) -> pd.Series:
        """The id of each line, without a look at anything else."""
        return self.load(("line_id",))["line_id"]


def read_claims(path: str | Path) -> Claims:
    """Read a claims file, CSV or Parquet, or imported claims by name, and collect everything wrong with their lines.

    Codes, modifiers and NDC units are put in capitals and dashed 5-4-2 NDCs lose their dashes; nothing else is changed.

    Raises
    ------
    InputError
        When the file as a whole cannot be used: it is not there, empty, of another kind, or lacks columns.
    """
    path = located(path)
    table = read_text_table(path)
    lines, problems = _understand(_normalised(table.frame))
    source = paths.shown(path)
    findings, blocked = _settle(table, lines, problems, source)
    lines["blocked"] = blocked
    return Claims(lines, findings, source, table.checksum)


def _normalised(text: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with codes in capitals, single blanks between modifiers and NDCs without dashes."""
    return text.assign(
        code=each_distinct(text["code"], lambda codes: codes.str.upper()),
        modifiers=each_distinct(
            text["modifiers"], lambda cells: cells.str.upper().str.replace(r"\s+", " ", regex=True)
        ),
        ndc=each_distinct(
            text["ndc"],
            lambda numbers: numbers.str.replace(r"^([0-9]{5})-([0-9]{4})-([0-9]{2})$", r"\1\2\3", regex=True),
        ),
        ndc_unit=each_distinct(text["ndc_unit"], lambda units: units.str.upper()),
    )


def _understand(text: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the typed lines, and what is wrong with their cells."""
    lines = text[["row", *TEXT_COLUMNS]].copy()
    problems = [*fields.id_problems(text), *fields.code_problems(text), *fields.modifier_problems(text)]
    for name in ("service_from", "service_through"):
        lines[name] = fields.parse_date(text[name])
        problems += fields.date_problems(text, name, lines[name])
    problems += fields.span_problems(text, lines["service_from"], lines["service_through"])
    for columns, decimals in ((MILLI_COLUMNS, 3), (CENTS_COLUMNS, 2)):
        for name, typed in columns.items():
            lines[typed] = fields.parse_number(text[name], decimals)
            needed = name in _NEEDED
            problems += fields.number_problems(text, name, lines[typed], decimals=decimals, needed=needed)
    problems += fields.sign_problems(text, lines["units_milli"], lines["charge_cents"])
    problems += fields.place_problems(text)
    problems += fields.ndc_problems(text, lines["ndc_quantity_milli"])
    return lines, problems


def _settle(
    table: TextTable, lines: pd.DataFrame, problems: list[Problem], source: str
) -> tuple[tuple[Finding, ...], pd.Series]:
    """Return all findings in the file's order, and for each line why it is blocked.

    A row of the wrong length has that one finding: its cells stand under the wrong headings.
    """
    found = list(_wrong_lengths(table, lines, source))
    for problem in (p for p in problems if p.at.size):
        at = problem.at if not table.wrong_length else _keep(problem.at, lines, table.wrong_length)
        cells, rows, ids = (column.iloc[at] for column in (table.frame[problem.field], lines["row"], lines["line_id"]))
        found += [
            Finding(source, int(row), problem.field, cell, problem.say(int(i)), problem.kind, line_id, problem.blocks)
            for i, cell, row, line_id in zip(at, cells, rows, ids, strict=True)
        ]
    order = {name: place for place, name in enumerate(COLUMNS)}
    found.sort(key=lambda finding: (finding.row, order.get(finding.field, -1)))
    reasons: dict[int, list[str]] = {}
    for finding in found:
        if finding.blocks:
            reasons.setdefault(finding.row, []).append(f"{finding.field}: {finding.problem}")
    blocked = [("; ".join(reasons[row]) if row in reasons else "") for row in lines["row"]]
    return (*table.findings, *found), pd.Series(blocked, lines.index, dtype="str")


def _wrong_lengths(table: TextTable, lines: pd.DataFrame, source: str) -> Iterator[Finding]:
    for row, line_id in lines.loc[lines["row"].isin(list(table.wrong_length)), ["row", "line_id"]].itertuples(
        index=False
    ):
        yield Finding(source, int(row), "row", "", table.wrong_length[row], "wrong_length", line_id, blocks=True)


def _keep(at: NDArray[np.intp], lines: pd.DataFrame, without: dict[int, str]) -> NDArray[np.intp]:
    return at[~lines["row"].iloc[at].isin(list(without)).to_numpy()]
