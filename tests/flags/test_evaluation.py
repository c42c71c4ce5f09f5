"""Whether a flag is on for an event: read with the event, and then asked of nobody; in Python, views and templates."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries
from structlog.testing import capture_logs

import flags
from flags import evaluation
from flags.models import Flag, Grant
from tests.flags.makers import Carrier, answers, make_flag, make_grant
from tests.makers import make_event, make_ticket_type


@pytest.fixture(autouse=True)
def _nothing_missed_yet() -> Iterator[None]:
    evaluation._missed.clear()
    yield
    evaluation._missed.clear()


def test_flag_is_what_the_snapshot_says() -> None:
    event = Carrier({"on": True, "off": False})

    assert (flags.is_on("on", event), flags.is_on("off", event)) == (True, False)


def test_flag_that_does_not_exist_is_off_and_logged_once() -> None:
    with capture_logs() as logs:
        found = [flags.is_on("waiting-roon", Carrier()) for _ in range(3)]
        flags.is_on("another", Carrier())

    assert found == [False, False, False]
    assert [(line["event"], line["flag"], line["log_level"]) for line in logs] == [
        ("flag does not exist", "waiting-roon", "warning"),
        ("flag does not exist", "another", "warning"),
    ]


def test_flag_that_is_off_is_not_logged() -> None:
    with capture_logs() as logs:
        flags.is_on("off", Carrier({"off": False}))

    assert logs == []


@pytest.mark.django_db
def test_asking_asks_nobody(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    flag, event = make_flag("waiting-room"), make_event()
    make_grant(flag, event)
    carrier = Carrier(answers(event))
    template = Template('{% load flags %}{% flag "waiting-room" event %}on{% endflag %}')
    cache.clear()
    Grant.objects.all().delete()

    with django_assert_num_queries(0):
        found = [flags.is_on(name, carrier) for name in ("waiting-room", "missing")]
        shown = template.render(Context({"event": carrier}))

    assert (found, shown) == ([True, False], "on")
    assert cache.keys("*") == []  # type: ignore[attr-defined]  # of django-redis


@pytest.mark.parametrize(
    ("text", "is_on", "expected"),
    [
        ('{% flag "new" event %}new{% else %}old{% endflag %}', True, "new"),
        ('{% flag "new" event %}new{% else %}old{% endflag %}', False, "old"),
        ("{% flag 'new' event %}new{% endflag %}", True, "new"),
        ("{% flag 'new' event %}new{% endflag %}", False, ""),
        ('{% flag "new" event %}{% flag "other" event %}both{% else %}one{% endflag %}{% endflag %}', True, "one"),
        ('{% flag "new" nobody %}new{% else %}old{% endflag %}', True, "old"),
    ],
)
def test_template_has_the_part_that_the_flag_says(text: str, is_on: bool, expected: str) -> None:
    template = Template("{% load flags %}" + text)

    assert template.render(Context({"event": Carrier({"new": is_on, "other": False})})) == expected


@pytest.mark.parametrize("tag", ["{% flag new event %}", '{% flag "new" %}', '{% flag "new event %}', "{% flag %}"])
def test_template_names_its_flag_in_quotes_and_its_event(tag: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="with the name in quotes"):
        Template("{% load flags %}" + tag + "{% endflag %}")


@flags.flag_required("seat-maps")
def seats(request: HttpRequest, event: Carrier, row: str = "A") -> HttpResponse:
    """The seats of one row."""
    return HttpResponse(row)


def test_view_is_there_with_its_flag_and_not_without() -> None:
    request = RequestFactory().get("/")

    shown = seats(request, Carrier({"seat-maps": True}), row="B")

    assert shown.content == b"B"
    assert (seats.__name__, seats.__doc__) == ("seats", "The seats of one row.")
    for without in (Carrier({"seat-maps": False}), Carrier()):
        with pytest.raises(Http404):
            seats(request, without)


def test_view_that_asks_looks_at_no_user_and_sets_no_cookie() -> None:
    request = RequestFactory().get("/")

    response = seats(request, Carrier({"seat-maps": True}))

    assert not hasattr(request, "user")
    assert not response.cookies
    assert not response.has_header("Vary")


@pytest.mark.django_db
def test_flags_set_no_cookie_on_the_event_page() -> None:
    flag, event = make_flag("waiting-room"), make_event()
    Flag.objects.update(percent=50, testing=True, rollout=True, authenticated=True)
    make_grant(flag, event)
    make_ticket_type(event=event)

    response = Client().get(event.get_absolute_url(), {"dwft_waiting-room": "1"})

    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
