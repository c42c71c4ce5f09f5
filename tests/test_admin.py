"""The admin: every page answers, in as many queries over many rows as over few, and refuses in words."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from checkout.models import Order, OrderEvent, Payment, Refund
from events.models import Kind, Quota, Stock, TicketType
from tests.buyers import NOON, make_complete_order
from tests.lock_waits import work_beside
from tests.makers import make_event, make_quota, make_ticket_type, make_user
from tests.one_of_each import make_one_of_each, make_paid_order

pytestmark = pytest.mark.django_db

OURS = ("accounts", "events", "checkout", "flags", "surge")


@pytest.fixture
def staff(client: Client) -> Client:
    """A superuser's browser."""
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


def staff_with(*permissions: str) -> Client:
    """The browser of a member of staff with these permissions only."""
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def page(row: Any, what: str = "change") -> str:
    meta = row._meta
    return f"/admin/{meta.app_label}/{meta.model_name}/{row.pk}/{what}/"


def queries(client: Client, url: str) -> int:
    """How many queries the page makes, once whatever is cached is warm."""
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as made:
        client.get(url)
    return len(made)


def sent(client: Client, url: str, **changes: Any) -> tuple[int, str]:
    """Submit the form at `url` as it stands, with these fields changed; answers status and text."""
    response = client.get(url)
    form: dict[str, Any] = {}
    for shown in [response.context["adminform"].form, *_formset_forms(response)]:
        for bound in shown:
            form |= _typed(bound)
    for formset in response.context["inline_admin_formsets"]:
        form |= {bound.html_name: bound.value() for bound in formset.formset.management_form}
    answer = client.post(url, {key: value for key, value in {**form, **changes}.items() if value is not None})
    return answer.status_code, answer.content.decode()


def _formset_forms(response: Any) -> list[Any]:
    return [form for formset in response.context["inline_admin_formsets"] for form in formset.formset.initial_forms]


def _typed(bound: Any) -> dict[str, Any]:
    value = bound.value()
    if hasattr(bound.field.widget, "decompress"):
        parts = bound.field.widget.decompress(value)
        return {f"{bound.html_name}_{place}": part for place, part in enumerate(parts)}
    return {} if value is False else {bound.html_name: value}


LISTED = [model for model in apps.get_models() if model._meta.app_label in OURS and admin.site.is_registered(model)]


def test_every_model_but_those_shown_on_anothers_page_has_pages() -> None:
    without = {model.__name__ for model in apps.get_models() if model._meta.app_label in OURS} - {
        model.__name__ for model in LISTED
    }

    assert without == {
        "PretendPayment",  # no money, and gone with its test
        "StripeAccount",  # the organiser's own business, and sealed
        "Stock",
        "Draw",
        "CodeUse",
        "WaitingList",
        "Prerequisite",
        "Hour",
        "RolledUp",
        "Notice",
        "Chosen",
        "Number",
        "Counted",
        "NumbersMark",
        "Export",
        "ExportPart",
        "ExportSchedule",
        "InvitedTo",
        "QuestionVersion",
        "QuestionTarget",
        "Answer",
        "AnswerFile",
        "Image",
        "Picture",
    }


def test_lists_and_pages_make_the_same_queries_over_50_rows_as_over_5(staff: Client) -> None:
    rows = [make_one_of_each() for _ in range(5)][-1]
    pages = {model.__name__: page(rows[model]) for model in LISTED}
    lists = {f"{name} list": url.split("/change")[0].rpartition("/")[0] + "/" for name, url in pages.items()}
    few = {name: queries(staff, url) for name, url in (pages | lists).items()}

    for _ in range(45):
        make_one_of_each()

    assert {name: queries(staff, url) for name, url in (pages | lists).items()} == few
    assert max(few.values()) <= 16


@pytest.mark.parametrize("model", LISTED, ids=lambda model: model.__name__)
def test_list_finds_what_is_typed(staff: Client, model: Any) -> None:
    make_one_of_each()

    response = staff.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/", {"q": "nothing of this name"})

    assert response.status_code == 200
    assert list(response.context["cl"].result_list) == []


@pytest.mark.parametrize(("few", "many"), [(5, 50), (60, 300)])
def test_event_page_makes_the_same_queries_however_much_it_sells(staff: Client, few: int, many: int) -> None:
    event = make_event()
    made = []

    for size in (few, many):
        while event.ticket_types.count() < size:
            make_ticket_type(event=event, quotas=[make_quota(event=event)])
        made.append(queries(staff, page(event)))

    assert made[0] == made[1] <= 16


def test_event_page_links_what_is_too_much_for_forms(staff: Client) -> None:
    event = make_event()
    types = [make_ticket_type(event=event) for _ in range(51)]

    text = staff.get(page(event)).content.decode()

    assert set(re.findall(r"/admin/events/tickettype/\d+/change/", text)) == {page(row) for row in types}
    assert "ticket_types-TOTAL_FORMS" not in text
    assert "quotas-TOTAL_FORMS" in text


@pytest.mark.parametrize("model", [TicketType, Order, Payment], ids=lambda model: model.__name__)
def test_page_makes_the_same_queries_however_much_hangs_on_it(staff: Client, model: Any) -> None:
    made = []
    for size in (5, 50):
        event = make_event()
        order = make_paid_order(event, tickets=size)
        for number in range(size):
            OrderEvent.objects.record("renewed", order=order, at=NOON, by="buyer")
            Refund.objects.create(
                payment=order.payments.get(), amount_minor=1, reason="More", key=f"{order.pk}-{number}",
                created_at=NOON, next_attempt_at=NOON,
            )  # fmt: skip
        ticket_type = make_ticket_type(quotas=[make_quota(event=event) for _ in range(size)])
        row = {TicketType: ticket_type, Order: order, Payment: order.payments.get()}[model]
        made.append(queries(staff, page(row)))

    assert made[0] == made[1] <= 16


def test_capacity_is_refused_below_what_is_taken(staff: Client) -> None:
    quota = make_quota(capacity=10, taken=4)

    status, text = sent(staff, page(quota), capacity=3)

    assert (status, Stock.objects.get(quota=quota).capacity) == (200, 10)
    assert "4 are taken, so it cannot be less." in text


def test_capacity_is_lowered_to_what_is_taken_and_raises_the_version(staff: Client) -> None:
    quota = make_quota(capacity=10, taken=4)
    before = quota.event.version

    status, _ = sent(staff, page(quota), capacity=4)

    quota.event.refresh_from_db()
    assert (status, Stock.objects.get(quota=quota).capacity) == (302, 4)
    assert quota.event.version > before


def test_capacities_on_the_event_page_are_refused_and_saved_alike(staff: Client) -> None:
    event = make_event()
    full, free = make_quota(event=event, capacity=10, taken=10), make_quota(event=event, capacity=10)

    refused = sent(staff, page(event), **{"quotas-0-capacity": 9, "quotas-1-capacity": 3})
    before = Stock.objects.get(quota=free).capacity
    saved = sent(staff, page(event), **{"quotas-0-capacity": 11, "quotas-1-capacity": 3})

    assert (refused[0], before, saved[0]) == (200, 10, 302)
    assert "10 are taken, so it cannot be less." in refused[1]
    assert [Stock.objects.get(quota=quota).capacity for quota in (full, free)] == [11, 3]


def test_event_page_adds_a_quota_with_its_stock(staff: Client) -> None:
    event = make_event()
    make_quota(event=event)
    new = {"quotas-TOTAL_FORMS": 2, "quotas-1-name": "Balcony", "quotas-1-slug": "balcony", "quotas-1-position": 1}

    status, _ = sent(staff, page(event), **new, **{"quotas-1-capacity": 40})

    assert status == 302
    assert event.quotas.get(slug="balcony").stock.capacity == 40


def test_quota_in_use_is_not_deleted(staff: Client) -> None:
    event = make_event()
    quota = make_quota(event=event, capacity=10, taken=4)

    on_its_page = staff.post(page(quota, "delete"), {"post": "yes"})
    on_the_events = sent(staff, page(event), **{"quotas-0-DELETE": "on"})

    assert on_its_page.status_code == on_the_events[0] == 200
    assert "4 taken" in on_its_page.content.decode()
    assert "so it cannot be deleted" in on_the_events[1]
    assert Quota.objects.filter(pk=quota.pk).exists()


def test_quota_not_in_use_is_deleted(staff: Client) -> None:
    quota = make_quota()

    assert staff.post(page(quota, "delete"), {"post": "yes"}).status_code == 302
    assert not Quota.objects.filter(pk=quota.pk).exists()


def test_ticket_type_draws_on_the_quotas_that_are_ticked(staff: Client) -> None:
    event = make_event()
    one, two, three = (make_quota(event=event) for _ in range(3))
    make_quota()
    ticket_type = make_ticket_type(quotas=[one, two])

    offered = staff.get(page(ticket_type)).context["adminform"].form.fields["draws_on"].queryset
    status, _ = sent(staff, page(ticket_type), draws_on=[two.pk, three.pk])

    assert status == 302
    assert set(offered) == {one, two, three}
    assert set(ticket_type.quotas.all()) == {two, three}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"slug": "taken"}, "Ticket type with this Event and Slug already exists."),
        ({"slug": "Not a slug"}, "Use small letters, digits and single hyphens."),
        ({"kind": Kind.FREE}, "A free ticket costs nothing."),
        ({"price_minor": 0}, "A paid ticket needs a price."),
        ({"minimum_minor": 5}, "Only for pay what you want."),
        ({"kind": Kind.PAY_WHAT_YOU_WANT, "price_minor": 0}, "Give a minimum"),
        ({"kind": Kind.PAY_WHAT_YOU_WANT, "minimum_minor": 5, "suggested_minor": 6}, "Buyers name their price"),
        ({"kind": Kind.PAY_WHAT_YOU_WANT, "price_minor": 0, "minimum_minor": 5, "suggested_minor": 4},
         "The suggestion must not be below the minimum."),
        ({"min_per_order": 11}, "The most must not be below the least."),
        ({"max_per_order": 501}, "The most per order must be at least the fewest"),
        ({"sale_starts_at_0": "2031-01-02", "sale_starts_at_1": "10:00", "sale_ends_at_0": "2031-01-02",
          "sale_ends_at_1": "09:00"}, "The sale must end after it starts."),
    ],
)  # fmt: skip
def test_ticket_type_is_refused_in_words(staff: Client, changes: dict[str, Any], message: str) -> None:
    ticket_type = make_ticket_type()
    make_ticket_type(event=ticket_type.event, slug="taken")

    status, text = sent(staff, page(ticket_type), **changes)

    assert status == 200
    assert message in text


def test_event_keeps_its_times_as_the_wall_shows_them(staff: Client) -> None:
    event = make_event(timezone="America/New_York")

    status, _ = sent(staff, page(event), title="Renamed", local_starts_at_1="11:30")

    event.refresh_from_db()
    assert (status, event.title) == (302, "Renamed")
    assert event.local_starts_at == datetime(2030, 6, 1, 11, 30)
    assert event.starts_at == datetime(2030, 6, 1, 15, 30, tzinfo=UTC)


def test_event_keeps_its_currency_once_there_are_orders(staff: Client) -> None:
    event = make_event()
    empty = sent(staff, page(event), currency="EUR")
    make_complete_order(event)

    status, text = sent(staff, page(event), currency="USD")

    assert (empty[0], status) == (302, 200)
    assert "There are orders in the old currency" in text


def test_only_a_draft_event_can_be_deleted(staff: Client) -> None:
    live, draft = make_event(), make_event(state="draft")
    make_ticket_type(event=draft, quotas=[make_quota(event=draft)])

    assert staff.post(page(live, "delete"), {"post": "yes"}).status_code == 403
    assert staff.post(page(draft, "delete"), {"post": "yes"}).status_code == 302


@pytest.mark.parametrize("name", ["order", "ticket", "orderevent", "payment", "refund", "webhookreceipt", "mail"])
def test_the_books_are_only_looked_at(staff: Client, name: str) -> None:
    rows = {model._meta.model_name: row for model, row in make_one_of_each().items()}
    row = rows[name]

    shown = staff.get(page(row)).content.decode()

    assert staff.get(f"/admin/checkout/{name}/add/").status_code == 403
    assert staff.post(page(row), {"state": "held"}).status_code == 403
    assert staff.post(page(row, "delete"), {"post": "yes"}).status_code == 403
    assert re.findall(r'<(?:input type="(?!hidden)|select|textarea)[^>]*name="(?!q")', shown) == []


def test_a_buyers_page_is_linked_for_superusers_and_its_token_shown_to_nobody_else(staff: Client) -> None:
    order = make_complete_order()
    others = staff_with("view_order", "view_ticket", "view_orderevent")

    seen = others.get(page(order)).content.decode() + others.get("/admin/checkout/order/").content.decode()

    assert f'href="{order.get_absolute_url()}"' in staff.get(page(order)).content.decode()
    assert order.reference in seen
    assert order.token not in seen
    assert "/admin/r/" not in seen


def test_order_is_found_by_a_tickets_code_typed_in_any_way(staff: Client) -> None:
    order = make_complete_order()
    make_complete_order()
    code = str(order.tickets.get()).lower()

    found = staff.get("/admin/checkout/order/", {"q": code}).context["cl"].result_list

    assert list(found) == [order]


def test_user_is_added_by_e_mail_and_only_once_in_any_case(staff: Client) -> None:
    secret = "a long enough secret"
    form = {"email": "new@example.com", "usable_password": "true", "password1": secret, "password2": secret}

    made = staff.post("/admin/accounts/user/add/", form)
    twice = staff.post("/admin/accounts/user/add/", {**form, "email": "NEW@example.com"})

    assert (made.status_code, twice.status_code) == (302, 200)
    assert "This address has an account." in twice.content.decode()
    assert User.objects.get(email="new@example.com").check_password(secret)


def test_only_superusers_give_powers_or_change_superusers(staff: Client) -> None:
    plain, root = make_user(), User.objects.get(is_superuser=True)
    others = staff_with("view_user", "change_user")

    sent(others, page(plain), is_superuser="on", is_staff="on", full_name="Renamed")

    plain.refresh_from_db()
    assert (plain.full_name, plain.is_staff, plain.is_superuser) == ("Renamed", False, False)
    assert others.post(page(root), {"email": "stolen@example.com"}).status_code == 403
    colleague = make_user(is_staff=True)  # who signs in as a second member of staff could decide about their own
    assert [others.get(f"/admin/accounts/user/{one.pk}/password/").status_code for one in (root, colleague)] == [
        403
    ] * 2


def test_admin_asks_strangers_to_sign_in(client: Client) -> None:
    response = client.get("/admin/checkout/order/")

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/admin/login/")


@pytest.mark.race
@pytest.mark.django_db(transaction=True, available_apps=settings.INSTALLED_APPS)
def test_who_loses_a_race_for_a_slug_is_told_and_nothing_is_saved() -> None:
    event = make_event()
    quota = make_quota(event=event, slug="mine")
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))

    answer = work_beside(
        lambda: make_quota(event=event, slug="wanted"), lambda: sent(client, page(quota), slug="wanted")
    )

    assert answer == (302, "")
    assert "Nothing was saved" in client.get(page(quota)).content.decode()
    assert Quota.objects.get(pk=quota.pk).slug == "mine"
