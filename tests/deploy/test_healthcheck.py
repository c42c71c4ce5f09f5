"""The containers' health checks: right when all is well, and wrong when it is not."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.conf import settings
from django.db import connection
from django.utils.timezone import now

from deploy import healthcheck
from embedded import ports
from tests.buyers import make_held_order


class Site(BaseHTTPRequestHandler):
    """Answers each request with the status that the test has set."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[HTTPServer]:
    with HTTPServer((ports.HOST, 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "is_well"), [(200, True), (301, True), (400, False), (500, False)])
def test_web_is_well_when_the_site_answers(
    site: HTTPServer, monkeypatch: pytest.MonkeyPatch, status: int, is_well: bool
) -> None:
    monkeypatch.setattr(Site, "status", status)

    assert healthcheck.web_answers(port=site.server_port) is is_well


def test_web_is_ill_when_nothing_listens() -> None:
    assert healthcheck.web_answers(port=ports.choose()) is False


def test_web_is_ill_when_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(healthcheck, "PATIENCE", 0.05)

    with socket.create_server((ports.HOST, 0)) as silent:
        assert healthcheck.web_answers(port=silent.getsockname()[1]) is False


@pytest.mark.django_db(transaction=True, available_apps=settings.INSTALLED_APPS)
@pytest.mark.parametrize(("minutes_late", "is_well"), [(-10, True), (2, False)])
def test_worker_is_ill_when_a_hold_is_late(monkeypatch: pytest.MonkeyPatch, minutes_late: int, is_well: bool) -> None:
    order = make_held_order()
    order.expires_at = now() - timedelta(minutes=minutes_late)
    order.save(update_fields=["expires_at"])
    monkeypatch.setenv("DATABASE_URL", url_of_the_test_database())

    assert healthcheck.holds_expire() is is_well


def test_worker_is_ill_when_postgres_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgres://tito@{ports.HOST}:{ports.choose()}/tito")

    assert healthcheck.holds_expire() is False


def url_of_the_test_database() -> str:
    about = connection.settings_dict
    return f"postgres://{about['USER']}:{about['PASSWORD']}@{about['HOST']}:{about['PORT']}/{about['NAME']}"
