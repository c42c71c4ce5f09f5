"""Rows that only the checkout writes: staff look at them, and change nothing."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from checkout.models import Order, Payment, Ticket
from kit import money
from kit.careful_admin import LookedAt


class KeptAdmin(LookedAt, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """A list that stays fast over many rows, and pages to look at.

    "View on site" is off, here and below: an order's and a ticket's address is the buyer's authority over it.
    """

    actions = None
    view_on_site = False
    show_full_result_count = False
    ordering = ["-pk"]


class KeptInline(LookedAt, admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    """Rows of another model on a page to look at. `joined` is read in the same query."""

    extra = 0
    can_delete = False
    view_on_site = False
    joined: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.joined)


class OrderMoney:
    """Columns for an order's money, in the event's currency."""

    @admin.display(description="total", ordering="total_minor")
    def total(self, order: Order) -> str:
        return money.amount_text(order.total_minor, order.event.currency)


class TicketColumns:
    """Columns for a ticket: its code as it is printed, and its price."""

    @admin.display(description="code")
    def printed_code(self, ticket: Ticket) -> str:
        return str(ticket)

    @admin.display(description="price", ordering="price_minor")
    def price(self, ticket: Ticket) -> str:
        return money.amount_text(ticket.price_minor, ticket.order.event.currency)


class PaymentMoney:
    """Columns for a payment's money."""

    @admin.display(description="amount", ordering="amount_minor")
    def amount(self, payment: Payment) -> str:
        return money.amount_text(payment.amount_minor, payment.currency)

    @admin.display(description="refunded", ordering="refunded_minor")
    def refunded(self, payment: Payment) -> str:
        return money.amount_text(payment.refunded_minor, payment.currency)
