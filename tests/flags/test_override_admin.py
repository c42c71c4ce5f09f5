"""Staff's pages about overrides: asked for on a grant's form, decided by another member of staff."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from flags.actions import grants, overrides
from flags.models import Grant, Keep, Override
from tests.flags.makers import make_flag, make_grant, make_tried_flag, to
from tests.makers import make_event, make_ticket_type, make_user
from tests.test_admin import page, sent, staff

pytestmark = pytest.mark.django_db

__all__ = ["staff"]  # the fixture

GRANT = {"is_on": "on", "reason": "Rehearsed with them", "expires_at_0": "", "expires_at_1": ""}
LIST = "/admin/flags/override/"


def make_asked(by: Any = None, **over: Any) -> Override:
    """An open override by somebody else than the one who looks."""
    by = by or make_user(is_staff=True)
    terms = grants.Terms(is_on=True, reason="Rehearsed with them")
    made = overrides.ask(flag=make_flag("seat-maps"), to=to(make_event()), terms=terms, by=by, now=now())
    Override.objects.filter(pk=made.pk).update(**over)
    made.refresh_from_db()
    return made


def add_grant(staff: Client, **form: Any) -> Any:
    return staff.post("/admin/flags/grant/add/", {**GRANT, **form}, follow=True)


def verdict(override: Override, answer: str = "approve", **over: str) -> dict[str, str]:
    return {"verdict": answer, "decision": "I have seen it", "seen": override.asked_at.isoformat(), **over}


def test_grant_that_a_gate_refuses_is_refused_in_words_and_loses_nothing_typed(staff: Client) -> None:
    event = make_event(title="Jam")
    make_ticket_type(event=event, sale_starts_at=now() + timedelta(hours=24))

    answer = add_grant(staff, flag=make_flag().pk, event=event.pk)

    text = answer.content.decode()
    assert (answer.status_code, Grant.objects.count(), Override.objects.count()) == (200, 0, 0)
    assert "There is no evidence for it" in text
    assert "Jam goes on sale on" in text
    assert "tick “ask for an override” and say why" in text
    assert 'value="Rehearsed with them"' in text


def test_ticking_the_box_asks_instead_of_granting(staff: Client) -> None:
    flag, event = make_flag(), make_event()

    answer = add_grant(staff, flag=flag.pk, event=event.pk, asks="on")

    asked = Override.objects.get()
    assert (answer.redirect_chain, Grant.objects.count()) == ([(LIST, 302)], 0)
    assert "a second member of staff must decide within 24 hours" in answer.content.decode()
    assert (asked.flag, asked.event, asked.reason) == (flag, event, "Rehearsed with them")


def test_ticking_the_box_without_need_grants(staff: Client) -> None:
    answer = add_grant(staff, flag=make_tried_flag().pk, event=make_event().pk, asks="on")

    assert (answer.status_code, Grant.objects.count(), Override.objects.count()) == (200, 1, 0)


def test_renewing_is_refused_and_asked_for_alike(staff: Client) -> None:
    grant = make_grant(make_flag(), make_event(), expires_at=now() + timedelta(days=1))

    refused = sent(staff, page(grant), reason="Longer")
    asked = sent(staff, page(grant), reason="Longer", asks="on")

    grant.refresh_from_db()
    assert (refused[0], asked[0], grant.reason) == (200, 302, "A trial.")
    assert "There is no evidence for it" in refused[1]
    assert Override.objects.get().recipient == grant.recipient


def test_turning_off_is_saved_without_a_word(staff: Client) -> None:
    grant = make_grant(make_flag(), make_event())

    status, _ = sent(staff, page(grant), is_on=None, reason="Too slow")

    grant.refresh_from_db()
    assert (status, grant.is_on) == (302, False)


@pytest.mark.parametrize(("answer", "is_on"), [("approve", True), ("refuse", False)])
def test_another_member_of_staff_decides(staff: Client, answer: str, is_on: bool) -> None:
    override = make_asked()

    shown = staff.get(page(override)).content.decode()
    response = staff.post(page(override), verdict(override, answer), follow=True)

    override.refresh_from_db()
    assert "There is no evidence for it" in shown
    assert (override.is_approved, Grant.objects.filter(is_on=True).exists()) == (is_on, is_on)
    assert ("is on now." if is_on else "stays as it is.") in response.content.decode()


@pytest.mark.parametrize("missing", ["verdict", "decision"])
def test_decision_needs_a_verdict_and_a_reason(staff: Client, missing: str) -> None:
    override = make_asked()

    response = staff.post(page(override), verdict(override, **{missing: ""}))

    override.refresh_from_db()
    assert (response.status_code, override.decided_at) == (200, None)
    assert "This field is required." in response.content.decode()


def test_who_asked_only_looks(staff: Client) -> None:
    override = make_asked(by=make_user(is_staff=True, is_superuser=True, email="ada@example.com"))
    ada = Client()
    ada.force_login(override.asked_by)

    shown = ada.get(page(override))

    assert shown.status_code == 200
    assert 'name="verdict"' not in shown.content.decode()
    assert ada.post(page(override), verdict(override)).status_code == 403
    assert not Grant.objects.exists()


def test_what_is_decided_or_over_is_only_looked_at(staff: Client) -> None:
    over = make_asked(open_until=now() - timedelta(seconds=1))

    assert staff.get(page(over)).status_code == 200
    assert staff.post(page(over), verdict(over)).status_code == 403
    assert staff.post(page(over, "delete"), {"post": "yes"}).status_code == 403
    assert staff.get(f"{LIST}add/").status_code == 403


def test_nobody_approves_what_they_have_not_read(staff: Client) -> None:
    override = make_asked()
    read = verdict(override)
    Override.objects.update(asked_at=now(), reason="For much longer")

    response = staff.post(page(override), read, follow=True)

    assert "was asked for anew" in response.content.decode()
    assert not Grant.objects.exists()
    assert not Keep.objects.exists()


def test_killed_flag_is_said_when_approving(staff: Client) -> None:
    override = make_asked()
    type(override.flag).objects.update(is_killed=True)

    response = staff.post(page(override), verdict(override), follow=True)

    override.refresh_from_db()
    assert "this flag is killed. Revive it first." in response.content.decode()
    assert override.decided_at is None


def test_event_that_has_grown_is_said_when_approving(staff: Client) -> None:
    override = make_asked()
    for _ in range(2):
        make_ticket_type(event=override.event, sale_starts_at=now() + timedelta(hours=1))

    response = staff.post(page(override), verdict(override), follow=True)

    override.refresh_from_db()
    assert "It must be asked for anew." in response.content.decode()
    assert override.decided_at is None


def test_list_tells_what_waits_from_what_is_decided(staff: Client) -> None:
    waits, over = make_asked(), make_flag("wallets")
    make_grant(over, make_event())
    late = Override.objects.create(
        flag=over, event=make_event(), reason="Trial", refusal="Too large.", asked_by=waits.asked_by,
        asked_at=now() - timedelta(days=2), open_until=now() - timedelta(days=1),
    )  # fmt: skip

    def listed(value: str) -> list[Override]:
        return list(staff.get(LIST, {"open": value}).context["cl"].result_list)

    assert (listed("yes"), listed("no")) == ([waits], [late])
    assert "nobody decided" in staff.get(LIST).content.decode()


def test_what_is_about_to_be_switched_off_is_kept_with_a_reason(staff: Client) -> None:
    event = make_event(title="Jam")
    make_ticket_type(event=event, sale_starts_at=now() + timedelta(hours=60))
    flag = make_flag("seat-maps")
    make_grant(flag, event)
    offered = staff.get("/admin/flags/keep/add/").context["adminform"].form.fields["what"].choices
    form = {"what": offered[1][0], "reason": "They need it"}

    without = staff.post("/admin/flags/keep/add/", {**form, "reason": ""})
    kept = staff.post("/admin/flags/keep/add/", form)
    again = staff.post("/admin/flags/keep/add/", form)

    assert [words.partition(", on sale")[0] for _, words in offered] == ["Choose one", "seat-maps for Jam"]
    assert (without.status_code, kept.status_code, again.status_code) == (200, 302, 200)
    assert "It is no longer about to be switched off" in again.content.decode()
    made = Keep.objects.get()
    assert (made.flag, made.event, made.reason, made.kept_by) == (flag, event, "They need it", kept.wsgi_request.user)


def test_with_nothing_to_keep_the_form_says_so(staff: Client) -> None:
    assert "Nothing is about to be switched off" in staff.get("/admin/flags/keep/add/").content.decode()


@pytest.mark.parametrize("where", ["its page", "the list"])
def test_deleting_what_hides_a_grant_is_refused_in_words(staff: Client, where: str) -> None:
    flag, event = make_flag(), make_event()
    make_grant(flag, event.organiser)
    off = make_grant(flag, event, is_on=False)

    if where == "its page":
        answer = staff.post(page(off, "delete"), {"post": "yes"}, follow=True)
    else:
        chosen = {"action": "delete_selected", "_selected_action": [off.pk], "post": "yes"}
        answer = staff.post("/admin/flags/grant/", chosen, follow=True)

    assert "Nothing was deleted: that would turn the flag on" in answer.content.decode()
    assert "There is no evidence for it" in answer.content.decode()
    assert Grant.objects.filter(pk=off.pk).exists()


def test_of_many_all_are_deleted_or_none(staff: Client) -> None:
    flag, event = make_flag(), make_event()
    free = make_grant(flag, make_event())
    make_grant(flag, event.organiser)
    off = make_grant(flag, event, is_on=False)
    chosen = {"action": "delete_selected", "_selected_action": [free.pk, off.pk], "post": "yes"}

    answer = staff.post("/admin/flags/grant/", chosen, follow=True)

    assert "Nothing was deleted" in answer.content.decode()
    assert Grant.objects.filter(pk__in=[free.pk, off.pk]).count() == 2
