"""What an organiser types about money. Secrets are never shown again, not even when something else was wrong."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Organiser
from accounts.models.money import statement_room
from accounts.models.organisers import MOST_POLICY, validate_statement_name

SECRET = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class DeskForm(forms.Form):
    """A form whose faults the summary lists."""

    @property
    def errors_for_summary(self) -> list[tuple[str, str]]:
        return [
            ("" if name == "__all__" else str(self[name].id_for_label), str(message))
            for name, messages in self.errors.items()
            for message in messages
        ]


class KeyForm(DeskForm):
    """A secret key of a Stripe account. Whether it is one, Stripe says."""

    secret_key = forms.CharField(
        label="Secret key", max_length=260,
        help_text="From Stripe, under Developers, API keys. It begins with sk_live_, or sk_test_ to try it out; a "
        "restricted one (rk_) will do.",
        widget=forms.PasswordInput(attrs=SECRET), error_messages={"required": "Enter the secret key."},
    )  # fmt: skip


class HearForm(DeskForm):
    """The signing secret of an endpoint that somebody made at Stripe."""

    webhook_secret = forms.CharField(
        label="Signing secret", max_length=260, help_text="It begins with whsec_.",
        widget=forms.PasswordInput(attrs=SECRET), error_messages={"required": "Enter the signing secret."},
    )  # fmt: skip


def policy_field(help_text: str) -> forms.CharField:
    """When money goes back, in the organiser's words."""
    return forms.CharField(
        label="Refund policy", max_length=MOST_POLICY, required=False, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 6}),
    )  # fmt: skip


class TermsForm(DeskForm):
    """The name on statements, and when money goes back."""

    statement_name = forms.CharField(
        label="Name on card statements", required=False, validators=[validate_statement_name],
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )  # fmt: skip
    refund_policy = policy_field("Shown on event pages, before people pay, and with their tickets. Markdown.")

    def __init__(self, organiser: Organiser, prefix_at_bank: str, data: Any = None) -> None:
        kept = {"statement_name": organiser.statement_name, "refund_policy": organiser.refund_policy}
        super().__init__(data, initial=kept)
        room, before = statement_room(prefix_at_bank), prefix_at_bank or "the account's own prefix"
        name: Any = self.fields["statement_name"]
        name.max_length = room
        name.widget.attrs["maxlength"] = room
        name.help_text = f"At most {room} letters, digits and spaces. Banks show it after {before}, often in capitals."

    def clean_statement_name(self) -> str:
        name, room = str(self.cleaned_data["statement_name"]), self.fields["statement_name"].widget.attrs["maxlength"]
        if len(name) > room:
            raise ValidationError(f"Use at most {room} characters: statements have no room for more.", code="long")
        return name


class EventTermsForm(DeskForm):
    """Another policy for one event."""

    refund_policy = policy_field("Empty: the organiser's policy counts. Markdown.")
