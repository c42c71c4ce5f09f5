"""Who watches the sale: signs in as the page asks, and asks for the numbers as often as the page says."""

from urllib.parse import parse_qs

import pytest

from loadtests import watching
from loadtests.plan import Watch
from tests.loadtests.shop import HOST, Reply, Shop

LOG_IN = """<title>Log in</title>
<form method="post" action="/login/"><input type="hidden" name="next" value="/organise/a/b/">
<input type="email" name="who" required><input type="password" name="secret" required><button>Log in</button></form>"""
OVERVIEW = '<title>Fair</title><div hx-get="/organise/a/b/numbers/" hx-trigger="every 3s">Sold 1</div>'
SIGNED_IN: dict[str, Reply | list[Reply | str]] = {
    "GET /organise/a/b/": (302, "", {"location": "/login/"}),
    "GET /login/": (200, LOG_IN),
    "POST /login/": (302, "", {"location": "/organise/a/b/numbered/"}),
    "GET /organise/a/b/numbered/": (200, OVERVIEW),
    "GET /organise/a/b/numbers/": (200, "<p>Sold 2</p>"),
}
WATCH = Watch("/organise/a/b/", "ada@example.com", "open sesame")


class Enough(Exception):
    """The crowd has gone."""


def watched(over: dict[str, Reply | list[Reply | str]] | None = None, until: float = 20.0) -> Shop:
    """What is asked until then, by the shop's clock."""
    shop = Shop({**SIGNED_IN, **(over or {})})
    sleep = shop.clock.sleep

    def until_then(seconds: float) -> None:
        sleep(seconds)
        if shop.clock.at > until:
            raise Enough

    shop.clock.sleep = until_then  # type: ignore[method-assign]  # the end of the world is the test's
    with pytest.raises(Enough):
        watching.watch(shop.browser(), HOST, WATCH)
    return shop


def test_watcher_signs_in_by_the_pages_own_form_and_follows_the_numbers() -> None:
    shop = watched()

    assert shop.names()[:4] == ["GET /organise/a/b/", "GET /login/", "POST /login/", "GET /organise/a/b/numbered/"]
    assert set(shop.names()[4:]) == {"GET /organise/a/b/numbers/"}
    assert parse_qs(shop.asked[2][1]) == {
        "next": ["/organise/a/b/"], "who": ["ada@example.com"], "secret": ["open sesame"]
    }  # fmt: skip
    assert shop.tally.steps[watching.NUMBERS].count == len(shop.names()) - 4 >= 5
    assert shop.tally.faults == {}


@pytest.mark.parametrize(
    ("name", "reply", "kind"),
    [
        ("GET /organise/a/b/numbers/", (500, "oh"), "5xx"),
        ("GET /organise/a/b/numbers/", (200, ""), "wrong answer"),
        ("GET /organise/a/b/numbered/", (200, "<title>Fair</title>"), "wrong answer"),
        ("POST /login/", (422, LOG_IN), "wrong answer"),
    ],
)
def test_watcher_who_cannot_see_the_numbers_says_so_and_opens_the_page_again(
    name: str, reply: Reply, kind: str
) -> None:
    shop = watched({name: reply})

    assert {found for _, found, _ in shop.tally.faults} == {kind}
    assert shop.names().count("GET /organise/a/b/") >= 2
