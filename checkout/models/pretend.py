"""PretendPayment: a payment page of play money, for an event in test mode."""

from django.db import models
from django.db.models import Q

from checkout.models.payments import Payment


class PretendState(models.TextChoices):
    """Open until it is paid, or closed by us."""

    OPEN = "open", "Open"
    PAID = "paid", "Paid"
    EXPIRED = "expired", "Expired"


class PretendPayment(models.Model):
    """What a payment provider would know of one payment page, if any money moved. It goes with its test order."""

    payment = models.OneToOneField(Payment, primary_key=True, on_delete=models.PROTECT, related_name="pretended")
    state = models.CharField(max_length=10, choices=PretendState.choices, default=PretendState.OPEN)
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    problem = models.CharField(max_length=300, blank=True, help_text="Why the last try was declined.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PretendState.values), name="pretend_payment_state_known"),
        ]

    def __str__(self) -> str:
        return f"play money for {self.payment}"
