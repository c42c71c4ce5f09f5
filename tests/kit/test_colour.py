"""An accent colour can always be read, and stays the organiser's where it already can."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import colour
from kit.colour import DARK_PAGE, LIGHT_PAGE, READABLE, WHITE

hexes = st.from_regex(r"[0-9a-f]{6}", fullmatch=True)


def test_parse_and_as_hex_are_inverse() -> None:
    assert colour.as_hex(colour.parse("4338ca")) == "#4338ca"


def test_contrast_is_that_of_wcag() -> None:
    black, grey = colour.parse("000000"), colour.parse("767676")

    assert colour.contrast(WHITE, black) == pytest.approx(21)
    assert colour.contrast(black, WHITE) == pytest.approx(21)
    assert colour.contrast(WHITE, WHITE) == pytest.approx(1)
    assert colour.contrast(grey, WHITE) == pytest.approx(4.54, abs=0.01)


@given(hexes, st.sampled_from([LIGHT_PAGE, DARK_PAGE]))
def test_every_accent_becomes_readable(accent: str, page: colour.Rgb) -> None:
    shown = colour.parse(colour.as_hex(colour.readable_on(colour.parse(accent), page)).removeprefix("#"))

    assert colour.contrast(shown, page) >= READABLE - 0.05  # what rounding to a hex code costs at most


def test_accent_that_can_be_read_is_left_as_it_is() -> None:
    indigo = colour.parse("4338ca")

    assert colour.readable_on(indigo, LIGHT_PAGE) == indigo


def test_accent_keeps_its_hue() -> None:
    red, green, blue = colour.readable_on(colour.parse("ffee00"), LIGHT_PAGE)

    assert red > blue
    assert green > blue
