"""Quota, its hot Stock row, and which ticket types draw on which quotas."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import SLUG_PATTERN, validate_slug
from events.models.events import Event
from events.models.ticket_types import TicketType


class Quota(models.Model):
    """A capacity. A ticket type may draw on several, and a quota may feed several ticket types.

    Names need not be unique (real catalogues nest two quotas of one name); the slug tells them apart.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="quotas", db_index=False)
    slug = models.CharField(max_length=80, validators=[validate_slug])
    name = models.CharField(max_length=200)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "slug"], name="quota_slug_once_per_event"),
            models.CheckConstraint(condition=Q(slug__regex=SLUG_PATTERN), name="quota_slug_shape"),
        ]

    def __str__(self) -> str:
        return self.name


class Stock(models.Model):
    """The hot row of a quota. `taken` moves only inside checkout/sql; the CHECK makes overselling impossible."""

    quota = models.OneToOneField(Quota, on_delete=models.CASCADE, primary_key=True, related_name="stock")
    # No Positive…Field here or in the checkout's hot tables: each adds a CHECK that Postgres reads anew at every
    # statement, and the one below says it all.
    capacity = models.IntegerField(validators=[MinValueValidator(0)])
    taken = models.IntegerField(default=0, editable=False)

    class Meta:
        verbose_name_plural = "stock"
        constraints = [
            models.CheckConstraint(condition=Q(taken__gte=0, taken__lte=F("capacity")), name="stock_never_oversold"),
        ]

    def __str__(self) -> str:
        return f"{self.taken} of {self.capacity}"

    @property
    def left(self) -> int:
        return self.capacity - self.taken


class Draw(models.Model):
    """One ticket of `ticket_type` takes one unit from `quota`."""

    ticket_type = models.ForeignKey(TicketType, on_delete=models.CASCADE, related_name="draws", db_index=False)
    quota = models.ForeignKey(Quota, on_delete=models.RESTRICT, related_name="draws")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket_type", "quota"], name="draw_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_type} draws on {self.quota}"

    def clean(self) -> None:
        if self.ticket_type.event_id != self.quota.event_id:
            raise ValidationError({"quota": "This quota belongs to another event."})
