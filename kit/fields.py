"""Form fields with the words and attributes that people and browsers need."""

from django import forms
from django.core.validators import ProhibitNullCharactersValidator, RegexValidator

NAME_LENGTH = 200
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


def email_field(help_text: str) -> forms.EmailField:
    """An e-mail address, up to the 254 characters that one may have; pasted or typed, asked for once."""
    attrs = {"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none", "inputmode": "email"}
    return forms.EmailField(
        label="E-mail", max_length=254, help_text=help_text, widget=forms.EmailInput(attrs=attrs),
        validators=[ProhibitNullCharactersValidator()],
        error_messages={
            "required": "Enter your e-mail address.",
            "invalid": "Enter an e-mail address in the form name@example.com.",
        },
    )  # fmt: skip
