"""Order, its tickets and its history."""

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from events.models import Code, Event, TicketType
from events.models.codes import LONGEST_TEXT

MOST_RENEWALS = 3


class State(models.TextChoices):
    """Where an order stands. A trigger (checkout/sql/guards.sql) refuses any other step than these:

    held → paying → complete; held | paying → expired; held | paying → cancelled; complete → cancelled;
    expired → complete, when a late payment finds its stock again.
    """

    HELD = "held", "Held"
    PAYING = "paying", "Paying"
    COMPLETE = "complete", "Complete"
    EXPIRED = "expired", "Expired"
    CANCELLED = "cancelled", "Cancelled"


OPEN_STATES = (State.HELD, State.PAYING)
STOCK_STATES = (State.HELD, State.PAYING, State.COMPLETE)


class OrderQuerySet(models.QuerySet["Order"]):
    """Words for questions about many orders."""

    def open(self) -> "OrderQuerySet":
        return self.filter(state__in=OPEN_STATES)

    def overdue(self, *, at: datetime) -> "OrderQuerySet":
        return self.filter(expires_at__lte=at)


class Order(models.Model):
    """What a buyer takes. While `held` or `paying` it is a hold: its stock is taken and not yet paid for.

    The row is inserted by checkout/sql/take_hold.sql only. `token` is the buyer's whole authority over
    the order; `reference` is what people say to each other.
    """

    # No database foreign keys to the event and the ticket type: each hold would lock the same two rows for their
    # check. The function that inserts has just read them, and checkout/sql/guards.sql refuses their deletion.
    event = models.ForeignKey(
        Event, on_delete=models.PROTECT, related_name="orders", db_constraint=False, db_index=False
    )
    token = models.CharField(max_length=40)
    reference = models.CharField(max_length=12)
    idempotency_key = models.UUIDField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    total_minor = models.PositiveBigIntegerField()
    full_name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    # The code that changed some of its tickets, and what the buyer typed: it stays as it was, whatever becomes of the
    # code. Without a foreign key as the event is: each hold would lock the code's row for its check.
    code = models.ForeignKey(
        Code, on_delete=models.PROTECT, null=True, blank=True, related_name="orders", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    code_text = models.CharField(max_length=LONGEST_TEXT, blank=True, default="", db_default="")
    renewals = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["token"], name="order_token_once"),
            models.UniqueConstraint(fields=["event", "reference"], name="order_reference_once_per_event"),
            models.UniqueConstraint(fields=["event", "idempotency_key"], name="order_once_per_key"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="order_state_known"),
            models.CheckConstraint(
                condition=~Q(state=State.COMPLETE) | (Q(completed_at__isnull=False) & ~Q(email="") & ~Q(full_name="")),
                name="order_complete_has_a_buyer",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(State.EXPIRED, State.CANCELLED)) | Q(closed_at__isnull=False),
                name="order_closed_has_a_time",
            ),
            models.CheckConstraint(condition=Q(renewals__range=(0, MOST_RENEWALS)), name="order_renewals_capped"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state__in=["held", "paying"]), name="order_open_by_expiry"),
            # What an event has sold, by time. Partial, so no hold writes it.
            models.Index(
                fields=["event", "completed_at", "id"],
                condition=Q(completed_at__isnull=False),
                name="order_sold_by_time",
            ),
            # The organiser's list. Partial, so that no hold writes it: a hold has no buyer yet.
            models.Index(fields=["event", "-id"], condition=~Q(email=""), name="order_listed"),
            models.Index(fields=["code", "-id"], condition=Q(code__isnull=False), name="order_by_code"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return f"/orders/{self.token}/"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_complete(self) -> bool:
        return self.state == State.COMPLETE

    @property
    def is_free(self) -> bool:
        return self.total_minor == 0

    @property
    def has_buyer(self) -> bool:
        return bool(self.full_name and self.email)

    @property
    def renewals_left(self) -> int:
        return MOST_RENEWALS - self.renewals

    def time_left(self, *, at: datetime) -> timedelta:
        """How long the hold still runs; never less than zero."""
        return max(self.expires_at - at, timedelta())


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Words for questions about many tickets."""

    def live(self) -> "TicketQuerySet":
        return self.filter(voided_at=None)


class Ticket(models.Model):
    """One admission inside an order. `quota_ids` is what it took when it was held, so it is what it gives back.

    `price_minor` is what it costs, after any discount. `discount_minor` is what the order's code took off, and None
    where the code had no part in it: such a ticket is no use of the code. One that was merely opened by it has 0.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    ticket_type = models.ForeignKey(TicketType, on_delete=models.PROTECT, related_name="tickets", db_constraint=False)
    number = models.IntegerField()
    code = models.CharField(max_length=12)
    price_minor = models.PositiveBigIntegerField()
    discount_minor = models.BigIntegerField(null=True, blank=True)
    quota_ids = ArrayField(models.BigIntegerField(), default=list)
    attendee_name = models.CharField(max_length=200, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["order", "number"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="ticket_code_once"),
            models.UniqueConstraint(fields=["order", "number"], name="ticket_number_once_per_order"),
        ]

    def __str__(self) -> str:
        return f"{self.code[:4]}-{self.code[4:8]}-{self.code[8:]}"

    def get_absolute_url(self) -> str:
        return f"/tickets/{self.code}/"


class OrderEventQuerySet(models.QuerySet["OrderEvent"]):
    """Writing history."""

    def record(self, kind: str, *, order: Order, at: datetime, by: str, note: str = "") -> "OrderEvent":
        return self.create(order=order, kind=kind, at=at, by=by, note=note)


class OrderEvent(models.Model):
    """One thing that happened to an order. Append-only: a trigger refuses changes."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="history")
    kind = models.CharField(max_length=30)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    note = models.CharField(max_length=1000, blank=True)

    objects = OrderEventQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} by {self.by}"
