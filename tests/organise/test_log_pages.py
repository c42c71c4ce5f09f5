"""The log's pages: who did what and when, of what the member may see, in plain words."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actions import log
from accounts.models import LogEntry, Membership, Role, User
from events.models import Event
from flags.actions import grants
from flags.actions.grants import Terms
from flags.models.grants import Recipient
from tests.buyers import NOON
from tests.flags.makers import make_tried_flag
from tests.makers import make_event, make_organiser, make_user
from tests.organise.places import member

pytestmark = pytest.mark.django_db


def note(event: Event, said: str, *, by: User | None = None, minutes: int = 0, kind: str = "quota-changed") -> LogEntry:
    at = NOON + timedelta(minutes=minutes)
    return log.record(organiser=event.organiser, event=event, by=by, kind=kind, said=said, now=at)


def read(client: Client, event: Event, **asked: str) -> list[str]:
    """What the event's log says, line by line: the whole row."""
    return rows(client.get(f"/organise/{event.organiser.slug}/{event.slug}/log/", asked))


def rows(answer: Any) -> list[str]:
    assert answer.status_code == 200
    body = answer.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in re.findall("<tr>(.*?)</tr>", body, re.DOTALL)]


def test_log_says_when_who_and_what_the_last_first() -> None:
    event = make_event(timezone="Asia/Kolkata")
    ada = make_user(full_name="Ada Lovelace")
    note(event, "Raised the capacity of Main hall from 100 to 120.", by=ada)
    note(event, "Expired an invitation.", minutes=1, kind="invitation-expired")
    note(make_event(organiser=event.organiser), "Another event's.", minutes=2)

    assert read(member(event), event) == [
        "Wed 1 May 2030, 17:31 the system Expired an invitation.",
        "Wed 1 May 2030, 17:30 Ada Lovelace Raised the capacity of Main hall from 100 to 120.",
    ]


def test_log_tells_of_features_without_naming_staff() -> None:
    event = make_event()
    sam = make_user(is_staff=True, email="sam@tito.example")
    flag = make_tried_flag("seat-maps", purpose="Seat maps")
    terms = Terms(is_on=True, reason="A first trial")
    grants.give(flag=flag, to=Recipient(event_id=event.pk), terms=terms, by=sam, now=NOON)
    note(event, "Paused Adult.", minutes=1)

    answer = member(event).get(f"/organise/{event.organiser.slug}/{event.slug}/log/")

    assert rows(answer) == [
        "Wed 1 May 2030, 13:01 the system Paused Adult.",
        "Wed 1 May 2030, 13:00 Tito Feature “Seat maps” turned on for this event. Reason: A first trial",
    ]
    assert "sam@tito.example" not in answer.content.decode()


def test_filters_are_in_the_address() -> None:
    event = make_event()
    ada = make_user(full_name="Ada Lovelace")
    Membership.objects.create(organiser=event.organiser, user=ada, role=Role.MANAGER)
    note(event, "One.", by=ada)
    note(event, "Two.", minutes=24 * 60, kind="export-taken")
    client = member(event)

    def said(**asked: str) -> list[str]:
        return [row.split()[-1] for row in read(client, event, **asked)]

    assert said() == ["Two.", "One."]
    assert said(by=str(ada.pk)) == ["One."]
    assert said(by="system") == ["Two."]
    assert said(kind="export-taken") == ["Two."]
    assert said(from_date="2030-05-02") == ["Two."]
    assert said(to_date="2030-05-01") == ["One."]
    assert said(kind="features") == []
    assert said(kind="nonsense", by="nonsense", from_date="x", before="x-y") == ["Two.", "One."]


def test_pages_of_two_logs_lose_nothing_and_repeat_nothing() -> None:
    event = make_event()
    flag = make_tried_flag("seat-maps", purpose="Seat maps")
    for number in range(40):
        note(event, f"Line {number}.", minutes=number % 7)  # not in the order of their numbers
    for number in range(20):
        terms = Terms(is_on=bool(number % 2), reason=f"Reason {number}.")
        grants.give(flag=flag, to=Recipient(event_id=event.pk), terms=terms, by=None, now=NOON)
    client, path, found = member(event), f"/organise/{event.organiser.slug}/{event.slug}/log/", []

    query = ""
    for _ in range(3):
        answer: Any = client.get(f"{path}{query}")
        found += rows(answer)
        query = "?" + answer.context["older"]
        if query == "?":
            break

    ends = sorted(" ".join(row.split()[-2:]) for row in found)
    assert ends == sorted([f"Line {n}." for n in range(40)] + [f"Reason {n}." for n in range(20)])


def test_organisers_log_has_all_events_for_whom_it_may() -> None:
    event = make_event(title="Autumn Conference")
    other = make_event(organiser=event.organiser, title="Not for everyone")
    log.record(organiser=event.organiser, kind="member-invited", said="Invited Grace.", now=NOON)
    note(event, "One.", minutes=1)
    note(other, "Two.", minutes=2)
    note(make_event(organiser=make_organiser()), "Another organiser's.")
    path = f"/organise/{event.organiser.slug}/-/log/"

    everything = [row.split("system ")[1] for row in rows(member(event).get(path))]
    limited = [row.split("system ")[1] for row in rows(member(event, Role.MANAGER, only=event).get(path))]

    assert everything == ["Two. (Not for everyone)", "One. (Autumn Conference)", "Invited Grace."]
    assert limited == ["One. (Autumn Conference)"]


def test_log_is_read_in_as_many_statements_however_long_it_is() -> None:
    counts = []
    for size in (1, 30):
        event = make_event()
        for number in range(size):
            note(event, "Done.", minutes=number)
            flag = make_tried_flag(purpose="Seat maps")
            terms = Terms(is_on=True, reason="Trial")
            grants.give(flag=flag, to=Recipient(event_id=event.pk), terms=terms, by=None, now=NOON)
        client = member(event)
        with CaptureQueriesContext(connection) as asked:
            read(client, event)
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 11
