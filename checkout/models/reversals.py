"""Reversal: what a person took back of a complete order, tickets, money or both."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from checkout.models.orders import Order


class Reversal(models.Model):
    """One act of taking back. Append-only: a trigger refuses changes.

    `tickets_minor` is what the tickets it voided had cost, `amount_minor` is the money it sends back. They may differ:
    more money than tickets is goodwill, less is kept by the organiser. So for every order, and check_ledger proves it:

        paid - refunded = price of the live tickets + sum over its reversals of (tickets_minor - amount_minor)

    Its refunds, one for each payment that it takes from, add up to `amount_minor`.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="reversals")
    key = models.CharField(max_length=80, help_text="Two requests with one key make one reversal.")
    ticket_numbers = ArrayField(models.IntegerField(), default=list)
    tickets_minor = models.PositiveBigIntegerField()
    amount_minor = models.PositiveBigIntegerField()
    is_back_on_sale = models.BooleanField()
    is_by_hand = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="reversal_once_per_key"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0) | ~Q(ticket_numbers=[]), name="reversal_of_something"
            ),
            models.CheckConstraint(
                condition=~Q(ticket_numbers=[]) | Q(tickets_minor=0), name="reversal_price_is_of_tickets"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def kept_minor(self) -> int:
        """What the organiser keeps of the tickets' price; below zero it is goodwill."""
        return self.tickets_minor - self.amount_minor
