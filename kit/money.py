"""Money is a whole number of the currency's smallest unit; here it is shown to and read from people."""

from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Final

from babel.numbers import format_currency, get_currency_precision

LOCALE: Final = "en_GB"
MOST_MINOR: Final = 10**12


class NotMoney(ValueError):
    """What was typed cannot be read as an amount in this currency."""


@cache
def exponent(currency: str) -> int:
    """How many decimal places the currency has, by CLDR: EUR 2, JPY 0, KWD 3."""
    return get_currency_precision(currency)


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
    """Minor units of what a person typed: `12`, `12.5`, `12,50`, `1,200.00`. Raises NotMoney."""
    text = typed.strip().replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
    if "," in text:
        head, _, tail = text.rpartition(",")
        decimal_comma = "." not in text and head.count(",") == 0 and len(tail) <= exponent(currency)
        text = f"{head}.{tail}" if decimal_comma else text.replace(",", "")
    try:
        minor = Decimal(text).scaleb(exponent(currency))
    except InvalidOperation:
        raise NotMoney from None
    if not minor.is_finite() or minor < 0 or minor > MOST_MINOR or minor != minor.to_integral_value():
        raise NotMoney
    return int(minor)


def _major(amount_minor: int, currency: str) -> Decimal:
    return Decimal(amount_minor).scaleb(-exponent(currency))
