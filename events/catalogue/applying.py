"""Makes an event as its catalogue says: all of it, or nothing."""

from dataclasses import dataclass
from typing import Final

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Count

from accounts.models import Organiser
from events.catalogue.faults import Faults, Faulty
from events.catalogue.format import Catalogue
from events.catalogue.plan import Plan, make_plan
from events.catalogue.report import created, deleted, unchanged, updated
from events.models import Draw, Event, Quota, Stock, TicketType

ATTEMPTS: Final = 3
DEADLOCK: Final = "40P01"


@dataclass(frozen=True)
class Outcome:
    """What an import did. Each line names a part, as in `ticket type full: price_minor 100 → 120`."""

    event: Event
    created: tuple[str, ...]
    updated: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: tuple[str, ...]

    @property
    def changed_nothing(self) -> bool:
        return not (self.created or self.updated or self.deleted)


def apply(catalogue: Catalogue, *, organiser: Organiser, publish: bool = False) -> Outcome:
    """Make the organiser's event of that slug as the catalogue says; parts are matched by slug.

    A new event is a draft and an old one keeps its state, unless the file names one or `publish` is asked.
    An organiser not saved yet is saved with it. What already is so is not written, so doing this twice
    changes nothing, not even Event.version. Raises Faulty, with nothing changed, when tickets or holds
    stand against it: a ticket type or pool that is gone but in use, a capacity below what is taken, another
    currency under existing orders. Buyers may go on meanwhile: a hold that comes between is seen at the
    next of three attempts.
    """
    refusal: DatabaseError | None = None
    for _ in range(ATTEMPTS):
        try:
            return _apply(catalogue, organiser, publish=publish)
        except DatabaseError as error:
            if not _lost_a_race(error):
                raise
            refusal = error
    raise Faulty([f"the file was refused by the database: {str(refusal).splitlines()[0]}"]) from refusal


def _lost_a_race(error: DatabaseError) -> bool:
    """Whether somebody else's change stood in the way, so that another look may see it."""
    return isinstance(error, IntegrityError) or getattr(error.__cause__, "sqlstate", None) == DEADLOCK


@transaction.atomic
def _apply(catalogue: Catalogue, organiser: Organiser, *, publish: bool) -> Outcome:
    owner, is_new = _saved(organiser)
    plan = make_plan(catalogue, owner, publish=publish)
    if not plan.changes_nothing:
        _refuse(catalogue, plan, _lock(plan))
        _write(plan)
    plan.event.refresh_from_db()
    new = (f"organiser {owner.slug}",) if is_new else ()
    return Outcome(plan.event, new + created(plan), updated(plan), deleted(plan), unchanged(plan))


def _saved(organiser: Organiser) -> tuple[Organiser, bool]:
    """The organiser from the database, and whether that is new. The one given stays as it is, for a next attempt."""
    if organiser.pk:
        return organiser, False
    given = {"name": organiser.name, "contact_email": organiser.contact_email}
    return Organiser.objects.get_or_create(slug=organiser.slug, defaults=given)


def _lock(plan: Plan) -> dict[int, int]:
    """Lock the event's ticket types, then the stock that will change; answers the units taken, by quota.

    In this order, each by id, and before the event's own row: as holds, the ticker and the triggers
    behind Event.version take them, so that none of these can wait for each other in a circle.
    """
    if plan.event.pk:
        types = TicketType.objects.filter(event=plan.event).order_by("pk")
        list(types.select_for_update(no_key=True).values_list("pk", flat=True))
    rows = [row for row, _ in plan.stocks.changed.values()] + list(plan.stocks.gone.values())
    stock = Stock.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk")
    return dict(stock.select_for_update().values_list("pk", "taken"))


def _refuse(catalogue: Catalogue, plan: Plan, taken: dict[int, int]) -> None:
    """Raise Faulty where the change would wrong somebody who has tickets or holds some."""
    faults = Faults()
    for place, pool in enumerate(catalogue.pools):
        if pool.slug in plan.stocks.changed:
            row, _ = plan.stocks.changed[pool.slug]
            if pool.capacity < taken[row.pk]:
                faults.at(f"pools[{place}].capacity", f"must be {taken[row.pk]} or more, as many are taken")
    for slug, stock in plan.stocks.gone.items():
        if taken[stock.pk]:
            faults.at("pools", f'"{slug}" is missing, of which {taken[stock.pk]} are taken')
    for slug, tickets in _tickets_of(plan):
        faults.at("ticket_types", f'"{slug}" is missing, of which there are {tickets} tickets')
    if _changes_currency(plan) and Event.objects.filter(pk=plan.event.pk, orders__isnull=False).exists():
        faults.at("event.currency", "cannot change once there are orders")
    faults.refuse()


def _tickets_of(plan: Plan) -> list[tuple[str, int]]:
    """Ticket types that are to go although tickets of them exist, and how many. (Tickets are checkout's, above us.)"""
    gone = [row.pk for row in plan.ticket_types.gone.values()]
    if not gone:
        return []
    counted = TicketType.objects.filter(pk__in=gone).annotate(count=Count("tickets")).filter(count__gt=0)
    return [(row.slug, row.count) for row in counted]


def _changes_currency(plan: Plan) -> bool:
    return any("currency" in changes for _, changes in plan.events.changed.values())


def _write(plan: Plan) -> None:
    plan.stocks.save_changed(Stock.objects)
    plan.events.save_changed(Event.objects)
    plan.events.save_new(Event.objects)
    plan.quotas.save_changed(Quota.objects)
    plan.quotas.save_new(Quota.objects)
    plan.stocks.save_new(Stock.objects)
    plan.ticket_types.save_changed(TicketType.objects)
    plan.ticket_types.save_new(TicketType.objects)
    Draw.objects.filter(pk__in=plan.draws_gone.values()).delete()
    Draw.objects.bulk_create(
        (Draw(ticket_type=plan.type_of[entry], quota=plan.quota_of[pool]) for entry, pool in plan.draws_new),
        batch_size=500,
    )
    TicketType.objects.filter(pk__in=[row.pk for row in plan.ticket_types.gone.values()]).delete()
    Quota.objects.filter(pk__in=[row.pk for row in plan.quotas.gone.values()]).delete()
