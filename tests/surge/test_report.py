"""The report of a rehearsal: every part with full, cut short, empty and huge figures; escaped; asking nobody."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from lxml import html as markup

from events.models import Event
from surge import report
from surge.actions import rehearsals
from surge.models import RehearsalRun, RunState
from surge.queries import listed, record_now, todays
from surge.records import for_organiser
from tests.flags.makers import make_flag, make_grant
from tests.makers import make_event, make_user
from tests.surge.makers import NOON, begin, make_books, make_flag_row, make_outcome, make_sale, make_site

pytestmark = pytest.mark.django_db

SAMPLES: Final = Path(__file__).resolve().parents[2] / "docs" / "samples"
EVIL: Final = "<script>alert('&')</script><img src=http://evil.test/x onerror=alert(1)>"
SLOW_FLAG: Final = make_flag_row(
    ms_p95=41.0, statement={"text": "SELECT slow FROM seats", "calls": 400, "ms": 16400.0, "mean_ms": 41.0}
)
DATABASE: Final = {
    "calls": 1680, "ms": 900, "per_request": 3.5, "ms_per_request": 0.9,
    "dearest": [{"text": "SELECT dear", "calls": 3, "ms": 90.0, "mean_ms": 30.0}],
}  # fmt: skip
ERRORS: Final = [
    {"step": "hold", "kind": "5xx", "status": 500, "count": 12, "example": "POST /orders/"},
    {"step": "event page", "kind": "timeout", "status": None, "count": 1300, "example": "30 s"},
]


def finished(outcome: Any = None, site: Any = None, event: Event | None = None) -> RehearsalRun:
    """A run that was judged."""
    run = begin(
        event, settings={"curve": "spike", "buyers": 480, "factor": 1.0, "seconds": 12.0, "base": "http://site"}
    )
    rehearsals.finish(run=run, outcome=outcome or make_outcome(), site=site or make_site(), now=NOON)
    return RehearsalRun.objects.select_related("event__organiser").get(pk=run.pk)


def page_of(run: RehearsalRun) -> Any:
    """The file, parsed."""
    return markup.document_fromstring(report.file_of(record_now(run, now=NOON)))


def text_of(node: Any) -> str:
    return " ".join(node.text_content().split())


def section(page: Any, heading: str) -> Any:
    (found,) = (one for one in page.iter("section") if text_of(one.find("h2")) == heading)
    return found


def rows(node: Any) -> list[list[str]]:
    return [[text_of(cell) for cell in row if cell.text_content().strip()] for row in node.xpath(".//tbody/tr")]


def headings(page: Any) -> list[str]:
    return [text_of(one) for one in page.iter("h2")]


ALL_PARTS: Final = [
    "What was judged", "The sale over time", "What the site carries", "What buyers waited for", "Errors",
    "How visits ended", "What flags cost", "Behind the pages", "Whether the crowd was honest", "What was played",
]  # fmt: skip


def test_good_run_has_every_part_and_says_that_it_passed() -> None:
    page = page_of(finished(site=make_site(database=DATABASE)))

    assert headings(page) == ALL_PARTS
    top = text_of(page.find(".//header"))
    assert "Passed: it can go on sale like this." in top
    assert "Keep code, flags and ticket types as they are" in top
    assert "Still true on Wed 1 May 2030, 13:00 BST" in top
    keys = {text_of(one[0]): text_of(one[1]) for one in page.xpath("//*[@class='report-keys']/div")}
    assert keys == {
        "Visitors": "480 all that were due", "Orders bought": "180 38 % of visitors",
        "Hold, 99 of 100 within": "90 ms limit 500 ms", "Failed requests": "0 of 960",
        "Sold out": "after 9 s the last hold", "Most at once": "40 visitors in one second",
        "Answered by the edge": "90 % of what it keeps, from its copies",
        "Queries a request": "3.50 and 0.9 ms of the database",
    }  # fmt: skip


def test_pictures_have_names_and_the_figures_behind_them() -> None:
    page = page_of(finished())
    sale = section(page, "The sale over time")

    names = sale.xpath(".//svg[@role='img']/@aria-label")
    assert names == [
        "The sale over time. Busiest: 40 arrivals, 20 holds, 15 orders bought, a second. Errors in all: 0.",
        "How long buyers waited. Slowest: event page 40 ms, hold 90 ms. The limit is 500 ms.",
    ]
    assert [one[:6] for one in rows(sale.find("details"))][:2] == [
        ["0 s", "40", "40", "20", "15", "0"],
        ["1 s", "40", "40", "20", "15", "0"],
    ]
    assert len(rows(sale.find("details"))) == 12
    assert all(one.get("aria-hidden") or one.get("aria-label") for one in page.iter("svg"))


@pytest.mark.parametrize(
    ("waits", "said"),
    [
        ([90.0] * 12, "It was never slow. It carried 20 holds and 15 orders in one second; more was not asked for."),
        ([90.0, 700.0, 90.0], "Slow from second 1 until second 1. It carried 20 holds and 15 orders in one second;"),
        ([90.0, 90.0, 1700.0], "Slow from second 2 until the end. At second 2 holds took longer than 1,000 ms;"),
    ],
)
def test_what_it_carried_is_told_in_words(waits: list[float], said: str) -> None:
    seconds = [{**one, "hold_p99_ms": ms} for one, ms in zip(make_outcome()["timeline"], waits, strict=False)]

    part = section(page_of(finished(make_outcome(timeline=seconds))), "The sale over time")

    assert said in text_of(part)


def test_steps_come_in_the_order_of_a_journey() -> None:
    step = {"count": 1200, "errors": 1, "p50_ms": 4.26, "p95_ms": 300.0, "p99_ms": 12_500.0, "max_ms": 30_000.0}
    outcome = make_outcome(
        steps={"ticket": step, "unheard of": step, "hold": step, "event page": step, "pay": {"count": 0}}
    )

    found = rows(section(page_of(finished(outcome)), "What buyers waited for"))

    assert [row[0] for row in found] == ["Event page", "Hold", "Ticket", "Unheard of"]
    assert found[1] == ["Hold", "1,200", "1", "4.3 ms", "300 ms", "12.5 s", "30.0 s"]


def test_failed_run_says_what_to_do_and_names_errors_with_examples() -> None:
    run = finished(make_outcome(errors=ERRORS), make_site(books=make_books(oversold=2)))

    page = page_of(run)

    top = text_of(page.find(".//header"))
    assert "Failed: do not go on sale like this." in top
    assert (
        top.index("Sell nothing with this code") < top.index("Look up the examples") < top.index("Mend what is named")
    )
    assert rows(section(page, "Errors")) == [
        ["timeout", "event page", "none", "1,300", "30 s"], ["5xx", "hold", "500", "12", "POST /orders/"],
    ]  # fmt: skip
    assert "2 places sold that was not there." in text_of(section(page, "What was judged"))


def test_flag_over_its_budget_is_named_with_its_statement() -> None:
    page = page_of(finished(site=make_site(flags=[SLOW_FLAG, make_flag_row(name="free", budget_ms=None)])))
    part = section(page, "What flags cost")

    assert "Switch the flag seat-maps off for this event" in text_of(page.find(".//header"))
    assert text_of(part.xpath(".//*[contains(@class, 'report-box')]")[0]) == (
        "seat-maps: over its budget; 41 ms each time, 400 times. SELECT slow FROM seats"
    )
    assert rows(part)[0] == ["seat-maps", "400", "1 of 2", "41 ms of 5.0 ms", "<slug>/<slug>/"]
    assert rows(part)[1] == ["free", "400", "1 of 2", "2.5 ms", "no budget", "<slug>/<slug>/"]


def test_flag_of_which_nothing_is_known_or_that_was_switched_off_is_told() -> None:
    unknown = make_flag_row(name="dim", requests=None, queries_p95=None, ms_p95=None, routes=[])
    off = make_flag_row(name="off", switched_off="41 ms a request, budget 5 ms.")

    part = section(page_of(finished(site=make_site(flags=[unknown, off]))), "What flags cost")

    assert rows(part)[0] == ["dim", "not known", "not known of 2", "not known of 5.0 ms"]
    assert text_of(part.find("div")) == "off: 41 ms a request, budget 5 ms."


def test_what_is_proven_of_flags_is_told_and_what_nobody_came_to_stands_out() -> None:
    found = [make_flag_row(name="good"), make_flag_row(name="idle", requests=0)]

    page = page_of(finished(site=make_site(flags=found)))

    told = [[text_of(part) for part in row] for row in section(page, "What flags cost").find("dl")]
    assert told == [["Proven", "good"], ["On and never exercised, so nothing is proven", "idle"]]
    assert "Not tried: Flag idle was on and never exercised: nothing is proven for it." in text_of(
        section(page, "What was judged")
    )
    assert "Passed: it can go on sale like this." in text_of(page.find(".//header"))


def test_generator_that_was_the_bottleneck_is_told() -> None:
    late = {**make_outcome()["generator"], "started": 300, "late_p99_ms": 900.0, "cpu_share": 0.97,
            "is_bottleneck": True, "why": "its CPU was full"}  # fmt: skip

    page = page_of(finished(make_outcome(generator=late)))

    part = text_of(section(page, "Whether the crowd was honest"))
    assert "It was the bottleneck itself: its CPU was full. Its figures are its own, and not the site's." in part
    assert "300 of 480" in part
    assert "97 % of a core" in part
    assert "Not proven: nothing broke, but it was not tried hard enough." in text_of(page.find(".//header"))


def test_run_that_was_cut_short_says_so_at_the_top() -> None:
    page = page_of(finished(make_outcome(partial=True, timeline=make_outcome()["timeline"][:3])))

    top = text_of(page.find(".//header"))
    assert "Aborted: stopped before its end." in top
    assert "It was cut short. All that follows is of the part that was played." in top
    assert headings(page) == ALL_PARTS
    assert len(rows(section(page, "The sale over time"))) == 3


def test_run_without_figures_has_its_reason_and_no_empty_parts() -> None:
    running, aborted = begin(), begin()
    rehearsals.abort(run=aborted, why="The generator has ended.", now=NOON)
    aborted.refresh_from_db()

    pages = [page_of(run) for run in (running, aborted)]

    assert [headings(page) for page in pages] == [["What was played"]] * 2
    told = [text_of(page.find(".//header")) for page in pages]
    assert "It is being played. There is nothing to judge yet." in told[0]
    assert "There is nothing to judge: The generator has ended." in told[1]


@pytest.mark.parametrize("outcome", [{"partial": True}, {"partial": False, "timeline": [], "steps": {}, "edge": {}}])
def test_run_with_nearly_no_figures_is_drawn_all_the_same(outcome: dict[str, Any]) -> None:
    page = page_of(finished(outcome, make_site(flags=[])))

    assert headings(page) == [
        "What was judged", "What the site carries", "Errors", "Behind the pages", "What was played",
    ]  # fmt: skip


def test_day_long_sale_with_millions_of_visitors_stays_a_page() -> None:
    second = {"scheduled": 90_000, "arrived": 90_000, "holds": 50_000, "sold": 40_000, "sold_out": 7, "errors": 3}
    timeline = [{"second": at, **second, "page_p99_ms": None, "hold_p99_ms": float(at)} for at in range(0, 86_400, 7)]
    generator = {**make_outcome()["generator"], "scheduled": 10**9, "started": 10**9}

    run = finished(make_outcome(timeline=timeline, generator=generator))
    text, page = report.file_of(record_now(run, now=NOON)), page_of(run)

    sale = section(page, "The sale over time")
    assert len(text) < 300_000
    assert len(rows(sale)) == 240
    assert "1,000,000,000" in text_of(page)
    assert rows(sale)[0][:3] == ["0 s", "4,680,000", "4,680,000"]
    assert rows(sale)[-1][0] == "23:54:00"
    assert "Visitors in 360 seconds" in text_of(sale)
    assert "hold 86.4 s" in sale.xpath(".//svg/@aria-label")[1]


def test_whatever_is_told_is_escaped() -> None:
    event = make_event(title=EVIL[:200])
    make_grant(make_flag("seat-maps"), event)
    error = {"step": EVIL, "kind": EVIL, "status": EVIL, "count": 1, "example": EVIL}
    flag = {**SLOW_FLAG, "name": EVIL, "statement": {**SLOW_FLAG["statement"], "text": EVIL}}
    bottleneck = {**make_outcome()["generator"], "is_bottleneck": True, "why": EVIL}
    step = make_outcome()["steps"]["hold"]
    outcome = make_outcome(
        errors=[error], steps={EVIL: step}, journeys={EVIL: 1}, edge={EVIL.upper(): 9}, generator=bottleneck
    )

    text = report.file_of(record_now(finished(outcome, make_site(flags=[flag]), event), now=NOON))

    page = markup.document_fromstring(text)
    assert not page.xpath("//script | //img | //@onerror")
    assert text.count("&lt;script&gt;") > 10
    assert "<SCRIPT" not in text


def test_file_needs_nothing_else() -> None:
    text = report.file_of(record_now(finished(), now=NOON))

    page = markup.document_fromstring(text)
    assert not page.xpath("//@src | //@href | //@style | //link | //script | //iframe | //form")
    assert re.findall(r"url\(|@import|https?://(?!site)", text) == []
    assert "default-src 'none'" in page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert "color-scheme: light dark" in text
    assert "@media print" in text


def test_stale_run_says_since_what() -> None:
    run = finished()
    RehearsalRun.objects.filter(pk=run.pk).update(commit="0" * 40)
    make_grant(make_flag("waiting-list"), run.event)
    run.refresh_from_db()

    top = text_of(page_of(run).find(".//header"))

    assert "Out of date on Wed 1 May 2030, 13:00 BST: the code has changed; flags have changed: waiting-list." in top


def test_what_was_played_names_crowd_event_flags_and_machine() -> None:
    event = make_sale()
    make_grant(make_flag("seat-maps"), event)
    run = finished(event=event)

    part = section(page_of(run), "What was played")

    facts = {text_of(one[0]): text_of(one[1]) for one in part.xpath(".//dl/div")}
    assert list(facts.items())[:6] == [
        ("Crowd", "spike: most come in the first minute"), ("Buyers", "480"), ("They come for", "12 seconds"),
        ("Site", "http://site"), ("Ticket types", "3"), ("Quotas", "2"),
    ]  # fmt: skip
    assert facts["Python"] == run.hardware["python"]
    assert "Flags that were on: seat-maps." in text_of(part)
    assert f"Commit {run.commit}" in text_of(part)
    hall, balcony = run.shape["quotas"]
    assert rows(part)[0] == ["seat", "paid", "10", f"{hall} (10), {balcony} (4)"]
    assert len(rows(part)) == 3


def test_organiser_reads_nothing_of_the_sites_inside_or_of_others() -> None:
    books = make_books(ledger_faults=["Order SECRET of another organiser"])
    run = finished(make_outcome(errors=ERRORS), make_site(books=books, database=DATABASE, flags=[SLOW_FLAG]))
    run.settings["curve"] = "/home/operator/curve.csv"
    own = record_now(run, now=NOON)

    told = json.dumps(for_organiser(own)) + json.dumps(
        str(report.context_of(for_organiser(own), is_for_organiser=True))
    )

    for hidden in ("SECRET", "SELECT", "/home", "http://site", "<slug>/<slug>/", run.commit, run.hardware["python"]):
        assert hidden in json.dumps(own)
        assert hidden not in told
    assert "The ledger disagrees; staff can see where." in told
    assert "Faults of the ledger" not in told
    assert "Flag seat-maps is over its budget: 41.0 ms of the database a request, and may take 5." in told


def staff(*permissions: str) -> Client:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_served_report_is_for_staff_who_may_look_and_has_nothing_inline() -> None:
    run = finished(make_outcome(errors=ERRORS), make_site(database=DATABASE, flags=[SLOW_FLAG]))
    path = f"/admin/surge/rehearsalrun/{run.pk}/report/"

    answer = staff("view_rehearsalrun").get(path)
    others = [staff("view_event").get(path).status_code, Client().get(path).status_code]
    lost = staff("view_rehearsalrun").get("/admin/surge/rehearsalrun/999999/report/").status_code

    page = markup.document_fromstring(answer.content)
    assert (answer.status_code, others, lost) == (200, [403, 302], 404)
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert not page.xpath("//style | //script | //@style")
    assert headings(page) == ALL_PARTS
    assert page.xpath("//nav/a/@href") == [f"/admin/surge/rehearsalrun/{run.pk}/change/"]


def test_list_of_runs_names_their_figures_and_whether_they_are_stale() -> None:
    good, old = finished(), finished()
    RehearsalRun.objects.filter(pk=old.pk).update(commit="0" * 40)
    running = begin()

    page = markup.document_fromstring(staff("view_rehearsalrun").get("/admin/surge/rehearsalrun/").content)

    found = [[text_of(cell) for cell in row] for row in page.xpath("//table[@id='result_list']/tbody/tr")]
    assert [[row[1], *row[3:]] for row in found] == [
        [f"Report {running.pk}", "Running", "Yes", "-", "-", "-"],
        [f"Report {old.pk}", "Passed", "No: the code has changed", "480", "180", "90 ms"],
        [f"Report {good.pk}", "Passed", "Yes", "480", "180", "90 ms"],
    ]


def test_many_runs_are_read_and_held_against_today_in_as_many_queries_as_few(
    django_assert_num_queries: Any,
) -> None:
    run, *_ = finished(), finished(), finished()
    runs = RehearsalRun.objects.select_related("event__organiser")

    with django_assert_num_queries(1):
        few = list(listed(runs))
    with django_assert_num_queries(5):
        today = todays([run.event for run in few], now=NOON)
    with django_assert_num_queries(5):
        record_now(run, now=NOON)

    assert len(today) == 3


def test_command_writes_a_run_that_is_stored(tmp_path: Path) -> None:
    run = finished(event=make_sale(title="Fair <1>"))
    page, figures = tmp_path / "report.html", tmp_path / "report.json"

    call_command("rehearsal_report", str(run.pk), str(page), "--json", str(figures))

    record = json.loads(figures.read_text())
    assert "<h1>Fair &lt;1&gt;</h1>" in page.read_text()
    assert (record["rehearsal"], record["state"], record["figures"]) == (run.pk, RunState.PASSED, run.figures)
    assert "whsec" not in figures.read_text()


@pytest.mark.parametrize(("run", "file"), [("999999", "report.html"), ("1", "no/such/folder.html"), ("1", ".")])
def test_command_refuses_in_words(run: str, file: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no rehearsal 999999|nothing can be written to"):
        call_command("rehearsal_report", run, str(tmp_path / file))

    assert list(tmp_path.iterdir()) == []


def test_sample_is_what_the_code_draws_today() -> None:
    record = json.loads((SAMPLES / "rehearsal.json").read_text())

    drawn = report.file_of(record)

    assert (SAMPLES / "rehearsal.html").read_text() == drawn, "make it anew: .venv/bin/python docs/sample.py --draw"
    assert record["figures"]["outcome"]["timeline"]
