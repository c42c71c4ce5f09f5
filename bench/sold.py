"""A hundred thousand orders of one event, seeded by SQL, and a browser of its owner."""

from typing import Final

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from accounts.models import Membership, Role, User
from bench import wares
from checkout.actions import numbers
from events.models import Event

ORDERS: Final = 100_000
TYPES: Final = 10
# Half of them in the first hour, the rest over four months; nine of ten bought, some of those cancelled and sent back.
SEED: Final = """
    INSERT INTO checkout_order (event_id, token, reference, idempotency_key, state, total_minor, full_name, email,
                                renewals, created_at, expires_at, completed_at, closed_at)
    SELECT %(event_id)s, format('seed-%%s', n), checkout_reference(n), md5(n::text)::uuid, state, 2000,
           CASE WHEN state = 'expired' THEN '' ELSE format('Ada Lovelace %%s', n) END,
           CASE WHEN state = 'expired' THEN '' ELSE format('buyer-%%s@example.com', n) END, 0, at,
           at + interval '15 minutes', CASE WHEN state <> 'expired' THEN at + interval '2 minutes' END,
           CASE WHEN state <> 'complete' THEN at + interval '15 minutes' END
      FROM generate_series(1, %(orders)s) AS n,
           LATERAL (SELECT CASE WHEN n %% 10 = 9 THEN 'expired' WHEN n %% 40 = 7 THEN 'cancelled' ELSE 'complete' END
                           AS state,
                           now() - interval '120 days'
                           + make_interval(secs => CASE WHEN n <= %(orders)s / 2 THEN n * 0.07 ELSE n * 100 END) AS at
                   ) AS planned;
    INSERT INTO checkout_ticket (order_id, ticket_type_id, number, code, price_minor, quota_ids, attendee_name,
                                 voided_at)
    SELECT o.id, t.id, number, lpad(upper(to_hex(o.id * 2 + number)), 12, '0'), 1000, ARRAY[q.id], '',
           CASE WHEN o.state = 'cancelled' THEN o.closed_at END
      FROM checkout_order o CROSS JOIN generate_series(1, 2) AS number
      JOIN events_quota q ON q.event_id = o.event_id
      JOIN events_tickettype t ON t.event_id = o.event_id AND t.position = o.id %% %(types)s;
    INSERT INTO checkout_payment (order_id, state, attempt, session_id, session_url, provider_reference, amount_minor,
                                  refunded_minor, currency, last_error, created_at, paid_at)
    SELECT id, 'paid', 1, format('cs_seed_%%s', id), '', format('pi_seed_%%s', id), total_minor,
           CASE state WHEN 'cancelled' THEN total_minor ELSE 0 END, 'GBP', '', created_at, completed_at
      FROM checkout_order WHERE completed_at IS NOT NULL;
    INSERT INTO checkout_refund (payment_id, state, amount_minor, reason, key, provider_reference, attempts,
                                 next_attempt_at, last_error, created_at, done_at)
    SELECT id, 'done', refunded_minor, 'Cancelled', format('refund-%%s', id), '', 1, paid_at, '', paid_at, paid_at
      FROM checkout_payment WHERE refunded_minor > 0;
    INSERT INTO checkout_orderevent (order_id, kind, at, by, note)
    SELECT id, kind, created_at, 'buyer', '' FROM checkout_order, unnest(ARRAY['held', state]) AS kind;
    INSERT INTO checkout_mail (order_id, kind, "to", key, created_at, next_attempt_at, attempts, sent_at, last_error)
    SELECT id, 'tickets', email, 'tickets', completed_at, completed_at, 1, completed_at, ''
      FROM checkout_order WHERE completed_at IS NOT NULL;
    UPDATE events_stock SET taken = (SELECT count(*) FROM checkout_ticket t JOIN checkout_order o ON o.id = t.order_id
                                      WHERE o.state = 'complete')
"""


def make_event() -> Event:
    """The event and its orders, not counted yet."""
    event = wares.make_event("sold", types=TYPES)
    values = {"event_id": event.pk, "orders": ORDERS, "types": TYPES}
    with connection.cursor() as cursor:
        for statement in SEED.split(";"):
            cursor.execute(statement, {name: value for name, value in values.items() if f"({name})s" in statement})
        cursor.execute("VACUUM ANALYZE")
    return event


def count() -> int:
    """The worker's passes over all that history; answers how many."""
    passes = 1
    while numbers.count():
        passes += 1
    return passes


def owner_cookie(event: Event) -> str:
    """The cookie of a browser in which the owner has signed in."""
    user = User.objects.create_user(email="owner@example.com", password="owner")  # noqa: S106  -- of the bench alone
    Membership.objects.create(organiser=event.organiser, user=user, role=Role.OWNER)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
