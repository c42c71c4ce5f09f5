"""What Stripe knows of currencies: how many decimals, and the smallest and largest charge.

Source: https://docs.stripe.com/currencies (zero- and three-decimal currencies, minimum and maximum charges).
"""

from fakestripe import errors

ZERO_DECIMAL = frozenset(
    [
        "bif",
        "clp",
        "djf",
        "gnf",
        "jpy",
        "kmf",
        "krw",
        "mga",
        "pyg",
        "rwf",
        "ugx",
        "vnd",
        "vuv",
        "xaf",
        "xof",
        "xpf",
    ]
)
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
SYMBOLS = {
    "usd": "$",
    "aud": "$",
    "cad": "$",
    "hkd": "$",
    "nzd": "$",
    "sgd": "$",
    "gbp": "£",
    "eur": "€",
    "jpy": "¥",
}
MINIMUM_MINOR = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300,
    "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
MAXIMUM_MINOR = 99_999_999


def places(currency: str) -> int:
    """How many decimals Stripe gives a currency."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def show(amount_minor: int, currency: str) -> str:
    """An amount as Stripe's errors print it: `£12.50`, `¥500`, and `KWD1.250` where there is no symbol."""
    symbol = SYMBOLS.get(currency, currency.upper())
    return f"{symbol}{amount_minor / 10 ** places(currency):,.{places(currency)}f}"


def check_total(total_minor: int, currency: str) -> None:
    """Refuse a total that Stripe would not charge; zero too, since this fake knows no free sessions."""
    least = MINIMUM_MINOR.get(currency, 1)
    if total_minor < least:
        message = "The Checkout Session's total amount due must add up to at least"
        raise errors.invalid(f"{message} {show(least, currency)} {currency}", code="amount_too_small")
    if total_minor > MAXIMUM_MINOR:
        message = f"The Checkout Session's total amount must be no more than {show(MAXIMUM_MINOR, currency)}."
        raise errors.invalid(message, code="amount_too_large")


def check_three_decimal(amount_minor: int, currency: str, param: str) -> None:
    """Three-decimal currencies are charged in tens of their smallest unit: the last digit has to be 0."""
    if currency in THREE_DECIMAL and amount_minor % 10:
        message = f"Invalid integer: {amount_minor}. Amounts in {currency} must have 0 as their last digit."
        raise errors.invalid(message, param, "parameter_invalid_integer")
