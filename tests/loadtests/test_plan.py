"""The plan and the crowd that it makes: what is refused, and who comes in which process."""

import json
from pathlib import Path
from typing import Any

import pytest

from loadtests.crowd import Ending, arrivals
from loadtests.plan import BadPlan, Plan, Shares


def make_plan(**over: Any) -> Plan:
    return Plan.read({"base": "http://127.0.0.1:1", "path": "/a/b/", "receipts": "receipts.jsonl", **over})


@pytest.mark.parametrize(
    "over",
    [
        {"base": "ftp://x"}, {"path": "a/b/"}, {"receipts": ""}, {"curve": "sipke"}, {"factor": 0}, {"buyers": "many"},
        {"seconds": 0}, {"opens_at": "soon"}, {"opens_at": "2030-01-01T10:00:00"}, {"processes": 1.5},
        {"weights": {"a": -1}}, {"shares": {"bots": 2}}, {"shares": {"cats": 0.1}}, {"ceiling_per_second": 0},
        {"shares": {"abandons": 0.8, "declined": 0.3}}, {"colour": "red"}, {"mark": "two\nlines"}, {"mark": 5},
        {"watch": {"path": "/a/"}}, {"watch": {"path": "a", "email": "a@b.test", "password": "c"}},
        {"watch": {"path": "/a/", "email": "a@b.test", "password": "c", "people": 0}}, {"watch": {"colour": "red"}},
    ],
)  # fmt: skip
def test_plan_that_cannot_be_played_is_refused(over: dict[str, Any]) -> None:
    with pytest.raises(BadPlan):
        make_plan(**over)


def test_plan_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{")

    with pytest.raises(BadPlan, match="cannot be read"):
        Plan.load(tmp_path / "plan.json")


def test_plan_comes_back_from_json_as_it_was() -> None:
    watch = {"path": "/organise/a/b/", "email": "ada@example.com", "password": "open sesame", "people": 2}
    plan = make_plan(opens_at="2030-01-01T10:00:00+00:00", shares={"bots": 0.2}, weights={"early": 3}, watch=watch)

    assert Plan.read(json.loads(json.dumps(plan.to_json()))) == plan


def test_password_of_who_watches_is_not_shown() -> None:
    plan = make_plan(watch={"path": "/a/", "email": "ada@example.com", "password": "open sesame"})

    assert "open sesame" not in repr(plan)


def test_buyers_times_factor_come() -> None:
    assert len(arrivals(make_plan(buyers=300, factor=1.5))) == 450


def test_processes_share_the_crowd_without_telling_each_other() -> None:
    plan = make_plan(buyers=100)

    shares = [arrivals(plan, share=share, shares=3) for share in range(3)]

    assert sorted((one for share in shares for one in share), key=lambda one: one.number) == arrivals(plan)


def test_crowd_has_the_plans_shares_of_each_manner() -> None:
    plan = make_plan(buyers=20_000, shares={"bots": 0.1, "double_click": 0.2, "no_javascript": 0.3})

    crowd = arrivals(plan)

    def share(found: list[Any]) -> Any:
        return pytest.approx(len(found) / len(crowd), abs=0.01)

    assert share([one for one in crowd if one.ending is Ending.ABANDONS]) == Shares().abandons
    assert share([one for one in crowd if one.ending is Ending.IS_DECLINED]) == Shares().declined
    assert share([one for one in crowd if one.ending is Ending.IS_BOT]) == 0.1
    assert share([one for one in crowd if one.double_clicks]) == 0.2
    assert share([one for one in crowd if not one.has_javascript]) == 0.3
    assert share([one for one in crowd if one.comes_back]) == Shares().comes_back
