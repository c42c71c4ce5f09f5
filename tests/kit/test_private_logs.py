"""No log has what is a buyer's authority."""

import pytest

from kit.private_logs import hide_secrets


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Conflict: /orders/PnP17fabc_-9/renewals/", "Conflict: /orders/…/renewals/"),
        ("<WSGIRequest: GET '/tickets/ABCD-EFGH/'>", "<WSGIRequest: GET '/tickets/…/'>"),
        ("Not Found: /org/event/secret/s3cret/tickets/", "Not Found: /org/event/secret/…/tickets/"),
        ("Not Found: /org/event/code/EARLY-1/tickets/", "Not Found: /org/event/code/…/tickets/"),
        ("Not Found: /org/event/waiting-list/s3cret/", "Not Found: /org/event/waiting-list/…/"),
        ("Not Found: /org/event/", "Not Found: /org/event/"),
        ("Conflict: /org/event/orders/", "Conflict: /org/event/orders/"),
    ],
)
def test_address_of_an_order_is_hidden(said: str, shown: str) -> None:
    line = hide_secrets(None, "", {"event": said, "path": said, "status": 409})

    assert line == {"event": shown, "path": shown, "status": 409}


def test_keys_of_payment_accounts_are_hidden_wherever_they_are_said() -> None:
    said = {"fault": "Bad sk_live_51Hab in", "exception": "key='rk_test_Zq8', whsec_a1+/=", "sk_count": 2}

    line = hide_secrets(None, "", said)

    assert line == {"fault": "Bad sk_live_… in", "exception": "key='rk_test_…', whsec_…", "sk_count": 2}
