"""Waiting: somebody who wants tickets when some come back. WaitingList: how many they are, as the event's page says."""

from datetime import datetime
from typing import Final

from django.db import models
from django.db.models import Q

from events.models.events import Event
from kit.tokens import url_token

MOST_WANTED: Final = 10
EXACT: Final = 20  # from here on a page gives round numbers


def rounded(people: int) -> int:
    """What a page says of so many: from twenty on whole tens, from a thousand on two figures. Never too many.

    So a page with thousands waiting is not made anew for each who joins.
    """
    return people if people < EXACT else people - people % max(10, 10 ** (len(str(people)) - 2))


def people_text(shown: int) -> str:
    """`1 person is waiting`, `about 120 people are waiting`; nothing at none."""
    if shown < 2:
        return "1 person is waiting" if shown else ""
    return f"{'about ' if shown >= EXACT else ''}{shown:,} people are waiting"


class WaitingQuerySet(models.QuerySet["Waiting"]):
    """Words for questions about many who wait."""

    def present(self) -> "WaitingQuerySet":
        """Those who have not left."""
        return self.filter(email__isnull=False)

    def to_be_told(self, *, not_since: datetime) -> "WaitingQuerySet":
        """In the order in which they joined, without those who have heard after that."""
        return self.present().filter(Q(told_at=None) | Q(told_at__lte=not_since)).order_by("pk")


class Waiting(models.Model):
    """An address that is written to when tickets come back. The token is in its mails, and good for leaving only.

    Who leaves takes the address along: the row stays without it, so that the link goes on saying that they have left.
    The whole row goes 30 days after the event (actions/waiting_list.py).
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="waiting", db_index=False)
    email = models.EmailField("e-mail", max_length=254, null=True)  # noqa: DJ001  -- none at all, so that many may leave
    wanted = models.SmallIntegerField("tickets wanted")
    token = models.CharField(max_length=40, default=url_token, editable=False)
    created_at = models.DateTimeField("joined")
    is_counted = models.BooleanField(default=False, help_text="In what the event's page says.")
    confirm_at = models.DateTimeField(null=True, blank=True, help_text="When to write that they are on the list.")
    tell_at = models.DateTimeField(null=True, blank=True, help_text="When to write that there are tickets.")
    told_at = models.DateTimeField("last told", null=True, blank=True, help_text="When it was last their turn.")

    objects = WaitingQuerySet.as_manager()

    class Meta:
        verbose_name = "person waiting"
        verbose_name_plural = "people waiting"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "email"], name="waiting_once_per_address"),
            models.UniqueConstraint(fields=["token"], name="waiting_token_once"),
            models.CheckConstraint(condition=Q(wanted__range=(1, MOST_WANTED)), name="waiting_wants_some"),
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(confirm_at=None, tell_at=None), name="waiting_left_gets_no_mail"
            ),
        ]
        indexes = [
            models.Index(fields=["event"], condition=Q(is_counted=False), name="waiting_to_count"),
            models.Index(fields=["confirm_at"], condition=Q(confirm_at__isnull=False), name="waiting_to_confirm"),
            models.Index(fields=["tell_at"], condition=Q(tell_at__isnull=False), name="waiting_to_tell"),
        ]

    def __str__(self) -> str:
        return f"{self.email or 'Somebody who has left'}, for {self.event}"


class WaitingListQuerySet(models.QuerySet["WaitingList"]):
    """Words for questions about many lists."""

    def people_text(self, event_id: int) -> str:
        """How many wait for this event, in words. One query."""
        return people_text(self.filter(event=event_id).values_list("shown", flat=True).first() or 0)


class WaitingList(models.Model):
    """One event's list as its page shows it: a number, and no address. The worker writes it every few seconds.

    A change of `shown` raises the event's version (events/sql/version_by_waiting.sql); nothing else here does.
    """

    event = models.OneToOneField(Event, on_delete=models.CASCADE, primary_key=True, related_name="waiting_list")
    shown = models.PositiveIntegerField("people", default=0)
    next_round_at = models.DateTimeField(help_text="Before then nobody more is written to.")

    objects = WaitingListQuerySet.as_manager()

    def __str__(self) -> str:
        return people_text(self.shown)
