"""Holds per second on one hot quota: our one statement against the same rows written under a lock.

The client is pgbench, so that what is compared is the database's work and not Python's.
"""

from dataclasses import dataclass
from functools import partial

from bench import wares
from bench.figures import Budget, Row, Section, Spread, Table
from bench.ground import Ground
from bench.pgbench import Job, Run, run
from events.models import Event

ROUNDS = 3
CLIENTS = (1, 32)
ONE_STATEMENT = """\
SELECT checkout_take_hold(:event::bigint, gen_random_uuid()::text, gen_random_uuid(), '',
    ARRAY['type-0'], ARRAY[:tickets::int], ARRAY[NULL]::bigint[],
    ARRAY(SELECT right(gen_random_uuid()::text, 12) FROM generate_series(1, :tickets::int)), now(), '');
"""
# What shops usually do: look under a row lock, write the order, count it, commit.
UNDER_A_LOCK = """\
BEGIN;
SELECT capacity, taken FROM events_stock WHERE quota_id = ANY (:quotas::bigint[]) ORDER BY quota_id FOR UPDATE;
INSERT INTO checkout_order (id, event_id, token, reference, idempotency_key, state, total_minor, full_name, email,
                            renewals, created_at, expires_at)
SELECT id, :event::bigint, gen_random_uuid()::text, checkout_reference(id), gen_random_uuid(), 'held', 0, '', '',
       0, now(), now() + interval '15 minutes'
  FROM nextval('checkout_order_id_seq') AS id
RETURNING id AS order_id \\gset
INSERT INTO checkout_ticket (order_id, ticket_type_id, number, code, price_minor, quota_ids, attendee_name)
SELECT :order_id::bigint, :type::bigint, number, right(gen_random_uuid()::text, 12), 0, :quotas::bigint[], ''
  FROM generate_series(1, :tickets::int) AS number;
INSERT INTO checkout_orderevent (order_id, kind, at, by, note) VALUES (:order_id::bigint, 'held', now(), 'buyer', '');
UPDATE events_stock SET taken = taken + :tickets::int WHERE quota_id = ANY (:quotas::bigint[]);
COMMIT;
"""
OURS, LOCKED, LOCKED_LAZY = "one statement", "under a lock", "under a lock, commit not awaited"
PATTERNS = {
    OURS: partial(Job, ONE_STATEMENT),
    LOCKED: partial(Job, UNDER_A_LOCK),
    LOCKED_LAZY: partial(Job, UNDER_A_LOCK, options="-c synchronous_commit=off"),
}
NOTES = [
    "Both patterns write the same rows: order, tickets, order event, stock. pgbench, prepared statements, 2 threads.",
    "Ours does not wait for the disk (a hold lost in a crash was never paid for); the lock is shown with and without.",
]


@dataclass(frozen=True, slots=True)
class Case:
    """One pattern, for so many clients, on so many quotas with as many tickets."""

    pattern: str
    clients: int
    quotas: int

    @property
    def name(self) -> str:
        tickets = "1 ticket, 1 quota" if self.quotas == 1 else f"{self.quotas} tickets, {self.quotas} quotas"
        return f"{tickets}, {self.clients} client{'s' if self.clients > 1 else ''}: {self.pattern}"

    @property
    def baseline(self) -> "Case":
        return Case(LOCKED, self.clients, self.quotas)


# In turn: each baseline runs right beside what is compared with it.
CASES = [Case(pattern, clients, 1) for clients in CLIENTS for pattern in PATTERNS] + [
    Case(pattern, 32, 3) for pattern in (OURS, LOCKED)
]


def measure(ground: Ground, *, seconds: int) -> Section:
    """Every case in turn, three times over, the books checked after each."""
    wares.clear()
    events = {quotas: wares.make_event(f"hot-{quotas}", quotas=quotas) for quotas in (1, 3)}
    section = Section("holds", notes=list(NOTES))
    _round(ground, CASES[0], events[1], 1, section)  # warms the caches
    rounds: dict[Case, list[dict[str, float]]] = {case: [] for case in CASES}
    for _ in range(ROUNDS):
        for case in CASES:
            rounds[case].append(_round(ground, case, events[case.quotas], seconds, section))
    rows = {case: Row.of(case.name, measured) for case, measured in rounds.items()}
    ratios = {case: _rate(row).over(_rate(rows[case.baseline])) for case, row in rows.items()}
    section.tables.append(
        Table("holds", [row.with_column("times the lock", ratios[case]) for case, row in rows.items()])
    )
    hot = Case(OURS, 32, 1)
    section.budgets += [
        Budget("holds, 32 clients on one quota, times the lock", ratios[hot].median, 4, at_least=True),
        Budget("holds a second, 32 clients on one quota", _rate(rows[hot]).median, 5000, at_least=True),
    ]
    return section


def _rate(row: Row) -> Spread:
    return row.values["a second"]


def _round(ground: Ground, case: Case, event: Event, seconds: int, section: Section) -> dict[str, float]:
    wares.clear_orders()
    job = PATTERNS[case.pattern](variables=variables(event, tickets=case.quotas), clients=case.clients)
    done = run(job, database_url=ground.addresses.database_url, folder=ground.where / "holds", seconds=seconds)
    section.faults += faults(case, done)
    return {"a second": done.per_second, "average ms": done.average_ms, "p99 ms": done.p99_ms}


def variables(event: Event, *, tickets: int) -> dict[str, str]:
    """What the scripts need to know of an event with one ticket type."""
    quotas = ",".join(str(quota.pk) for quota in event.quotas.order_by("pk"))
    ticket_type = event.ticket_types.get()
    return {"event": str(event.pk), "type": str(ticket_type.pk), "quotas": f"{{{quotas}}}", "tickets": str(tickets)}


def faults(case: Case, done: Run) -> list[str]:
    """Whether the books are clean and every hold that was answered is in them."""
    orders, tickets = wares.count_of("checkout_order"), wares.count_of("checkout_ticket")
    faults = [f"{case.name}: {fault}" for fault in wares.faults_in_books()]
    if (orders, tickets) != (done.transactions, done.transactions * case.quotas):
        faults.append(f"{case.name}: {done.transactions} holds were answered, {orders} orders are in the books")
    return faults
