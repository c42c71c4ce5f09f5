"""An organiser's own Stripe account: entered, checked, sealed, changed, and let go of."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from pytest_django.fixtures import Settings

from accounts.models import LogEntry, StripeAccount
from checkout.actions import payments, refunds, stripe_accounts
from checkout.management.commands.doctor import organisers_payments
from checkout.models import Payment
from checkout.providers import provider, provider_at, provider_of
from checkout.providers.protocol import ProviderRefused, ProviderUnavailable
from checkout.providers.stripe_accounts import KeyRefused
from kit import secrets
from tests.buyers import COMMITTED, NOON, race
from tests.checkout.accounts import OTHER_KEY, OWN_KEY, Stripes, connect
from tests.checkout.payers import make_order_to_pay, make_paying_order, payment_of, session_of
from tests.makers import make_event, make_organiser, make_user

pytestmark = COMMITTED
LATER = NOON + timedelta(days=1)


def dump() -> str:
    """All that the database has of accounts and of the log, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT a::text FROM accounts_stripeaccount a UNION ALL SELECT l::text FROM accounts_logentry l")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_account_is_what_stripe_says_of_the_key(stripes: Stripes) -> None:
    organiser = make_organiser()

    account = connect(organiser)

    assert (account.stripe_id, account.name, account.statement_prefix) == ("acct_Own", "Riverside Makers", "FAKE")
    assert (account.is_live, account.key_ends, account.checked_at) == (False, "1234", NOON)
    assert [one["url"] for one in stripes.own.webhook_endpoints()] == [f"http://127.0.0.1:9{account.webhook_path}"]
    assert [one["id"] for one in stripes.own.webhook_endpoints()] == [account.webhook_id]
    assert account.hears


def test_database_and_log_have_no_key(stripes: Stripes) -> None:
    account = connect(make_organiser())
    webhook_secret = stripes.own._store["webhook_endpoints"][account.webhook_id]["_fake"]["secret"]

    written = dump()

    assert (OWN_KEY in written, webhook_secret in written, OWN_KEY[:-4] in written) == (False, False, False)
    assert secrets.unseal(account.sealed_key) == OWN_KEY
    assert secrets.unseal(account.sealed_webhook_secret) == webhook_secret
    assert LogEntry.objects.get().said == "Connected Riverside Makers (test, key …1234)."


def test_database_refuses_a_key_that_is_not_sealed() -> None:
    account = StripeAccount(organiser=make_organiser(), stripe_id="acct_1", is_live=True, created_at=NOON)
    account.checked_at, account.sealed_key = NOON, OWN_KEY

    with pytest.raises(IntegrityError, match="stripe_account_is_sealed"):
        account.save()


def test_rotation_seals_all_under_the_new_key(stripes: Stripes, settings: Settings) -> None:
    account = connect(make_organiser())
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, old]
    before = secrets.unseal(account.sealed_key)

    call_command("rotate_secrets")

    settings.ENCRYPTION_KEYS = [new]
    account.refresh_from_db()
    assert (before, secrets.unseal(account.sealed_key)) == (OWN_KEY, OWN_KEY)
    assert secrets.is_newest(account.sealed_webhook_secret)
    with pytest.raises(KeyRefused):
        stripe_accounts.hear(organiser=account.organiser, webhook_secret="no", by=make_user(), now=NOON)


def test_rotation_names_what_no_key_opens(stripes: Stripes, settings: Settings) -> None:
    lost = connect(make_organiser(slug="lost-keys"))
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    kept = connect(make_organiser(), OTHER_KEY)

    with pytest.raises(CommandError, match=f"{lost.pk} of lost-keys"):
        call_command("rotate_secrets")

    with pytest.raises(ProviderUnavailable):
        provider_at(lost)
    assert provider_at(kept)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("pk_test_123", "publishable"),
        ("hunter2", "begins with sk_live_"),
        ("sk_test_unknown", "does not know this key"),
    ],
)
def test_wrong_key_is_refused_in_words(stripes: Stripes, key: str, words: str) -> None:
    with pytest.raises(KeyRefused, match=words):
        connect(make_organiser(), key)

    assert (StripeAccount.objects.count(), LogEntry.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("GET /v1/account", "read the account"),
        ("GET /v1/checkout/sessions", "use Checkout"),
        ("GET /v1/refunds", "pay back"),
    ],
)
def test_restricted_key_says_what_it_may_not(stripes: Stripes, call: str, words: str) -> None:
    stripes.own.fail_next(status=403, only=call)

    with pytest.raises(KeyRefused, match=f"restricted and may not {words}"):
        connect(make_organiser())


def test_key_that_may_not_make_an_endpoint_waits_for_its_secret(stripes: Stripes) -> None:
    organiser = make_organiser()
    stripes.own.fail_next(status=403, only="POST /v1/webhook_endpoints")

    account = connect(organiser)
    stripe_accounts.hear(organiser=organiser, webhook_secret="whsec_pasted123", by=make_user(), now=NOON)

    assert account.hears is False
    account.refresh_from_db()
    assert secrets.unseal(account.sealed_webhook_secret) == "whsec_pasted123"
    assert "whsec_pasted" not in dump()


def test_stripe_being_away_changes_nothing(stripes: Stripes) -> None:
    stripes.own.fail_next(count=4, status=503)

    with pytest.raises(ProviderUnavailable):
        connect(make_organiser())

    assert StripeAccount.objects.count() == 0


def test_payments_go_to_each_organisers_own_account(stripes: Stripes) -> None:
    own, other, nobodys = make_event(), make_event(), make_event()
    connect(own.organiser)
    connect(other.organiser, OTHER_KEY)

    orders = [make_paying_order(event) for event in (own, other, nobodys)]

    opened = [[one["id"] for one in fake.sessions()] for fake in (stripes.own, stripes.other, stripes.site)]
    assert opened == [[session_of(order)] for order in orders]


def test_new_key_to_the_same_account_is_used_at_once(stripes: Stripes) -> None:
    event = make_event()
    account = connect(event.organiser)
    order = make_paying_order(event)
    stripes.give_key(stripes.own, "sk_test_RolledKey9999")

    rolled = connect(event.organiser, "sk_test_RolledKey9999")
    payments.look(order=order, now=NOON)
    later = make_paying_order(event)

    assert (rolled.pk, rolled.key_ends, rolled.token) == (account.pk, "9999", account.token)
    assert len(stripes.own.webhook_endpoints()) == 1
    assert {payment_of(one).account_id for one in (order, later)} == {account.pk}


def test_refund_goes_to_the_account_that_was_paid_after_it_was_replaced(stripes: Stripes) -> None:
    event = make_event()
    connect(event.organiser)
    order = make_paying_order(event)
    stripes.own.pay(session_of(order))
    connect(event.organiser, OTHER_KEY)

    payments.look(order=order, now=LATER)
    refunds.claim(payment=payment_of(order), amount_minor=400, reason="", key="back", by="staff", now=LATER)
    refunds.drain(now=LATER)
    later = make_paying_order(event)

    assert ([one["amount"] for one in stripes.own.refunds()], stripes.other.refunds()) == ([400], [])
    assert [one["id"] for one in stripes.other.sessions()] == [session_of(later)]


def test_account_is_not_removed_while_somebody_pays(stripes: Stripes) -> None:
    event = make_event()
    account = connect(event.organiser)
    make_paying_order(event)

    with pytest.raises(stripe_accounts.PaymentsOpen) as refused:
        stripe_accounts.remove(organiser=event.organiser, by=make_user(), now=LATER)

    account.refresh_from_db()
    assert (refused.value.count, account.retired_at) == (1, None)


def test_removed_account_keeps_its_key_until_that_is_deleted(stripes: Stripes) -> None:
    event, staff = make_event(), make_user()
    connect(event.organiser)
    order = make_paying_order(event)
    stripes.own.pay(session_of(order))
    payments.look(order=order, now=NOON)

    stripe_accounts.remove(organiser=event.organiser, by=staff, now=LATER)
    kept = provider_of(Payment.objects.select_related("account", "order__event").get())
    later = make_paying_order(event)
    stripe_accounts.forget(account=StripeAccount.objects.get(), by=staff, now=LATER)

    assert kept.retrieve(session_of(order)).status == "paid"
    assert [one["id"] for one in stripes.site.sessions()] == [session_of(later)]
    assert stripes.own.webhook_endpoints() == []
    with pytest.raises(ProviderRefused, match="was removed here"):
        provider_of(Payment.objects.select_related("account", "order__event").earliest("pk"))
    with pytest.raises(stripe_accounts.NoAccount):
        stripe_accounts.remove(organiser=event.organiser, by=staff, now=LATER)


def test_two_who_connect_at_once_have_one_account_and_one_endpoint(stripes: Stripes) -> None:
    organiser = make_organiser()

    raced = race(*[lambda: connect(organiser)] * 4)

    account = StripeAccount.objects.get()
    assert [type(one) for one in raced] == [StripeAccount] * 4
    assert [one["id"] for one in stripes.own.webhook_endpoints()] == [account.webhook_id]


def test_no_payment_slips_to_an_account_that_is_being_removed(stripes: Stripes) -> None:
    event, staff = make_event(), make_user()
    connect(event.organiser)
    orders = [make_order_to_pay(event) for _ in range(6)]

    def pay(place: int) -> object:
        return payments.begin(order=orders[place], now=now())

    raced = race(
        *[lambda place=place: pay(place) for place in range(6)],
        lambda: stripe_accounts.remove(organiser=event.organiser, by=staff, now=LATER),
    )

    account = StripeAccount.objects.get()
    removed = not isinstance(raced[-1], stripe_accounts.PaymentsOpen)
    with_it = Payment.objects.filter(account=account).count()
    assert [type(one) for one in raced[:-1]] == [Payment] * 6
    assert (account.retired_at is not None, with_it == 0 if removed else with_it > 0) == (removed, True)
    assert len(stripes.own.sessions()) == with_it


def test_database_refuses_a_payment_to_an_account_that_is_not_the_organisers(stripes: Stripes) -> None:
    event = make_event()
    foreign = connect(make_organiser())
    order, now_paying = make_order_to_pay(event), make_paying_order(event)
    facts = {"attempt": 1, "amount_minor": 1000, "currency": "GBP", "created_at": NOON}

    with pytest.raises(DatabaseError, match="goes to account"), transaction.atomic():
        order.payments.create(account=foreign, **facts)
    with pytest.raises(DatabaseError, match="goes to account"), transaction.atomic():
        Payment.objects.filter(order=now_paying).update(account=foreign)
    own = connect(event.organiser, OTHER_KEY)
    order.payments.create(account=own, **facts)
    with pytest.raises(DatabaseError, match="has payments"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_stripeaccount WHERE id = %s", [own.pk])


def test_payment_asks_the_database_no_more_often_for_an_own_account(stripes: Stripes) -> None:
    event, plain = make_event(), make_event()
    connect(event.organiser)
    counts = []
    for one in (plain, event):
        order = make_order_to_pay(one)
        order.event.organiser  # noqa: B018  -- read along by the checkout's pages
        with CaptureQueriesContext(connection) as asked:
            payments.begin(order=order, now=now())
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_doctor_asks_each_account(stripes: Stripes) -> None:
    connect(make_organiser(slug="well"))
    ill = connect(make_organiser(slug="ill"), OTHER_KEY)
    stripes.give_key(stripes.other, "sk_test_RolledAtStripe")

    found = list(organisers_payments())

    assert len(found) == 1
    assert found[0].startswith(f"the account of {ill.organiser.slug} cannot be asked: ")
    assert OTHER_KEY not in found[0]
    assert provider()
