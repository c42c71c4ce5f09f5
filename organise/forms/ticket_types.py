"""The form of a ticket type."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django import forms

from events.actions import ticket_types
from events.catalogue.format import LONGEST_DESCRIPTION, MOST_CAPACITY
from events.models import Event, Kind, Quota, TicketType
from events.models.ticket_types import MOST_PER_ORDER
from kit import money
from organise.forms import times
from organise.forms.base import PageForm, lines, text, whole

AMOUNTS: Final = ("price", "minimum", "suggested")
WINDOWS: Final = ("sale_starts_at", "sale_ends_at")


class TicketTypeForm(PageForm):
    """What it is called and costs, when it is sold, and what it draws on. Amounts are in the event's currency."""

    name = text("Name")
    kind = forms.ChoiceField(label="Kind", choices=Kind.choices, initial=Kind.PAID)
    price = text("Price", required=False, most=40, help_text="What a buyer pays, with all taxes and fees.")
    minimum = text("Least that buyers may pay", required=False, most=40, help_text="May be 0.")
    suggested = text("Suggestion", required=False, most=40)
    description = lines("Description", most=LONGEST_DESCRIPTION, rows=3)
    group_heading = text("Group", required=False, help_text="Neighbours in the list of the same group stand under it.")
    sale_starts_at = times.wall_time(
        "Sale opens", required=False, help_text="Empty: as soon as the event is published."
    )
    sale_starts_at_which = times.which("Which of both: sale opens")
    sale_ends_at = times.wall_time("Sale ends", required=False, help_text="Empty: when you close the event.")
    sale_ends_at_which = times.which("Which of both: sale ends")
    min_per_order = whole("Fewest per order", least=1, most=MOST_PER_ORDER)
    max_per_order = whole("Most per order", least=1, most=MOST_PER_ORDER)
    secret = forms.BooleanField(
        label="Secret", required=False, help_text="Listed only for those who have its link, which you find here then."
    )
    quotas: "forms.ModelMultipleChoiceField[Quota]" = forms.ModelMultipleChoiceField(
        Quota.objects.none(), label="Draws on", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="One ticket takes one unit of each. Without any it never runs out.",
    )  # fmt: skip
    own_capacity = whole(
        "How many there are", least=0, most=MOST_CAPACITY, required=False,
        help_text="Makes a quota of its own with this capacity.",
    )  # fmt: skip

    def __init__(
        self, *args: Any, event: Event, row: TicketType | None, quotas: Sequence[Quota], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        chosen: Any = self.fields["quotas"]
        chosen.queryset = Quota.objects.filter(event=event)
        chosen.choices = [(quota.pk, quota.name) for quota in quotas]
        if not quotas:
            del self.fields["quotas"]
        if row is not None:
            del self.fields["own_capacity"]

    @property
    def asked(self) -> dict[str, bool]:
        """Which of two moments is meant, by window: whether that has to be asked."""
        return {name: bool(self[f"{name}_which"].value() or f"{name}_which" in self.errors) for name in WINDOWS}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._read_amounts(cleaned)
        for name in WINDOWS:
            self._read_moment(name, cleaned)
        self._refuse_order("min_per_order", "max_per_order", "The most must not be less than the fewest.")
        self._refuse_order("suggested", "minimum", "", down=True)
        opens, ends = (cleaned.get(f"{name}_moment") for name in WINDOWS)
        if opens and ends and ends <= opens:
            self.add_error("sale_ends_at", "The sale must end after it opens.")
        return cleaned

    def _read_amounts(self, cleaned: dict[str, Any]) -> None:
        """Minor units of what was typed, of those fields that this kind has."""
        kind = cleaned.get("kind")
        asked = (
            {Kind.PAID: ["price"], Kind.PAY_WHAT_YOU_WANT: ["minimum", "suggested"]}.get(Kind(kind), []) if kind else []
        )
        for name in AMOUNTS:
            typed = cleaned.get(name, "")
            cleaned[name] = None
            if name in asked:
                cleaned[name] = self._amount(name, typed)
        if kind == Kind.PAID and cleaned["price"] == 0:
            self.add_error("price", "A paid ticket costs something. Choose “Free” for one that does not.")

    def _amount(self, name: str, typed: str) -> int | None:
        example = money.input_text(1500, self.event.currency)
        try:
            return money.read(typed, self.event.currency)
        except money.TooMuch:
            self.add_error(name, "That is more than can be dealt with here.")
        except money.NotMoney:
            self.add_error(name, f"Enter an amount in {self.event.currency}, such as {example}.")
        return None

    def _read_moment(self, name: str, cleaned: dict[str, Any]) -> None:
        wall: datetime | None = cleaned.get(name)
        if wall is None:
            return
        moment, fault = times.moment_of(wall, self.event.zone, cleaned.get(f"{name}_which", ""))
        cleaned[f"{name}_moment"] = moment
        if fault:
            self.add_error(f"{name}_which" if times.is_twice(wall, self.event.zone) else name, fault)

    def _refuse_order(self, low: str, high: str, message: str, *, down: bool = False) -> None:
        one, other = self.cleaned_data.get(low), self.cleaned_data.get(high)
        if one is None or other is None:
            return
        if down and one < other:
            self.add_error(low, "The suggestion must not be less than the least.")
        if not down and other < one:
            self.add_error(high, message)

    @property
    def values(self) -> dict[str, Any]:
        """What the ticket type's fields shall be."""
        found = self.cleaned_data
        is_offer = found["kind"] == Kind.PAY_WHAT_YOU_WANT
        plain = {name: found[name] for name in ticket_types.EDITED if name in found and name not in WINDOWS}
        return {
            **plain, **{name: found.get(f"{name}_moment") for name in WINDOWS},
            "price_minor": found["price"] or 0, "minimum_minor": found["minimum"] if is_offer else None,
            "suggested_minor": found["suggested"] if is_offer else None,
        }  # fmt: skip


def initial_of(row: TicketType) -> dict[str, Any]:
    """What stands in the form of one that there is."""
    currency, zone = row.event.currency, row.event.zone
    found: dict[str, Any] = {name: getattr(row, name) for name in ticket_types.EDITED}
    for name, minor in (("price", row.price_minor), ("minimum", row.minimum_minor), ("suggested", row.suggested_minor)):
        found[name] = money.input_text(minor, currency) if minor is not None and (minor or name != "price") else ""
    for name in WINDOWS:
        if instant := getattr(row, name):
            found |= {name: instant.astimezone(zone), f"{name}_which": times.chosen_of(instant, zone)}
    return found | {"quotas": list(row.draws.values_list("quota_id", flat=True))}
