"""A rehearsal asks what its event asks, the crowd answers as people do, and all of it goes afterwards."""

import pytest
from django.test import Client
from django.utils.timezone import now

from checkout.models import Answer, AnswerFile
from events import questions
from events.models import Event, Question, QuestionKind
from loadtests.browser import encoded
from loadtests.pages import Form, Page
from surge.actions import rehearsals
from tests.questions import answers_of, make_question
from tests.surge.makers import begin, buy_free, copy_of, hold, make_sale

pytestmark = pytest.mark.django_db
HOST = "http://testserver"


def make_asking_sale() -> Event:
    event = make_sale()
    free = event.ticket_types.get(slug="free")
    for kind in QuestionKind:
        when = {"is_before_payment": kind != QuestionKind.FILE}
        make_question(event, kind, label=f"Early {kind}", is_required=True, ticket_types=[free.pk], **when)
        make_question(event, kind, label=f"Late {kind}", is_required=True)
    first = questions.of_event(event.pk)[4]
    make_question(event, label="If red", is_required=True, only_if=first.id, only_if_values=("Red",))
    make_question(event, label="Archived")
    Question.objects.filter(event=event).latest("position").delete()
    return event


def asked_by(event: Event) -> list[tuple[object, ...]]:
    """What an event asks, with names in place of numbers."""
    found = questions.of_event(event.pk)
    labels = {one.id: one.label for one in found}
    types = dict(event.ticket_types.values_list("pk", "slug"))
    return [
        (one.label, one.kind, one.choices, one.is_required, one.is_before_payment, one.only_if_values,
         labels.get(one.only_if or 0), sorted(types[pk] for pk in one.ticket_type_ids or ()))
        for one in found
    ]  # fmt: skip


def send(form: Form, client: Client) -> int:
    """As the crowd's browser sends it."""
    headers, body = encoded(form.filled(name="Ada Lovelace", email="ada@example.com"))
    kind = headers.get("Content-Type", "application/x-www-form-urlencoded")
    return client.generic("POST", form.action.removeprefix(HOST), body, kind).status_code


def test_copy_asks_what_the_event_asks() -> None:
    event = make_asking_sale()

    copy = copy_of(begin(event))

    assert asked_by(copy) == asked_by(event)
    assert copy.question_count == event.questions.count() == 17


def test_crowd_answers_all_that_is_required_and_nothing_of_it_stays(client: Client) -> None:
    run = begin(make_asking_sale(), opens_at=now())
    order = hold(copy_of(run), "free", now=now())

    details = Page(client.get(f"/orders/{order.token}/details/").content, f"{HOST}/orders/{order.token}/details/")
    first = send(details.form(lambda form: form.asks_for("email"), "of the buyer"), client)
    done = Page(client.get(f"/orders/{order.token}/").content, f"{HOST}/orders/{order.token}/")
    rest = Page(client.get(f"/orders/{order.token}/answers/").content, f"{HOST}/orders/{order.token}/answers/")
    second = send(rest.form_with_button("save answers"), client)
    answered = answers_of(order)
    again = Page(client.get(f"/orders/{order.token}/").content, f"{HOST}/orders/{order.token}/")

    assert (first, second, done.still_asks, again.still_asks) == (303, 303, True, False)
    assert len(answered) == 17
    assert AnswerFile.objects.count() == 2
    rehearsals.remove(run=run, now=now())
    assert (Answer.objects.count(), AnswerFile.objects.count()) == (0, 0)


def test_order_of_a_sale_that_asks_nothing_is_not_asked(client: Client) -> None:
    order = buy_free(copy_of(begin()))

    page = Page(client.get(f"/orders/{order.token}/").content, HOST)

    assert not page.still_asks
