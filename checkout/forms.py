"""What buyers type about themselves."""

from collections.abc import Mapping
from typing import Any

from django import forms

from checkout.actions.orders import Details
from checkout.queries import OrderView
from checkout.question_form import QuestionsForm
from kit.fields import email_field, name_field


class DetailsForm(forms.Form):
    """Name and e-mail of the buyer; names for the tickets where they are known already; and what the organiser asks
    before payment."""

    full_name = name_field("Full name", autocomplete="name", required=True)
    email = email_field("Your tickets go to this address.")
    use_buyer_name = forms.BooleanField(label="Use my name for ticket 1", required=False)

    def __init__(self, view: OrderView, data: Any = None, *, typed: Mapping[str, Any] | None = None) -> None:
        """`data` is judged; `typed` is only shown again."""
        order, self._now = view.order, view.now
        asked = view.questions.before_payment
        self.questions = QuestionsForm(asked, view.questions.kept, data, typed=typed) if asked else None
        names = {f"attendee_{ticket.number}": ticket.attendee_name for ticket in view.tickets}
        kept: dict[str, Any] = {"full_name": order.full_name, "email": order.email, **names}
        if typed is None:  # who gets one ticket in express mostly comes themselves
            kept["use_buyer_name"] = view.is_express and len(names) == 1 and not order.has_buyer
        else:
            kept |= {name: text for name, text in typed.items() if name in kept}
            kept["use_buyer_name"] = "use_buyer_name" in typed
        super().__init__(data, initial=kept)
        if view.is_express and len(names) == 1:
            self.fields["use_buyer_name"].label = "Put my name on the ticket"
        for ticket in view.tickets:
            label = f"Attendee name, {ticket.type_name} ({ticket.number})"
            self.fields[f"attendee_{ticket.number}"] = name_field(label, autocomplete="off", required=False)

    def is_valid(self) -> bool:
        is_valid = super().is_valid()
        return (self.questions is None or self.questions.is_valid()) and is_valid

    @property
    def attendee_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("attendee_")]

    @property
    def errors_for_summary(self) -> list[tuple[str, str]]:
        own = [(f"id_{name}", str(message)) for name, messages in self.errors.items() for message in messages]
        return own + (self.questions.errors_for_summary if self.questions else [])

    def details(self) -> Details:
        """What was typed, once valid; only the attendee names that differ from what is kept."""
        typed = self.cleaned_data
        names = {name: typed[name] for name in self.fields if name.startswith("attendee_")}
        if typed["use_buyer_name"] and not names.get("attendee_1"):
            names["attendee_1"] = typed["full_name"]
        changed = {
            int(name.rpartition("_")[2]): text for name, text in names.items() if text != self.initial.get(name, "")
        }
        answered = (self.questions.given(), self._now) if self.questions else None
        return Details(typed["full_name"], typed["email"], changed, answered)


class MailForm(forms.Form):
    """Where to send the tickets once more."""

    email = email_field("What concerns this order goes to this address from now on.")
