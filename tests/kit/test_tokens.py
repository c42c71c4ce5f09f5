"""Secrets for addresses and tickets: long enough, never misread."""

import re

import pytest

from kit import tokens


def test_url_token_is_22_characters_that_an_address_can_hold() -> None:
    made = {tokens.url_token() for _ in range(200)}

    assert len(made) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", token) for token in made)


def test_typed_code_uses_only_letters_that_are_not_misread() -> None:
    made = [tokens.typed_code() for _ in range(500)]

    assert len(set(made)) == 500
    assert {len(code) for code in made} == {12}
    assert set("".join(made)) == set(tokens.ALPHABET)
    assert not set("ILOU") & set(tokens.ALPHABET)


def test_typed_code_is_as_long_as_asked() -> None:
    assert [len(tokens.typed_code(length)) for length in (1, 8, 20)] == [1, 8, 20]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("abcd-o1l2", "ABCD0112"), ("ABCD EFGH JKMN", "ABCDEFGHJKMN"), ("il0o", "1100"), ("", "")],
)
def test_normalise_code_forgives_what_people_type(typed: str, stored: str) -> None:
    assert tokens.normalise_code(typed) == stored


def test_normalise_code_leaves_a_code_as_it_is() -> None:
    codes = [tokens.typed_code() for _ in range(50)]

    assert [tokens.normalise_code(code) for code in codes] == codes
