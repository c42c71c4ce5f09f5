"""Payment: one attempt to take money for an order. Refund: money going back. WebhookReceipt: what we were told."""

from django.db import models
from django.db.models import F, Q

from accounts.models import StripeAccount
from checkout.models.orders import Order
from checkout.models.reversals import Reversal


class PaymentState(models.TextChoices):
    """Opening: the provider has been or is about to be asked. Open: the buyer can pay. The rest is final."""

    OPENING = "opening", "Opening"
    OPEN = "open", "Open"
    PAID = "paid", "Paid"
    EXPIRED = "expired", "Expired"


class Payment(models.Model):
    """One session at the payment provider. `refunded_minor` counts what refunds have claimed of it."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments", db_index=False)
    # Whose money it is; none: the installation's, a rehearsal's fake or play money, as the event is. It never changes.
    # No database foreign key: each payment would lock the same row. checkout/sql/takers.sql has the rules.
    account = models.ForeignKey(
        StripeAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="payments", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    state = models.CharField(max_length=10, choices=PaymentState.choices, default=PaymentState.OPENING)
    attempt = models.PositiveSmallIntegerField()
    session_id = models.CharField(max_length=255, null=True)  # noqa: DJ001  -- unknown until the provider answers; '' would not be unique
    session_url = models.TextField(blank=True)
    provider_reference = models.CharField(max_length=255, blank=True, help_text="Stripe's payment intent.")
    amount_minor = models.PositiveBigIntegerField()
    refunded_minor = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            # Not `unique=True`, here and below: on text that makes a second index, for LIKE, which nobody asks.
            models.UniqueConstraint(fields=["session_id"], name="payment_session_once"),
            models.UniqueConstraint(fields=["order", "attempt"], name="payment_attempt_once"),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=["opening", "open"]),
                name="payment_one_open_per_order",
            ),
            models.CheckConstraint(condition=Q(state__in=PaymentState.values), name="payment_state_known"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_of_something"),
            models.CheckConstraint(
                condition=Q(refunded_minor__lte=F("amount_minor")), name="payment_never_refunded_over"
            ),
            models.CheckConstraint(
                condition=(Q(state="paid") & Q(paid_at__isnull=False)) | (~Q(state="paid") & Q(refunded_minor=0)),
                name="payment_paid_has_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["order"], condition=Q(refunded_minor__gt=0), name="payment_refunded"),
            models.Index(fields=["account"], condition=Q(account__isnull=False), name="payment_of_account"),
        ]

    def __str__(self) -> str:
        return self.session_id or f"attempt {self.attempt}"

    @property
    def idempotency_key(self) -> str:
        """What we send with the request that opens the session: a retry opens the same one."""
        return f"order-{self.order_id}-payment-{self.attempt}"


class RefundState(models.TextChoices):
    """Pending until the provider has taken it; failed needs a person."""

    PENDING = "pending", "Pending"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Refund(models.Model):
    """Money going back for a payment. Written before the provider is asked, so a crash cannot forget it.

    `is_by_hand`: the organiser has paid it back in another way, and the provider is never asked.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    reversal = models.ForeignKey(Reversal, on_delete=models.PROTECT, null=True, blank=True, related_name="refunds")
    is_by_hand = models.BooleanField(default=False, db_default=False)
    state = models.CharField(max_length=10, choices=RefundState.choices, default=RefundState.PENDING)
    amount_minor = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=300)
    key = models.CharField(max_length=80)
    provider_reference = models.CharField(max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="refund_once_per_key"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_of_something"),
            models.CheckConstraint(condition=Q(state__in=RefundState.values), name="refund_state_known"),
            models.CheckConstraint(
                condition=Q(is_by_hand=False) | Q(state="done", provider_reference=""), name="refund_by_hand_is_done"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(done_at__isnull=False), name="refund_done_has_a_time"
            ),  # the organiser's numbers count it in that minute
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="pending"), name="refund_pending"),
            models.Index(fields=["payment"], condition=Q(state="failed"), name="refund_failed"),
        ]

    def __str__(self) -> str:
        return self.key


class WebhookReceipt(models.Model):
    """A notice from the provider that we have acted on. The unique id makes a duplicate one effect."""

    provider_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=80)
    session_id = models.CharField(max_length=255, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["provider_id"], name="webhook_receipt_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.provider_id}"
