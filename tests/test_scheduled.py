"""Schedules carried out, with a clock that stands still and reports made of nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from run_standin import Press, clock_at, schedules_in

from hitmodel import report
from hitmodel.errors import InputError
from hitmodel.ledger import read_ledger
from hitmodel.report import Request
from hitmodel.scheduled import Desk, Outcome, only_one, run_due, run_now
from hitmodel.timetable import load_schedules

pytestmark = pytest.mark.usefixtures("own_workspace")  # runs keep there what went into them

DAILY = """
[[schedule]]
name = "daily"
notebook = "n"
cron = "0 6 * * *"
keep = 2
retries = 1
over = [ { name = "a", payer = "x" }, { name = "b", payer = "y" } ]
[[schedule.tell]]
folder = "OUTBOX"
to = "team@example.org"
"""


class World:
    def __init__(self, folder: Path, press: Press, text: str = DAILY) -> None:
        self.home, self.clock, self.press = folder / "reports", clock_at("2026-06-01T12:00+00:00"), press
        self.outbox = folder / "outbox"
        self.file = schedules_in(folder, text.replace("OUTBOX", str(self.outbox)))
        self.desk = Desk(self.home, self.file, self.clock)

    def due(self) -> list[Outcome]:
        return run_due(self.desk, load_schedules(self.file))

    def runs(self) -> list[tuple[str, str, str]]:
        return [(e["run"], e["status"], e["why"]) for e in read_ledger(self.home).runs()]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    press = Press()
    monkeypatch.setattr(report, "make_report", press)
    made = World(tmp_path, press)
    assert made.due() == []  # seen for the first time at noon: due from tomorrow on
    return made


def failing(name: str) -> object:
    def refuse(request: Request) -> None:
        if request.values["payer"] == name:
            raise InputError("there is no file claims.csv")

    return refuse


def test_what_is_due_runs_once_however_often_it_is_asked(world: World) -> None:
    world.clock.set("2026-06-04T09:17+00:00")  # three mornings later
    assert [o.is_good for o in world.due()] == [True, True]
    assert [world.due(), world.due()] == [[], []]
    assert world.runs() == [
        ("scheduled/daily/a/2026-06-04_0600", "ok", "due"),
        ("scheduled/daily/b/2026-06-04_0600", "ok", "due"),
    ]
    assert "2 of 2 reports" in next(world.outbox.iterdir()).read_text()
    assert (world.home / "index.html").is_file()


def test_only_so_many_runs_are_kept_and_each_is_compared_with_the_one_before(world: World) -> None:
    for day in ("02", "03", "04"):
        world.clock.set(f"2026-06-{day}T06:00+00:00")
        world.due()
    kept = sorted(p.name for p in (world.home / "scheduled/daily/a").iterdir())
    assert kept == ["2026-06-03_0600", "2026-06-04_0600"]
    assert [r.previous.name if r.previous else "" for r in world.press.made if r.values["payer"] == "x"] == [
        "",
        "2026-06-02_0600",
        "2026-06-03_0600",
    ]
    assert read_ledger(world.home).removed == {"scheduled/daily/a/2026-06-02_0600", "scheduled/daily/b/2026-06-02_0600"}


def test_one_that_fails_fails_alone_is_tried_again_and_the_last_good_run_stays(world: World) -> None:
    world.clock.set("2026-06-02T06:00+00:00")
    world.due()
    world.press.before = failing("y")  # type: ignore[assignment]
    world.clock.set("2026-06-03T06:00+00:00")
    assert [o.is_good for o in world.due()] == [True, False]
    assert (
        "there is no file claims.csv" in (world.home / "scheduled/daily/b/2026-06-03_0600-failed/log.txt").read_text()
    )
    assert world.due() == []  # the retry waits ten minutes
    world.clock.forward(minutes=10)
    before = len(world.press.made)
    assert [(o.entry["item"], o.is_good) for o in world.due()] == [("b", False)]  # what was good is not made again
    assert len(world.press.made) == before + 1
    world.clock.forward(hours=5)
    assert world.due() == []  # given up until the next day
    assert (world.home / "scheduled/daily/b/2026-06-02_0600/run.json").is_file()
    world.press.before = lambda request: None
    world.clock.set("2026-06-04T06:00+00:00")
    assert [o.is_good for o in world.due()] == [True, True]


def test_a_run_that_was_killed_is_made_again_at_the_next_call(world: World) -> None:
    class Killed(BaseException):
        pass

    def kill(request: Request) -> None:
        draft = Path(f"{request.out.parent}/.{request.out.name}-x7")  # type: ignore[union-attr]
        draft.mkdir(parents=True)
        (draft / "half.html").write_text("half")
        raise Killed

    world.press.before = kill
    world.clock.set("2026-06-02T06:00+00:00")
    for _ in range(2):
        with pytest.raises(Killed):
            world.due()
    world.press.before = lambda request: None
    outcomes = world.due()  # two attempts were broken off, which is what retries = 1 allows
    assert ["given up" in o.message for o in outcomes] == [True]
    assert world.due() == []
    world.clock.set("2026-06-03T06:00+00:00")
    assert [o.is_good for o in world.due()] == [True, True]
    assert [p for p in world.home.rglob(".*") if p.is_dir() and p.name != ".schedules"] == []


def test_killed_once_the_same_occasion_runs_again(world: World) -> None:
    def kill(request: Request) -> None:
        raise KeyboardInterrupt

    world.press.before = kill
    world.clock.set("2026-06-02T06:00+00:00")
    with pytest.raises(KeyboardInterrupt):
        world.due()
    world.press.before = lambda request: None
    assert [o.entry["due"] for o in world.due()] == ["2026-06-02T06:00:00+00:00"] * 2
    assert world.due() == []


@pytest.mark.parametrize("spoilt", ["", "{", "[]", '{"daily": 3}'])
def test_a_spoilt_state_is_worked_out_from_the_ledger(world: World, spoilt: str) -> None:
    world.clock.set("2026-06-02T06:00+00:00")
    world.due()
    (world.home / ".schedules/state.json").write_text(spoilt)
    assert world.due() == []
    world.clock.set("2026-06-03T06:00+00:00")
    assert len(world.due()) == 2


def test_two_at_once_never_overlap_and_the_lock_goes_with_its_holder(world: World) -> None:
    with only_one(world.home) as first, only_one(world.home) as second:
        assert (first, second) == (True, False)
    with only_one(world.home) as again:
        assert again


def test_by_hand_one_item_now_and_an_unknown_one_is_refused(world: World) -> None:
    (daily,) = load_schedules(world.file)
    (outcome,) = run_now(world.desk, daily, "b")
    assert outcome.entry["run"] == "scheduled/daily/b/2026-06-01_120000"
    (again,) = run_now(world.desk, daily, "b")
    assert again.entry["run"] == "scheduled/daily/b/2026-06-01_120000-2"
    with pytest.raises(InputError, match=r"has no item 'c'. Expected one of a, b"):
        run_now(world.desk, daily, "c")


def test_a_table_that_is_gone_fails_its_schedule_and_no_other(world: World) -> None:
    text = DAILY.replace("OUTBOX", str(world.outbox))
    broken = text.replace('"daily"', '"broken"').replace(
        'over = [ { name = "a", payer = "x" }, { name = "b", payer = "y" } ]', 'over = "gone.csv"'
    )
    world.file.write_text(broken + text)
    world.due()
    world.clock.set("2026-06-02T06:00+00:00")
    assert [(o.entry["schedule"], o.is_good) for o in world.due()] == [
        ("broken", False),
        ("daily", True),
        ("daily", True),
    ]


def test_a_full_disk_is_a_failed_run_and_the_next_one_is_right(world: World) -> None:
    def full(request: Request) -> None:
        raise OSError(28, "No space left on device")

    world.press.before = full
    world.clock.set("2026-06-02T06:00+00:00")
    assert ["No space left" in o.message for o in world.due()] == [True, True]
    world.press.before = lambda request: None
    world.clock.forward(minutes=10)
    assert [o.is_good for o in world.due()] == [True, True]


def test_the_whole_folder_may_be_deleted(world: World) -> None:
    shutil.rmtree(world.home)
    assert world.due() == []
    world.clock.set("2026-06-02T06:00+00:00")
    assert len(world.due()) == 2
