"""Payments, refunds and what the provider told us."""

from django.contrib import admin

from checkout.admin.kept import KeptAdmin, KeptInline, PaymentMoney
from checkout.models import Payment, Refund, WebhookReceipt
from kit import money


class RefundColumns:
    """A refund's money, in its payment's currency."""

    @admin.display(description="amount", ordering="amount_minor")
    def amount(self, refund: Refund) -> str:
        return money.amount_text(refund.amount_minor, refund.payment.currency)


class RefundInline(RefundColumns, KeptInline):
    """A payment's refunds."""

    model = Refund
    fields = ["state", "amount", "reason", "provider_reference", "attempts", "created_at", "done_at", "last_error"]
    readonly_fields = ["amount"]
    joined = ("payment",)
    show_change_link = True


@admin.register(Payment)
class PaymentAdmin(PaymentMoney, KeptAdmin):
    """Every attempt to take money."""

    list_display = ["__str__", "order", "state", "amount", "refunded", "created_at", "paid_at"]
    list_filter = ["state", "currency"]
    list_select_related = ["order"]
    search_fields = ["session_id", "provider_reference", "order__reference", "order__email"]
    fields = [
        "order", "attempt", "state", "amount", "refunded", "session_id", "provider_reference", "last_error",
        "created_at", "paid_at",
    ]  # fmt: skip
    readonly_fields = ["amount", "refunded"]
    inlines = [RefundInline]


@admin.register(Refund)
class RefundAdmin(RefundColumns, KeptAdmin):
    """Money going back; what failed needs a person."""

    list_display = ["key", "payment", "state", "amount", "reason", "attempts", "created_at", "done_at"]
    list_filter = ["state"]
    list_select_related = ["payment"]
    search_fields = ["key", "provider_reference", "payment__order__reference", "payment__order__email"]
    fields = [
        "payment", "state", "amount", "reason", "key", "provider_reference", "attempts", "next_attempt_at",
        "last_error", "created_at", "done_at",
    ]  # fmt: skip
    readonly_fields = ["amount"]


@admin.register(WebhookReceipt)
class WebhookReceiptAdmin(KeptAdmin):
    """What the provider told us, and we acted on."""

    list_display = ["provider_id", "kind", "session_id", "received_at"]
    search_fields = ["provider_id", "session_id", "kind"]
