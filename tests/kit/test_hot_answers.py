"""What is the same for everyone is answered again without asking the application, for half a second."""

from collections.abc import Iterable
from typing import Any

import pytest

from kit import hot_answers
from kit.hot_answers import HotAnswers

PUBLIC = {"Cache-Control": "public, max-age=0, s-maxage=1", "ETag": '"abc"', "Content-Type": "text/html"}


class Application:
    """Counts how often it is asked; answers with the headers given."""

    def __init__(self, status: str = "200 OK", **headers: str) -> None:
        self.status, self.headers, self.asked, self.closed = status, {**PUBLIC, **headers}, 0, 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked += 1
        start_response(self.status, [*self.headers.items(), ("X-Request-Id", f"from-application-{self.asked}")])
        return Body(self)


class Body:
    """An answer's body that wants to be closed, as Django's does."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __iter__(self) -> Any:
        yield from (b"pa", b"ge")

    def close(self) -> None:
        self._application.closed += 1


def get(site: HotAnswers, path: str = "/org/event/", **more: str) -> tuple[str, dict[str, str], bytes]:
    """Status, headers and body of a request; `more` are WSGI's variables."""
    said: list[tuple[str, dict[str, str]]] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, **more}
    body = site(environ, lambda status, headers: said.append((status, dict(headers))))
    return *said[0], b"".join(body)


def test_public_page_is_answered_again_with_an_id_of_its_own() -> None:
    application = Application()
    site = HotAnswers(application)

    first, again = get(site), get(site, HTTP_X_REQUEST_ID="given-by-the-edge")

    assert (first[2], again[2], application.asked, application.closed) == (b"page", b"page", 1, 1)
    assert again[1] == {**PUBLIC, "X-Request-Id": "given-by-the-edge"}
    assert get(site)[1]["X-Request-Id"] not in {"from-application-1", "given-by-the-edge"}


def test_whoever_has_the_page_is_told_so() -> None:
    site = HotAnswers(Application())
    get(site)

    status, headers, body = get(site, HTTP_IF_NONE_MATCH='"other", "abc"')

    assert (status, body, headers["ETag"]) == ("304 Not Modified", b"", '"abc"')
    assert "Content-Type" not in headers


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/org/other/"}, {"HTTP_ACCEPT_ENCODING": "gzip"}, {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_HOST": "elsewhere.example"},
        {"REQUEST_METHOD": "POST"}, {"REQUEST_METHOD": "HEAD"},
    ],
    ids=str,
)  # fmt: skip
def test_other_request_is_asked_of_the_application(other: dict[str, Any]) -> None:
    application = Application()
    site = HotAnswers(application)
    get(site)

    get(site, **other)

    assert application.asked == 2


def test_query_does_not_make_another_page() -> None:
    application = Application()
    site = HotAnswers(application)
    get(site)

    get(site, QUERY_STRING="utm_source=mail")

    assert application.asked == 1


@pytest.mark.parametrize(
    "application",
    [
        Application(**{"Cache-Control": "no-store, private"}),
        Application(**{"Cache-Control": "public, max-age=31536000"}),
        Application(**{"Set-Cookie": "a=b"}),
        Application("404 Not Found"),
        Application("503 Service Unavailable"),
    ],
    ids=lambda application: f"{application.status} {next(iter(application.headers.values()))}",
)
def test_what_is_not_for_everyone_is_never_kept(application: Application) -> None:
    site = HotAnswers(application)

    answers = [get(site)[2] for _ in range(2)]

    assert (answers, application.asked) == ([b"page"] * 2, 2)


def test_page_is_asked_for_again_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    application = Application()
    site = HotAnswers(application)
    monkeypatch.setattr(hot_answers, "SECONDS", -0.1)

    get(site)
    get(site)

    assert application.asked == 2


def test_page_is_not_kept_past_the_moment_at_which_it_changes() -> None:
    application = Application(**{"X-Accel-Expires": "@1000000000"})
    site = HotAnswers(application)

    get(site)
    get(site)

    assert application.asked == 2


def test_number_of_pages_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hot_answers, "MOST", 3)
    site = HotAnswers(Application())

    for number in range(10):
        get(site, f"/org/{number}/")

        assert len(site._answers) <= 3
