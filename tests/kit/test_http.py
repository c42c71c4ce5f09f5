"""Finished pages with their ETags, and where a POST may come from."""

import gzip
import time

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from kit import http
from kit.http import Page

requests = RequestFactory()
PAGE = Page.of("<p>Grüße</p>")
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def test_page_keeps_its_text_plain_and_squeezed() -> None:
    assert PAGE.plain == "<p>Grüße</p>".encode()
    assert gzip.decompress(PAGE.gzipped) == PAGE.plain
    assert Page.of("<p>Grüße</p>") == PAGE
    assert Page.of("<p>other</p>").etag != PAGE.etag


def test_answer_is_for_everyone_and_names_what_it_varies_on() -> None:
    response = http.answer(requests.get("/"), PAGE)

    assert (response.status_code, response.content) == (200, PAGE.plain)
    assert dict(response.headers) == {
        "Content-Type": "text/html; charset=utf-8",
        "ETag": f'"{PAGE.etag}"',
        "Cache-Control": http.FOR_A_SECOND,
        "Vary": "Accept-Encoding",
    }
    assert not response.cookies


@pytest.mark.parametrize(("away", "told"), [(1.5, True), (0.2, True), (60.0, False), (-1.0, False), (None, False)])
def test_answer_tells_the_edge_until_which_second_a_page_is_true(away: float | None, told: bool) -> None:
    changes_at = None if away is None else time.time() + away

    response = http.answer(requests.get("/"), Page.of("opens soon", changes_at=changes_at))

    assert ("X-Accel-Expires" in response) is told
    if told and changes_at:
        last = int(response["X-Accel-Expires"].removeprefix("@"))
        assert last < changes_at <= last + 1  # nginx serves a copy to the end of that second


def test_answer_is_squeezed_for_whom_it_helps_under_a_tag_of_its_own() -> None:
    response = http.answer(requests.get("/", headers=GZIP), PAGE)

    assert response.content == PAGE.gzipped
    assert (response["Content-Encoding"], response["ETag"]) == ("gzip", f'"{PAGE.etag}-gz"')


@pytest.mark.parametrize("known", ['"{}"', 'W/"other", "{}"', '"other","{}" '])
def test_answer_says_that_nothing_changed(known: str) -> None:
    request = requests.get("/", headers={"If-None-Match": known.format(PAGE.etag)})

    response = http.answer(request, PAGE)

    assert (response.status_code, response.content) == (304, b"")
    assert (response["ETag"], response["Cache-Control"]) == (f'"{PAGE.etag}"', http.FOR_A_SECOND)


def test_answer_does_not_take_the_plain_tag_for_the_squeezed_page() -> None:
    request = requests.get("/", headers={**GZIP, "If-None-Match": f'"{PAGE.etag}"'})

    assert http.answer(request, PAGE).status_code == 200


def test_answer_to_another_tag_is_the_page() -> None:
    request = requests.get("/", headers={"If-None-Match": '"other"'})

    assert http.answer(request, PAGE).content == PAGE.plain


def pressed(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
        {},
    ],
    ids=str,
)
def test_same_origin_lets_our_own_pages_post(headers: dict[str, str]) -> None:
    response = http.same_origin(pressed)(requests.post("/", headers=headers))

    assert response.content == b"done"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://testserver:8080"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
    ids=str,
)
def test_same_origin_refuses_what_another_site_sends(headers: dict[str, str]) -> None:
    response = http.same_origin(pressed)(requests.post("/", headers=headers))

    assert response.status_code == 403
    assert b"done" not in response.content


@pytest.mark.parametrize("method", ["get", "head"])
def test_same_origin_lets_anybody_look(method: str) -> None:
    request = getattr(requests, method)("/", headers={"Sec-Fetch-Site": "cross-site"})

    assert http.same_origin(pressed)(request).status_code == 200


def test_private_page_is_kept_and_named_nowhere() -> None:
    response = http.private(pressed)(requests.get("/"))

    assert response["Cache-Control"] == "no-store, private"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex"


def test_private_page_may_say_more_about_caching() -> None:
    def own(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Cache-Control": "no-cache"})

    assert http.private(own)(requests.get("/"))["Cache-Control"] == "no-cache"
