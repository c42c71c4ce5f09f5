"""Form fields with the words and attributes that people and browsers need."""

from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator, RegexValidator

NAME_LENGTH = 200
EMAIL_LENGTH = 254
# Line breaks and other controls, and those that turn the direction of what follows: a name is mailed to its owner.
NOT_ONE_LINE = r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]"


def name_field(label: str, *, autocomplete: str, required: bool) -> forms.CharField:
    """A person's whole name, in one field, as they write it."""
    attrs = {"autocomplete": autocomplete, "spellcheck": "false", "autocapitalize": "words"}
    return forms.CharField(
        label=label, max_length=NAME_LENGTH, required=required, widget=forms.TextInput(attrs=attrs),
        error_messages={"required": "Enter your full name.", "max_length": "Use at most %(limit_value)d characters."},
        validators=[
            RegexValidator(r"://", "Enter a name, without a web address.", inverse_match=True),
            RegexValidator(NOT_ONE_LINE, "Enter a name on one line, without hidden characters.", inverse_match=True),
        ],
    )  # fmt: skip


class MailableField(forms.EmailField):
    """Refuses what no mail server would be asked about, though it looks like an address: letters that only seem to be
    ASCII, and domains without an encoding. In small letters, as some lists keep it, it may be no longer."""

    def clean(self, value: Any) -> str:
        address: str = super().clean(value)
        local, _, domain = address.rpartition("@")
        try:
            is_mailable = local.isascii() and len(address.lower()) <= EMAIL_LENGTH and bool(domain.encode("idna"))
        except UnicodeError:
            is_mailable = False
        if address and not is_mailable:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return address


def email_field(help_text: str) -> forms.EmailField:
    """An e-mail address, up to the 254 characters that one may have; pasted or typed, asked for once."""
    attrs = {"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none", "inputmode": "email"}
    return MailableField(
        label="E-mail", max_length=EMAIL_LENGTH, help_text=help_text, widget=forms.EmailInput(attrs=attrs),
        validators=[ProhibitNullCharactersValidator()],
        error_messages={
            "required": "Enter your e-mail address.",
            "invalid": "Enter an e-mail address in the form name@example.com.",
        },
    )  # fmt: skip
