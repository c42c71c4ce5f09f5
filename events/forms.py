"""What visitors type on event pages."""

from django import forms

from events.models.waiting import MOST_WANTED
from kit.fields import email_field


class ReminderForm(forms.Form):
    """Where to write when a sale opens."""

    email = email_field("One mail half an hour before the sale opens, and nothing else.")

    @property
    def errors_for_summary(self) -> list[tuple[str, str]]:
        return [("id_email", str(message)) for message in self.errors.get("email", ())]


class WaitingForm(forms.Form):
    """Whom to write to when tickets come back, and how many they want."""

    email = email_field("One mail each time tickets come back, at most one a day.")
    wanted = forms.IntegerField(
        label="How many tickets", min_value=1, max_value=MOST_WANTED, help_text=f"1 to {MOST_WANTED}.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "waiting-number"}),
        error_messages={
            "required": "Enter how many tickets you want.", "invalid": "Enter a whole number, such as 2.",
            "min_value": "Enter 1 or more.", "max_value": f"Enter {MOST_WANTED} or fewer.",
        },
    )  # fmt: skip

    @property
    def errors_for_summary(self) -> list[tuple[str, str]]:
        return [(f"id_{name}", str(message)) for name, messages in self.errors.items() for message in messages]
