"""Nonsense at every public door that takes a POST: never a 5xx, never a changed book, and the refusal that is due.

The doors are found by walking the addresses of the site, so a new view that takes a POST fails here until it has an
entry. What is sent is never something that the door could accept, so whatever it changes is a fault.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings as site_settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checkout import ledger
from checkout.actions import orders
from checkout.models import Answer, AnswerFile, Mail, Order, OrderEvent, Payment, Refund, Ticket, WebhookReceipt
from events.models import CodeUse, Event, Kind, QuestionKind, Reminder, Stock, Waiting
from flags.models import Flag
from tests.buyers import ADA, COMMITTED, make_complete_order, take_hold
from tests.makers import make_code, make_event, make_quota, make_ticket_type
from tests.questions import make_question

BOOKS: tuple[type[models.Model], ...] = (
    Event, Stock, CodeUse, Reminder, Waiting, Order, Ticket, OrderEvent, Payment, Refund, Mail, WebhookReceipt,
    Answer, AnswerFile,
)  # fmt: skip


@dataclass(frozen=True)
class Door:
    """Where nonsense is sent: a path to something real, the fields read there, and what is answered."""

    path: str
    answers: frozenset[int]
    fields: tuple[str, ...] = ()


# By route. An address that acts on its token alone is sent an order on which it cannot act.
REFUSES, FOUND_ITS_PLACE, TOO_LATE = frozenset({400, 422}), frozenset({303}), frozenset({409})
CHOICE = ("quantity-adult", "quantity-gift", "price-gift", "quantity-child", "quantity-hidden", "secret", "key", "code")
DOORS = {
    "<slug:organiser_slug>/<slug:event_slug>/orders/": Door("/{event}/orders/", REFUSES, CHOICE),
    "<slug:organiser_slug>/<slug:event_slug>/code/": Door("/{event}/code/", REFUSES, CHOICE),
    "<slug:organiser_slug>/<slug:event_slug>/reminders/": Door("/{soon}/reminders/", REFUSES, ("email",)),
    "<slug:organiser_slug>/<slug:event_slug>/waiting-list/": Door(
        "/{gone}/waiting-list/", REFUSES, ("email", "wanted")
    ),
    "<slug:organiser_slug>/<slug:event_slug>/waiting-list/<secret:token>/": Door(
        "/{gone}/waiting-list/{left}/", frozenset({200})
    ),
    "orders/<token:token>/details/": Door(
        "/orders/{held}/details/", REFUSES, ("full_name", "email", "attendee_1", "use_buyer_name")
    ),
    "orders/<token:token>/payments/": Door("/orders/{complete}/payments/", FOUND_ITS_PLACE),
    "orders/<token:token>/pretend-payment/": Door("/orders/{complete}/pretend-payment/", frozenset({404})),
    "orders/<token:token>/renewals/": Door("/orders/{renewed}/renewals/", TOO_LATE),
    "orders/<token:token>/holds/": Door("/orders/{complete}/holds/", FOUND_ITS_PLACE),
    "orders/<token:token>/cancellation/": Door("/orders/{complete}/cancellation/", FOUND_ITS_PLACE),
    "orders/<token:token>/answers/": Door(
        "/orders/{asked}/answers/", REFUSES | FOUND_ITS_PLACE, ("q{asks}t1", "q{asks}t1-remove", "questions")
    ),
    "orders/<token:token>/files/<int:answer_id>/": Door("/orders/{asked}/files/1/", frozenset({405})),
    "orders/<token:token>/mail/": Door("/orders/{complete}/mail/", REFUSES, ("email",)),
    "webhooks/stripe/": Door("/webhooks/stripe/", frozenset({400})),
    "webhooks/stripe/<token:token>/": Door("/webhooks/stripe/nobody/", frozenset({404})),
    "webhooks/rehearsals/<int:event_id>/": Door("/webhooks/rehearsals/1/", frozenset({404})),
    "favicon.ico": Door("/favicon.ico", frozenset({301})),
}
REFUSED_AT_THE_GATE = {400, 403}  # a malformed or a foreign request, whatever the door


def public_routes(resolver: URLResolver) -> Iterator[tuple[str, str]]:
    """Every public address as (route, a path that fits it); staff and organisers have their own."""
    for entry in resolver.url_patterns:
        pattern = entry.pattern
        if f"/{pattern}" in site_settings.STAFF_PATHS:
            continue
        if isinstance(entry, URLResolver):
            yield from public_routes(entry)
        elif isinstance(entry, URLPattern):
            if isinstance(pattern, RoutePattern):
                yield str(pattern), "/" + re.sub(r"<\w+:\w+>", "x", str(pattern))
            else:
                yield str(pattern), "/theme/aabbcc.css"


def make_world() -> dict[str, str]:
    """An event that sells, and free orders of it: held, renewed to the cap, and complete. Answers where they are."""
    event = make_event()
    quota = make_quota(event=event)
    adult = make_ticket_type(event=event, quotas=[quota], slug="adult")
    make_ticket_type(event=event, quotas=[quota], slug="gift", kind=Kind.PAY_WHAT_YOU_WANT)
    make_ticket_type(event=event, quotas=[quota], slug="hidden", secret=True)
    child = make_ticket_type(event=event, quotas=[quota], slug="child", price_minor=0)
    make_code(event=event, text="EARLY", capacity=5, reveals_secret=True)
    held, renewed, complete = take_hold((child, 2)), take_hold((adult, 1)), take_hold((child, 1))
    Order.objects.filter(pk=renewed.pk).update(renewals=3)
    orders.complete_free(order=complete, details=ADA, now=complete.created_at)
    soon = make_ticket_type(sale_starts_at=timezone.now() + timedelta(days=1)).event
    gone = make_ticket_type(availability="sold_out").event
    Flag(name="waiting-list", stage="general").save()
    left = Waiting.objects.create(event=gone, wanted=1, created_at=complete.created_at)
    asking = make_event()
    asks = make_question(asking, QuestionKind.DATE)
    asked = make_complete_order(asking)
    return {
        "asked": asked.token, "asks": str(asks.pk), "gone": f"{gone.organiser.slug}/{gone.slug}", "left": left.token,
        "event": f"{event.organiser.slug}/{event.slug}", "soon": f"{soon.organiser.slug}/{soon.slug}",
        "held": held.token, "renewed": renewed.token, "complete": complete.token,
    }  # fmt: skip


def books() -> list[list[Any]]:
    """All that is written down anywhere."""
    return [list(model._default_manager.order_by("pk").values_list()) for model in BOOKS]


# Nonsense


def is_nonsense(text: str) -> bool:
    """Neither a quantity that could be had, nor an e-mail address."""
    if re.fullmatch(r"0*([1-9]|10)", text.strip()):
        return False
    try:
        validate_email(text.strip())
    except ValidationError:
        return True
    return False


ODD_TEXTS = [
    "", "0", "-1", "11", "1.5", "1e1", "\N{FULLWIDTH DIGIT ONE}", "\N{ARABIC-INDIC DIGIT THREE}", "0x1", "9" * 400,
    str(2**63), "\x00", "1\x00", "\x00\x00", "null", "NaN", "inf", "-inf", "1_0", "\N{VULGAR FRACTION ONE HALF}",
    "\ud7ff\uffff", "\u202e1", "a" * 5000, "' OR 1=1 --", "<script>", "{{ 7*7 }}", "%00",
    "../../etc/passwd", "@", "a@b", "ada@example.com\nBcc: eve@example.com", "ada@exa\x00mple.com",
    "x" * 300 + "@example.com", "00000000-0000-0000-0000-000000000000", "\r\nSet-Cookie: a=b", "1\n", "\x851", "on",
]  # fmt: skip
TEXTS = st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=60), st.integers().map(str)).filter(is_nonsense)
ODD_NAMES = [
    "quantity-", "quantity-\x00", "quantity-adult\x00", "quantity-ADULT", "quantity-" + "a" * 300, "quantity-adult\n",
    "price-", "quantity-no-such", "attendee_", "attendee_99999999999999999999", "attendee_-1", "",
    "__proto__", "a[b][]",
]  # fmt: skip
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=edge"
CONTENT_TYPES = [
    FORM, PARTS, "multipart/form-data", 'multipart/form-data; boundary="', "multipart/form-data; boundary=" + "x" * 300,
    "multipart/form-data; boundary=ø", "application/json", "text/plain", "", "/", ";;;",
    "multipart/mixed; boundary=edge",
    *(f"{kind}; charset={charset}" for kind in (FORM, PARTS) for charset in (
        "utf-16", "latin-1", "nonsense", "idna", "punycode", "rot13", "base64", "unicode_escape", "utf-7", "undefined",
    )),
]  # fmt: skip
ODD_HEADERS = {
    "Origin": [
        "null",
        "",
        "http://[",
        "http://testserver",
        "https://evil.example",
        "http://testserver:99999",
        "//",
        "ø",
    ],
    "Sec-Fetch-Site": ["", "none", "same-origin", "cross-site", "same-site", "nonsense"],
    "Accept": ["", "*", "application/json", "text/html;q=x", ";;;", "text/html" * 500, "ø/ø"],
    "Stripe-Signature": ["", "t=,v1=", "t=1,v1=ø", "t=9999999999999999999999,v1=a", "t=-1,v1=" + "0" * 64, "v1=1,t"],
    "X-Request-Id": ["", "a" * 64, "\xff" * 20],
    "Host": ["testserver", "[", "evil.example:0:0", "a_b", "testserver:notaport"],
    "Accept-Language": ["xx", "*", "en-" * 200],
}
HEADERS = st.fixed_dictionaries({}, optional={name: st.sampled_from(odd) for name, odd in ODD_HEADERS.items()})
Body = tuple[str, bytes]


def in_parts(pairs: list[tuple[str, str]], end: bytes) -> bytes:
    """A multipart body of these fields, ended well or not."""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode(errors="replace")
        for name, value in pairs
    ]
    return b"".join(parts) + end


def bodies(fields: tuple[str, ...]) -> st.SearchStrategy[Body]:
    """(content type, body): forms and multipart of the door's own fields, or mere bytes under any content type."""
    names = st.sampled_from([*fields, *fields, *ODD_NAMES, "x"])
    pairs = st.lists(st.tuples(names, TEXTS), max_size=8)
    charsets = st.sampled_from([content_type for content_type in CONTENT_TYPES if content_type.startswith(PARTS)])
    ends = st.sampled_from([b"--edge--\r\n", b"--edge--", b"", b"--edge", b"--edge\r\nContent-Disposition: x\r\n\r\n"])
    files = st.binary(max_size=200).map(
        lambda content: b'--edge\r\nContent-Disposition: form-data; name="email"; filename="\x00"\r\n\r\n' + content
    )
    return st.one_of(
        pairs.map(lambda chosen: (FORM, urlencode(chosen, errors="replace").encode())),
        st.tuples(charsets, st.builds(in_parts, pairs, st.one_of(ends, files))),
        st.tuples(st.sampled_from(CONTENT_TYPES), st.binary(max_size=300)),
        st.binary(max_size=200).map(lambda raw: (FORM, b"email=" + raw + b"&quantity-adult=" + raw + b"a")),
    )


def traps(fields: tuple[str, ...]) -> Iterator[tuple[Body, dict[str, str]]]:
    """What has once brought a door down, or a library behind one: tried each time, at each door."""
    halves = [(name, r"\ud800@example.com\udfff") for name in fields]  # half characters: no database can keep them
    for charset in ("unicode_escape", "rot13", "idna"):
        yield (f"{PARTS}; charset={charset}", in_parts(halves, b"--edge--")), {}
    for name, odd in (("Origin", "http://["), ("Stripe-Signature", "t=1,v1=ø"), ("Host", "[")):
        yield (FORM, b""), {name: odd}


@COMMITTED
@pytest.mark.parametrize("route", DOORS)
def test_public_post_survives_nonsense(route: str) -> None:
    door, world = DOORS[route], make_world()
    fields = tuple(name.format(**world) for name in door.fields)
    before = books()

    @given(body=bodies(fields), headers=HEADERS)
    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    def knock(body: Body, headers: dict[str, str]) -> None:
        response = Client().generic("POST", door.path.format(**world), body[1], body[0], headers=headers)
        assert response.status_code in door.answers | REFUSED_AT_THE_GATE
        assert books() == before

    for body, headers in traps(fields):
        knock = example(body=body, headers=headers)(knock)
    knock()

    assert ledger.check().faults == []


@COMMITTED
def test_wrong_token_finds_nothing_whatever_it_is_made_of() -> None:
    world = make_world()
    paths = [f"/{route}" for route, _ in public_routes(get_resolver()) if "token" in route or "code" in route]
    before = books()

    @given(path=st.sampled_from(paths), wrong=st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=40)))
    @example(path="/orders/<token:token>/", wrong="\x00")
    @example(path="/tickets/<code:code>/", wrong="ABCD\x00")
    @settings(max_examples=80, deadline=None, derandomize=True, database=None)
    def knock(path: str, wrong: str) -> None:
        address = re.sub(r"<\w+:\w+>", lambda _: quote(wrong.encode(errors="replace"), safe=""), path)
        for method in ("GET", "POST"):
            response = Client().generic(method, address)
            assert response.status_code in {404, 405, 303 if method == "GET" else 404}
        assert books() == before

    knock()

    assert len(world) == 9


@pytest.mark.django_db
@pytest.mark.parametrize("route", DOORS)
@pytest.mark.parametrize("kind", ["bytes", "fields", "repeated", "name", "parts", "files"])
def test_public_post_survives_too_much(route: str, kind: str) -> None:
    door, world = DOORS[route], make_world()
    before = books()
    field = door.fields[0] if door.fields else "x"
    much: dict[str, Body] = {
        "bytes": (FORM, field.encode() + b"=" + b"a" * 3_000_000),
        "fields": (FORM, b"&".join(b"quantity-%d=1" % number for number in range(3000))),
        "repeated": (FORM, b"&".join([field.encode() + b"=1"] * 2500)),
        "name": (FORM, b"quantity-" + b"a" * 500_000 + b"=1"),
        "parts": (PARTS, in_parts([(field, "1")] * 3000, b"--edge--")),
        "files": (
            PARTS,
            b'--edge\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nc\r\n' * 150 + b"--edge--",
        ),
    }

    response = Client().generic("POST", door.path.format(**world), much[kind][1], much[kind][0])

    assert response.status_code in door.answers | {400, 413}
    assert books() == before


@pytest.mark.django_db
def test_every_public_address_that_takes_a_post_is_a_door_here() -> None:
    routes = dict(public_routes(get_resolver()))

    taking = {route for route, path in routes.items() if Client().post(path).status_code != 405}

    assert len(routes) > 20
    assert taking == set(DOORS)
