"""Companion files at random, and the clauses that ask for them."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from oracle.generate_words import Table, seldom, selectors

PATIENTS = ("P1", "P2", "P3")
THERAPY_CODES = ("S9500", "S9501", "S9365", "S9374", "S5498")
DAYS = st.integers(0, 45).map(lambda n: date(2025, 3, 15) + timedelta(days=n))


@st.composite
def clauses(draw: st.DrawFn) -> Table:
    """How days are counted, how visits are timed, what is paid only during a hold."""
    found: Table = {}
    if draw(st.booleans()):
        found["days"] = draw(_days_clauses())
        if seldom(draw, 3):
            found["days"] = [found["days"], *draw(st.lists(_days_clauses(), max_size=2))]
    if draw(st.booleans()):
        hours = draw(st.sampled_from(["whole", "any_part", "minutes_31", "quarter_hour"]))
        found["nursing"] = {"hours": hours, "first_minutes": draw(st.sampled_from([60, 120]))}
        found["nursing"]["second_visit"] = draw(st.sampled_from(["as_visit", "as_added_hours"]))
        found["nursing"]["missing"] = draw(st.sampled_from(["review", "billed"]))
    if draw(st.booleans()):
        rule: Table = {"id": "po", "lines": {"roles": ["catheter_care"]}}
        if draw(st.booleans()):
            rule["most_days"] = draw(st.sampled_from([3, 28]))
        rule["undocumented"] = draw(st.sampled_from(["review", "not_covered"]))
        found["paid_only"] = [rule]
    return found


@st.composite
def _days_clauses(draw: st.DrawFn) -> Table:
    counts = ["access", "infusion", "infusion_or_nursing", "elapsed_24h", "doses", "billed"]
    days: Table = {"count": draw(st.sampled_from(counts)), "as_ordered": draw(st.booleans())}
    if draw(st.booleans()):
        days["stay_edges"] = draw(st.sampled_from(["both", "neither", "discharge", "admission"]))
    if seldom(draw, 3):
        days["inpatient_pays"] = draw(st.booleans())
    if seldom(draw, 3):
        days["holds_pay"] = False
    if seldom(draw, 3):
        days["missing"] = "billed"
    if draw(st.booleans()):
        days["applies_to"] = draw(selectors(("codes", "classes")))
    return days


@st.composite
def records(draw: st.DrawFn) -> dict[str, str]:
    """Companion files by name; each may be missing."""
    therapies, doses = draw(_therapies())
    files = {
        "therapies": ["patient_id,therapy_id,code,start,stop,interval", *therapies],
        "doses": ["patient_id,therapy_id,code,date,start_time,hours", *doses],
        "holds": ["patient_id,therapy_id,first,last", *draw(st.lists(_spans(",T0"), max_size=3))],
        "stays": ["patient_id,admitted,discharged", *draw(st.lists(_spans(""), max_size=2))],
        "visits": ["patient_id,date,start_time,end_time", *draw(st.lists(_visits(), max_size=6))],
    }
    absent = draw(st.lists(st.sampled_from(sorted(files)), max_size=2))
    return {name: "\n".join(lines) + "\n" for name, lines in files.items() if name not in absent}


@st.composite
def _therapies(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Therapies of the patients, one for each code at most, with doses of some."""
    therapies, doses = [], []
    for patient in PATIENTS:
        codes = draw(st.lists(st.sampled_from(THERAPY_CODES), max_size=4, unique=True))
        for number, code in enumerate(codes):
            start = draw(DAYS)
            stop = "" if seldom(draw, 4) else (start + timedelta(draw(st.integers(0, 30)))).isoformat()
            interval = draw(st.sampled_from(["8h", "24h", "q48h", "72h", "3d", "1w", "continuous", ""]))
            therapies.append(f"{patient},T{number},{code},{start},{stop},{interval}")
            named = f"T{number},{code}" if draw(st.booleans()) else f",{code}"
            given = start if draw(st.booleans()) else None
            while given is not None and given < start + timedelta(25):
                hours = draw(st.sampled_from(["1", "20", "46", "72.5"])) if draw(st.booleans()) else ""
                doses.append(f"{patient},{named},{given},{draw(st.sampled_from(['', '06:00', '22:30']))},{hours}")
                given += timedelta(draw(st.integers(0, 6)))
    return therapies, doses


@st.composite
def _spans(draw: st.DrawFn, therapy: str) -> str:
    first = draw(DAYS)
    last = first + timedelta(draw(st.integers(0, 9)))
    named = draw(st.sampled_from([therapy, ","])) if therapy else ""
    return f"{draw(st.sampled_from(PATIENTS))}{named},{first},{last}"


@st.composite
def _visits(draw: st.DrawFn) -> str:
    start = draw(st.sampled_from(["09:00", "16:10", ""]))
    end = draw(st.sampled_from(["10:00", "11:31", "12:20", "01:05", ""]))
    return f"{draw(st.sampled_from(PATIENTS))},{draw(DAYS)},{start},{end}"
