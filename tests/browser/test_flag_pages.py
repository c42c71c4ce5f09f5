"""Journeys over flags: staff grant, kill and read what one costs; an organiser reads what is on for their event."""

from datetime import timedelta

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from events.models import Event
from flags.models import Change, Flag, Grant, Kind
from flags.models.grants import Switch
from tests.browser.conftest import Come
from tests.browser.looks import DIFFERENT
from tests.browser.shop import BROWSER, make_shop
from tests.browser.staff import member, sees_message
from tests.browser.visitor import Look
from tests.flags.makers import is_on, make_busy_hour, make_flag, make_grant
from tests.makers import make_event, make_organiser, make_user

pytestmark = BROWSER


def make_conference() -> Event:
    organiser = make_organiser(name="Riverside Makers", slug="riverside")
    return make_event(organiser=organiser, title="Autumn Conference", slug="autumn")


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_staff_grant_with_a_reason_and_kill(come: Come, look: Look) -> None:
    flag, event = make_flag("seat-maps", kind=Kind.PERMISSION, budget_ms=5, budget_queries=1), make_conference()
    root = make_user(is_staff=True, is_superuser=True)
    with member(come, look) as sam:
        sam.signs_in(root)
        sam.opens(f"/admin/flags/flag/{flag.pk}/overview/", "seat-maps: where it is on")
        sam.field("To").fill("riverside/autum")
        sam.field("Reason").first.fill("A first trial")
        sam.press("Grant on")
        sam.sees("seat-maps: where it is on")
        sam.page.get_by_role("link", name="There is no event and no organiser with this address.").click()
        expect(sam.field("To")).to_be_focused()
        sam.field("To").fill("riverside/autumn")
        sam.press("Grant on")

        sam.sees("seat-maps: where it is on")
        sees_message(sam, "Autumn Conference: granted on until")
        assert (is_on(flag, event, now()), Grant.objects.get().reason) == (True, "A first trial")

        sam.field("Reason").last.fill("Too slow")
        sam.press("Kill")
        sam.sees("seat-maps: where it is on")
        sees_message(sam, "off for everyone within two seconds")
        sam.reads("Killed: off for everyone.")
        sam.page.get_by_role("button", name="Revive", exact=True).wait_for()

    assert not is_on(Flag.objects.get(pk=flag.pk), event, now())
    assert list(Change.objects.filter(reason="Too slow").values_list("by", flat=True)) == [root.email]


def test_what_a_gate_refuses_takes_two_people(come: Come) -> None:
    flag, event = make_flag("seat-maps", budget_ms=5, budget_queries=1), make_conference()
    ann, bob = (make_user(is_staff=True, is_superuser=True) for _ in range(2))
    with member(come, Look()) as sam:
        sam.signs_in(ann)
        sam.opens(f"/admin/flags/flag/{flag.pk}/overview/", "seat-maps: where it is on")
        sam.field("To").fill("riverside/autumn")
        sam.field("Reason").first.fill("They asked for it")
        sam.press("Grant on")
        sam.sees("seat-maps: where it is on")
        sam.reads("There is no evidence for it")
        sam.page.get_by_role("link", name="ask on the grant's own form").click()
        sam.page.get_by_label("Reason:").fill("They asked for it")
        sam.page.get_by_label("Ask for an override").check()
        sam.page.get_by_role("button", name="Save", exact=True).click()
        sees_message(sam, "a second member of staff must decide")
        own = sam.page.get_by_role("link", name="seat-maps").first
        own.click()
        expect(sam.page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
        assert not is_on(flag, event, now())

    with member(come, Look(320, "dark")) as sam:
        sam.signs_in(bob)
        sam.page.goto("/admin/flags/override/")
        sam.page.get_by_role("link", name="seat-maps").first.click()
        sam.page.get_by_label("Approve").check()
        sam.page.get_by_label("Why so").fill("It was rehearsed yesterday, the record is late")
        sam.page.get_by_role("button", name="Save", exact=True).click()
        sees_message(sam, "Flag seat-maps is on now.")

    assert is_on(flag, event, now())
    assert all(one.email in Grant.objects.get().reason for one in (ann, bob))


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_staff_read_what_a_flag_costs_in_a_chart_and_in_its_table(come: Come, look: Look) -> None:
    flag, event = make_flag("seat-maps", budget_ms=5, budget_queries=9), make_conference()
    make_busy_hour(flag, event, now(), requests=1234, worst_ms=41, uses=3)
    with member(come, look) as sam:
        sam.signs_in(make_user(is_staff=True, is_superuser=True))
        sam.opens(f"/admin/flags/flag/{flag.pk}/overview/", "seat-maps: where it is on")

        chart = sam.page.get_by_role("img", name="Database time, p95: worst 41 ms, budget 5 ms")
        expect(chart).to_be_visible()
        sam.page.get_by_text("The figures").click()
        sam.check()
        cells = sam.page.get_by_role("group", name="Figures of Autumn Conference").locator("tbody td")
        expect(cells).to_have_text(["1,234", "41", "2", "3"])

        sam.follow("Autumn Conference")
        sam.sees("Flags of Autumn Conference")
        sam.reads("41 of 5")


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_staff_grant_to_many_after_a_look_at_what_would_be_done(come: Come, look: Look) -> None:
    flag, event = make_flag("seat-maps", kind=Kind.PERMISSION), make_conference()
    with member(come, look) as sam:
        sam.signs_in(make_user(is_staff=True, is_superuser=True))
        sam.opens("/admin/flags/flag/bulk/", "Grant to many")
        sam.field("Flag").select_option("seat-maps")
        sam.field("To").fill("riverside\nriverside/autumn\nnobody")
        sam.field("Reason").fill("A first trial")
        sam.press("See what would be done")
        sam.sees("Grant to many")
        sam.reads("Nobody has these addresses: nobody.")
        sam.field("To").fill("riverside\nriverside/autumn")
        sam.press("See what would be done")
        sam.sees("Grant to many")
        sam.reads("Nothing is done yet. 2 of 2 can be done.")
        sam.press("Do it for 2")

        sam.sees("What was done")
        sam.reads("2 done, 0 refused.")

    assert Grant.objects.count() == 2
    assert is_on(flag, event, now())


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_organiser_reads_what_is_on_and_what_was_switched_off(come: Come, look: Look) -> None:
    event = make_shop(event={"title": "Autumn Conference"}, sale_starts_at=now() + timedelta(days=9)).event
    owner = make_user()
    event.organiser.memberships.create(user=owner, role="owner")
    make_grant(make_flag("seat-maps", purpose="Seats chosen on a map."), event, expires_at=now() + timedelta(days=5))
    slow = make_flag("waiting-list", purpose="A waiting list once all is sold.")
    make_grant(slow, event, is_on=False, switched_off_by=Switch.GUARD, reason="41 ms a request, budget 5 ms")
    with member(come, look) as olive:
        olive.opens(f"/organise/{event.organiser.slug}/{event.slug}/flags/", "Log in")
        olive.field("E-mail address").fill(owner.email)
        olive.field("Password").fill("a guess")
        olive.press("Log in")
        olive.sees("Log in")
        olive.reads("There is a problem")
        olive.field("Password").fill("password")
        olive.press("Log in")

        olive.sees("Autumn Conference")
        olive.reads("Seats chosen on a map.")
        olive.reads("It asked more of our servers than it may")
        olive.reads("48 hours ahead, we look at the feature above.")
        olive.follow("Your events")
        olive.sees("Your events")
        olive.follow("Autumn Conference")
        olive.sees("Autumn Conference")
        olive.press("Log out")
        olive.sees("Log in")
        olive.opens("/organise/", "Log in")
