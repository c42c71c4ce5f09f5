"""waffle's own way of asking, which staff's pages have: it goes on working, and a killed flag is off there too."""

from typing import Any

import pytest
import waffle
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from pytest_django.fixtures import Settings
from structlog.testing import capture_logs

from flags.actions import flags
from flags.models import Stage
from tests.buyers import COMMITTED
from tests.flags.makers import NOON, is_on, make_flag
from tests.makers import make_event, make_user


def asked(name: str, *, user: Any = None, **query: str) -> bool:
    request = RequestFactory().get("/admin/", query)
    request.user = user or AnonymousUser()
    return bool(waffle.flag_is_active(request, name))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("over", "powers", "expected"),
    [
        ({"superusers": True}, {"is_superuser": True}, True),
        ({"superusers": True}, {"is_staff": True}, False),
        ({"superusers": False, "staff": True}, {"is_staff": True}, True),
        ({"superusers": False, "staff": True}, {}, False),
    ],
    ids=str,
)
def test_staffs_pages_ask_waffle(over: dict[str, Any], powers: dict[str, bool], expected: bool) -> None:
    flag = make_flag("new-report", stage=Stage.DRAFT, **over)

    assert asked("new-report", user=make_user(**powers)) is expected
    assert not is_on(flag, make_event())


@pytest.mark.django_db
def test_testing_asks_the_address() -> None:
    make_flag("new-report", superusers=False, testing=True)

    assert asked("new-report", **{"dwft_new-report": "1"})
    assert not asked("new-report", **{"dwft_new-report": "0"})


@pytest.mark.django_db
def test_user_who_is_named_has_it() -> None:
    ada, bob = make_user(), make_user()
    make_flag("new-report", superusers=False).users.add(ada)

    assert (asked("new-report", user=ada), asked("new-report", user=bob)) == (True, False)


@COMMITTED
def test_kill_is_a_kill_for_staff_too_at_once() -> None:
    flag, staff = make_flag("new-report"), make_user(is_superuser=True)
    before = asked("new-report", user=staff)  # and waffle keeps a copy

    flags.kill(flag=flag, reason="Stop", by=None, now=NOON)
    killed = asked("new-report", user=staff)
    flags.revive(flag=flag, reason="Mended", by=None, now=NOON)

    assert (before, killed, asked("new-report", user=staff)) == (True, False, True)


@COMMITTED
def test_kill_works_while_redis_is_gone(settings: Settings) -> None:
    flag = make_flag("new-report", stage=Stage.GENERAL)
    event = make_event()
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/0"}}

    with capture_logs() as logs:
        flags.kill(flag=flag, reason="Stop", by=None, now=NOON)

    assert not is_on(flag, event)
    assert [(line["event"], line["flag"]) for line in logs] == [("flag not taken out of Redis", "new-report")]
