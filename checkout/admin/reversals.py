"""What organisers took back, and what they did to many orders at once."""

from django.contrib import admin

from checkout.admin.kept import KeptAdmin
from checkout.models import Job, JobOrder, Reversal
from kit import money


@admin.register(Reversal)
class ReversalAdmin(KeptAdmin):
    """Tickets and money taken back by a person."""

    list_display = ["order", "tickets", "amount", "is_back_on_sale", "is_by_hand", "by", "at"]
    list_filter = ["is_by_hand"]
    list_select_related = ["order__event"]
    search_fields = ["key", "order__reference", "order__email", "by"]
    fields = [
        "order", "key", "ticket_numbers", "tickets", "amount", "is_back_on_sale", "is_by_hand", "reason", "by", "at",
    ]  # fmt: skip
    readonly_fields = ["tickets", "amount"]

    @admin.display(description="price of the tickets")
    def tickets(self, reversal: Reversal) -> str:
        return money.amount_text(reversal.tickets_minor, reversal.order.event.currency)

    @admin.display(description="sent back")
    def amount(self, reversal: Reversal) -> str:
        return money.amount_text(reversal.amount_minor, reversal.order.event.currency)


@admin.register(Job)
class JobAdmin(KeptAdmin):
    """One act on many orders."""

    list_display = ["kind", "event", "total", "done", "failed", "by", "created_at", "stopped_at", "finished_at"]
    list_filter = ["kind", ("finished_at", admin.EmptyFieldListFilter)]
    list_select_related = ["event"]
    search_fields = ["event__slug", "by"]
    fields = [
        "event", "kind", "sends_money_back", "is_back_on_sale", "reason", "total", "done", "failed", "by",
        "created_at", "stopped_at", "finished_at",
    ]  # fmt: skip


@admin.register(JobOrder)
class JobOrderAdmin(KeptAdmin):
    """The orders of such jobs, and why some were not done."""

    list_display = ["job", "order", "done_at", "failed_at", "problem"]
    list_filter = [("failed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["job", "order"]
    search_fields = ["order__reference", "problem"]
    fields = ["job", "order", "done_at", "failed_at", "problem"]
