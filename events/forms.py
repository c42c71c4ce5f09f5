"""What visitors type on event pages."""

from django import forms

from kit.fields import email_field


class ReminderForm(forms.Form):
    """Where to write when a sale opens."""

    email = email_field("One mail half an hour before the sale opens, and nothing else.")

    @property
    def errors_for_summary(self) -> list[tuple[str, str]]:
        return [("id_email", str(message)) for message in self.errors.get("email", ())]
