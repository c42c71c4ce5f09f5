"""What the code declares of its flags: what is refused, and what `manage.py flags sync` makes of it."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from flags import registry
from flags.actions import declarations
from flags.actions import flags as acts
from flags.models import Change, Flag, Grant, Kind, Stage
from tests.buyers import COMMITTED, race
from tests.flags.makers import HOUR, NOON, changes_of, declaration, make_flag, make_grant
from tests.makers import make_event

SAID: dict[str, Any] = {
    "name": "seat-maps", "owner": "ada@example.com", "purpose": "Seats on a map.", "kind": Kind.OPERATIONS,
    "budget_queries": 1, "budget_ms": 5,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_declared_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_declared", {})


def sync(*declared: registry.Declaration, now: datetime = NOON) -> list[str]:
    return declarations.sync(declared={one.name: one for one in declared}, now=now)


def said(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("flags", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_declared_flag_is_known_by_name() -> None:
    registry.declare(**SAID)
    registry.declare(**SAID)  # the same again, as when a module is read twice

    assert registry.declared() == {
        "seat-maps": registry.Declaration(**SAID, expires_at=None, prerequisites=frozenset())
    }


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"name": " "}, "A flag has a name."),
        ({"owner": "Ada"}, "an owner is an e-mail address"),
        ({"purpose": ""}, "say what it is for"),
        ({"kind": Kind.RELEASE}, "must have an end"),
        ({"expires_at": datetime(2030, 1, 1)}, "in which time zone"),
        ({"budget_queries": -1}, "not below zero"),
        ({"budget_ms": -1}, "not below zero"),
    ],
)
def test_declaration_that_cannot_be_true_is_refused(changed: dict[str, Any], fault: str) -> None:
    with pytest.raises(registry.Faulty, match=fault):
        registry.declare(**{**SAID, **changed})

    assert registry.declared() == {}


def test_name_is_declared_once() -> None:
    registry.declare(**SAID)

    with pytest.raises(registry.Faulty, match="declared twice"):
        registry.declare(**{**SAID, "owner": "bob@example.com"})


def test_faults_of_all_together_are_named() -> None:
    declared = {
        name: declaration(name, prerequisites=frozenset(required))
        for name, required in {"a": ["b"], "b": ["a"], "c": ["nowhere"], "d": ["a"]}.items()
    }

    assert registry.faults(declared) == [
        "c needs nowhere, which is not declared.", "a needs itself in the end.", "b needs itself in the end.",
    ]  # fmt: skip
    assert registry.expired({"a": declaration("a", expires_at=NOON)}, at=NOON) == ["a"]


@pytest.mark.django_db
def test_sync_makes_drafts_of_what_is_new() -> None:
    done = sync(declaration("b", prerequisites=frozenset({"a"})), declaration("a"))

    made = Flag.objects.get(name="b")
    assert done == ["a: made, a draft", "b: made, a draft", "b: needs a"]
    assert (made.stage, made.owner, made.purpose, made.kind) == (
        Stage.DRAFT, "ada@example.com", "Seats on a map.", Kind.RELEASE,
    )  # fmt: skip
    assert (made.expires_at, made.budget_queries, made.budget_ms, made.is_declared) == (
        NOON + timedelta(days=60), 1, 5, True,
    )  # fmt: skip
    assert [flag.name for flag in made.prerequisites.all()] == ["a"]
    assert {(by, reason) for _, by, reason, _ in changes_of(made)} == {("automatic", declarations.REASON)}


@pytest.mark.django_db
def test_sync_again_does_nothing() -> None:
    declared = [declaration("b", prerequisites=frozenset({"a"})), declaration("a")]
    sync(*declared)
    before = (list(Flag.objects.order_by("pk").values()), Change.objects.count())

    assert sync(*declared, now=NOON + HOUR) == []

    assert (list(Flag.objects.order_by("pk").values()), Change.objects.count()) == before


@pytest.mark.django_db
def test_sync_brings_up_to_date_what_the_code_says_and_nothing_else() -> None:
    sync(declaration("a"), declaration("b"))
    flag, event = Flag.objects.get(name="a"), make_event()
    acts.change_stage(flag=flag, to=Stage.TRIAL, reason="Go", by=None, now=NOON)
    acts.kill(flag=flag, reason="Stop", by=None, now=NOON)
    grant = make_grant(flag, event)

    done = sync(
        declaration("a", owner="bob@example.com", budget_ms=9, prerequisites=frozenset({"b"})), declaration("b")
    )

    flag.refresh_from_db()
    assert done == ["a: owner, budget_ms", "a: needs b"]
    assert (flag.owner, flag.budget_ms, flag.stage, flag.is_killed) == ("bob@example.com", 9, Stage.TRIAL, True)
    assert list(Grant.objects.all()) == [grant]


@pytest.mark.django_db
def test_sync_marks_what_is_no_longer_declared_and_deletes_nothing() -> None:
    make_flag("by-hand")
    sync(declaration("a"))

    gone, again_gone, back = sync(), sync(), sync(declaration("a"))

    assert (gone, again_gone, back) == (["a: no longer declared"], [], ["a: declared again"])
    assert set(Flag.objects.values_list("name", "is_declared")) == {("a", True), ("by-hand", False)}


@pytest.mark.django_db
def test_sync_turns_a_prerequisite_round() -> None:
    sync(declaration("a", prerequisites=frozenset({"b"})), declaration("b"))

    done = sync(declaration("a"), declaration("b", prerequisites=frozenset({"a"})))

    assert done == ["a: needs no other", "b: needs a"]


@pytest.mark.django_db
def test_command_says_what_it_did() -> None:
    registry.declare(**SAID)

    dry, done, again = said("sync", "--dry-run"), said("sync"), said("sync")

    assert dry == ["seat-maps: made, a draft", "Nothing was done: a dry run."]
    assert done == ["seat-maps: made, a draft"]
    assert again == ["Nothing to do: 1 declared."]


@pytest.mark.django_db
def test_command_refuses_what_cannot_be_made() -> None:
    registry.declare(**SAID, prerequisites=("nowhere",))

    with pytest.raises(CommandError, match="seat-maps needs nowhere, which is not declared"):
        said("sync")

    assert not Flag.objects.exists()


@pytest.mark.django_db
def test_command_refuses_a_circle_through_a_flag_made_by_hand() -> None:
    registry.declare(**SAID)
    said("sync")
    hand, declared = make_flag("by-hand"), Flag.objects.get(name="seat-maps")
    acts.require(flag=hand, prerequisites=[declared], reason="Trial", by=None, now=NOON)

    with pytest.raises(acts.Circle):
        acts.require(flag=declared, prerequisites=[hand], reason="Trial", by=None, now=NOON)

    assert said("sync") == ["Nothing to do: 1 declared."]


@pytest.mark.race
@COMMITTED
def test_two_that_sync_at_once_make_each_flag_once() -> None:
    declared = [declaration("a"), declaration("b", prerequisites=frozenset({"a"}))]

    done = race(*[lambda: sync(*declared)] * 4)

    assert sorted(len(lines) if isinstance(lines, list) else -1 for lines in done) == [0, 0, 0, 3]
    assert Flag.objects.count() == 2
