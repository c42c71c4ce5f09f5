"""What the database itself refuses: every CHECK, UNIQUE and guarding trigger of events and checkout, by raw SQL.

A constraint that is not named here fails the last tests, so none can be added without one that shows it.
"""

import uuid
from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from checkout.models import Job, JobOrder, Mail, Order, Payment, Refund, Reversal, WebhookReceipt
from events.models import Event, Reminder, Waiting, WaitingList
from tests.buyers import ADA, NOON, take_hold
from tests.checkout import guards_elsewhere
from tests.makers import make_event, make_quota, make_ticket_type

COPY_OF_AN_ORDER = """
    INSERT INTO checkout_order (event_id, token, reference, idempotency_key, state, total_minor, full_name, email,
                                renewals, created_at, expires_at)
    SELECT event_id, 'token', 'REF', gen_random_uuid(), 'lost', 0, '', '', 0, now(), now() FROM checkout_order LIMIT 1
"""
ORDER_OF_A_JOB = (
    "INSERT INTO checkout_joborder (job_id, order_id, problem) SELECT job_id, order_id, '' FROM checkout_joborder"
)
REVERSAL = """
    INSERT INTO checkout_reversal (key, ticket_numbers, tickets_minor, amount_minor, order_id, is_back_on_sale,
                                   is_by_hand, reason, by, at)
    SELECT {}, order_id, true, false, '', '', at FROM checkout_reversal
"""
REFUSED = [
    # Orders
    ("order_token_once", "UPDATE checkout_order SET token = 'same'"),
    ("order_reference_once_per_event", "UPDATE checkout_order SET reference = 'SAME'"),
    ("order_once_per_key", "UPDATE checkout_order SET idempotency_key = '00000000-0000-0000-0000-000000000000'"),
    ("order_state_known", COPY_OF_AN_ORDER),
    ("order_complete_has_a_buyer", "UPDATE checkout_order SET email = '' WHERE state = 'complete'"),
    ("order_complete_has_a_buyer", "UPDATE checkout_order SET full_name = '' WHERE state = 'complete'"),
    ("order_complete_has_a_buyer", "UPDATE checkout_order SET completed_at = NULL WHERE state = 'complete'"),
    ("order_complete_has_a_buyer", "UPDATE checkout_order SET state = 'complete' WHERE state = 'held'"),
    ("order_closed_has_a_time", "UPDATE checkout_order SET state = 'expired' WHERE state = 'held'"),
    ("order_closed_has_a_time", "UPDATE checkout_order SET state = 'cancelled' WHERE state = 'complete'"),
    ("order_renewals_capped", "UPDATE checkout_order SET renewals = 4"),
    ("order_renewals_capped", "UPDATE checkout_order SET renewals = -1"),
    ("order_step", "UPDATE checkout_order SET state = 'held' WHERE state = 'complete'"),
    ("history_fixed", "UPDATE checkout_orderevent SET at = now()"),
    ("history_fixed", "DELETE FROM checkout_orderevent"),
    # Tickets
    ("ticket_code_once", "UPDATE checkout_ticket SET code = 'SAME'"),
    ("ticket_number_once_per_order", "UPDATE checkout_ticket SET number = 1"),
    # Payments
    ("payment_attempt_once", "UPDATE checkout_payment SET attempt = 1"),
    ("payment_one_open_per_order", "UPDATE checkout_payment SET state = 'open', refunded_minor = 0"),
    ("payment_one_open_per_order", "UPDATE checkout_payment SET state = 'opening', refunded_minor = 0"),
    ("payment_state_known", "UPDATE checkout_payment SET state = 'lost', refunded_minor = 0"),
    ("payment_of_something", "UPDATE checkout_payment SET amount_minor = 0, refunded_minor = 0"),
    ("payment_never_refunded_over", "UPDATE checkout_payment SET refunded_minor = 1001 WHERE state = 'paid'"),
    ("payment_paid_has_a_time", "UPDATE checkout_payment SET paid_at = NULL WHERE state = 'paid'"),
    ("payment_paid_has_a_time", "UPDATE checkout_payment SET refunded_minor = 1 WHERE state = 'expired'"),
    ("payment_session_once", "UPDATE checkout_payment SET session_id = 'cs_same'"),
    ("refund_of_something", "UPDATE checkout_refund SET amount_minor = 0"),
    ("refund_state_known", "UPDATE checkout_refund SET state = 'lost'"),
    ("refund_once_per_key", "UPDATE checkout_refund SET key = 'same'"),
    ("refund_by_hand_is_done", "UPDATE checkout_refund SET is_by_hand = true"),
    ("webhook_receipt_once", "UPDATE checkout_webhookreceipt SET provider_id = 'evt_same'"),
    # Reversals
    ("history_fixed", "UPDATE checkout_reversal SET amount_minor = 1"),
    ("history_fixed", "DELETE FROM checkout_reversal"),
    ("reversal_once_per_key", REVERSAL.format("key, ticket_numbers, tickets_minor, amount_minor")),
    ("reversal_of_something", REVERSAL.format("'new', '{}', 0, 0")),
    ("reversal_price_is_of_tickets", REVERSAL.format("'new', '{}', 5, 1")),
    ("checkout_reversal_tickets_minor_check", REVERSAL.format("'new', '{1}', -1, 1")),
    ("checkout_reversal_amount_minor_check", REVERSAL.format("'new', '{1}', 1, -1")),
    # Jobs
    ("job_once_per_key", "UPDATE checkout_job SET key = '00000000-0000-0000-0000-000000000000'"),
    ("job_kind_known", "UPDATE checkout_job SET kind = 'dance'"),
    ("job_counts_within_total", "UPDATE checkout_job SET done = 2"),
    ("job_order_once", ORDER_OF_A_JOB),
    ("job_order_done_or_failed", "UPDATE checkout_joborder SET done_at = now(), failed_at = now()"),
    # Mail
    ("mail_bounced_failed", "UPDATE checkout_mail SET bounced_at = now()"),
    ("mail_once_per_key", "UPDATE checkout_mail SET key = 'same'"),
    ("mail_sent_or_failed", "UPDATE checkout_mail SET sent_at = now(), failed_at = now()"),
    ("mail_held_back_not_sent", "UPDATE checkout_mail SET sent_at = now(), held_back_at = now()"),
    # Events
    ("event_slug_once_per_organiser", "UPDATE events_event SET slug = 'same'"),
    ("event_slug_shape", "UPDATE events_event SET slug = 'Two Words'"),
    ("event_slug_shape", "UPDATE events_event SET slug = E'line\n'"),
    ("event_slug_shape", "UPDATE events_event SET slug = ''"),
    ("event_ends_after_start", "UPDATE events_event SET local_ends_at = local_starts_at - interval '1 second'"),
    ("event_state_known", "UPDATE events_event SET state = 'lost'"),
    ("event_currency_shape", "UPDATE events_event SET currency = 'gbp'"),
    ("event_accent_shape", "UPDATE events_event SET accent = '#FFFFFF'"),
    ("event_hold_minutes_sane", "UPDATE events_event SET hold_minutes = 0"),
    ("event_hold_minutes_sane", "UPDATE events_event SET hold_minutes = 121"),
    ("event_in_use", "DELETE FROM events_event"),
    ("rehearsal_fixed", "UPDATE events_event SET rehearsal_of_id = id"),
    ("reminder_once_per_address", "UPDATE events_reminder SET email = 'same@example.com'"),
    ("waiting_once_per_address", "UPDATE events_waiting SET email = 'same@example.com'"),
    ("waiting_token_once", "UPDATE events_waiting SET token = 'same'"),
    ("waiting_wants_some", "UPDATE events_waiting SET wanted = 0"),
    ("waiting_wants_some", "UPDATE events_waiting SET wanted = 11"),
    ("waiting_left_gets_no_mail", "UPDATE events_waiting SET email = NULL, tell_at = now()"),
    # Ticket types
    ("ticket_type_slug_once_per_event", "UPDATE events_tickettype SET slug = 'same'"),
    ("ticket_type_secret_key_once", "UPDATE events_tickettype SET secret_key = 'same'"),
    ("ticket_type_slug_shape", "UPDATE events_tickettype SET slug = '-'"),
    ("ticket_type_availability", "UPDATE events_tickettype SET availability = 'lots'"),
    ("ticket_type_order_limits", "UPDATE events_tickettype SET min_per_order = 0"),
    ("ticket_type_order_limits", "UPDATE events_tickettype SET min_per_order = 3, max_per_order = 2"),
    ("ticket_type_order_limits", "UPDATE events_tickettype SET max_per_order = 501"),
    ("ticket_type_sale_ends_after_start", "UPDATE events_tickettype SET sale_starts_at = now(), sale_ends_at = now()"),
    ("ticket_type_priced_by_kind", "UPDATE events_tickettype SET kind = 'free'"),
    ("ticket_type_priced_by_kind", "UPDATE events_tickettype SET kind = 'barter'"),
    ("ticket_type_priced_by_kind", "UPDATE events_tickettype SET price_minor = 0"),
    ("ticket_type_priced_by_kind", "UPDATE events_tickettype SET minimum_minor = 1"),
    ("ticket_type_priced_by_kind", "UPDATE events_tickettype SET kind = 'pwyw', price_minor = 0"),
    (
        "ticket_type_priced_by_kind",
        "UPDATE events_tickettype SET kind = 'pwyw', price_minor = 0, minimum_minor = 2, suggested_minor = 1",
    ),
    ("ticket_type_in_use", "DELETE FROM events_tickettype"),
    # Quotas
    ("quota_slug_once_per_event", "UPDATE events_quota SET slug = 'same'"),
    ("quota_slug_shape", "UPDATE events_quota SET slug = 'a--b'"),
    ("stock_never_oversold", "UPDATE events_stock SET taken = capacity + 1"),
    ("stock_never_oversold", "UPDATE events_stock SET capacity = taken - 1 WHERE taken > 0"),
    ("stock_never_oversold", "UPDATE events_stock SET taken = -1"),
    ("stock_never_oversold", "UPDATE events_stock SET taken = -2, capacity = -1"),
    ("stock_in_use", "DELETE FROM events_stock WHERE taken > 0"),
    (
        "draw_once",
        "INSERT INTO events_draw (ticket_type_id, quota_id) SELECT ticket_type_id, quota_id FROM events_draw",
    ),
    ("draw_same_event", "UPDATE events_draw SET quota_id = (SELECT max(id) FROM events_quota)"),
    (
        "draw_same_event",
        "INSERT INTO events_draw (ticket_type_id, quota_id)"
        " SELECT t.id, q.id FROM events_tickettype t, events_quota q WHERE t.event_id <> q.event_id",
    ),
]
NEVER_NEGATIVE = [
    ("checkout_job", "done"),
    ("checkout_job", "failed"),
    ("checkout_job", "total"),
    ("checkout_mail", "attempts"),
    ("checkout_order", "total_minor"),
    ("checkout_payment", "amount_minor"),
    ("checkout_payment", "attempt"),
    ("checkout_payment", "refunded_minor"),
    ("checkout_refund", "amount_minor"),
    ("checkout_refund", "attempts"),
    ("checkout_ticket", "price_minor"),
    ("events_quota", "position"),
    ("events_tickettype", "max_per_order"),
    ("events_tickettype", "min_per_order"),
    ("events_tickettype", "minimum_minor"),
    ("events_tickettype", "position"),
    ("events_tickettype", "price_minor"),
    ("events_tickettype", "suggested_minor"),
    ("events_waitinglist", "shown"),
]
NEVER_SEEN = {
    "events_event_hold_minutes_check",  # event_hold_minutes_sane says more, and first
    "events_event_version_check",  # whatever is written to the column, the trigger counts on
}
GUARDING_TRIGGERS = {
    ("checkout_order", "step"),
    ("checkout_orderevent", "fixed"),
    ("checkout_reversal", "fixed"),
    ("events_draw", "same_event"),
    ("events_event", "in_use"),
    ("events_event", "rehearsal_fixed"),
    ("events_stock", "in_use"),
    ("events_tickettype", "in_use"),
}
BUMPS = [
    "UPDATE events_event SET title = 'Other'",
    "UPDATE events_tickettype SET name = 'Other'",
    "INSERT INTO events_quota (event_id, slug, name, position) SELECT id, 'another', 'Another', 0 FROM events_event",
    "UPDATE events_quota SET name = 'Other'",
    "DELETE FROM events_draw",
    "UPDATE events_waitinglist SET shown = shown + 1",
]


@pytest.fixture
def world(db: None) -> Event:
    """An event with two quotas and two ticket types, and two orders: a paid one that is being refunded, and a
    held one. Another event of the same organiser has a quota of its own."""
    event = make_event()
    quotas = [make_quota(event=event) for _ in range(2)]
    first, second = (make_ticket_type(event=event, quotas=quotas) for _ in range(2))
    paid = take_hold((first, 2))
    take_hold((second, 1))
    make_quota(event=make_event(organiser=event.organiser))
    make_payments(paid)
    Reversal.objects.create(
        order=paid, key="once", ticket_numbers=[1], tickets_minor=1000, amount_minor=20, is_back_on_sale=True,
        is_by_hand=False, at=NOON,
    )  # fmt: skip
    for _ in range(2):
        job = Job.objects.create(event=event, kind="resend", key=uuid.uuid4(), total=1, created_at=NOON)
        JobOrder.objects.create(job=job, order=paid)
    Order.objects.filter(pk=paid.pk).update(
        state="complete", completed_at=NOON, full_name=ADA.full_name, email=ADA.email
    )
    for number in (1, 2):
        WebhookReceipt.objects.create(provider_id=f"evt_{number}", kind="paid", received_at=NOON)
        Reminder.objects.create(
            event=event, email=f"ada-{number}@example.com", created_at=NOON, next_attempt_at=NOON
        )  # fmt: skip
        Waiting.objects.create(event=event, email=f"ada-{number}@example.com", wanted=1, created_at=NOON)
    WaitingList.objects.create(event=event, shown=2, next_round_at=NOON)
    return event


def make_payments(order: Order) -> None:
    """Two payments of an order, one paid and partly refunded in two steps; and two messages owed."""
    shared = {"order": order, "amount_minor": 1000, "currency": "GBP", "created_at": NOON}
    paid = Payment.objects.create(**shared, attempt=1, session_id="cs_1", state="paid", paid_at=NOON, refunded_minor=20)
    Payment.objects.create(**shared, attempt=2, session_id="cs_2", state="expired")
    for key in ("first", "second"):
        Refund.objects.create(payment=paid, amount_minor=10, key=key, created_at=NOON, next_attempt_at=NOON)
        Mail.objects.create(
            order=order, kind=Mail.Kind.TICKETS, to=ADA.email, key=key, created_at=NOON,
            next_attempt_at=NOON + timedelta(minutes=1),
        )  # fmt: skip


def refusal_of(statement: str) -> str:
    """The name of the constraint that refuses a statement; fails if none does."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    return str(cause.diag.constraint_name)


@pytest.mark.parametrize(("constraint", "statement"), REFUSED)
def test_database_refuses(world: Event, constraint: str, statement: str) -> None:
    refused_by = refusal_of(statement)

    assert refused_by == constraint


@pytest.mark.parametrize(("table", "column"), NEVER_NEGATIVE)
def test_database_refuses_less_than_nothing(world: Event, table: str, column: str) -> None:
    refused_by = refusal_of(f"UPDATE {table} SET {column} = -1")  # noqa: S608  -- our own names

    assert refused_by == f"{table}_{column}_check"


@pytest.mark.parametrize("statement", BUMPS)
def test_change_of_what_a_page_could_show_raises_the_version(world: Event, statement: str) -> None:
    before = Event.objects.get(pk=world.pk).version

    with connection.cursor() as cursor:
        cursor.execute(statement)

    assert Event.objects.get(pk=world.pk).version > before


def test_hold_does_not_raise_the_version(world: Event) -> None:
    before = Event.objects.get(pk=world.pk).version

    take_hold((world.ticket_types.all()[0], 1))

    assert Event.objects.get(pk=world.pk).version == before


def test_round_of_a_waiting_list_does_not_raise_the_version(world: Event) -> None:
    before = Event.objects.get(pk=world.pk).version

    WaitingList.objects.update(next_round_at=NOON + timedelta(minutes=15))

    assert Event.objects.get(pk=world.pk).version == before


@pytest.mark.django_db
def test_every_constraint_is_shown_above() -> None:
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT conname FROM pg_constraint
             WHERE conrelid::regclass::text ~ '^(checkout|events)_' AND contype IN ('c', 'u', 'x')
            UNION SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
             WHERE i.indrelid::regclass::text ~ '^(checkout|events)_' AND i.indisunique AND NOT i.indisprimary
        """)
        found = {row[0] for row in cursor.fetchall()}

    shown = {constraint for constraint, _ in REFUSED} | {f"{table}_{column}_check" for table, column in NEVER_NEGATIVE}
    raised_by_triggers = {
        "order_step", "history_fixed", "event_in_use", "ticket_type_in_use", "stock_in_use", "draw_same_event",
        "rehearsal_fixed",
    }  # fmt: skip
    assert found == shown - raised_by_triggers | NEVER_SEEN | guards_elsewhere.CONSTRAINTS


@pytest.mark.django_db
def test_every_guarding_trigger_is_shown_above() -> None:
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT tgrelid::regclass::text, tgname FROM pg_trigger
             WHERE tgrelid::regclass::text ~ '^(checkout|events)_' AND NOT tgisinternal AND tgname NOT LIKE 'bump%'
        """)
        found = set(cursor.fetchall())

    assert found == GUARDING_TRIGGERS | guards_elsewhere.TRIGGERS
