"""Staff's pages over flags: what changes an answer goes through the acts, so it is signed and has a reason."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from accounts.models import User
from flags.models import Change, Evidence, Flag, Grant, Stage, Switch
from tests.flags.makers import NOON, make_flag, make_grant, make_tried_flag
from tests.makers import make_event, make_organiser
from tests.test_admin import page, sent, staff

pytestmark = pytest.mark.django_db

__all__ = ["staff"]  # the fixture

GRANT = {"is_on": "on", "reason": "Ada asked", "expires_at_0": "", "expires_at_1": ""}


def root() -> User:
    return User.objects.get(is_superuser=True)


def last() -> Change:
    change = Change.objects.first()
    assert change is not None
    return change


def add_grant(staff: Client, **form: Any) -> tuple[int, str]:
    answer = staff.post("/admin/flags/grant/add/", {**GRANT, **form})
    return answer.status_code, answer.content.decode()


def test_grant_is_signed_by_who_saved_it_and_ends_in_fourteen_days(staff: Client) -> None:
    flag, event = make_tried_flag(), make_event()

    made = add_grant(staff, flag=flag.pk, event=event.pk)
    twice = add_grant(staff, flag=flag.pk, event=event.pk)

    grant = Grant.objects.get()
    assert (made[0], twice[0]) == (302, 200)
    assert "Grant with this Flag and Event already exists." in twice[1]
    assert grant.given_by == root()
    assert grant.expires_at is not None
    assert timedelta(days=13) < grant.expires_at - now() < timedelta(days=15)
    assert (last().what, last().by, last().reason) == ("grant added", root().email, "Ada asked")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"reason": ""}, "This field is required."),
        ({"expires_at_0": "2020-01-01", "expires_at_1": "10:00"}, "This is over already."),
    ],
)
def test_grant_is_refused_in_words(staff: Client, changed: dict[str, str], message: str) -> None:
    status, text = add_grant(staff, flag=make_flag().pk, event=make_event().pk, **changed)

    assert (status, Grant.objects.count()) == (200, 0)
    assert message in text


def test_grant_is_to_an_event_or_an_organiser(staff: Client) -> None:
    flag, event, organiser = make_tried_flag(), make_event(), make_organiser()

    nobody = add_grant(staff, flag=flag.pk)
    both = add_grant(staff, flag=flag.pk, event=event.pk, organiser=organiser.pk)
    one = add_grant(staff, flag=flag.pk, organiser=organiser.pk)

    assert [nobody[0], both[0], one[0]] == [200, 200, 302]
    assert "Choose an event or an organiser, not both." in nobody[1]
    assert "Choose an event or an organiser, not both." in both[1]
    assert Grant.objects.get().organiser == organiser


def test_killed_flag_is_not_granted(staff: Client) -> None:
    status, text = add_grant(staff, flag=make_flag(is_killed=True).pk, event=make_event().pk)

    assert (status, Grant.objects.count()) == (200, 0)
    assert "This flag is killed. Revive it first." in text


def test_what_the_site_switched_off_is_turned_on_again_with_a_reason_of_its_own(staff: Client) -> None:
    grant = make_grant(make_tried_flag(), make_event(), is_on=False, reason="Too dear.", switched_off_by=Switch.GUARD)
    form = {**GRANT, "reason": "Too dear."}

    refused = staff.post(page(grant), form).content.decode()
    was_off = not Grant.objects.get().is_on
    status = staff.post(page(grant), {**form, "reason": "It asks once now"}).status_code

    grant.refresh_from_db()
    assert "Say why it may be on again." in refused
    assert (was_off, status) == (True, 302)
    assert (grant.is_on, grant.switched_off_by, grant.given_by) == (True, "", root())
    assert (last().by, last().reason) == (root().email, "It asks once now")


def test_changed_grant_is_signed_anew_and_stays_with_whom_it_is(staff: Client) -> None:
    event = make_event()
    grant = make_grant(make_flag(), event, expires_at=now() + timedelta(days=3))

    status, _ = sent(staff, page(grant), is_on=None, reason="Too slow", event=make_event().pk)

    grant.refresh_from_db()
    assert (status, grant.is_on, grant.reason, grant.given_by, grant.event) == (302, False, "Too slow", root(), event)
    assert (last().what, last().by, last().reason) == ("grant changed", root().email, "Too slow")


def test_deleted_grant_is_withdrawn_and_signed(staff: Client) -> None:
    one, two = (make_grant(make_flag(), make_event()) for _ in range(2))

    by_page = staff.post(page(one, "delete"), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [two.pk], "post": "yes"}
    by_list = staff.post("/admin/flags/grant/", chosen)

    assert (by_page.status_code, by_list.status_code, Grant.objects.count()) == (302, 302, 0)
    assert set(Change.objects.filter(what="grant removed").values_list("by", "reason")) == {
        (root().email, "Withdrawn in the admin.")
    }


def test_list_of_grants_tells_those_in_force_from_those_that_are_over(staff: Client) -> None:
    over = make_grant(make_flag(), make_event(), expires_at=now() - timedelta(days=1))
    holds = make_grant(make_flag(), make_event())

    def listed(value: str) -> list[Grant]:
        found = staff.get("/admin/flags/grant/", {"in_force": value})
        return list(found.context["cl"].result_list)

    assert (listed("yes"), listed("no")) == ([holds], [over])


def test_flag_is_moved_and_killed_with_a_reason(staff: Client) -> None:
    flag = make_flag(stage=Stage.TRIAL)

    without = sent(staff, page(flag), stage=Stage.BETA)
    with_one = sent(staff, page(flag), stage=Stage.BETA, is_killed="on", note="Careful", reason="Ada asked")

    flag.refresh_from_db()
    assert (without[0], with_one[0]) == (200, 302)
    assert (flag.stage, flag.is_killed, flag.note) == (Stage.BETA, True, "Careful")
    changes = Change.objects.filter(flag=flag.name, what="flag changed").order_by("pk")
    assert [(change.after, change.by, change.reason) for change in changes] == [
        (after, root().email, "Ada asked") for after in ({"note": "Careful"}, {"stage": "beta"}, {"is_killed": True})
    ]


def test_flag_is_revived(staff: Client) -> None:
    flag = make_flag(is_killed=True)

    status, _ = sent(staff, page(flag), is_killed=None, reason="Mended")

    flag.refresh_from_db()
    assert (status, flag.is_killed) == (302, False)


def test_flag_goes_no_way_that_its_life_does_not(staff: Client) -> None:
    flag = make_flag(stage=Stage.TRIAL)

    status, text = sent(staff, page(flag), stage=Stage.GENERAL, reason="Now")

    flag.refresh_from_db()
    assert (status, flag.stage) == (200, Stage.TRIAL)
    assert "A flag cannot go from trial to general: up a step at a time, down to any." in text


def test_flag_made_by_hand_begins_as_a_draft_and_a_release_has_an_end(staff: Client) -> None:
    form = {"name": "by-hand", "kind": "operations", "everyone": "unknown", "reason": "Try", "stage": "draft"}
    empty = {f"{name}-{count}": 0 for name in ("grants", "evidence") for count in ("TOTAL_FORMS", "INITIAL_FORMS")}

    at_once = staff.post("/admin/flags/flag/add/", {**form, **empty, "stage": "general"})
    endless = staff.post("/admin/flags/flag/add/", {**form, **empty, "kind": "release"})
    made = staff.post("/admin/flags/flag/add/", {**form, **empty})

    assert (at_once.status_code, endless.status_code, made.status_code) == (200, 200, 302)
    assert "A flag begins as a draft." in at_once.content.decode()
    assert "A release flag must have an end." in endless.content.decode()
    assert Flag.objects.get().stage == Stage.DRAFT
    assert (last().what, last().by, last().reason) == ("flag added", root().email, "Try")


def test_what_the_code_declares_is_only_looked_at(staff: Client) -> None:
    flag = make_flag(
        is_declared=True, owner="ada@example.com", purpose="Seats", budget_ms=5, budget_queries=1, expires_at=NOON
    )

    status, _ = sent(staff, page(flag), owner="eve@example.com", budget_ms=500, name="other", reason="Try")

    flag.refresh_from_db()
    assert (status, flag.owner, flag.budget_ms) == (302, "ada@example.com", 5)


def test_flag_is_put_into_dry_run(staff: Client) -> None:
    flag = make_flag(is_declared=True, owner="ada@example.com", purpose="Seats.", budget_queries=1, budget_ms=1)

    answer = sent(staff, page(flag), only_warns="on", reason="Looking for a budget")

    flag.refresh_from_db()
    assert (answer[0], flag.only_warns) == (302, True)


def test_deleted_flag_is_signed(staff: Client) -> None:
    flag = make_flag()

    status = staff.post(page(flag, "delete"), {"post": "yes"}).status_code

    assert (status, Flag.objects.count()) == (302, 0)
    assert (last().what, last().by) == ("flag removed", root().email)


def test_the_audit_is_only_looked_at(staff: Client) -> None:
    make_flag()
    change = last()

    assert staff.get(page(change)).status_code == 200
    assert staff.get("/admin/flags/change/add/").status_code == 403
    assert staff.post(page(change), {"by": "eve"}).status_code == 403
    assert staff.post(page(change, "delete"), {"post": "yes"}).status_code == 403


def test_evidence_is_signed(staff: Client) -> None:
    form = {
        "flag": make_flag().pk, "rehearsal": "Rehearsal 4", "commit": "0123abc", "ticket_types": 300,
        "requests_per_second": 500, "at_0": "2026-11-20", "at_1": "10:00",
    }  # fmt: skip

    made = staff.post("/admin/flags/evidence/add/", form)
    refused = staff.post("/admin/flags/evidence/add/", {**form, "commit": "main"})

    assert (made.status_code, refused.status_code) == (302, 200)
    assert Evidence.objects.get().recorded_by == root()


def test_page_of_an_event_says_what_its_flags_answer_and_why(staff: Client) -> None:
    event = make_event()
    make_grant(make_flag("seat-maps"), event, reason="<b>Ada</b> asked")
    make_flag("wallets", is_killed=True)

    text = staff.get(page(event)).content.decode()

    assert "seat-maps is on: granted on to this event: &lt;b&gt;Ada&lt;/b&gt; asked<" in text
    assert "wallets is off: killed, so off for everyone<" in text
