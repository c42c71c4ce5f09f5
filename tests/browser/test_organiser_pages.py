"""Every page of the organiser's room, opened in a browser: nothing is too wide, too pale or without a name, and no
script is missing or refused. With TITO_PICTURES=<folder> each is kept as a picture, to be looked at.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Membership, Role, User
from events.models import Event, QuestionKind
from tests.browser.conftest import Come
from tests.browser.looks import DIFFERENT
from tests.browser.shop import BROWSER, buy, make_shop
from tests.browser.staff import Member, member
from tests.browser.visitor import Look, Visitor
from tests.makers import make_code, make_organiser, make_quota, make_ticket_type, make_user
from tests.organise.places import places
from tests.questions import make_question

pytestmark = BROWSER
PICTURES = os.environ.get("TITO_PICTURES", "")


def make_fair(owner: User) -> Event:
    """An event that has some of everything: two ticket types of one quota, an unlimited one, an order."""
    organiser = make_organiser(owner=owner, name="Riverside Makers", slug="riverside")
    first = make_shop(
        price_minor=0, event={"organiser": organiser, "slug": "autumn", "title": "Autumn Conference"}, name="Adult"
    )
    event = first.event
    shared = make_quota(event=event, capacity=250, name="Whole site", slug="whole-site")
    make_ticket_type(event=event, quotas=[shared], name="Student", slug="student", price_minor=900)
    make_ticket_type(event=event, name="Online", slug="online", price_minor=500)
    car = make_question(event, QuestionKind.CHOICE, label="How do you come?", choices=("By car", "By train"))
    make_question(event, label="Number plate", only_if=car.pk, only_if_values=("By car",), is_required=True)
    buy(first, 2)
    make_code(event=event, text="EARLY", percent=20, capacity=100, note="For the newsletter", only=[first])
    return event


def keep(visitor: Visitor, name: str) -> None:
    """A picture of the whole page, for whoever asked for pictures."""
    if PICTURES:
        folder = Path(PICTURES) / str(visitor.look)
        folder.mkdir(parents=True, exist_ok=True)
        visitor.page.screenshot(path=folder / f"{name}.png", full_page=True)


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_every_organiser_page_reads_well(come: Come, look: Look) -> None:
    owner = make_user(full_name="Ada Lovelace")
    event = make_fair(owner)
    seen: dict[str, int] = {}
    with member(come, look) as ada:
        ada.signs_in(owner)
        for place in places(event):
            if place.door and place.door.read is None:
                continue
            if is_page(ada, place.path):
                seen[place.name] = open_and_check(ada, place.path)
                keep(ada, place.name)

    assert {name: status for name, status in seen.items() if status != 200} == {}
    assert {"organise", "organise-overview", "organise-flags"} <= set(seen)


def is_page(visitor: Member, path: str) -> bool:
    """Whether it is for people; files and parts of pages are not."""
    answer = visitor.page.request.get(path)
    return "text/html" in answer.headers.get("content-type", "") and "<h1" in answer.text()


def open_and_check(visitor: Member, path: str) -> int:
    answer: Any = visitor.page.goto(path)
    visitor.page.wait_for_load_state("load")
    visitor.check()
    return int(answer.status)


@pytest.mark.parametrize("look", [Look(320, "light")], ids=str)
def test_page_that_a_role_may_not_see_says_so(come: Come, look: Look) -> None:
    door = make_user()
    event = make_fair(make_user())
    Membership.objects.create(organiser=event.organiser, user=door, role=Role.DOOR)

    with member(come, look) as dan:
        dan.signs_in(door)
        dan.opens(f"/organise/{event.organiser.slug}/{event.slug}/", "Your role does not include this")
        keep(dan, "forbidden")
        dan.reads("Riverside Makers")
