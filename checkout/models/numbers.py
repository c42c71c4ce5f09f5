"""Number: what an event has sold and earned, kept by the worker (checkout/sql/numbers.sql). Counted: by which order."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from events.models import Event, TicketType

# The facts that are kept, in the order of the columns. Those that end in `_minor` are money.
FACTS = (
    "holds", "lapsed", "orders", "held", "sold", "voided",
    "gross_minor", "refunded_minor", "refunding_minor", "stray_minor", "stray_back_minor",
)  # fmt: skip


class Grain(models.IntegerChoices):
    """Over how long a row adds up. A quarter of an hour, because every time zone's day begins with one."""

    ALL = 0, "All of it"
    QUARTER = 1, "A quarter of an hour"
    MINUTE = 2, "A minute"


class Number(models.Model):
    """The sums of one ticket type over one span of time; of no ticket type, those of the event as a whole.

    Tickets: `held` are in open orders, `sold` were ever bought, `voided` are those of them that no longer admit.
    Their money: `gross_minor` is what the sold ones cost, `refunded_minor` what went back of it. An order's refunds are
    of its voided tickets first, and then of the others in their order, so they add up to the cent.

    Of the event as a whole only: `holds` taken, of which some became `orders`, some have `lapsed` and the rest are
    open. `refunding_minor` are refunds that have not gone through. `stray_minor` is money that came for no ticket (too
    late, or twice) and `stray_back_minor` what went back of that; it is in no other number.

    Each fact stands at its own moment: a hold when it was taken, a sale when it was completed, a refund when it was
    done. So a sum over days tells what happened on them. `at` is where the span begins, and `FIRST` for all of it.
    """

    event = models.ForeignKey(Event, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    ticket_type = models.ForeignKey(
        TicketType, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    grain = models.SmallIntegerField(choices=Grain.choices)
    at = models.DateTimeField()
    holds = models.BigIntegerField(default=0)
    lapsed = models.BigIntegerField(default=0)
    orders = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    sold = models.BigIntegerField(default=0)
    voided = models.BigIntegerField(default=0)
    gross_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    refunding_minor = models.BigIntegerField(default=0)
    stray_minor = models.BigIntegerField(default=0)
    stray_back_minor = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["event", "grain", "at"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "grain", "ticket_type", "at"], nulls_distinct=False, name="number_once"
            ),
            models.CheckConstraint(condition=models.Q(grain__in=Grain.values), name="number_grain_known"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}, {self.get_grain_display()}, {self.at}"


class Counted(models.Model):
    """What of one order is in the numbers. Told again of the order, the worker adds only what differs from this."""

    order_id = models.BigIntegerField(primary_key=True)
    lines = models.JSONField()

    class Meta:
        verbose_name_plural = "counted"

    def __str__(self) -> str:
        return str(self.order_id)


class NumbersMark(models.Model):
    """How far the worker has read the orders' history: one row.

    Lines of history are committed in any order, so behind `seen` there may be holes: numbers that were given out and
    not to be seen yet. They are looked for until nobody who was writing then is still writing.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    seen = models.BigIntegerField(default=0)
    holes = ArrayField(models.BigIntegerField(), default=list)
    old_holes = ArrayField(models.BigIntegerField(), default=list)
    old_since = models.BigIntegerField(default=0, help_text="Whoever writes in `old_holes` has a lower transaction.")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="numbers_mark_is_one")]

    def __str__(self) -> str:
        return str(self.seen)
