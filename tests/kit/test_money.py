"""Money shown to people and read from them, over every currency there is."""

import pytest
from babel.numbers import list_currencies
from hypothesis import given
from hypothesis import strategies as st

from kit import money

CURRENCIES = sorted(list_currencies())


@pytest.mark.parametrize(("currency", "places"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("ISK", 0), ("UGX", 0)])
def test_exponent_is_what_cldr_says(currency: str, places: int) -> None:
    assert money.exponent(currency) == places


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"),
    [
        (1250, "EUR", "€12.50"),
        (500, "JPY", "JP¥500"),
        (1250, "KWD", "KWD1.250"),
        (0, "GBP", "£0.00"),
        (123_456_789, "GBP", "£1,234,567.89"),
        (-1250, "GBP", "-£12.50"),
    ],
)
def test_amount_text_is_what_a_person_reads(amount_minor: int, currency: str, text: str) -> None:
    assert money.amount_text(amount_minor, currency) == text


def test_price_text_says_free_for_nothing() -> None:
    assert [money.price_text(amount, "GBP") for amount in (0, 1)] == ["Free", "£0.01"]


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"), [(1250, "EUR", "12.50"), (500, "JPY", "500"), (5, "KWD", "0.005")]
)
def test_input_text_is_what_a_person_types(amount_minor: int, currency: str, text: str) -> None:
    assert money.input_text(amount_minor, currency) == text


@pytest.mark.parametrize(
    ("typed", "currency", "amount_minor"),
    [
        ("12", "GBP", 1200),
        ("12.5", "GBP", 1250),
        ("12,50", "GBP", 1250),
        (" 12.50 ", "GBP", 1250),
        ("1,200.00", "GBP", 120_000),
        ("1,200", "GBP", 120_000),
        ("1 200,50", "GBP", 120_050),
        ("1\N{NO-BREAK SPACE}200", "GBP", 120_000),
        ("0", "GBP", 0),
        ("1,200", "JPY", 1200),
        ("1.234", "KWD", 1234),
        ("1,234", "KWD", 1234),
    ],
)
def test_read_understands_what_people_type(typed: str, currency: str, amount_minor: int) -> None:
    assert money.read(typed, currency) == amount_minor


@pytest.mark.parametrize("typed", ["", " ", ".", ",", "ten", "-1", "1.2.3", "NaN", "Infinity", "-inf", "sNaN", "0x10"])
def test_read_refuses_what_is_no_amount(typed: str) -> None:
    with pytest.raises(money.NotMoney):
        money.read(typed, "GBP")


@pytest.mark.parametrize(("typed", "currency"), [("12.345", "GBP"), ("0.5", "JPY"), ("1.2345", "KWD")])
def test_read_refuses_fractions_of_the_smallest_unit(typed: str, currency: str) -> None:
    with pytest.raises(money.NotMoney):
        money.read(typed, currency)


@pytest.mark.parametrize("typed", ["99999999999999", "1e15", "1e999999", "9" * 400])
def test_read_refuses_more_than_there_is(typed: str) -> None:
    with pytest.raises(money.NotMoney):
        money.read(typed, "GBP")


@pytest.mark.parametrize(
    ("typed", "currency"), [("12,50,00", "GBP"), ("1,20,0", "GBP"), ("12,5", "JPY"), ("1,2", "JPY"), ("1,2345", "GBP")]
)
def test_read_refuses_a_comma_that_means_neither_thousands_nor_decimals(typed: str, currency: str) -> None:
    with pytest.raises(money.NotMoney):
        money.read(typed, currency)


def test_read_never_takes_a_continental_amount_for_a_thousandth_of_it() -> None:
    try:
        read = money.read("1.200,00", "EUR")
    except money.NotMoney:
        return

    assert read == 120_000


@given(st.text(max_size=20), st.sampled_from(["GBP", "JPY", "KWD"]))
def test_read_answers_an_amount_or_says_that_it_is_none(typed: str, currency: str) -> None:
    try:
        amount_minor = money.read(typed, currency)
    except money.NotMoney:
        return

    assert 0 <= amount_minor <= money.MOST_MINOR


@given(st.sampled_from(CURRENCIES), st.integers(0, money.MOST_MINOR))
def test_read_is_the_inverse_of_input_text(currency: str, amount_minor: int) -> None:
    typed = money.input_text(amount_minor, currency)

    assert money.read(typed, currency) == amount_minor
