"""The organiser's pages over questions: add, change, place, archive, delete; and what was answered."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils.timezone import now

from accounts.models import LogEntry, Role
from checkout.models import Answer
from events import questions as facts
from events.actions import questions
from events.actions.questions import Asking, Wording
from events.models import Event, Question, QuestionKind
from organise.queries.answers import of_order
from tests.buyers import COMMITTED, make_complete_order, race
from tests.makers import make_event, make_ticket_type
from tests.organise.places import make_file_answer, member
from tests.questions import make_question

pytestmark = pytest.mark.django_db
TYPED = {"label": "Diet", "kind": "choice", "choices": "Vegan\nAny", "asked_of": "ticket", "asked_when": "after"}


def path(event: Event, what: str = "") -> str:
    return f"/organise/{event.organiser.slug}/{event.slug}/questions/{what}"


def said(client: Client, url: str) -> str:
    return " ".join(re.sub("<.*?>", " ", client.get(url).content.decode()).split())


def labels(event: Event) -> list[str]:
    return [one.label for one in facts.of_event(event.pk)]


def test_question_is_added_with_all_that_was_said_of_it_and_logged() -> None:
    event = make_event(timezone="Europe/Berlin")
    adult, _ = make_ticket_type(event=event, name="Adult"), make_ticket_type(event=event)
    car = make_question(event, QuestionKind.CHOICE, label="Come by", choices=("Car", "Train"), is_before_payment=True)
    client = member(event, Role.MANAGER)

    answer = client.post(path(event), {
        **TYPED, "choices": " Vegan \n\nAny\nVegan", "is_required": "on", "ticket_types": [str(adult.pk)],
        "only_if": str(car.pk), "only_if_values": [f"{car.pk}:Car"], "editable_until": "2030-05-31T18:00",
    })  # fmt: skip

    made = facts.of_event(event.pk)[1]
    assert (answer.status_code, answer.headers["Location"]) == (303, path(event))
    assert (made.label, made.choices, made.is_required, made.is_per_ticket) == ("Diet", ("Vegan", "Any"), True, True)
    assert (made.ticket_type_ids, made.only_if, made.only_if_values) == (frozenset({adult.pk}), car.pk, ("Car",))
    assert str(made.answers_editable_until) == "2030-05-31 16:00:00+00:00"
    assert LogEntry.objects.get().said == "Added the question “Diet”."
    assert "only after “Car” to “Come by” Asked of each ticket, for Adult, after payment, required" in said(
        client, path(event)
    )


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"label": ""}, "Enter the question."),
    ({"choices": "\n"}, "Enter the choices, one a line."),
    ({"choices": "\n".join(map(str, range(51)))}, "Use at most 50 choices of at most 200 characters each."),
    ({"kind": "file", "asked_when": "before"}, "A file can be asked for after payment only."),
    ({"editable_until": "soon"}, "Enter a date and a time, such as 2030-05-31 18:00."),
    ({"kind": "riddle"}, "Select a valid choice."),
]


@pytest.mark.parametrize(("over", "words"), WRONG)
def test_wrong_question_is_refused_in_words_and_nothing_typed_is_lost(over: dict[str, Any], words: str) -> None:
    event = make_event()
    client = member(event)

    answer = client.post(path(event), {**TYPED, "help_text": "Typed with care", **over})

    text = answer.content.decode()
    assert (answer.status_code, words in text, "Typed with care</textarea>" in text) == (422, True, True)
    assert labels(event) == []


def test_condition_that_does_not_look_back_is_refused() -> None:
    event = make_event()
    after = make_question(event, QuestionKind.CHOICE, label="First")
    client = member(event)

    answer = client.post(path(event), {
        **TYPED, "asked_when": "before", "only_if": str(after.pk), "only_if_values": [f"{after.pk}:Red"],
    })  # fmt: skip

    assert answer.status_code == 422
    assert "A question can depend only on one that comes before it" in answer.content.decode()


def test_change_after_answers_says_who_keeps_the_old_wording() -> None:
    event = make_event()
    diet = make_question(event, QuestionKind.CHOICE, label="Diet", choices=("Vegan", "Any"))
    for texts in (["Vegan"], ["Vegan"], ["Any"]):
        order = make_complete_order(event)
        Answer.objects.create(
            order=order, ticket=order.tickets.get(), question=diet, version=diet.versions.get(), texts=texts,
            answered_at=now(),
        )  # fmt: skip
    client = member(event)

    before = said(client, path(event, f"{diet.pk}/"))
    client.post(path(event, f"{diet.pk}/"), {**TYPED, "label": "What do you eat?"})
    after = said(client, path(event, f"{diet.pk}/"))

    assert "3 people have answered. They keep the old wording if you change it." in before
    assert "Answer Times Vegan 2 Any 1" in before
    assert "“Diet” (one of several choices)" in after
    assert LogEntry.objects.get().said == "Changed the question “Diet” to “What do you eat?”."
    assert [one.label for one in of_order(order)] == ["Diet"]


def test_questions_change_places_but_none_comes_before_what_it_depends_on() -> None:
    event = make_event()
    car = make_question(event, QuestionKind.CHOICE, label="Come by")
    plate = make_question(event, label="Plate", only_if=car.pk, only_if_values=("Red",))
    diet = make_question(event, label="Diet")
    client = member(event)

    refused = client.post(path(event, f"{plate.pk}/place/"), {"direction": "up"}, follow=True)
    for _ in range(3):
        client.post(path(event, f"{diet.pk}/place/"), {"direction": "up"})

    assert "A question can depend only on one that comes before it" in refused.content.decode()
    assert labels(event) == ["Diet", "Come by", "Plate"]


def test_question_is_archived_asked_again_and_deleted_while_unanswered() -> None:
    event = make_event()
    car = make_question(event, QuestionKind.CHOICE, label="Come by")
    plate = make_question(event, label="Plate", only_if=car.pk, only_if_values=("Red",))
    client = member(event)

    refused = client.post(path(event, f"{car.pk}/archiving/"), follow=True).content.decode()
    client.post(path(event, f"{plate.pk}/archiving/"))
    one_left = labels(event), Event.objects.get(pk=event.pk).question_count
    client.post(path(event, f"{plate.pk}/archiving/"))
    again = labels(event)
    client.post(path(event, f"{plate.pk}/deletion/"))
    client.post(path(event, f"{car.pk}/deletion/"))

    assert "Other questions depend on its answers: Plate." in refused
    assert (one_left, again) == ((["Come by"], 1), ["Come by", "Plate"])
    assert (labels(event), Event.objects.get(pk=event.pk).question_count) == ([], 0)
    assert [entry.kind for entry in LogEntry.objects.order_by("pk")] == [
        "question-archived", "question-unarchived", "question-deleted", "question-deleted",
    ]  # fmt: skip


def test_answered_question_is_neither_deleted_nor_asked_of_something_else() -> None:
    event = make_event()
    proof = make_file_answer(event).question
    client = member(event)

    deleted = client.post(path(event, f"{proof.pk}/deletion/"), follow=True).content.decode()
    turned = client.post(path(event, f"{proof.pk}/"), {**TYPED, "kind": "file", "asked_of": "order"})

    assert "It has been answered. Archive it: its answers stay." in deleted
    assert (turned.status_code, Question.objects.get(pk=proof.pk).is_per_ticket) == (422, True)


def test_file_is_for_those_who_may_read_orders_and_of_their_own_event() -> None:
    event, other = make_event(), make_event()
    answer = make_file_answer(event)
    where = f"/organise/{event.organiser.slug}/{event.slug}/answer-files/{answer.pk}/"
    wrong = f"/organise/{other.organiser.slug}/{other.slug}/answer-files/{answer.pk}/"

    mine = member(event, Role.READ_ONLY).get(where)
    statuses = [member(event, Role.DOOR).get(where).status_code, member(other).get(wrong).status_code]

    assert (mine.status_code, mine.headers["Content-Security-Policy"]) == (200, "default-src 'none'; sandbox")
    assert mine.headers["Content-Disposition"] == 'attachment; filename="proof.png"'
    assert statuses == [403, 404]


@COMMITTED
def test_two_managers_at_once_leave_no_circle_and_every_place_once() -> None:
    event = make_event()
    asked = [make_question(event, QuestionKind.CHOICE, label=f"Q{n}") for n in range(4)]

    def depend(one: Question, on: Question) -> object:
        asking = Asking(only_if=on.pk, only_if_values=("Red",))
        wording = Wording(QuestionKind.CHOICE, "Changed", choices=("Red",))
        return questions.change(question=one, wording=wording, asking=asking, now=now())

    results = race(
        lambda: questions.move(question=asked[2], direction="up"), lambda: depend(asked[2], asked[1]),
        lambda: questions.move(question=asked[0], direction="down"), lambda: depend(asked[1], asked[0]),
        lambda: make_question(event), lambda: make_question(event),
    )  # fmt: skip

    allowed = (questions.DoesNotLookBack, questions.HasDependents)
    assert [one for one in results if isinstance(one, Exception) and not isinstance(one, allowed)] == []
    rows = {row.pk: row for row in Question.objects.filter(event=event)}
    assert len({row.position for row in rows.values()}) == 6
    assert all(
        rows[row.only_if_id].position < row.position for row in rows.values() if row.only_if_id
    )  # fmt: skip


def turn_around(first: Question) -> None:
    Question.objects.filter(pk=first.pk).update(position=99)
    connection.check_constraints()


def test_database_refuses_circles_foreign_ticket_types_and_new_words_in_old_mouths() -> None:
    event = make_event()
    first = make_question(event, QuestionKind.CHOICE)
    make_question(event, only_if=first.pk, only_if_values=("Red",))
    elsewhere = make_ticket_type()

    with pytest.raises(IntegrityError), transaction.atomic():
        turn_around(first)
    with pytest.raises(IntegrityError), transaction.atomic():
        first.targets.create(ticket_type=elsewhere)
    with pytest.raises(IntegrityError), transaction.atomic():
        first.versions.update(label="Something else")

    assert labels(event)[0] != "Something else"


def test_order_page_shows_the_answers_and_leads_to_files() -> None:
    event = make_event()
    answer = make_file_answer(event)
    client = member(event)

    text = client.get(
        f"/organise/{event.organiser.slug}/{event.slug}/orders/{answer.order.reference}/"
    ).content.decode()

    assert f'<a href="/organise/{event.organiser.slug}/{event.slug}/answer-files/{answer.pk}/">proof.png</a>' in text
