"""Which statements count as a client's, and which forms a buyer finds in a page."""

import pytest

from bench import MeasurementFailed
from bench.buyers import form_in
from bench.observer import Asked, Statement

PAGE = """
<form action="/search/"><input name="q"></form>
<form method="post" action="/acme/fair/orders/">
  <input type="hidden" name="key" value=""><input type="hidden" name="secret" value="s">
  <input type="number" name="quantity-a" value="0"><input type="checkbox" name="news"><button>Go</button>
</form>
<form action="/other/"><input name="later" value="1"></form>
"""


def test_statements_of_a_transaction_and_checks_of_keys_are_told_apart() -> None:
    asked = Asked(
        [
            Statement(4, 1.0, "SELECT checkout_take_hold($1)"),
            Statement(3, 0.1, "BEGIN"),
            Statement(2, 0.1, "COMMIT"),
            Statement(1, 0.1, "ROLLBACK"),
            Statement(9, 0.1, 'SELECT 1 FROM ONLY "a" x WHERE "id" OPERATOR(pg_catalog.=) $1 FOR KEY SHARE OF x'),
            Statement(9, 0.1, 'SELECT $2 FROM ONLY "a" x WHERE "id" OPERATOR(pg_catalog.=) $1 FOR KEY SHARE OF x'),
        ],
        commands=0,
    )  # fmt: skip

    assert (asked.without_transactions, asked.with_transactions) == (4, 10)


def test_form_is_found_by_where_it_leads_with_its_own_fields() -> None:
    action, fields = form_in(PAGE, action_ends="/orders/")

    assert action == "/acme/fair/orders/"
    assert fields == {"key": "", "secret": "s", "quantity-a": "0"}


def test_page_without_the_form_cannot_be_gone_on_from() -> None:
    with pytest.raises(MeasurementFailed):
        form_in(PAGE, action_ends="/details/")
