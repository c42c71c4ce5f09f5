"""Nothing of a rehearsal is left but its record, however it ended."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.models import Organiser
from checkout import ledger
from checkout.actions import payments, refunds
from checkout.models import OrderEvent, PaymentState
from checkout.providers.protocol import Session
from events.actions import reminders
from events.models import Event
from flags.models import Change
from surge.actions import rehearsals
from surge.models import RehearsalRun, RunState
from tests.buyers import COMMITTED, race
from tests.flags.makers import changes_of, make_flag, make_grant
from tests.makers import make_event, make_organiser
from tests.surge.makers import NOON, OPENS_AT, begin, buy_free, copy_of, hold, make_sale

DAY = timedelta(days=1)
# What stays: the audit may not forget, and the run is what we wanted.
STAYS = {"Change", "RehearsalRun"}


def rows() -> dict[str, int]:
    """How many rows each table has."""
    return {
        model.__name__: model._default_manager.count() for model in apps.get_models() if model.__name__ not in STAYS
    }


def buy_all_ways(event: Event) -> None:
    """A free order, a held one, one that is being paid, and one that was paid, refunded and mailed about."""
    buy_free(event)
    hold(event, "free")
    for state in (PaymentState.OPEN, PaymentState.PAID):
        order = hold(event, "seat")
        payment = order.payments.create(
            attempt=1, amount_minor=1000, currency="GBP", state=PaymentState.OPEN, session_id=f"cs_{order.pk}",
            created_at=NOON,
        )  # fmt: skip
        if state == PaymentState.PAID:
            payments.fulfil(session=paid(payment, order), by="webhook", now=NOON)
            payment.refresh_from_db()
            refunds.claim(payment=payment, amount_minor=5, reason="", key=f"r{order.pk}", by="staff", now=NOON)


def paid(payment: Any, order: Any) -> Session:
    return Session(
        id=payment.session_id, url="", status="paid", amount_minor=1000, currency="GBP", payment_reference="pi_1",
        payment_id=payment.pk, order_token=order.token,
    )  # fmt: skip


@pytest.mark.django_db
def test_removal_leaves_no_row_but_the_run() -> None:
    event, flag = make_sale(), make_flag()
    make_grant(flag, event)
    buy_free(event, now=OPENS_AT)
    before = rows()
    run = begin(event)
    copy = copy_of(run)
    buy_all_ways(copy)
    reminders.ask(event_id=copy.pk, email="eve@example.com", now=NOON)

    removed = rehearsals.remove(run=run, now=NOON)

    run.refresh_from_db()
    assert removed == 4
    assert rows() == before
    assert (run.event, run.rehearsal) == (event, None)
    assert ledger.check().is_clean
    assert [(by, reason) for what, by, reason, _ in changes_of(flag) if what.startswith("grant")][-2:] == [
        ("automatic", "Rehearsal"),
        ("automatic", "The rehearsal is over"),
    ]
    assert Change.objects.filter(event_id=copy.pk).exists()


@pytest.mark.django_db
def test_removal_again_does_nothing() -> None:
    run = begin()
    rehearsals.remove(run=run, now=NOON)

    assert rehearsals.remove(run=RehearsalRun.objects.get(pk=run.pk), now=NOON) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["live", "closed"])
def test_database_removes_no_orders_but_a_rehearsals(state: str) -> None:
    event = make_sale()
    order = buy_free(event, now=OPENS_AT)
    Event.objects.filter(pk=event.pk).update(state=state)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT checkout_remove_rehearsal(%s::bigint)", [event.pk])
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderEvent.objects.filter(order=order).delete()

    assert order.history.count() == 2


@pytest.mark.django_db
def test_history_of_a_rehearsal_is_not_changed_either() -> None:
    order = buy_free(copy_of(begin()))

    with pytest.raises(IntegrityError), transaction.atomic():
        order.history.update(by="nobody")


@pytest.mark.django_db
@pytest.mark.parametrize("others", [0, 1])
def test_removal_of_a_copy_that_was_moved_leaves_the_organiser_it_was_moved_to(others: int) -> None:
    run, people = begin(), make_organiser()
    for _ in range(others):
        make_event(organiser=people)
    Event.objects.filter(pk=copy_of(run).pk).update(organiser=people)

    rehearsals.remove(run=run, now=NOON)

    assert Organiser.objects.filter(pk=people.pk).exists()
    assert not Event.objects.rehearsals().exists()


@pytest.mark.django_db
def test_staff_cannot_move_a_copy_to_another_organiser(admin_client: Client) -> None:
    copy, other = copy_of(begin()), make_event()

    fields = [
        set(admin_client.get(f"/admin/events/event/{event.pk}/change/").context["adminform"].form.fields)
        for event in (copy, other)
    ]

    assert fields[1] - fields[0] == {"organiser"}


@pytest.mark.race
@COMMITTED
def test_removal_while_the_crowd_still_buys_leaves_nothing() -> None:
    run = begin()
    copy = copy_of(run)

    raced = race(
        *[lambda: buy_free(copy)] * 6, lambda: rehearsals.remove(run=run, now=NOON), *[lambda: buy_free(copy)] * 6
    )

    assert not isinstance(raced[6], Exception), raced[6]
    assert not Event.objects.rehearsals().exists()
    assert not Organiser.objects.filter(slug__startswith="r-").exists()
    assert OrderEvent.objects.count() == 0
    assert ledger.check().is_clean


@pytest.mark.django_db
def test_cleaning_removes_what_is_older_than_a_day() -> None:
    old, recent = begin(now=NOON - DAY - timedelta(minutes=1)), begin(now=NOON - timedelta(hours=1))
    copy_of(old)

    cleaned = rehearsals.clean(now=NOON)

    assert cleaned == 1
    assert list(RehearsalRun.objects.order_by("pk").values_list("state", "rehearsal", "figures__why")) == [
        (RunState.ABORTED, None, "What ran it has died."),
        (RunState.RUNNING, recent.rehearsal_id, None),
    ]
    assert rehearsals.clean(now=NOON) == 0


@pytest.mark.django_db
def test_event_is_rehearsed_once_at_a_time_and_a_rehearsal_never() -> None:
    event = make_sale()
    run = begin(event)

    with pytest.raises(rehearsals.IsRunning):
        begin(event)
    with pytest.raises(rehearsals.IsRehearsal):
        begin(copy_of(run))

    rehearsals.abort(run=run, why="Over.", now=NOON)
    assert begin(event).pk > run.pk
