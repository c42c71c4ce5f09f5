"""What the lists of orders and attendees are narrowed by, and what is corrected on an order's page."""

from typing import Any, Final

from django import forms

from checkout.models import State
from events.models import Event
from kit.fields import email_field, name_field
from organise.queries.orders import Wanted

ANY: Final = [("", "All")]
MONEY: Final = [*ANY, ("paid", "Paid"), ("free", "Free"), ("refunded", "With refunds")]
STATES: Final = [*ANY, *[(state.value, state.label) for state in State]]
ADMITTING: Final = [("", "Valid"), ("void", "Cancelled")]
SEARCH: Final = {"type": "search", "aria-describedby": "id_q_hint", "autocapitalize": "none", "spellcheck": "false"}
DAY: Final = forms.DateInput(attrs={"type": "date"})


class ListForm(forms.Form):
    """Search and filters, which stand in the address. What makes no sense there is left out."""

    q = forms.CharField(label="Search", required=False, max_length=200, widget=forms.TextInput(SEARCH))
    state = forms.ChoiceField(label="State", required=False, choices=STATES)
    type = forms.ChoiceField(label="Ticket type", required=False)
    money = forms.ChoiceField(label="Money", required=False, choices=MONEY)
    since = forms.DateField(label="From", required=False, widget=DAY)
    until = forms.DateField(label="To", required=False, widget=DAY)

    def __init__(self, event: Event, data: Any, *, is_of_tickets: bool = False) -> None:
        super().__init__(data)
        types = event.ticket_types.order_by("position", "pk").values_list("slug", "name")
        self.fields["type"].choices = [*ANY, *types]  # type: ignore[attr-defined]  # a ChoiceField's
        if is_of_tickets:
            self.fields["state"].choices = ADMITTING  # type: ignore[attr-defined]  # a ChoiceField's
            self.fields["money"].choices = MONEY[:3]  # type: ignore[attr-defined]  # a ChoiceField's

    def wanted(self) -> Wanted:
        self.is_valid()
        kept = self.cleaned_data
        return Wanted(**{name: kept[name] for name in self.fields if kept.get(name)})


class TypedForm(forms.Form):
    """A form that says what is wrong with it at the top of the page, too."""

    @property
    def errors_for_summary(self) -> list[tuple[str, str]]:
        return [
            ("" if name == "__all__" else f"id_{name}", str(message))
            for name, messages in self.errors.items()
            for message in messages
        ]


class BuyerForm(TypedForm):
    """The buyer's name and address, and what they were when the page was read."""

    full_name = name_field("Buyer's name", autocomplete="off", required=True)
    email = email_field("What concerns this order goes there from now on. Nothing is sent by this.")
    was_name = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)
    was_email = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)


class AttendeeForm(TypedForm):
    """Who comes with a ticket, and who came when the page was read."""

    attendee_name = name_field("Attendee's name", autocomplete="off", required=False)
    was_name = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)


class NoteForm(TypedForm):
    """An internal note."""

    text = forms.CharField(
        label="Note", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For your team. The buyer never sees it.", error_messages={"required": "Write something."},
    )  # fmt: skip


class ResendForm(TypedForm):
    """Where mail goes once more."""

    email = email_field("Another address becomes the order's, too.")
    key = forms.UUIDField(widget=forms.HiddenInput)
