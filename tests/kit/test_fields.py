"""Fields that people type into: an address is refused where no mail could go."""

import pytest
from django.forms import Form

from kit.fields import email_field

INVALID = {"email": ["Enter an e-mail address in the form name@example.com."]}


class AddressForm(Form):
    email = email_field("")


@pytest.mark.parametrize(
    "typed",
    [
        "\u0130da@example.com",
        "\u212aim@example.com",
        "ada@" + "\u00e9" * 60 + ".com",
        "ada@" + ".".join(["\u0130" * 20] * 10) + ".com",  # twice as long in small letters
    ],
    ids=["dotted capital i", "kelvin sign", "label without an encoding", "longer in small letters"],
)
def test_address_that_no_mail_could_go_to_is_refused(typed: str) -> None:
    assert AddressForm({"email": typed}).errors == INVALID


@pytest.mark.parametrize(
    "typed", ["ada+x@example.com", '"a,b"@example.com', "ada@b\u00fccher.example", "ada@\u65e5\u672c.jp"]
)
def test_address_that_mail_can_go_to_is_taken(typed: str) -> None:
    form = AddressForm({"email": typed})

    assert form.is_valid()
    assert form.cleaned_data == {"email": typed}
