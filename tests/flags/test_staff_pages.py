"""Staff's pages over flags: where one is on and why, what it costs; granting, killing, and granting to many."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from accounts.models import User
from flags.admin import bulk
from flags.models import Change, Flag, Grant, Kind, Stage
from flags.models.grants import Switch
from tests.flags.makers import make_busy_hour, make_flag, make_grant, make_tried_flag
from tests.makers import make_event, make_organiser, make_ticket_type, make_user
from tests.test_admin import page, queries, staff, staff_with

pytestmark = pytest.mark.django_db

__all__ = ["staff"]  # the fixture

BULK = "/admin/flags/flag/bulk/"


def overview(flag: Any, what: str = "") -> str:
    return f"/admin/flags/flag/{flag.pk}/overview/{what}"


def event_page(event: Any) -> str:
    return f"/admin/events/event/{event.pk}/flags/"


def make_free_flag(**over: Any) -> Any:
    """A flag that no gate looks at."""
    return make_flag(kind=Kind.PERMISSION, **over)


def address(event: Any) -> str:
    return f"{event.organiser.slug}/{event.slug}"


def post(client: Client, url: str, **form: Any) -> tuple[int, str]:
    """Send the form; follow where it leads, if it was taken."""
    answer = client.post(url, {"reason": "Ada asked", **form})
    if answer.status_code == 302:
        return 302, client.get(answer.headers["Location"]).content.decode()
    return answer.status_code, answer.content.decode()


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def last() -> tuple[str, str, str]:
    change = Change.objects.first()
    assert change is not None
    return change.what, change.by, change.reason


def test_page_says_where_the_flag_is_on_and_by_which_rule(staff: Client) -> None:
    flag, event, organiser = make_flag(), make_event(title="Autumn Conference"), make_organiser(name="Riverside")
    make_grant(flag, event, reason="First trial", given_by=make_user(email="bo@example.com"))
    make_grant(flag, organiser, is_on=False, reason="Not for them")
    make_grant(flag, make_event(title="Bygone"), expires_at=now() - timedelta(seconds=1))

    text = text_of(staff, overview(flag))

    assert "granted on to this event: First trial" in text
    assert "granted off to this organiser: Not for them" in text
    assert "bo@example.com" in text
    assert "all of its events" in text
    assert "Bygone" not in text.split("Who changed what")[0]


def test_page_says_which_rule_is_stronger_than_the_grant(staff: Client) -> None:
    flag = make_flag(is_killed=True)
    make_grant(flag, make_event())

    text = text_of(staff, overview(flag))

    assert "killed, so off for everyone" in text
    assert 'flags-answer-off">off' in text
    assert 'value="revive"' in text


@pytest.mark.parametrize(("by", "words"), [(Switch.GUARD, "by the guard"), (Switch.REVIEW, "by the review")])
def test_pages_say_what_the_site_switched_off_by_itself(staff: Client, by: str, words: str) -> None:
    flag, event = make_flag(), make_event()
    make_grant(flag, event, is_on=False, reason="12 ms, budget 5", switched_off_by=by)

    for url in (overview(flag), event_page(event)):
        text = text_of(staff, url)
        assert f"Switched off {words}" in text
        assert "12 ms, budget 5" in text


def test_page_draws_what_the_flag_costs_with_the_same_figures_in_a_table(staff: Client) -> None:
    flag, event = make_flag(budget_ms=5, budget_queries=1), make_event(title="Autumn Conference")
    make_busy_hour(flag, event, now(), requests=1234, worst_ms=9, uses=3)

    text = text_of(staff, overview(flag))

    assert 'aria-label="Requests: 1,234 in seven days"' in text
    assert 'aria-label="Database time, p95: worst 9 ms, budget 5 ms"' in text
    assert "<td>1,234</td> <td>9</td> <td>2</td> <td>3</td>" in text
    assert "style=" not in text.split('<div id="content"')[1].split("<footer")[0]


def test_page_of_a_flag_without_grants_and_figures_says_so(staff: Client) -> None:
    text = text_of(staff, overview(make_flag()))

    assert "No grant is in force." in text
    assert "For all others it is off: in trial, so off unless granted." in text
    assert "Nothing was counted in the last seven days." in text


def test_grants_are_given_and_withdrawn_with_a_reason_and_signed(staff: Client) -> None:
    flag, event = make_free_flag(), make_event()
    root = User.objects.get(is_superuser=True)
    url = overview(flag, "grants/")

    on = post(staff, url, to=address(event), act="on")
    given = (last(), Grant.objects.get().is_on)
    off = post(staff, url, to=f"https://tickets.example.org/{address(event)}/", act="off")
    taken = post(staff, url, to=address(event), act="withdrawal", reason="Over")

    assert [on[0], off[0], taken[0]] == [302, 302, 302]
    assert f"{event.title}: granted on until" in on[1]
    assert given == (("grant added", root.email, "Ada asked"), True)
    assert (Grant.objects.count(), last()) == (0, ("grant removed", root.email, "Over"))


def test_a_second_click_is_harmless(staff: Client) -> None:
    flag, event = make_free_flag(), make_event()

    answers = [
        post(staff, overview(flag, "grants/"), to=address(event), act=act)[0]
        for act in ("on", "on", "withdrawal", "withdrawal")
    ]
    killed = [post(staff, overview(flag, "killing/"), **{"kill-reason": "Slow", "kill-act": "kill"}) for _ in range(2)]

    assert answers == [302, 302, 302, 302]
    assert [status for status, _ in killed] == [302, 302]
    assert Change.objects.filter(flag=flag.name, what="flag changed").count() == 1


def test_flag_is_killed_and_revived_with_a_reason(staff: Client) -> None:
    flag = make_flag()

    refused = post(staff, overview(flag, "killing/"), **{"kill-reason": " ", "kill-act": "kill"})
    before = Flag.objects.get(pk=flag.pk).is_killed
    killed = post(staff, overview(flag, "killing/"), **{"kill-reason": "Slow", "kill-act": "kill"})
    is_killed = Flag.objects.get(pk=flag.pk).is_killed
    post(staff, overview(flag, "killing/"), **{"kill-reason": "Mended", "kill-act": "revive"})

    assert (refused[0], before, killed[0], is_killed) == (422, False, 302, True)
    assert "off for everyone within two seconds" in killed[1]
    assert not Flag.objects.get(pk=flag.pk).is_killed
    assert last()[2] == "Mended"


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ({"to": "nobody/nothing", "act": "on"}, "There is no event and no organiser with this address."),
        ({"to": "http://[", "act": "on"}, "There is no event and no organiser with this address."),
        ({"act": "on", "reason": ""}, "Give a reason."),
        ({"act": "on", "until": "2020-01-01T10:00"}, "This is over already."),
        ({"act": "on", "until": "soon"}, "Enter a valid date/time."),
        ({"act": ""}, "Press one of the buttons."),
        ({"act": "explode"}, "Press one of the buttons."),
    ],
)
def test_grant_is_refused_in_words_and_keeps_what_was_typed(staff: Client, form: dict[str, str], fault: str) -> None:
    flag, event = make_free_flag(), make_event()
    typed = {"to": address(event), "reason": "Because of Ada", "until": "", **form}

    status, text = post(staff, overview(flag, "grants/"), **typed)

    assert (status, Grant.objects.count()) == (422, 0)
    assert fault in text
    assert "<title>Error: " in " ".join(text.split()).replace("<title> ", "<title>")
    assert all(f'value="{value}"' in text for name, value in typed.items() if value and name != "act")


def test_killed_flag_is_not_granted_on(staff: Client) -> None:
    flag, event = make_free_flag(is_killed=True), make_event()

    for url, form in ((overview(flag, "grants/"), {"to": address(event)}), (event_page(event), {"flag": flag.name})):
        status, text = post(staff, url, act="on", **form)

        assert (status, Grant.objects.count()) == (422, 0)
        assert "This flag is killed. Revive it first." in text


def test_what_a_gate_says_is_shown_beside_the_field(staff: Client) -> None:
    flag, event = make_flag(), make_event()

    status, text = post(staff, overview(flag, "grants/"), to=address(event), act="on")

    assert status == 422
    assert "There is no evidence for it" in text
    assert f'href="/admin/flags/grant/add/?flag={flag.pk}&amp;event={event.pk}"' in text


def test_grant_of_a_draft_says_that_it_stays_off(staff: Client) -> None:
    flag = make_free_flag(stage=Stage.DRAFT)

    _, text = post(staff, overview(flag, "grants/"), to=address(make_event()), act="on")

    assert "But it is draft, so off everywhere, whatever is granted." in text


def test_events_page_has_every_flag_with_its_rule_end_and_cost(staff: Client) -> None:
    event, flag = make_event(), make_flag(budget_ms=5)
    make_flag("resting", stage=Stage.DRAFT)
    make_grant(flag, event, expires_at=now() + timedelta(days=3))
    make_busy_hour(flag, event, now(), worst_ms=9)

    text = text_of(staff, event_page(event))

    assert "draft, so off for everyone" in text
    assert "<td>100</td> <td>0</td> <td>9 of 5</td>" in text
    assert f"until {now() + timedelta(days=3):%-d %B %Y}" in text
    assert f'href="{overview(flag)}"' in text


def test_flag_is_granted_and_withdrawn_on_the_events_page(staff: Client) -> None:
    event, flag = make_event(), make_free_flag()

    given = post(staff, event_page(event), flag=flag.name, act="on")
    grant = Grant.objects.get()
    taken = post(staff, event_page(event), flag=flag.name, act="withdrawal")
    unknown = post(staff, event_page(event), flag="no-such", act="on")

    assert (given[0], taken[0], unknown[0]) == (302, 302, 422)
    assert (grant.event, grant.is_on, grant.reason) == (event, True, "Ada asked")
    assert Grant.objects.count() == 0


def test_pages_are_linked_from_the_lists_and_pages_that_were_there(staff: Client) -> None:
    flag, event = make_flag(), make_event()

    assert f'href="{overview(flag)}"' in text_of(staff, "/admin/flags/flag/")
    assert f'href="{overview(flag)}"' in text_of(staff, page(flag))
    assert f'href="{BULK}"' in text_of(staff, "/admin/flags/flag/")
    assert f'href="{event_page(event)}"' in text_of(staff, page(event))


def grow(flag: Any, event: Any, size: int) -> None:
    """So many grants of the flag with their hours; and so many flags at the event."""
    user = make_user()
    while flag.grants.count() < size:
        granted = make_event()
        make_grant(flag, granted, given_by=user)
        make_grant(flag, granted.organiser, given_by=user)
        make_busy_hour(flag, granted, now())
        other = make_flag()
        make_grant(other, event, given_by=user)
        make_busy_hour(other, event, now())


def test_pages_make_the_same_queries_over_50_rows_as_over_5(staff: Client) -> None:
    flag, event = make_flag(), make_event()
    made = []

    for size in (5, 50):
        grow(flag, event, size)
        made.append([queries(staff, overview(flag)), queries(staff, event_page(event)), queries(staff, BULK)])

    assert made[0] == made[1]
    assert max(made[0]) <= 16


def test_long_list_of_grants_has_pages(staff: Client) -> None:
    flag = make_flag()
    for number in range(51):
        make_grant(flag, make_event(title=f"Number {number}."))

    first, second = (text_of(staff, f"{overview(flag)}?page={number}") for number in (1, 2))

    assert "Page 1 of 2, 51 grants" in first
    assert ">Number 50.</a>" in first
    assert ">Number 0.</a>" in second


def test_strangers_are_sent_to_the_log_in_and_staff_without_permission_refused(client: Client) -> None:
    flag, event = make_flag(), make_event()
    urls = [overview(flag), overview(flag, "grants/"), overview(flag, "killing/"), event_page(event), BULK]
    urls.append(f"{BULK}report/")
    looks_only = staff_with("view_flag", "view_grant", "view_event")

    for method in ("get", "post"):
        sent = [getattr(client, method)(url) for url in urls]
        refused = [getattr(looks_only, method)(url).status_code for url in urls]

        assert {(one.status_code, one.headers["Location"].split("?")[0]) for one in sent} == {(302, "/admin/login/")}
        assert set(refused) <= {403, 405}
        assert refused.count(403) >= 4


def test_who_may_change_flags_and_no_grants_kills_and_does_not_grant() -> None:
    flag, event = make_flag(), make_event()
    some = staff_with("change_flag")

    assert 'id="give"' not in text_of(some, overview(flag))
    assert some.post(overview(flag, "grants/"), {"to": address(event), "act": "on"}).status_code == 403
    assert post(some, overview(flag, "killing/"), **{"kill-reason": "Slow", "kill-act": "kill"})[0] == 302


def test_forms_are_refused_without_their_token() -> None:
    flag = make_flag()
    stern = Client(enforce_csrf_checks=True)
    stern.force_login(make_user(is_staff=True, is_superuser=True))

    answer = stern.post(overview(flag, "killing/"), {"kill-reason": "Slow", "kill-act": "kill"})

    assert (answer.status_code, Flag.objects.get(pk=flag.pk).is_killed) == (403, False)


def test_many_are_shown_first_and_then_granted(staff: Client) -> None:
    flag, events = make_free_flag(), [make_event() for _ in range(3)]
    organiser = make_organiser()
    typed = "\r\n".join([*(address(event) for event in events), "", organiser.slug, address(events[0])])
    form = {"flag": flag.name, "to": typed, "act": "on"}

    shown = post(staff, BULK, **form)
    before = (Grant.objects.count(), Change.objects.filter(what="grant added").count())
    done = post(staff, BULK, **form, confirmed="yes")
    again = text_of(staff, f"{BULK}report/")

    assert (shown[0], before) == (200, (0, 0))
    assert "4 of 4 can be done" in shown[1]
    assert (done[0], Grant.objects.filter(is_on=True, reason="Ada asked").count()) == (302, 4)
    assert "4 done, 0 refused" in done[1]
    assert "4 done, 0 refused" in again


def test_many_are_withdrawn_and_each_line_has_its_answer(staff: Client) -> None:
    flag, one, other = make_free_flag(), make_event(), make_event()
    make_grant(flag, one)

    _, text = post(
        staff, BULK, flag=flag.name, to=f"{address(one)}\n{address(other)}", act="withdrawal", confirmed="yes"
    )

    assert Grant.objects.count() == 0
    assert "not granted, so nothing has changed." in text


def test_unknown_lines_are_named_and_nothing_typed_is_lost(staff: Client) -> None:
    flag, event = make_free_flag(), make_event()

    status, text = post(staff, BULK, flag=flag.name, to=f"{address(event)}\nno/such\nnobody", act="on")

    assert (status, Grant.objects.count()) == (422, 0)
    assert "Nobody has these addresses: no/such, nobody." in text
    assert f"{address(event)}\nno/such\nnobody</textarea>" in text
    assert 'value="Ada asked"' in text


def test_more_lines_than_go_at_once_are_refused(staff: Client) -> None:
    lines = "\n".join(f"line-{number}" for number in range(bulk.MOST_LINES + 1))

    status, text = post(staff, BULK, flag=make_free_flag().name, to=lines, act="on")

    assert status == 422
    assert "These are 501 lines. At most 500 go at once." in text


def test_refused_lines_are_told_before_and_after_and_stop_no_other(staff: Client) -> None:
    flag, open_to, shut_to = make_tried_flag(tried_with=1), make_event(), make_event()
    for slug in ("one", "two"):
        make_ticket_type(event=shut_to, slug=slug)
    form = {"flag": flag.name, "to": f"{address(shut_to)}\n{address(open_to)}", "act": "on"}

    _, before = post(staff, BULK, **form)
    _, after = post(staff, BULK, **form, confirmed="yes")

    assert "1 of 2 can be done; the others are refused" in before
    assert "2 ticket types" in before
    assert "1 done, 1 refused" in after
    assert Grant.objects.get().event == open_to


def test_report_of_nothing_leads_to_the_form(staff: Client) -> None:
    answer = staff.get(f"{BULK}report/")

    assert (answer.status_code, answer.headers["Location"]) == (302, BULK)
