"""What an organiser asks, answered before payment and after it, with and without JavaScript."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import now
from playwright.sync_api import FilePayload, expect

from checkout.models import AnswerFile
from events.models import QuestionKind, TicketType
from tests.browser.conftest import Come
from tests.browser.journeys import to_details
from tests.browser.looks import DIFFERENT
from tests.browser.shop import BROWSER, books_balance, make_shop, only_order
from tests.browser.visitor import Look, Visitor
from tests.questions import answers_of, make_png, make_question

pytestmark = BROWSER
PICTURES = os.environ.get("PICTURES", "")


def keep(visitor: Visitor, name: str) -> None:
    """A picture of the page, where somebody wants to look at it (PICTURES=folder)."""
    if PICTURES:
        visitor.page.screenshot(path=Path(PICTURES) / f"{name}-{visitor.look}.png", full_page=True)


def make_asking_shop() -> TicketType:
    """Asks before payment how people come, their plate if by car, and for consent; and after it for more."""
    sale = make_shop(name="Seat", price_minor=0)
    event = sale.event
    early: dict[str, Any] = {"is_before_payment": True}
    make_question(
        event, QuestionKind.TERMS, label="I agree to the code of conduct", is_required=True, is_per_ticket=False,
        help_text="It is short: https://example.org/conduct", **early,
    )  # fmt: skip
    car = make_question(event, QuestionKind.CHOICE, label="How do you come?", choices=("By car", "By train"), **early)
    make_question(
        event, label="Number plate", is_required=True, only_if=car.pk, only_if_values=("By car",), **early
    )  # fmt: skip
    make_question(event, QuestionKind.SEVERAL, label="Workshops", choices=("Bread", "Cheese", "Wine"), is_required=True)
    make_question(event, QuestionKind.COUNTRY, label="Where do you live?")
    make_question(event, QuestionKind.DATE, label="Born on")
    make_question(event, QuestionKind.LONG, label="Anything that we should know?", is_per_ticket=False)
    make_question(event, QuestionKind.FILE, label="Student card", help_text="A photo will do.")
    closed = now() - timedelta(days=1)
    make_question(event, label="Nickname", answers_editable_until=closed)
    return sale


@pytest.mark.parametrize("look", [*DIFFERENT, Look(1280, "light")], ids=str)
def test_questions_are_answered_before_payment_and_after_it(come: Come, look: Look) -> None:
    sale = make_asking_shop()
    ada = come(look)

    answers_what_is_asked_before_payment(ada, sale)
    ada.follow("Answer 1 question")
    ada.sees("Your answers")
    keep(ada, "answers")
    answers_the_rest(ada)

    assert answers_of(only_order()) == {
        ("i-agree-to-the-code-of-conduct", None): ["yes"], ("how-do-you-come", 1): ["By car"],
        ("number-plate", 1): ["AB 12 CDE"], ("workshops", 1): ["Cheese"], ("where-do-you-live", 1): ["NZ"],
        ("student-card", 1): ["card.png"],
    }  # fmt: skip
    assert AnswerFile.objects.get().content_type == "image/png"
    assert books_balance()


def answers_what_is_asked_before_payment(ada: Visitor, sale: TicketType) -> None:
    """Once with too little, and then with all of it."""
    to_details(ada, (sale, 1))
    ada.says_who()
    keep(ada, "details")
    plate = ada.page.get_by_label("Number plate")
    expect(plate).to_be_visible(visible=not ada.look.scripts)
    ada.page.get_by_label("By car").check()
    expect(plate).to_be_visible()
    ada.press("Confirm free order")
    ada.reads("There is a problem")
    ada.check()
    keep(ada, "details-refused")
    expect(ada.page.get_by_label("By car")).to_be_checked()
    ada.page.get_by_label("I agree to the code of conduct").check()
    plate.fill("AB 12 CDE")
    ada.press("Confirm free order")
    ada.sees("Your tickets to Autumn Conference")
    keep(ada, "done")


def answers_the_rest(ada: Visitor) -> None:
    """Once with a file that is none, and then with all that is missing."""
    ada.page.get_by_label("Where do you live?").select_option("NZ")
    proof: FilePayload = {"name": "card.png", "mimeType": "image/png", "buffer": b"no picture"}
    ada.page.get_by_label("Student card").set_input_files([proof])
    ada.press("Save answers")
    ada.reads("This file is none of them")
    ada.check()
    keep(ada, "answers-refused")
    proof["buffer"] = make_png().read()
    ada.page.get_by_label("Student card").set_input_files([proof])
    ada.page.get_by_label("Cheese").check()
    ada.press("Save answers")
    ada.reads("Nothing is missing.")
    ada.sees("Your answers")
    keep(ada, "answers-saved")


def test_answer_that_hides_a_question_takes_its_answer_along(come: Come) -> None:
    ada = come()
    to_details(ada, (make_asking_shop(), 1))
    ada.says_who()
    ada.page.get_by_label("I agree to the code of conduct").check()
    ada.page.get_by_label("By car").check()
    ada.page.get_by_label("Number plate").fill("AB 12 CDE")

    ada.page.get_by_label("By train").check()
    expect(ada.page.get_by_label("Number plate")).to_be_hidden()
    ada.press("Confirm free order")
    ada.sees("Your tickets to Autumn Conference")

    assert ("number-plate", 1) not in answers_of(only_order())
