"""``schedules.toml``: what it may say, and what is said of what it may not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from run_standin import schedules_in

from hitmodel.errors import InputError
from hitmodel.parameters import Parameter, choose
from hitmodel.timetable import items_of, load_schedules, read_items

GOOD = """
[defaults]
time_zone = "America/New_York"
[defaults.parameters]
as_of = "2027-01-01"
[[schedule]]
name = "monthly"
notebook = "n"
cron = "0 6 2 * *"
parameters = { claims = "c.csv" }
over = [ { name = "a", baseline = "x" }, { name = "b", baseline = "y" } ]
tell = [ { folder = "outbox", to = "a@example.org" }, { command = ["echo", "{subject}"], when = "failure" } ]
"""


def test_defaults_hold_for_each_and_items_add_to_the_parameters(tmp_path: Path) -> None:
    file = schedules_in(tmp_path, GOOD)
    (monthly,) = load_schedules(file)
    assert (monthly.time_zone, monthly.keep, monthly.tell[1].when) == ("America/New_York", 12, "failure")
    assert [(item.name, item.values) for item in items_of(monthly, file)] == [
        ("a", {"as_of": "2027-01-01", "claims": "c.csv", "baseline": "x"}),
        ("b", {"as_of": "2027-01-01", "claims": "c.csv", "baseline": "y"}),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('cron = "0 6 2 * *"', 'cron = "61 6 2 * *"'), r"schedule 'monthly': cron = \"61 6 2 \* \*\" is not a cron"),
        (('cron = "0 6 2 * *"', 'corn = "0 6 2 * *"'), r"'corn' is not known here. Did you mean 'cron'\?"),
        (('cron = "0 6 2 * *"', ""), "nothing says when to run it: give cron, on_change, or both"),
        (("America/New_York", "America/NewYork"), 'time_zone = "America/NewYork" is not a time zone'),
        (('name = "b"', 'name = "a"'), "over, item 2: two runs are called 'a'"),
        (('name = "b"', 'name = "../b"'), r"item 2: '../b' cannot name a run"),
        (("folder = ", "command = ['x'], folder = "), "either a command or a folder"),
        (("[[schedule]]", "[[schedules]]"), r"'schedules' is not known here. Did you mean 'schedule'\?"),
        (("[[schedule]]", "[[schedule"), "not a TOML file"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    file = schedules_in(tmp_path, GOOD.replace(*change))
    with pytest.raises(InputError) as caught:
        [items_of(schedule, file) for schedule in load_schedules(file)]
    assert re.search(message, str(caught.value)), caught.value


def test_a_table_of_runs_as_csv_and_as_toml(tmp_path: Path) -> None:
    table = tmp_path / "payers.csv"
    table.write_text('name,baseline,proposals\na,x,p\nb,y,"p,q"\n')
    assert [(i.name, i.given) for i in read_items(table)] == [
        ("a", ("baseline=x", "proposals=p")),
        ("b", ("baseline=y", "proposals=p,q")),
    ]
    table.write_text("name,baseline\na\n")
    with pytest.raises(InputError, match="row 2: the row has more or fewer cells"):
        read_items(table)
    tables = tmp_path / "payers.toml"
    tables.write_text('[parameters]\nas_of = 2027-01-01\n[[run]]\nname = "a"\nbaseline = "x"\n')
    (item,) = read_items(tables)
    as_of, baseline = Parameter("as_of", "str", ""), Parameter("baseline", "str", "")
    assert choose([as_of, baseline], item.given, "n", item.values) == {"as_of": "2027-01-01", "baseline": "x"}


@pytest.mark.parametrize(
    ("kind", "value"), [("str", 450), ("int", "3"), ("int", True), ("bool", 1), ("list[str]", "a")]
)
def test_a_value_of_another_type_is_refused(kind: str, value: object) -> None:
    default = {"str": "", "int": 0, "bool": False, "list[str]": []}[kind]
    with pytest.raises(InputError, match=r"parameter 'p': .* is not a "):
        choose([Parameter("p", kind, default)], (), "n", {"p": value})  # type: ignore[arg-type]


def test_the_sample_can_be_read(project: Path) -> None:
    file = project / "data/samples/schedules.toml"
    (comparison,) = load_schedules(file)
    assert [item.name for item in items_of(comparison, file)] == ["proposal_a", "proposal_b"]


def test_the_example_of_the_docs_can_be_read(project: Path, tmp_path: Path) -> None:
    text = (project / "docs/schedules.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (monthly,) = load_schedules(schedules_in(tmp_path, example))
    assert (monthly.keep, monthly.memory_limit_mb, [tell.when for tell in monthly.tell]) == (
        12,
        4000,
        ["moved", "failure"],
    )
    assert len(read_items(project / "data/samples/offers.toml")) == 3
