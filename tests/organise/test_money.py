"""The pages where an organiser connects payments, says terms, and tries an event out."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import LogEntry, Role, StripeAccount
from checkout.models import Order
from events.models import Event
from tests.buyers import COMMITTED, make_held_order
from tests.checkout.accounts import OTHER_KEY, OWN_KEY, Stripes, connect, stripes_behind
from tests.checkout.payers import make_paying_order
from tests.makers import make_event
from tests.organise.places import make_retired_account, member

pytestmark = COMMITTED


@pytest.fixture
def stripes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripes]:
    with stripes_behind(settings, monkeypatch) as found:
        yield found


def money_of(event: Event, what: str = "") -> str:
    return f"/organise/{event.organiser.slug}/-/money/{what}"


def confirmed(event: Event, role: str = Role.OWNER) -> Client:
    """A member who has typed their password once more."""
    client = member(event, role)
    assert client.post("/accounts/reauthenticate/", {"password": "password"}).status_code == 302
    return client


def page_of(client: Client, event: Event) -> str:
    answer = client.get(money_of(event))
    assert answer.status_code == 200
    return answer.content.decode()


def test_key_is_entered_and_never_shown_again(stripes: Stripes) -> None:
    event = make_event()
    client = confirmed(event, Role.FINANCE)
    before = page_of(client, event)

    answer = client.post(money_of(event, "key/"), {"secret_key": f" {OWN_KEY} "})
    after = page_of(client, event)

    assert (answer.status_code, answer.headers["Location"]) == (303, money_of(event))
    assert "no account of your own" in before
    assert ("Riverside Makers" in after, "…1234" in after, "test mode: whoever knows" in after) == (True, True, True)
    assert OWN_KEY not in after


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"secret_key": ""}, 422, "Enter the secret key."),
        ({"secret_key": "sk_test_unknown"}, 422, "Stripe does not know this key."),
        ({"secret_key": OWN_KEY}, 503, "Stripe does not answer just now"),
    ],
    ids=["nothing", "unknown", "away"],
)
def test_key_that_is_not_taken_changes_nothing(stripes: Stripes, form: dict[str, str], status: int, words: str) -> None:
    event = make_event()
    if status == 503:
        stripes.own.fail_next(count=4, status=503)

    answer = confirmed(event).post(money_of(event, "key/"), form)

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert OWN_KEY not in answer.content.decode()
    assert StripeAccount.objects.count() == 0


@pytest.mark.parametrize("what", ["key/", "webhook/", "removal/", "keys/{}/removal/"])
def test_who_has_not_shown_who_they_are_lately_is_asked_first_and_their_key_is_kept_nowhere(
    stripes: Stripes, what: str
) -> None:
    event = make_event()
    connect(event.organiser)
    path = money_of(event, what.format(make_retired_account(event.organiser).pk))
    client = member(event)
    lines = LogEntry.objects.count()

    answer = client.post(path, {"secret_key": OTHER_KEY, "webhook_secret": "whsec_12345678"})

    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/accounts/reauthenticate/")
    assert OTHER_KEY not in repr(dict(client.session))
    assert LogEntry.objects.count() == lines


def test_page_says_what_to_enter_at_stripe_where_the_key_may_not(stripes: Stripes) -> None:
    event = make_event()
    client = confirmed(event)
    stripes.own.fail_next(status=403, only="POST /v1/webhook_endpoints")
    account = connect(event.organiser)

    asked = page_of(client, event)
    wrong = client.post(money_of(event, "webhook/"), {"webhook_secret": "nonsense"})
    answer = client.post(money_of(event, "webhook/"), {"webhook_secret": "whsec_12345678"})

    assert (account.webhook_path in asked, "payment_intent.payment_failed" in asked) == (True, True)
    assert (wrong.status_code, answer.status_code) == (422, 303)
    assert "do not arrive yet" not in page_of(client, event)


def test_account_is_removed_after_saying_what_happens(stripes: Stripes) -> None:
    event = make_event()
    connect(event.organiser)
    client, path = confirmed(event), money_of(event, "removal/")

    asked = client.get(path).content.decode()
    removed = client.post(path, {})
    again = client.post(path, {})

    assert "New payments then go to the account of this site" in asked
    assert (removed.status_code, again.status_code) == (303, 302)
    assert StripeAccount.objects.current().count() == 0
    assert "Delete its key" in page_of(client, event)


def test_account_is_not_removed_while_somebody_pays(stripes: Stripes) -> None:
    event = make_event()
    connect(event.organiser)
    make_paying_order(event)

    answer = confirmed(event).post(money_of(event, "removal/"), {})

    assert answer.status_code == 422
    assert "1 person is paying just now." in answer.content.decode()
    assert StripeAccount.objects.current().count() == 1


def test_key_of_an_account_that_was_is_deleted(stripes: Stripes) -> None:
    event = make_event()
    account = make_retired_account(event.organiser)
    foreign = make_retired_account(make_event().organiser)
    client = confirmed(event)

    answer = client.post(money_of(event, f"keys/{account.pk}/removal/"), {})

    account.refresh_from_db()
    assert (answer.status_code, account.sealed_key) == (303, "")
    assert client.get(money_of(event, f"keys/{foreign.pk}/removal/")).status_code == 404


@pytest.mark.parametrize(
    ("name", "words"), [("2026", "at least one of them"), ("A*B", "simple signs"), ("A" * 11, "at most 10")]
)
def test_name_that_banks_do_not_show_is_refused_and_kept(name: str, words: str) -> None:
    event = make_event()

    answer = member(event).post(money_of(event, "terms/"), {"statement_name": name, "refund_policy": "Half back."})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert (words in page, f'value="{name}"' in page, "Half back." in page) == (True, True, True)


def test_terms_are_shown_to_buyers_and_an_event_may_have_others(client: Client) -> None:
    event, other = make_event(), None
    other = make_event(organiser=event.organiser)
    desk = member(event)
    desk.post(money_of(event, "terms/"), {"statement_name": "AUTUMN", "refund_policy": "All back *until May*."})

    desk.post(f"/organise/{event.organiser.slug}/{event.slug}/refund-policy/", {"refund_policy": "Nothing back."})

    pages = [client.get(one.get_absolute_url()).content.decode() for one in (event, other)]
    assert ["Nothing back." in page for page in pages] == [True, False]
    assert ["All back <em>until May</em>." in page for page in pages] == [False, True]
    assert [line.kind for line in LogEntry.objects.all()] == ["terms-changed"] * 2


def test_log_has_what_was_done_and_no_key(stripes: Stripes) -> None:
    event = make_event()
    client = confirmed(event)
    for key in (OWN_KEY, OTHER_KEY):
        client.post(money_of(event, "key/"), {"secret_key": key})

    said = list(LogEntry.objects.order_by("pk").values_list("said", flat=True))

    assert said == [
        "Connected Riverside Makers (test, key …1234).",
        "Connected Somebody Else (test, key …5678) in place of Riverside Makers (test, key …1234).",
    ]


def test_test_mode_begins_and_ends_with_a_number() -> None:
    event = make_event()
    client, path = member(event, Role.MANAGER), f"/organise/{event.organiser.slug}/{event.slug}/test-mode/"

    begun = client.post(path)
    make_held_order(event)
    shown, asked = client.get(path).content.decode(), client.get(f"{path}end/").content.decode()
    ended = client.post(f"{path}end/")
    twice = client.post(f"{path}end/")

    assert [answer.status_code for answer in (begun, ended, twice)] == [303, 303, 302]
    assert ("Test mode is on" in shown, "1 test order with 0 tickets will be removed" in asked) == (True, True)
    assert "1 test order was removed" in client.get(path).content.decode()
    assert Order.objects.count() == 0


def test_event_that_has_sold_is_not_put_into_test_mode() -> None:
    event = make_held_order().event

    answer = member(event).post(f"/organise/{event.organiser.slug}/{event.slug}/test-mode/")

    event.refresh_from_db()
    assert (answer.status_code, event.is_test) == (409, False)
    assert "has orders by now" in answer.content.decode()
