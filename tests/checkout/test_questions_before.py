"""Questions before payment: on the details page, with the order's buyer, judged with their conditions."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.timezone import now

from checkout.actions import holds
from checkout.models import Answer, Order, State
from events import facts
from events.actions import questions
from events.actions.questions import Asking, Wording
from events.models import Event, QuestionKind, TicketType
from tests.buyers import take_hold
from tests.makers import make_event, make_quota, make_ticket_type
from tests.questions import answers_of, make_question

pytestmark = pytest.mark.django_db
ADA = {"full_name": "Ada Lovelace", "email": "ada@example.com"}


def make_sale(**over: Any) -> TicketType:
    event = make_event()
    return make_ticket_type(event=event, quotas=[make_quota(event=event)], **over)


def held(*wanted: tuple[TicketType, int]) -> Order:
    return take_hold(*wanted, now=now())


def send(order: Order, form: dict[str, Any], what: str = "details/") -> tuple[int, str]:
    response = Client().post(f"{order.get_absolute_url()}{what}", form)
    return response.status_code, response.content.decode()


def problems(text: str) -> list[str]:
    """What the summary at the head of the page says."""
    summary = re.search(r'class="error-summary".*?</ul>', text, re.DOTALL)
    found = re.findall(r"<li>(.*?)</li>", summary[0], re.DOTALL) if summary else []
    return [" ".join(re.sub("<.*?>", " ", one).replace("“", '"').replace("”", '"').split()) for one in found]


def before(event: Event, kind: str = QuestionKind.TEXT, **over: Any) -> Any:
    return make_question(event, kind, is_before_payment=True, **over)


def test_answers_are_kept_of_the_order_and_of_each_ticket() -> None:
    sale = make_sale()
    diet = before(sale.event, QuestionKind.CHOICE, label="Diet", is_required=True, choices=("Vegan", "Any"))
    firm = before(sale.event, label="Firm", is_per_ticket=False)
    order = held((sale, 2))

    status, _ = send(order, {**ADA, f"q{diet.pk}t1": "Vegan", f"q{diet.pk}t2": "Any", f"q{firm.pk}": "Analytical Ltd"})

    assert status == 303
    assert answers_of(order) == {("diet", 1): ["Vegan"], ("diet", 2): ["Any"], ("firm", None): ["Analytical Ltd"]}
    assert [(row.kind, row.note) for row in order.history.all()][1:] == [
        ("answered", "Firm; Diet (ticket 1); Diet (ticket 2)")
    ]


@pytest.mark.parametrize("price_minor", [0, 1000])
def test_required_answers_are_asked_for_and_nothing_typed_is_lost(price_minor: int) -> None:
    sale = make_sale(price_minor=price_minor)
    terms = before(sale.event, QuestionKind.TERMS, label="I agree", is_required=True, is_per_ticket=False)
    note = before(sale.event, QuestionKind.LONG, label="Note")
    colours = before(sale.event, QuestionKind.SEVERAL, label="Colours", is_required=True)
    order = held((sale, 1))

    status, text = send(order, {**ADA, f"q{note.pk}t1": "Two\nlines", f"q{terms.pk}": ""})

    assert status == 422
    assert problems(text) == ['Tick "I agree" to go on.', 'Ticket 1: Choose at least one: "Colours".']
    assert f'href="#id_q{terms.pk}"' in text
    assert f'href="#id_q{colours.pk}t1_0"' in text
    assert "Two\nlines</textarea>" in text
    assert 'value="Ada Lovelace"' in text
    assert (answers_of(order), Order.objects.get(pk=order.pk).full_name) == ({}, "")


BAD: list[tuple[str, str, str]] = [
    (QuestionKind.TEXT, "x" * 301, "Use at most 300 characters."),
    (QuestionKind.TEXT, "two\nlines", "Use letters, digits and signs only: there is a hidden character in it."),
    (QuestionKind.LONG, "x" * 4001, "Use at most 4000 characters."),
    (QuestionKind.LONG, "\u202eevil", "Use letters, digits and signs only: there is a hidden character in it."),
    (QuestionKind.CHOICE, "Purple", "Choose one of the answers. The organiser may have just changed them."),
    (QuestionKind.SEVERAL, "Purple", "Choose among the answers. The organiser may have just changed them."),
    (QuestionKind.COUNTRY, "XX", "Choose a country."),
    (QuestionKind.DATE, "2030-02-31", "Enter a date such as 2030-05-31."),
    (QuestionKind.DATE, "1815-12-10", "Enter a date from 1900 on."),
]


@pytest.mark.parametrize(("kind", "typed", "said"), BAD)
def test_bad_answer_is_refused_by_its_kind(kind: str, typed: str, said: str) -> None:
    sale = make_sale()
    question = before(sale.event, kind)
    order = held((sale, 1))

    status, text = send(order, {**ADA, f"q{question.pk}t1": typed})

    assert (status, problems(text)) == (422, [f"Ticket 1: {said}"])
    assert answers_of(order) == {}


GOOD: list[tuple[str, Any, list[str]]] = [
    (QuestionKind.TEXT, "  Ada  ", ["Ada"]), (QuestionKind.LONG, "a\r\nb", ["a\nb"]),
    (QuestionKind.CHOICE, "Green", ["Green"]), (QuestionKind.SEVERAL, ["Green", "Red"], ["Green", "Red"]),
    (QuestionKind.COUNTRY, "NZ", ["NZ"]), (QuestionKind.DATE, "31/05/2030", ["2030-05-31"]),
    (QuestionKind.TERMS, "on", ["yes"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "typed", "kept"), GOOD)
def test_good_answer_is_kept_by_its_kind_and_shown_again(kind: str, typed: Any, kept: list[str]) -> None:
    sale = make_sale()
    question = before(sale.event, kind, label="Asked")
    order = held((sale, 1))

    send(order, {**ADA, f"q{question.pk}t1": typed})
    again = Client().get(f"{order.get_absolute_url()}details/").context["form"].questions
    review = Client().get(order.get_absolute_url()).content.decode()

    assert answers_of(order) == {("asked", 1): kept}
    assert again[f"q{question.pk}t1"].initial not in (None, "", [], False)
    assert "Asked (ticket 1)" in review


def make_conditional(sale: TicketType) -> tuple[str, str, str]:
    """Names of the fields of ticket 1: comes by car, its number plate (required then), and what the plate is for."""
    car = before(sale.event, QuestionKind.CHOICE, label="Come by", choices=("Car", "Train"))
    plate = before(
        sale.event, label="Plate", is_required=True, only_if=car.pk, only_if_values=("Car",)
    )  # fmt: skip
    return f"q{car.pk}t1", f"q{plate.pk}t1", f"q{car.pk}"


def test_question_that_is_not_asked_needs_no_answer_and_keeps_none() -> None:
    sale = make_sale()
    car, plate, _ = make_conditional(sale)
    order = held((sale, 1))

    statuses = [send(order, {**ADA, car: how, plate: text})[0] for how, text in (("Train", ""), ("Car", ""))]
    by_car = send(order, {**ADA, car: "Car", plate: "AB 12"})[0], answers_of(order)
    by_train = send(order, {**ADA, car: "Train", plate: "AB 12"})[0], answers_of(order)

    assert statuses == [303, 422]
    assert by_car == (303, {("come-by", 1): ["Car"], ("plate", 1): ["AB 12"]})
    assert by_train == (303, {("come-by", 1): ["Train"]})


def test_condition_is_in_words_for_those_without_javascript() -> None:
    sale = make_sale()
    _, plate, _ = make_conditional(sale)

    text = Client().get(f"{held((sale, 1)).get_absolute_url()}details/").content.decode()

    assert "Only if you have answered “Car” to “Come by”." in text
    assert f'name="{plate}"' in text


def test_questions_of_chosen_ticket_types_are_asked_of_those_only() -> None:
    sale = make_sale()
    other = make_ticket_type(event=sale.event, quotas=[make_quota(event=sale.event)])
    workshop = before(sale.event, label="Workshop", ticket_types=[other.pk])
    room = before(sale.event, label="Room", ticket_types=[other.pk], is_per_ticket=False)

    names = [
        set(Client().get(f"{held(*wanted).get_absolute_url()}details/").context["form"].questions or ())
        for wanted in ([(sale, 1), (other, 1)],)
    ]  # fmt: skip
    without = Client().get(f"{held((sale, 1)).get_absolute_url()}details/").context["form"].questions

    assert {bound.name for bound in names[0]} == {"questions", f"q{room.pk}", f"q{workshop.pk}t2"}
    assert without is None


def test_answer_to_a_wording_that_was_just_changed_is_asked_for_again() -> None:
    sale = make_sale()
    terms = before(sale.event, QuestionKind.TERMS, label="I agree to A", is_per_ticket=False)
    order = held((sale, 1))
    page = Client().get(f"{order.get_absolute_url()}details/")
    seen = page.context["form"].questions["questions"].initial
    questions.change(
        question=terms, wording=Wording(QuestionKind.TERMS, "I agree to A and B"),
        asking=Asking(is_per_ticket=False, is_before_payment=True), now=now(),
    )  # fmt: skip
    facts.forget()

    cache.clear()

    refused = send(order, {**ADA, f"q{terms.pk}": "on", "questions": seen})
    latest = re.search(r'name="questions" value="([^"]*)"', refused[1])
    assert latest is not None
    taken = send(order, {**ADA, f"q{terms.pk}": "on", "questions": latest[1]})

    assert (refused[0], latest[1], taken[0]) == (422, f"{terms.pk}-2", 303)
    assert problems(refused[1])[0].startswith('The organiser has just changed "I agree to A and B".')
    assert Answer.objects.get(order=order).version.number == 2


def test_payment_waits_for_an_answer_that_was_asked_for_after_the_details() -> None:
    sale = make_sale()
    order = held((sale, 1))
    send(order, ADA)
    before(sale.event, label="Name of your dog", is_required=True)

    review = Client().get(order.get_absolute_url())
    pay = Client().post(f"{order.get_absolute_url()}payments/")

    assert "<h1>Your details</h1>" in review.content.decode()
    assert (pay.status_code, pay.headers["Location"]) == (303, f"{order.get_absolute_url()}details/")


def test_answers_come_along_when_a_lapsed_hold_is_taken_again() -> None:
    sale = make_sale()
    diet = before(sale.event, label="Diet", is_required=True)
    order = held((sale, 2))
    send(order, {**ADA, f"q{diet.pk}t1": "Vegan", f"q{diet.pk}t2": "None"})
    Order.objects.filter(pk=order.pk).update(expires_at=now() - timedelta(seconds=1))
    holds.sweep(now=now())

    Client().post(f"{order.get_absolute_url()}holds/")
    Client().post(f"{order.get_absolute_url()}holds/")

    new = Order.objects.exclude(pk=order.pk).get()
    assert (new.state, answers_of(new)) == (State.HELD, {("diet", 1): ["Vegan"], ("diet", 2): ["None"]})


def test_renewal_loses_nothing_that_was_typed() -> None:
    sale = make_sale()
    note, colours = before(sale.event, QuestionKind.LONG), before(sale.event, QuestionKind.SEVERAL)
    order = held((sale, 1))

    status, text = send(order, {**ADA, f"q{note.pk}t1": "Half a", f"q{colours.pk}t1": ["Red", "Blue"]}, "renewals/")

    assert (status, "Half a</textarea>" in text) == (200, True)
    assert len(re.findall(r'type="checkbox" name="q\d+t1" value="(?:Red|Blue)"[^>]*checked', text)) == 2


def test_order_with_a_form_that_would_be_too_long_is_asked_of_its_tickets_after_payment() -> None:
    sale = make_sale(max_per_order=500)
    of_ticket = before(sale.event, QuestionKind.SEVERAL, choices=tuple(map(str, range(40))), is_required=True)
    of_order = before(sale.event, label="Firm", is_per_ticket=False)
    many, few = held((sale, 40)), held((sale, 10))

    asked = [
        {bound.name for bound in Client().get(f"{order.get_absolute_url()}details/").context["form"].questions}
        for order in (many, few)
    ]

    assert asked[0] == {"questions", f"q{of_order.pk}"}
    assert f"q{of_ticket.pk}t10" in asked[1]


def test_database_keeps_answers_with_their_own_order() -> None:
    sale, other = make_sale(), make_sale()
    mine, theirs = make_question(sale.event), make_question(other.event, is_per_ticket=False)
    order, another = held((sale, 1)), held((sale, 1))
    fits: dict[str, Any] = {
        "order": order,
        "ticket": order.tickets.get(),
        "question": mine,
        "version": mine.versions.get(),
    }
    wrong: list[dict[str, Any]] = [
        {"ticket": None}, {"ticket": another.tickets.get()}, {"version": theirs.versions.get()},
        {"question": theirs, "version": theirs.versions.get(), "ticket": None},
    ]  # fmt: skip

    for over in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Answer.objects.create(**{**fits, **over}, texts=["x"], answered_at=now())

    assert Answer.objects.create(**fits, texts=["x"], answered_at=now()).pk
