"""What buyers type about themselves."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator, RegexValidator

from checkout.actions.orders import Details
from checkout.queries import OrderView

NAME_LENGTH = 200


def name_field(label: str, *, autocomplete: str, required: bool) -> forms.CharField:
    attrs = {"autocomplete": autocomplete, "spellcheck": "false", "autocapitalize": "words"}
    return forms.CharField(
        label=label, max_length=NAME_LENGTH, required=required, widget=forms.TextInput(attrs=attrs),
        error_messages={"required": "Enter your full name.", "max_length": "Use at most %(limit_value)d characters."},
        validators=[RegexValidator(r"://", "Enter a name, without a web address.", inverse_match=True)],
    )  # fmt: skip


def email_field() -> forms.EmailField:
    attrs = {"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none", "inputmode": "email"}
    return forms.EmailField(
        label="E-mail", max_length=254, help_text="Your tickets go to this address.",
        widget=forms.EmailInput(attrs=attrs), validators=[ProhibitNullCharactersValidator()],
        error_messages={
            "required": "Enter your e-mail address.",
            "invalid": "Enter an e-mail address in the form name@example.com.",
        },
    )  # fmt: skip


class DetailsForm(forms.Form):
    """Name and e-mail of the buyer; names for the tickets where they are known already."""

    full_name = name_field("Full name", autocomplete="name", required=True)
    email = email_field()
    use_buyer_name = forms.BooleanField(label="Use my name for ticket 1", required=False)

    def __init__(self, view: OrderView, data: Any = None, *, typed: Mapping[str, Any] | None = None) -> None:
        """`data` is judged; `typed` is only shown again."""
        order = view.order
        names = {f"attendee_{ticket.number}": ticket.attendee_name for ticket in view.tickets}
        kept = {"full_name": order.full_name, "email": order.email, **names}
        super().__init__(data, initial={**kept, **{name: text for name, text in (typed or {}).items() if name in kept}})
        for ticket in view.tickets:
            label = f"Attendee name, {ticket.type_name} ({ticket.number})"
            self.fields[f"attendee_{ticket.number}"] = name_field(label, autocomplete="off", required=False)

    @property
    def attendee_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("attendee_")]

    @property
    def errors_for_summary(self) -> list[tuple[str, str]]:
        return [(f"id_{name}", str(message)) for name, messages in self.errors.items() for message in messages]

    def details(self) -> Details:
        """What was typed, once valid; only the attendee names that differ from what is kept."""
        typed = self.cleaned_data
        names = {name: typed[name] for name in self.fields if name.startswith("attendee_")}
        if typed["use_buyer_name"] and not names.get("attendee_1"):
            names["attendee_1"] = typed["full_name"]
        changed = {
            int(name.rpartition("_")[2]): text for name, text in names.items() if text != self.initial.get(name, "")
        }
        return Details(typed["full_name"], typed["email"], changed)


class MailForm(forms.Form):
    """Where to send the tickets once more."""

    email = email_field()
