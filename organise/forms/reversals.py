"""What is taken back of one order, what is given away, and what a job does to many."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from django import forms

from checkout.actions.complimentary import Gift
from checkout.actions.reversals import Wanted
from checkout.choice import MOST_TICKETS
from events.models import Event
from kit import money
from kit.fields import email_field, name_field
from organise.forms.orders import TypedForm
from organise.queries.order import Whole

HOW: Final = [("provider", "Through the payment provider"), ("hand", "I have paid it back, or will, in another way")]
REASON: Final = "The buyer reads it, if you write to them."


class ReversalForm(TypedForm):
    """Which tickets, how much money, which way, and what becomes of the places."""

    tickets = forms.MultipleChoiceField(
        label="Tickets to cancel", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Without any, only money goes back and the tickets stay valid.",
    )  # fmt: skip
    amount = forms.CharField(label="Money to send back", required=False, max_length=money.LONGEST)
    how = forms.ChoiceField(label="How the money goes back", choices=HOW, initial="provider", widget=forms.RadioSelect)
    back_on_sale = forms.BooleanField(label="Put the places back on sale", required=False, initial=True)
    reason = forms.CharField(label="Reason", required=False, max_length=300, help_text=REASON)
    tells_buyer = forms.BooleanField(label="Write to the buyer", required=False, initial=True)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, whole: Whole, data: Any = None, **more: Any) -> None:
        super().__init__(data, **{"initial": {"key": uuid.uuid4()}, **more})
        self.whole, self.currency = whole, whole.order.event.currency
        self.fields["tickets"].choices = [  # type: ignore[attr-defined]  # a ChoiceField's
            (ticket.number, self._said(ticket)) for ticket in whole.live
        ]
        left = money.amount_text(whole.money.left_minor, self.currency)
        self.fields["amount"].help_text = f"Empty: the price of the chosen tickets. At most {left}, which is left."

    def _said(self, ticket: Any) -> str:
        name = f", {ticket.attendee_name}" if ticket.attendee_name else ""
        return (
            f"{ticket.number}: {ticket.ticket_type.name}{name}, {money.price_text(ticket.price_minor, self.currency)}"
        )

    def clean_tickets(self) -> list[int]:
        return [int(number) for number in self.cleaned_data["tickets"]]

    def clean(self) -> dict[str, Any]:
        kept = super().clean() or {}
        if "tickets" not in kept or "amount" not in kept:
            return kept
        kept["amount_minor"] = self._amount(kept["amount"], self.price_minor)
        if not kept["tickets"] and not kept["amount_minor"]:
            self.add_error("tickets", "Choose tickets, or say how much money goes back.")
        return kept

    @property
    def price_minor(self) -> int:
        """Of the chosen tickets."""
        chosen = self.cleaned_data.get("tickets", [])
        return sum(ticket.price_minor for ticket in self.whole.live if ticket.number in chosen)

    def _amount(self, typed: str, price_minor: int) -> int:
        left = self.whole.money.left_minor
        if not typed.strip():
            return min(price_minor, left)
        try:
            amount_minor = money.read(typed, self.currency)
        except money.NotMoney:
            self.add_error("amount", "Enter an amount of money, such as 12.50.")
            return 0
        if amount_minor > left:
            self.add_error("amount", f"At most {money.amount_text(left, self.currency)} can go back.")
        return amount_minor

    def wanted(self) -> Wanted:
        kept = self.cleaned_data
        return Wanted(
            key=f"form-{self.whole.order.pk}-{kept['key']}", tickets=kept["tickets"], amount_minor=kept["amount_minor"],
            is_back_on_sale=kept["back_on_sale"], is_by_hand=kept["how"] == "hand", reason=kept["reason"],
            tells_buyer=kept["tells_buyer"],
        )  # fmt: skip


class GiftForm(TypedForm):
    """An order that is given away: for whom, why, and how many of each ticket type."""

    full_name = name_field("Full name", autocomplete="off", required=True)
    email = email_field("The tickets are mailed there.")
    reason = forms.CharField(label="Reason", required=False, max_length=300, help_text="For your team.")
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, event: Event, data: Any = None) -> None:
        super().__init__(data, initial={"key": uuid.uuid4()})
        self.slugs: dict[str, str] = {}
        for place, ticket_type in enumerate(event.ticket_types.order_by("position", "pk")):
            name = f"quantity_{place}"
            self.slugs[name] = ticket_type.slug
            self.fields[name] = forms.IntegerField(
                label=ticket_type.name, required=False, min_value=0, max_value=MOST_TICKETS,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )  # fmt: skip

    @property
    def quantity_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.slugs]

    def clean(self) -> dict[str, Any]:
        kept = super().clean() or {}
        if not self.errors and not self.quantities(kept):
            self.add_error(next(iter(self.slugs), None), "Choose at least one ticket.")
        return kept

    def quantities(self, kept: Mapping[str, Any]) -> dict[str, int]:
        return {slug: kept[name] for name, slug in self.slugs.items() if kept.get(name)}

    def refuse(self, slug: str, message: str) -> None:
        """Say at one ticket type's field why it cannot be had."""
        self.add_error(next((name for name, one in self.slugs.items() if one == slug), None), message)

    def gift(self) -> Gift:
        kept = self.cleaned_data
        return Gift(kept["key"], self.quantities(kept), kept["full_name"], kept["email"], kept["reason"])


class ResendJobForm(TypedForm):
    """Send the tickets of many orders again."""

    key = forms.UUIDField(widget=forms.HiddenInput)


class CancelJobForm(ResendJobForm):
    """Cancel many orders: what becomes of money and places, and the number of orders, typed."""

    sends_money_back = forms.BooleanField(label="Send all their money back", required=False, initial=True)
    back_on_sale = forms.BooleanField(label="Put the places back on sale", required=False)
    reason = forms.CharField(label="Reason", required=False, max_length=300, help_text="The buyers read it.")
    typed = forms.CharField(label="How many orders to cancel", max_length=12)

    def __init__(self, count: int, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.count = count
        self.fields["typed"].help_text = f"Type {count} to confirm. This cannot be undone."

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if typed.replace(",", "").strip() != str(self.count):
            raise forms.ValidationError(f"Type {self.count}, the number of orders that would be cancelled now.")
        return typed
