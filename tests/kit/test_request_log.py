"""Each request has an id that its answer and all log lines carry."""

import re

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from structlog.testing import capture_logs

from kit import request_log
from kit.request_log import RequestLogMiddleware

requests = RequestFactory()


def answering(status: int) -> RequestLogMiddleware:
    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=status)

    return RequestLogMiddleware(answer)


def test_answer_carries_an_id_made_for_it() -> None:
    handler = answering(200)

    ids = {handler(requests.get("/"))["X-Request-Id"] for _ in range(20)}

    assert len(ids) == 20
    assert all(re.fullmatch(r"[0-9a-f]{32}", request_id) for request_id in ids)


def test_id_that_the_proxy_gave_is_kept() -> None:
    request = requests.get("/", headers={"X-Request-Id": "edge-7f3a.0001"})

    assert answering(200)(request)["X-Request-Id"] == "edge-7f3a.0001"


@pytest.mark.parametrize("given", ["short", "a" * 65, "with space", "<script>alert(1)</script>", "a\nb: injected", ""])
def test_id_that_could_do_harm_is_not_kept(given: str) -> None:
    request = requests.get("/", headers={"X-Request-Id": given})

    assert answering(200)(request)["X-Request-Id"] != given


def test_log_lines_of_a_request_carry_its_id_and_later_ones_do_not() -> None:
    seen = {}

    def answer(request: HttpRequest) -> HttpResponse:
        seen.update(structlog.contextvars.get_contextvars())
        return HttpResponse()

    response = RequestLogMiddleware(answer)(requests.get("/"))

    assert seen == {"request_id": response["X-Request-Id"]}
    assert structlog.contextvars.get_contextvars() == {}


def test_id_is_forgotten_when_the_answer_is_an_exception() -> None:
    def fail(request: HttpRequest) -> HttpResponse:
        raise LookupError

    with pytest.raises(LookupError):
        RequestLogMiddleware(fail)(requests.get("/"))

    assert structlog.contextvars.get_contextvars() == {}


def test_failure_is_logged_with_what_was_asked() -> None:
    with capture_logs() as logs:
        response = answering(503)(requests.post("/orders/secret/?token=x"))

    (line,) = logs
    assert (line["event"], line["log_level"]) == ("slow or failed", "warning")
    assert (line["method"], line["path"], line["status"]) == ("POST", "/orders/secret/", 503)
    assert line["request_id"] == response["X-Request-Id"]
    assert line["ms"] >= 0


@pytest.mark.parametrize("status", [200, 303, 404, 422])
def test_what_went_well_is_not_logged(status: int) -> None:
    with capture_logs() as logs:
        answering(status)(requests.get("/"))

    assert logs == []


def test_slow_answer_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "SLOW_SECONDS", -1.0)

    with capture_logs() as logs:
        answering(200)(requests.get("/"))

    assert [line["status"] for line in logs] == [200]


def test_site_answers_with_the_id_even_what_it_does_not_have() -> None:
    response = Client().get("/no-such-page.txt", headers={"X-Request-Id": "edge-7f3a.0001"})

    assert (response.status_code, response["X-Request-Id"]) == (404, "edge-7f3a.0001")
