"""The report of a rehearsal as a picture: in the admin, on the organiser's pages, as a file, on paper."""

from pathlib import Path
from typing import Any, Final

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from surge import files
from surge.actions import rehearsals
from surge.models import RehearsalRun
from surge.queries import record_now
from tests.browser.conftest import Come
from tests.browser.looks import DIFFERENT
from tests.browser.shop import BROWSER
from tests.browser.staff import Member, member
from tests.browser.visitor import Look
from tests.makers import make_organiser, make_user
from tests.surge.makers import begin, make_flag_row, make_outcome, make_sale, make_site

pytestmark = BROWSER

LONG: Final = "SELECT seat.id FROM seats_seat_with_a_rather_long_name_for_a_narrow_page WHERE hall_id = $1 " * 4
SLOW: Final = make_flag_row(ms_p95=41.0, statement={"text": LONG, "calls": 400, "ms": 16400.0, "mean_ms": 41.0})
EXAMPLE: Final = "POST /r-0123456789abcdef0123456789abcdef/autumn-conference/orders/ answered 500"
CROWD: Final = {"curve": "spike", "buyers": 480, "factor": 1.0, "seconds": 12.0, "base": "http://127.0.0.1:8000"}


def make_run() -> RehearsalRun:
    """One that failed in more than one way, of an event with an owner."""
    owner = make_user(email="owner@example.com")
    event = make_sale(title="Autumn Conference", organiser=make_organiser(owner=owner))
    run = begin(event, now=now(), settings=CROWD)
    errors = [{"step": "hold", "kind": "5xx", "status": 500, "count": 12, "example": EXAMPLE}]
    seconds: Any = [{**one, "errors": 3 * (one["second"] == 4)} for one in make_outcome()["timeline"]]
    database = {"calls": 1680, "ms": 900, "per_request": 3.5, "ms_per_request": 0.9,
                "dearest": [{"text": LONG, "calls": 3, "ms": 90.0, "mean_ms": 30.0}]}  # fmt: skip
    site = make_site(flags=[SLOW, make_flag_row(name="waiting-list")], database=database)
    rehearsals.finish(run=run, outcome=make_outcome(errors=errors, timeline=seconds), site=site, now=now())
    rehearsals.remove(run=run, now=now())
    return RehearsalRun.objects.select_related("event__organiser").get(pk=run.pk)


def unfolds(reader: Member) -> None:
    """What lies behind the pictures is there too, and within the screen."""
    for summary in reader.page.locator("details > summary").all():
        summary.click()
    expect(reader.page.get_by_role("group", name="Table: The sale over time")).to_be_visible()
    reader.check()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_staff_find_a_rehearsal_and_look_at_its_report(come: Come, look: Look) -> None:
    run = make_run()
    with member(come, look) as sam:
        sam.signs_in(make_user(is_staff=True, is_superuser=True))
        sam.opens("/admin/surge/rehearsalrun/")
        sam.follow(f"Report {run.pk}")

        sam.sees("Autumn Conference")
        sam.reads("Failed: do not go on sale like this.")
        expect(sam.page.get_by_role("img", name="The sale over time. Busiest: 40 arrivals")).to_be_visible()
        unfolds(sam)
        sam.follow("Rehearsal run")
        expect(sam.page).to_have_url(f"{sam.site}/admin/surge/rehearsalrun/{run.pk}/change/")


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_organiser_reads_how_the_rehearsal_went(come: Come, look: Look) -> None:
    run = make_run()
    with member(come, look) as olive:
        olive.signs_in(run.event.organiser.memberships.get().user)
        olive.opens(f"/organise/{run.event.organiser.slug}/{run.event.slug}/flags/", "Autumn Conference")
        olive.follow("Rehearsals")
        olive.sees("Autumn Conference")
        olive.reads("480 buyers within 12 seconds")
        olive.follow(f"See the report of rehearsal {run.pk}")

        olive.sees("Autumn Conference")
        olive.reads("We mend what is named below and rehearse again.")
        expect(olive.page.get_by_role("img", name="How long buyers waited.")).to_be_visible()
        unfolds(olive)


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_file_is_the_same_page_without_a_site(come: Come, look: Look, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    list(files.write(record_now(make_run(), now=now()), html=path))
    with member(come, look) as anybody:
        anybody.allowed.append(path.as_uri())
        anybody.opens(path.as_uri(), "Autumn Conference")

        expect(anybody.page.get_by_role("img", name="The sale over time.")).to_be_visible()
        ground = anybody.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert ground == {"light": "rgb(253, 253, 252)", "dark": "rgb(19, 19, 22)"}[look.scheme]
        unfolds(anybody)


def test_paper_is_white_and_holds_every_picture(come: Come, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    list(files.write(record_now(make_run(), now=now()), html=path))
    with member(come, Look(1280, "dark")) as anybody:
        anybody.allowed.append(path.as_uri())
        anybody.opens(path.as_uri(), "Autumn Conference")
        anybody.page.emulate_media(media="print")
        anybody.page.set_viewport_size({"width": 720, "height": 1000})

        wide = anybody.page.evaluate("document.documentElement.scrollWidth")
        ink = anybody.page.evaluate("getComputedStyle(document.querySelector('h1')).color")
        assert (wide, ink) == (720, "rgb(0, 0, 0)")
        expect(anybody.page.get_by_role("img")).to_have_count(2)
        assert len(anybody.page.pdf(format="A4")) > 10_000
