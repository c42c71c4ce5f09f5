"""The waiting list: who may join, what is kept, how many the page says are waiting, and what it costs."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from events import facts, pages
from events.actions import waiting_list
from events.actions.waiting_list import Wish
from events.models import Event, State, TicketType, Waiting, WaitingList
from events.models.waiting import people_text, rounded
from flags import costs, registry
from flags.models import Flag, Grant
from flags.spending import Cost, Of
from tests.buyers import COMMITTED, NOON, race
from tests.events.test_event_page import forget_all
from tests.flags.makers import make_flag, make_grant
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db
FORM = {"email": "ada@example.com", "wanted": "2"}


def make_sold_out(*, types: int = 1, flag: bool = True, word: str = "sold_out", **over: Any) -> Event:
    """An event of which all is gone, with the flag granted."""
    event = make_event(**over)
    TicketType.objects.bulk_create(
        TicketType(event=event, slug=f"type-{n}", name=f"Ticket {n}", price_minor=1000, availability=word)
        for n in range(types)
    )
    if flag:
        make_grant(Flag.objects.filter(name="waiting-list").first() or make_flag("waiting-list"), event)
    return event


def url_of(event: Event) -> str:
    return f"{event.get_absolute_url()}waiting-list/"


def body_of(event: Event, what: str = "") -> str:
    return Client(HTTP_ACCEPT_ENCODING="identity").get(f"{event.get_absolute_url()}{what}").content.decode()


def join(event: Event, *people: str, wanted: int = 1, at: datetime = NOON) -> list[Waiting]:
    for email in people:
        waiting_list.join(event_id=event.pk, wish=Wish(email, wanted), now=at)
    return [Waiting.objects.get(event=event, email=email) for email in people]


def test_flag_is_off_until_staff_move_it() -> None:
    call_command("flags", "sync")
    event = make_sold_out(flag=False)
    Grant.objects.create(flag=Flag.objects.get(name="waiting-list"), event=event, reason="Trial")

    assert "Join the waiting list" not in body_of(event)
    assert "waiting-list" in registry.declared()


@pytest.mark.parametrize("word", ["sold_out", "all_held"])
def test_page_offers_the_list_where_everything_is_gone(word: str) -> None:
    event = make_sold_out(word=word)

    assert "Join the waiting list" in body_of(event)
    assert "Join the waiting list" in body_of(event, "tickets/")
    assert "waiting." not in body_of(event)


def test_page_offers_no_list_where_something_is_left_or_over_or_the_flag_is_off() -> None:
    some = make_sold_out(types=2)
    TicketType.objects.filter(event=some, slug="type-1").update(availability="few")
    coming = make_sold_out()
    make_ticket_type(event=coming, sale_starts_at=now() + timedelta(days=1))
    over = make_sold_out(local_starts_at=datetime(2020, 6, 1, 10), local_ends_at=datetime(2020, 6, 1, 18))
    others = [some, coming, over, make_sold_out(state=State.CLOSED), make_sold_out(flag=False)]

    assert [event for event in others if "waiting-list" in body_of(event)] == []


def test_secret_page_offers_no_list() -> None:
    event = make_sold_out()
    hidden = make_ticket_type(event=event, secret=True, availability="sold_out")

    assert "waiting-list" not in body_of(event, f"secret/{hidden.secret_key}/")


@pytest.mark.parametrize("types", [1, 10, 300, 1000])
@pytest.mark.parametrize(("flag", "cold"), [(False, 3), (True, 4)])
def test_page_costs_one_query_more_cold_and_none_warm(client: Client, types: int, flag: bool, cold: int) -> None:
    event = make_sold_out(types=types, flag=flag)
    join(event, "ada@example.com", "bo@example.com")
    waiting_list.count(now=NOON)
    forget_all()
    url, made = event.get_absolute_url(), []

    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(url)
        made.append(len(queries))

    assert made == [cold, 0]
    assert ("2 people are waiting" in response.content.decode()) == flag
    assert not response.cookies
    assert response.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("method", ["get", "post"])
def test_queries_are_charged_to_the_flag_and_keep_to_its_budget(client: Client, method: str) -> None:
    event = make_sold_out()
    costs.forget()
    forget_all()

    client.get(event.get_absolute_url()) if method == "get" else client.post(url_of(event), FORM)

    (spent,) = [cost for of, cost in taken_costs().items() if of.route != "-"]
    assert spent.queries == (1 if method == "get" else 2)
    assert spent.queries <= registry.declared()["waiting-list"].budget_queries
    assert sum(cost.uses for cost in taken_costs().values()) == (method == "post")


def taken_costs() -> dict[Of, Cost]:
    """What this process has charged and not handed on."""
    together: dict[Of, Cost] = {}
    for by_key in costs._windows.values():
        for of, cost in by_key.items():
            together.setdefault(of, Cost()).merge(cost)
    return together


def test_joining_keeps_the_address_and_says_what_will_happen(client: Client) -> None:
    event = make_sold_out()

    response = client.post(url_of(event), {"email": " Ada@Example.com", "wanted": "10"})

    row = Waiting.objects.get()
    assert (response.status_code, row.event, row.email, row.wanted) == (200, event, "ada@example.com", 10)
    assert "No ticket is reserved for you" in response.content.decode()
    assert row.token not in response.content.decode()
    assert response.headers["Cache-Control"] == "no-store, private"
    assert not response.cookies


def test_joining_twice_changes_the_number_wanted_and_nothing_else(client: Client) -> None:
    event = make_sold_out()
    client.post(url_of(event), FORM)
    before = Waiting.objects.values().get()

    response = client.post(url_of(event), {"email": "ADA@example.com", "wanted": "4"})

    assert "You wait for 4 tickets." in response.content.decode()
    assert Waiting.objects.values().get() == before | {"wanted": 4}


def test_joining_tells_nobody_who_is_on_the_list_already(client: Client) -> None:
    event = make_sold_out()
    join(event, "ada@example.com")

    texts = [client.post(url_of(event), FORM | {"email": f"{who}@example.com"}).content for who in ("ada", "eve")]

    assert texts[0].replace(b"ada@", b"eve@") == texts[1]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"email": "ada@", "wanted": "3"}, "Enter an e-mail address in the form"),
        ({"email": "", "wanted": "3"}, "Enter your e-mail address."),
        ({"email": "ada@example.com", "wanted": "0"}, "Enter 1 or more."),
        ({"email": "ada@example.com", "wanted": "11"}, "Enter 10 or fewer."),
        ({"email": "ada@example.com", "wanted": "two"}, "Enter a whole number"),
        ({"email": "ada@example.com", "wanted": ""}, "Enter how many tickets you want."),
    ],
)
def test_joining_says_what_is_wrong_and_keeps_what_was_typed(
    client: Client, form: dict[str, str], message: str
) -> None:
    response = client.post(url_of(make_sold_out()), form)

    text = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in text
    assert text.count(message) == 2  # above the form and at the field
    assert [value for value in form.values() if value and f'value="{value}"' not in text] == []
    assert not Waiting.objects.exists()


def test_nobody_joins_where_tickets_are_on_sale(client: Client) -> None:
    event = make_sold_out()
    TicketType.objects.update(availability="few")

    response = client.post(url_of(event), FORM)

    assert response.status_code == 409
    assert "There are tickets again" in response.content.decode()
    assert f'href="{event.get_absolute_url()}#tickets"' in response.content.decode()
    assert not Waiting.objects.exists()


def test_nobody_joins_when_sales_have_closed_or_the_event_is_over(client: Client) -> None:
    closed = make_sold_out(state=State.CLOSED)
    over = make_sold_out(local_starts_at=datetime(2020, 6, 1, 10), local_ends_at=datetime(2020, 6, 1, 18))

    answers = [client.post(url_of(event), FORM) for event in (closed, over)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "Sales have closed. We did not keep your address." in answers[0].content.decode()
    assert "This event is over" in answers[1].content.decode()


def test_there_is_no_list_without_the_flag_nor_without_the_event(client: Client) -> None:
    without, draft = make_sold_out(flag=False), make_sold_out(state=State.DRAFT)

    assert [client.post(url_of(event), FORM).status_code for event in (without, draft)] == [404, 404]
    assert not Waiting.objects.exists()


def test_nobody_is_joined_or_taken_off_by_another_site(client: Client) -> None:
    event = make_sold_out()
    (ada,) = join(event, "ada@example.com")

    for url in (url_of(event), f"{url_of(event)}{ada.token}/"):
        assert client.post(url, FORM, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403

    assert Waiting.objects.present().count() == 1


def test_leaving_asks_first_then_forgets_the_address_and_stays_so(client: Client) -> None:
    event = make_sold_out()
    ada, _ = join(event, "ada@example.com", "bo@example.com")
    url = f"{url_of(event)}{ada.token}/"

    asked, left, again, looked = client.get(url), client.post(url), client.post(url), client.get(url)

    assert "Leave the waiting list?" in asked.content.decode()
    assert "ada@" not in asked.content.decode()
    for page in (left, again, looked):
        assert (page.status_code, "You have left the waiting list" in page.content.decode()) == (200, True)
    assert looked.headers["Referrer-Policy"] == "no-referrer"
    assert list(Waiting.objects.values_list("email", flat=True)) == [None, "bo@example.com"]


def test_leaving_is_possible_when_the_flag_is_off_and_only_at_the_own_event(client: Client) -> None:
    event = make_sold_out(flag=False)
    (ada,) = join(event, "ada@example.com")

    elsewhere = client.post(f"{url_of(make_sold_out(flag=False))}{ada.token}/")
    here = client.post(f"{url_of(event)}{ada.token}/")

    assert (elsewhere.status_code, here.status_code) == (404, 200)
    assert not Waiting.objects.present().exists()


def test_who_has_left_and_joins_again_is_new_at_the_end_of_the_list(client: Client) -> None:
    event = make_sold_out()
    ada, _ = join(event, "ada@example.com", "bo@example.com")
    waiting_list.leave(waiting=ada)

    client.post(url_of(event), FORM)

    assert list(Waiting.objects.present().values_list("email", flat=True)) == ["bo@example.com", "ada@example.com"]


@pytest.mark.parametrize(
    ("people", "said"),
    [
        (0, ""), (1, "1 person is waiting"), (12, "12 people are waiting"), (19, "19 people are waiting"),
        (20, "about 20 people are waiting"), (129, "about 120 people are waiting"),
        (1299, "about 1,200 people are waiting"), (98765, "about 98,000 people are waiting"),
    ],
)  # fmt: skip
def test_number_is_said_in_words_and_round_when_large(people: int, said: str) -> None:
    assert people_text(rounded(people)) == said


def test_page_follows_the_count_and_a_join_by_itself_leaves_it_alone() -> None:
    event = make_sold_out()
    join(event, *(f"fan-{n}@example.com" for n in range(20)))
    waiting_list.count(now=NOON)
    version = Event.objects.get(pk=event.pk).version

    joined = [Event.objects.get(pk=event.pk).version for _ in join(event, "ada@example.com", "bo@example.com")]
    counted = waiting_list.count(now=NOON), Event.objects.get(pk=event.pk).version
    again = waiting_list.count(now=NOON)
    for waiting in Waiting.objects.all()[:3]:
        waiting_list.leave(waiting=waiting)
    waiting_list.count(now=NOON)

    assert (joined, counted, again) == ([version, version], (1, version), 0)
    assert Event.objects.get(pk=event.pk).version > version
    forget_all()
    assert "19 people are waiting" in body_of(event)


def test_page_says_nothing_when_all_have_left() -> None:
    event = make_sold_out()
    (ada,) = join(event, "ada@example.com")
    waiting_list.count(now=NOON)
    before = body_of(event)
    waiting_list.leave(waiting=ada)
    waiting_list.count(now=NOON)
    facts.forget()
    pages.forget()
    forget_all()

    assert "1 person is waiting." in before
    assert "is waiting" not in body_of(event)
    assert WaitingList.objects.get().shown == 0


def test_addresses_are_forgotten_thirty_days_after_the_end() -> None:
    event, later = make_sold_out(), make_sold_out(local_ends_at=datetime(2030, 6, 2, 18))
    for one in (event, later):
        join(one, "ada@example.com")
        waiting_list.leave(waiting=join(one, "bo@example.com")[0])
    waiting_list.count(now=NOON)

    gone = [waiting_list.forget(now=event.ends_at + timedelta(days=30, seconds=s)) for s in (-1, 0, 0)]

    assert gone == [0, 2, 0]
    assert set(Waiting.objects.values_list("event", flat=True)) == {later.pk}
    assert WaitingList.objects.get().event == later


@pytest.mark.race
@COMMITTED
def test_same_address_at_once_is_one_place_and_one_of_them_is_new() -> None:
    event = make_sold_out()

    answers = race(*(
        lambda n=n: waiting_list.join(event_id=event.pk, wish=Wish("ada@example.com", n), now=NOON)
        for n in range(1, 9)
    ))  # fmt: skip

    assert sorted(answers, key=str) == [False] * 7 + [True]
    assert Waiting.objects.count() == 1


@pytest.mark.race
@COMMITTED
def test_counting_while_people_join_ends_with_the_true_number() -> None:
    event = make_sold_out(types=1)
    make_quota(event=event)

    def join_some(first: int) -> None:
        join(event, *(f"fan-{n}@example.com" for n in range(first, first + 4)))

    answers = race(
        lambda: join_some(0), lambda: waiting_list.count(now=NOON), lambda: join_some(4),
        lambda: waiting_list.count(now=NOON), lambda: waiting_list.count(now=NOON),
    )  # fmt: skip
    while waiting_list.count(now=NOON):
        pass

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert WaitingList.objects.get().shown == 8
