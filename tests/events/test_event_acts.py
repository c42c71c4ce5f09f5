"""An event's life: made, changed, published, closed, put away, copied, deleted; each with its line in the log."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts.models import LogEntry
from events.actions import duplicates
from events.actions import events as acts
from events.models import Draw, Event, Picture, State, Stock
from kit import since
from tests.buyers import take_hold
from tests.makers import make_event, make_organiser, make_picture, make_quota, make_ticket_type, make_user
from tests.questions import make_question

pytestmark = pytest.mark.django_db
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def by() -> dict[str, Any]:
    return {"by": make_user(full_name="Ada"), "now": NOW}


def make_draft(**over: Any) -> Event:
    return make_event(state=State.DRAFT, **over)


def edit(event: Event, was: str | None = None, **values: Any) -> Event:
    mark = since.mark(acts.values_of(event)) if was is None else was
    return acts.edit(event=event, values=values, was=mark, **by())


def said(event: Event) -> list[str]:
    return list(LogEntry.objects.filter(event_id=event.pk).order_by("pk").values_list("said", flat=True))


def test_created_event_is_a_draft_with_a_line_in_the_log() -> None:
    organiser = make_organiser()
    new = acts.NewEvent(
        title="Fair", slug="fair", local_starts_at=datetime(2030, 7, 1, 10), local_ends_at=datetime(2030, 7, 1, 18),
        timezone="Europe/Berlin", currency="EUR",
    )  # fmt: skip

    event = acts.create(organiser=organiser, new=new, **by())

    assert (event.state, event.starts_at) == (State.DRAFT, datetime(2030, 7, 1, 8, tzinfo=UTC))
    assert [(entry.by, entry.said) for entry in organiser.log.all()] == [("Ada", "Made the draft “Fair”.")]
    with pytest.raises(acts.AddressTaken):
        acts.create(organiser=organiser, new=new, **by())


def test_edit_changes_what_is_asked_and_says_from_what_to_what() -> None:
    event = make_event(title="Fair", venue="Here")

    edited = edit(event, title="Big fair", venue="Here")

    assert (edited.title, edited.venue) == ("Big fair", "Here")
    assert said(event) == ["Changed title: “Fair” → “Big fair”."]


def test_edit_of_nothing_is_no_line_and_no_new_version() -> None:
    event = make_event(title="Fair")

    edited = edit(event, title="Fair")

    assert (edited.version, said(event)) == (event.version, [])


def test_second_of_two_editors_is_told_what_changed_and_the_first_stands() -> None:
    event = make_event(title="Fair", venue="Here")
    both = since.mark(acts.values_of(event))
    edit(event, both, title="First", venue="Here")

    with pytest.raises(acts.ChangedMeanwhile) as caught:
        edit(event, both, title="Second", venue="There")

    assert caught.value.now == {"title": "First"}
    event.refresh_from_db()
    assert (event.title, event.venue) == ("First", "Here")


def test_edit_that_touches_other_fields_is_no_conflict() -> None:
    event = make_event()
    both = since.mark(acts.values_of(event))
    edit(event, both, title="First")

    edited = edit(event, both, venue="There")

    assert (edited.title, edited.venue) == ("First", "There")


@pytest.mark.parametrize("mark", ["", "{}", "[]", "nonsense"])
def test_form_that_does_not_say_what_it_was_read_at_changes_nothing(mark: str) -> None:
    event = make_event(title="Fair")

    with pytest.raises(acts.ChangedMeanwhile):
        edit(event, mark, title="Another")

    assert Event.objects.get(pk=event.pk).title == "Fair"


def test_currency_stays_once_somebody_has_ordered() -> None:
    ticket_type = make_ticket_type()
    take_hold((ticket_type, 1))

    with pytest.raises(acts.HasOrders):
        edit(ticket_type.event, currency="EUR")


@pytest.mark.parametrize(
    ("what", "code"), [("nothing is sold", "tickets"), ("empty", "quotas"), ("unpaid", "payments"), ("over", "times")]
)
def test_publishing_is_refused_while_something_is_missing(what: str, code: str, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = "" if what == "unpaid" else "sk_test_x"
    event = make_draft()
    if what != "nothing is sold":
        make_ticket_type(event=event, quotas=[make_quota(event=event, capacity=0 if what == "empty" else 10)])
    now = event.ends_at if what == "over" else NOW

    with pytest.raises(acts.NotReady) as caught:
        acts.publish(event=event, by=make_user(), now=now)

    assert [reason.code for reason in caught.value.reasons] == [code]
    assert Event.objects.get(pk=event.pk).state == State.DRAFT


def test_ready_event_is_published_closed_and_opened_again(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    event = make_draft()
    make_ticket_type(event=event, price_minor=0)

    acts.publish(event=event, **by())
    with pytest.raises(acts.WrongState):
        acts.publish(event=event, **by())
    acts.close(event=event, **by())
    acts.publish(event=event, **by())

    assert Event.objects.get(pk=event.pk).state == State.LIVE
    assert said(event) == ["Published the event.", "Closed the sale.", "Opened the event again."]


def test_event_with_orders_can_neither_be_a_draft_again_nor_be_deleted() -> None:
    ticket_type = make_ticket_type()
    take_hold((ticket_type, 1))
    event = ticket_type.event

    with pytest.raises(acts.HasOrders):
        acts.unpublish(event=event, **by())
    Event.objects.filter(pk=event.pk).update(state=State.DRAFT)
    with pytest.raises(acts.HasOrders):
        acts.delete(event=event, **by())

    assert said(event) == []


def test_draft_is_deleted_with_all_that_is_its_own() -> None:
    event = make_draft(title="Fair")
    make_ticket_type(event=event, quotas=[make_quota(event=event)])
    make_picture(event=event)

    acts.delete(event=event, **by())

    assert (Event.objects.count(), Stock.objects.count(), Draw.objects.count(), Picture.objects.count()) == (0, 0, 0, 0)
    assert [entry.said for entry in LogEntry.objects.all()] == [f"Deleted the draft “Fair” ({event.slug})."]


def test_live_event_is_neither_deleted_nor_put_away() -> None:
    event = make_event()

    for act in (acts.delete, acts.archive):
        with pytest.raises(acts.WrongState):
            act(event=event, **by())

    assert Event.objects.in_use().get() == event


def test_archive_leaves_a_draft_out_of_lists_until_it_is_brought_back() -> None:
    event = make_draft()

    acts.archive(event=event, **by())
    away = list(Event.objects.in_use())
    acts.bring_back(event=Event.objects.get(pk=event.pk), **by())

    assert (away, list(Event.objects.in_use())) == ([], [event])


def test_duplicate_has_all_but_the_orders_at_its_new_time() -> None:
    event = make_event(local_starts_at=datetime(2030, 3, 29, 10), local_ends_at=datetime(2030, 3, 30, 18))
    quota = make_quota(event=event, capacity=7)
    opens = datetime(2030, 3, 1, 10, tzinfo=UTC)  # ten in London, as in winter
    sold = make_ticket_type(event=event, quotas=[quota], name="Adult", sale_starts_at=opens, secret=True)
    make_ticket_type(event=event, name="Old", is_hidden=True, is_paused=True)
    make_picture(event=event, alt="A tent")
    take_hold((sold, 2), secret=sold.secret_key, now=opens)

    made = duplicates.duplicate(
        event=event, title="Next", slug="next", local_starts_at=datetime(2030, 7, 5, 10), **by()
    )

    copied = made.ticket_types.get()
    assert (made.state, made.title, made.local_ends_at) == (State.DRAFT, "Next", datetime(2030, 7, 6, 18))
    assert copied.sale_starts_at == datetime(2030, 6, 7, 9, tzinfo=UTC)  # ten on the wall, in summer
    assert (copied.name, copied.secret_key != sold.secret_key) == ("Adult", True)
    assert [(drawn.quota.event, drawn.quota.stock.capacity, drawn.quota.stock.taken) for drawn in
            copied.draws.select_related("quota__stock", "quota__event")] == [(made, 7, 0)]  # fmt: skip
    assert (made.picture.alt, made.picture.small_id) == ("A tent", event.picture.small_id)
    assert not acts.has_orders(made)


def test_duplicate_counts_no_questions_that_it_has_not_got() -> None:
    event = make_event()
    make_question(event)
    event.refresh_from_db()

    made = duplicates.duplicate(event=event, title="Next", slug="next", local_starts_at=event.local_starts_at, **by())

    made.refresh_from_db()
    assert (event.question_count, made.question_count, made.questions.count()) == (1, 0, 0)


def test_duplicate_calls_whoever_keeps_more_of_an_event() -> None:
    event = make_event()
    seen: list[duplicates.Copied] = []
    duplicates.copier(seen.append)

    made = duplicates.duplicate(
        event=event, title="Next", slug="next", local_starts_at=event.local_starts_at + timedelta(days=7), **by()
    )
    duplicates._copiers.pop()

    assert [(copied.event, copied.copy) for copied in seen] == [(event, made)]
