"""Orders with their tickets, payments, refunds, mail and history on one page; and lists of tickets and history."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from checkout.admin.kept import KeptAdmin, KeptInline, OrderMoney, PaymentMoney, TicketColumns
from checkout.models import Answer, Mail, Order, OrderEvent, Payment, Refund, Ticket
from events.models import Quota
from kit import money
from kit.tokens import normalise_code

CODE_LENGTH = 12


class TicketInline(TicketColumns, KeptInline):
    """An order's tickets."""

    model = Ticket
    fields = ["number", "printed_code", "ticket_type", "attendee_name", "price", "voided_at"]
    readonly_fields = ["printed_code", "price"]
    joined = ("ticket_type", "order__event")


class PaymentInline(PaymentMoney, KeptInline):
    """An order's payments."""

    model = Payment
    fields = ["attempt", "state", "amount", "refunded", "session_id", "provider_reference", "paid_at", "last_error"]
    readonly_fields = ["amount", "refunded"]
    show_change_link = True


class AnswerInline(KeptInline):
    """What an order's buyer and attendees have answered."""

    model = Answer
    fields = ["version", "ticket", "texts", "answered_at"]
    joined = ("version", "ticket")


class MailInline(KeptInline):
    """The mail an order's buyer is owed or was sent."""

    model = Mail
    fields = ["kind", "to", "created_at", "sent_at", "failed_at", "attempts", "last_error"]


class HistoryInline(KeptInline):
    """What happened to an order, in order."""

    model = OrderEvent
    verbose_name_plural = "history"
    fields = ["at", "kind", "by", "note"]


@admin.register(Order)
class OrderAdmin(OrderMoney, KeptAdmin):
    """Every order. Its buyer's page is linked for superusers only."""

    list_display = ["reference", "event", "state", "total", "full_name", "email", "created_at", "completed_at"]
    list_filter = ["state"]
    list_select_related = ["event"]
    search_fields = ["reference", "email", "full_name", "event__slug"]
    search_help_text = "Reference, e-mail, name, event's slug, or the code of one of its tickets"
    inlines = [TicketInline, PaymentInline, AnswerInline, MailInline, HistoryInline]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """A filter on the token would tell it letter by letter, and it is the buyer's whole authority."""
        return not lookup.startswith("token") and super().lookup_allowed(lookup, value, request)

    def get_fields(self, request: HttpRequest, obj: Order | None = None) -> Any:
        buyer = ["full_name", "email", *(["buyers_page"] if getattr(request.user, "is_superuser", False) else [])]
        times = ["created_at", "expires_at", "renewals", "completed_at", "closed_at"]
        return ["reference", "event", "state", "total", "refunds", *buyer, *times]

    def get_readonly_fields(self, request: HttpRequest, obj: Order | None = None) -> Any:
        return self.get_fields(request, obj)

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Order]", search_term: str
    ) -> tuple["QuerySet[Order]", bool]:
        """As Django searches, and by a ticket's code typed in any way."""
        code = normalise_code(search_term)
        if len(code) == CODE_LENGTH and (found := queryset.filter(tickets__code=code)):
            return found, False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="refunds")
    def refunds(self, order: Order) -> SafeString | str:
        rows = Refund.objects.filter(payment__order=order).order_by("pk")
        lines = (
            (
                money.amount_text(row.amount_minor, order.event.currency),
                row.get_state_display(),
                row.reason,
                row.created_at,
            )
            for row in rows
        )
        return format_html_join("", "<div>{} {}: {} ({:%Y-%m-%d %H:%M})</div>", lines) or "-"

    @admin.display(description="buyer's page")
    def buyers_page(self, order: Order) -> SafeString:
        return format_html('<a href="{}">Open the page of the buyer</a>', order.get_absolute_url())


@admin.register(Ticket)
class TicketAdmin(TicketColumns, KeptAdmin):
    """Every ticket, found by its code or whose it is."""

    list_display = ["printed_code", "ticket_type", "order", "attendee_name", "price", "voided_at"]
    list_filter = [("voided_at", admin.EmptyFieldListFilter)]
    list_select_related = ["ticket_type", "order__event"]
    search_fields = ["attendee_name", "order__reference", "order__email"]
    search_help_text = "Code, attendee, or its order's reference or e-mail"
    fields = ["printed_code", "ticket_type", "order", "number", "attendee_name", "price", "quotas", "voided_at"]
    readonly_fields = ["printed_code", "price", "quotas"]

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Ticket]", search_term: str
    ) -> tuple["QuerySet[Ticket]", bool]:
        """As Django searches, and by the code typed in any way."""
        code = normalise_code(search_term)
        if len(code) == CODE_LENGTH and (found := queryset.filter(code=code)):
            return found, False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="took a unit from")
    def quotas(self, ticket: Ticket) -> str:
        return ", ".join(map(str, Quota.objects.filter(pk__in=ticket.quota_ids))) or "-"


@admin.register(OrderEvent)
class OrderEventAdmin(KeptAdmin):
    """History over all orders."""

    list_display = ["at", "order", "kind", "by", "note"]
    list_select_related = ["order"]
    search_fields = ["order__reference", "kind", "by"]
    fields = ["order", "at", "kind", "by", "note"]
