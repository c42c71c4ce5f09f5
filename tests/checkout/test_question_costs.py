"""What questions cost: nothing where there are none, and the same handful of statements however many there are."""

import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from pytest_django.fixtures import Settings

from checkout.queries import order_view
from events import facts
from events.actions import questions
from events.actions.questions import Asking, Wording
from events.models import Event, QuestionKind
from tests.buyers import COMMITTED, make_held_order
from tests.makers import make_event
from tests.questions import make_question

ADA = {"full_name": "Ada Lovelace", "email": "ada@example.com"}


def costs_of(event: Event) -> list[int]:
    """Statements of the details page, its answer, the review, and the payment page's refusal to begin: all warm."""
    order = make_held_order(event, now=now())
    facts.find(event.organiser.slug, event.slug, now=now())
    url, client, costs = order.get_absolute_url(), Client(), []
    view = order_view(order.token, now=now())
    assert view is not None
    typed = {**ADA, **{one.name: "Vegan" for one in view.questions.asked}}
    for what, form in (("details/", None), ("details/", typed), ("", None)):
        with CaptureQueriesContext(connection) as made:
            client.get(f"{url}{what}") if form is None else client.post(f"{url}{what}", form)
        costs.append(len([one for one in made.captured_queries if "SAVEPOINT" not in one["sql"]]))
    return costs


@pytest.mark.django_db
@pytest.mark.parametrize(("number", "costs"), [(0, [1, 2, 1]), (1, [2, 7, 2]), (20, [2, 7, 2])])
def test_pages_of_an_order_cost_the_same_however_much_is_asked(
    settings: Settings, number: int, costs: list[int]
) -> None:
    settings.EVENT_FACTS_SECONDS = 60.0  # so that a slow machine finds its copies warm
    event = make_event()
    for _ in range(number):
        make_question(event, is_before_payment=True, is_required=True)

    assert costs_of(event) == costs


@COMMITTED
def test_change_of_a_question_is_asked_within_two_seconds() -> None:
    event = make_event()
    diet = make_question(event, QuestionKind.CHOICE, label="Diet", is_before_payment=True)
    url = f"{make_held_order(event, now=now()).get_absolute_url()}details/"
    before = Client().get(url).content.decode()
    version = Event.objects.get(pk=event.pk).version

    wording = Wording(QuestionKind.CHOICE, "What do you eat?", choices=("Bread",))
    questions.change(question=diet, wording=wording, asking=Asking(is_before_payment=True), now=now())
    until = time.monotonic() + 2.0
    while "What do you eat?" not in Client().get(url).content.decode():
        assert time.monotonic() < until

    assert "Diet" in before
    assert Event.objects.get(pk=event.pk).version > version
