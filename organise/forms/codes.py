"""What an organiser types about codes."""

import re
from typing import Any, Final

from django import forms
from django.utils import timezone

from events.actions.codes import MOST_AT_ONCE, Terms
from events.models import Event
from events.models.codes import LONGEST_TEXT, MOST_OFF_MINOR, TEXT_PATTERN, normal_text
from events.models.ticket_types import MOST_PER_ORDER
from kit import money

SHAPE: Final = "Use letters, digits, - and _, and begin with a letter or digit."
MOST_USES: Final = 1_000_000
LONGEST_PREFIX: Final = 20


class MoneyField(forms.CharField):
    """An amount as people type it; cleans to minor units, or None."""

    def __init__(self, currency: str, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **options)
        self.currency = currency

    def clean(self, value: Any) -> int | None:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            amount_minor = money.read(typed, self.currency)
        except money.NotMoney:
            raise forms.ValidationError(f"Enter an amount, such as {money.input_text(1000, self.currency)}.") from None
        if not 0 < amount_minor <= MOST_OFF_MINOR:
            raise forms.ValidationError("Enter an amount above nothing that an order can cost.")
        if amount_minor % money.step(self.currency):
            least = money.amount_text(money.step(self.currency), self.currency)
            raise forms.ValidationError(f"Amounts go in steps of {least}.")
        return amount_minor


class TermsForm(forms.Form):
    """All that one or many codes do. Times are those of the event's own clock."""

    percent = forms.IntegerField(
        label="Percent off", required=False, min_value=1, max_value=100, help_text="Off the price of each ticket.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    reveals_secret = forms.BooleanField(label="Show secret ticket types to whoever has it", required=False)
    capacity = forms.IntegerField(
        label="Uses", required=False, min_value=0, max_value=MOST_USES,
        help_text="One use is one ticket that the code makes cheaper or shows. Empty: any number.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    fewest_tickets = forms.IntegerField(
        label="Fewest tickets in an order", min_value=1, max_value=MOST_PER_ORDER, initial=1,
        help_text="Counted are the tickets that the code works for.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    note = forms.CharField(label="Note", required=False, max_length=200, help_text="Buyers never see it.")

    def __init__(self, event: Event, data: Any = None, *, terms: Terms | None = None) -> None:
        super().__init__(data, initial=_initial(terms, event) if terms else None)
        self.event = event
        moment = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        self.fields["amount"] = MoneyField(
            event.currency, label=f"Amount off, in {event.currency}", required=False, max_length=30,
            help_text="Off each ticket, down to nothing. In place of a percentage.",
        )  # fmt: skip
        for name, label in (("starts_at", "Valid from"), ("ends_at", "Valid until")):
            self.fields[name] = forms.DateTimeField(
                label=f"{label}, {event.timezone}", required=False, widget=moment,
                input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
            )  # fmt: skip
        self.fields["ticket_types"] = forms.MultipleChoiceField(
            label="Only these ticket types", required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(str(pk), name) for pk, name in event.ticket_types.values_list("pk", "name")],
            help_text="None ticked: all of them.",
        )  # fmt: skip
        self.order_fields([
            "text", "begins", "count", "percent", "amount", "ticket_types", "reveals_secret", "capacity",
            "fewest_tickets", "starts_at", "ends_at", "note",
        ])  # fmt: skip

    def full_clean(self) -> None:
        with timezone.override(self.event.zone):  # refuses times that do not exist, or that there are twice
            super().full_clean()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        percent, amount = cleaned.get("percent"), cleaned.get("amount")
        if percent is not None and amount is not None:
            self.add_error("amount", "Take off a percentage or an amount, not both.")
        nothing_off = percent is None and amount is None and not {"percent", "amount"} & set(self.errors)
        if nothing_off and not cleaned.get("reveals_secret"):
            self.add_error("percent", "Let the code take something off, or show secret ticket types.")
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", "The code must end after it starts.")
        return cleaned

    @property
    def errors_for_summary(self) -> list[tuple[str, str]]:
        return [(f"id_{name}", str(message)) for name, messages in self.errors.items() for message in messages]

    def terms(self, *, is_on: bool = True) -> Terms:
        """What was typed, once valid; without a text where the form has no field for it."""
        typed = self.cleaned_data
        return Terms(
            text=typed.get("text", ""), percent=typed["percent"], amount_minor=typed["amount"],
            ticket_type_ids=tuple(map(int, typed["ticket_types"])) or None, reveals_secret=typed["reveals_secret"],
            fewest_tickets=typed["fewest_tickets"], starts_at=typed["starts_at"], ends_at=typed["ends_at"],
            note=typed["note"], capacity=typed["capacity"], is_on=is_on,
        )  # fmt: skip


def _initial(terms: Terms, event: Event) -> dict[str, Any]:
    return {
        "text": terms.text, "percent": terms.percent, "reveals_secret": terms.reveals_secret, "note": terms.note,
        "amount": None if terms.amount_minor is None else money.input_text(terms.amount_minor, event.currency),
        "capacity": terms.capacity, "fewest_tickets": terms.fewest_tickets,
        "ticket_types": [str(pk) for pk in terms.ticket_type_ids or ()],
        "starts_at": terms.starts_at and terms.starts_at.astimezone(event.zone).replace(tzinfo=None),
        "ends_at": terms.ends_at and terms.ends_at.astimezone(event.zone).replace(tzinfo=None),
    }  # fmt: skip


class CodeForm(TermsForm):
    """One code."""

    text = forms.CharField(
        label="Code", max_length=60, help_text="Capitals and small letters are the same. At most 40.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip

    def clean_text(self) -> str:
        return shaped(self.cleaned_data["text"], LONGEST_TEXT)


class BatchForm(TermsForm):
    """Many codes on the same terms."""

    begins = forms.CharField(
        label="They begin with", required=False, max_length=60,
        help_text="Each goes on with a hyphen and ten letters that nobody guesses. It may be empty.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip
    count = forms.IntegerField(
        label="How many codes", min_value=1, max_value=MOST_AT_ONCE,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip

    def clean_begins(self) -> str:
        return shaped(self.cleaned_data["begins"], LONGEST_PREFIX) if self.cleaned_data["begins"].strip() else ""


def shaped(typed: str, longest: int) -> str:
    """A code's text as it is stored. Raises ValidationError."""
    text = normal_text(typed)
    if len(text) > longest:
        raise forms.ValidationError(f"Use at most {longest} characters.")
    if not re.fullmatch(TEXT_PATTERN.strip("^$"), text):
        raise forms.ValidationError(SHAPE)
    return text
