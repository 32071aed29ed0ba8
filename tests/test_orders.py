"""Therapy orders: what is read, and what is refused in which words."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from hitmodel.errors import InputError
from hitmodel.orders import Order, load_order, parse_order

ORDER = """
patient = "P-0042"

[[therapy]]
id = "vancomycin"
class = "anti_infective"
every = "12h"
start = 2025-06-24
stop = 2025-07-07
drugs = [{ code = "J3370", dose = 1.25, unit = "g" }]

[[visit]]
begin = 2025-06-24T09:00:00
end = 2025-06-24T11:31:00
"""


def read(text: str) -> Order:
    return parse_order(tomllib.loads(text, parse_float=Decimal), "order.toml")


def test_an_order_is_read_exactly_and_cannot_be_changed(tmp_path: Path) -> None:
    file = tmp_path / "order.toml"
    file.write_text(ORDER, encoding="utf-8")
    order = load_order(file)
    therapy = order.therapy[0]
    assert (therapy.interval_hours, therapy.stop) == (12, date(2025, 7, 7))
    assert therapy.drugs[0].dose == Decimal("1.25")
    assert order.visit[0].minutes == 151  # 2 hours and 31 minutes
    assert order.file.endswith("order.toml")
    with pytest.raises(ValidationError, match="frozen"):
        order.patient = "P-0001"  # type: ignore[misc]


V = "order.toml, therapy 'vancomycin'"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("stop = 2025-07-07", "stop = 2025-06-07", f"{V}: stop 2025-06-07 stops before start 2025-06-24."),
        (
            "stop = 2025-07-07",
            'stop = "2025-07-07"',
            f"{V}: stop '2025-07-07' is not right. Expected a date without quotes, such as 2026-03-14.",
        ),
        ("stop = 2025-07-07", "", f"{V}: 'stop' is missing."),
        ('every = "12h"', 'evry = "12h"', f"{V}: 'evry' is not known here. Did you mean 'every'?"),
        ('class = "anti', 'clas = "anti', f"{V}: 'clas' is not known here. Did you mean 'class'?"),
        (
            'every = "12h"',
            'every = "twice"',
            f"{V}: every 'twice' is not a dose interval; expected hours, days or weeks such as q8h, 12h, 2d or 1w.",
        ),
        ('every = "12h"', "", f'{V}: how often is missing: every = "24h", method = "continuous" or litres_per_day.'),
        (
            "11:31",
            "08:31",
            "order.toml, visit 1: end 2025-06-24 08:31:00 is not after begin 2025-06-24 09:00:00.",
        ),
        (
            "11:31",
            "09:00",
            "order.toml, visit 1: end 2025-06-24 09:00:00 is not after begin 2025-06-24 09:00:00.",
        ),
        ("dose = 1.25", "dose = 0", f"{V}, drugs 1: dose 0 is not right. Expected greater than 0."),
        ("dose = 1.25", 'dose = "1"', f"{V}, drugs 1: dose '1' expected a number, written without quotes."),
        ('code = "J3370", ', "", f'{V}, drugs 1: say which drug: either code = "…" or family = "…".'),
        ('unit = "g"', 'unit = "g", vial = [1]', f"{V}, drugs 1: 'vial' is not known here. Did you mean 'vials'?"),
        ('patient = "P-0042"', "patient = 42", "order.toml: patient 42 is not right. Expected text in quotes."),
        ("[[visit]]", "[[visits]]", "order.toml: 'visits' is not known here. Did you mean 'visit'?"),
        (
            'every = "12h"',
            'every = "12h"\ndoses = [2025-07-08]',
            f"{V}: a dose on 2025-07-08 lies outside 2025-06-24 to 2025-07-07.",
        ),
        (
            'every = "12h"',
            'every = "12h"\nholds = [{ first = 2025-06-28, last = 2025-06-27 }]',
            f"{V}, holds 1: last 2025-06-27 lies before first 2025-06-28.",
        ),
        (
            "[[visit]]",
            "[[stay]]\nadmitted = 2025-07-02\ndischarged = 2025-07-01\n[[visit]]",
            "order.toml, stay 1: discharged 2025-07-01 lies before admitted 2025-07-02.",
        ),
        (
            'every = "12h"',
            'every = "12h"\nreplaces = "vancomycine"',
            "order.toml: therapy 'vancomycin' replaces 'vancomycine', which is not here. Did you mean 'vancomycin'?",
        ),
        (
            "09:00:00",
            "09:00:00Z",
            "order.toml, visit 1: begin 2025-06-24 09:00:00+00:00 expected local time, without a zone.",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(old: str, new: str, message: str) -> None:
    assert old in ORDER
    with pytest.raises(InputError) as error:
        read(ORDER.replace(old, new))
    assert str(error.value) == message


def test_every_mistake_is_listed() -> None:
    broken = ORDER.replace("stop = 2025-07-07", "stop = 2025-06-07").replace("11:31", "08:31")
    with pytest.raises(InputError, match=r"stops before start .* Also: order\.toml, visit 1: end .* is not after"):
        read(broken)


def test_two_therapies_need_two_names() -> None:
    head, therapy = ORDER.split("[[therapy]]")[0], ORDER.split("[[therapy]]")[1].split("[[visit]]")[0]
    with pytest.raises(InputError, match="two therapies have the id 'vancomycin'"):
        read(f"{head}[[therapy]]{therapy}[[therapy]]{therapy}")


def test_an_empty_order_is_refused() -> None:
    with pytest.raises(InputError, match="nothing is ordered"):
        read('patient = "P-0042"')


@pytest.mark.parametrize("content", [b"patient = ", b"\xff\xfe"])
def test_what_is_not_toml_is_said_so(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(content)
    with pytest.raises(InputError, match="not a TOML file"):
        load_order(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml: the order is not there"):
        load_order(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("how", "hours"),
    [('every = "48h"', 48), ("every = 8", 8), ('method = "continuous"', None), ("litres_per_day = 1.8", 24)],
)
def test_how_often(how: str, hours: int | None) -> None:
    assert read(ORDER.replace('every = "12h"', how)).therapy[0].interval_hours == hours
