"""What a visitor sees when something goes wrong, and what the log knows of it."""

import pytest
from django.db import OperationalError
from django.test import Client

from checkout.views import shared

PATH = "/orders/some-token/"


def client_as_served() -> Client:
    """A client that gets the page and not the exception, as a browser would."""
    return Client(raise_request_exception=False)


@pytest.mark.django_db
def test_unknown_page_is_not_found_in_plain_words() -> None:
    response = client_as_served().get("/nobody/nothing/")

    assert response.status_code == 404
    assert response.headers["Cache-Control"] == "no-store"


def test_fault_of_ours_shows_the_request_id_and_no_details(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("a secret detail")

    monkeypatch.setattr(shared, "order_view", fail)

    response = client_as_served().get(PATH, headers={"X-Request-Id": "abcdefgh-1234"})

    assert (response.status_code, response.headers["X-Request-Id"]) == (500, "abcdefgh-1234")
    assert "abcdefgh-1234" in response.content.decode()
    assert "secret detail" not in response.content.decode()


def test_unreachable_database_asks_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("couldn't get a connection after 2.00 sec")

    monkeypatch.setattr(shared, "order_view", fail)

    response = client_as_served().get(PATH)

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


def test_address_that_fits_nothing_is_refused_without_the_database() -> None:
    assert client_as_served().get("/one/two/three/four/").status_code == 404


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_post_from_another_site_is_refused_with_words(site: str) -> None:
    response = client_as_served().post("/acme/fair/orders/", headers={"Sec-Fetch-Site": site})

    assert response.status_code == 403
    assert "<h1" in response.content.decode()
