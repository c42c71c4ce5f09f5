"""Money is a whole number of the currency's smallest unit; here it is shown to and read from people."""

import re
from decimal import Decimal
from functools import cache
from typing import Final

from babel.numbers import format_currency, get_currency_precision

LOCALE: Final = "en_GB"
MOST_MINOR: Final = 10**12
LONGEST: Final = 40
PLAIN: Final = re.compile(r"(?P<whole>[0-9]*)(?:[.,](?P<part>[0-9]*))?")
BY_COMMA: Final = re.compile(r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<part>[0-9]*))?")
BY_DOT: Final = re.compile(r"(?P<whole>[0-9]{1,3}(?:\.[0-9]{3})+),(?P<part>[0-9]*)")


class NotMoney(ValueError):
    """What was typed cannot be read as an amount in this currency."""


class TooMuch(NotMoney):
    """It is an amount, and larger than any that is dealt with here."""


@cache
def exponent(currency: str) -> int:
    """How many decimal places the currency has, by CLDR: EUR 2, JPY 0, KWD 3."""
    return get_currency_precision(currency)


def step(currency: str) -> int:
    """The smallest amount by which prices may differ, in minor units. With three decimals it is ten: card payments
    leave the third one 0. Source: https://docs.stripe.com/currencies, "three-decimal"."""
    return 10 if exponent(currency) == 3 else 1


def amount_text(amount_minor: int, currency: str) -> str:
    """`1250, "EUR"` as a person reads it: €12.50."""
    return format_currency(_major(amount_minor, currency), currency, locale=LOCALE)


def price_text(amount_minor: int, currency: str) -> str:
    """As `amount_text`, with nothing to pay said in a word."""
    return amount_text(amount_minor, currency) if amount_minor else "Free"


def input_text(amount_minor: int, currency: str) -> str:
    """As a person would type it into a field: `1250, "EUR"` is 12.50."""
    return f"{_major(amount_minor, currency):.{exponent(currency)}f}"


def read(typed: str, currency: str) -> int:
    """Minor units of what a person typed: `12`, `12.5`, `12,50`, `1,200.00`, `1.200,00`. Raises NotMoney or TooMuch.

    A comma or dot before as many digits as the currency has at most begins the decimals, else it parts thousands.
    """
    text, places = "".join(typed.split()), exponent(currency)
    for shape in (PLAIN, BY_COMMA, BY_DOT):
        found = shape.fullmatch(text[:LONGEST])
        if found and (found["whole"] or found["part"]) and len(found["part"] or "") <= places:
            minor = int(re.sub("[.,]", "", found["whole"]) + (found["part"] or "").ljust(places, "0"))
            break
    else:
        raise NotMoney
    if minor > MOST_MINOR:
        raise TooMuch
    return minor


def _major(amount_minor: int, currency: str) -> Decimal:
    return Decimal(amount_minor).scaleb(-exponent(currency))
