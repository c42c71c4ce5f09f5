"""Questions after payment: the page of a complete order's answers, its files, and what is still missing."""

import re
import zlib
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import get_connection
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils.timezone import now
from PIL import Image

from checkout import answers as reads
from checkout.actions import answers as acts
from checkout.actions import orders
from checkout.messages import compose
from checkout.models import Answer, AnswerFile, Order
from checkout.queries import order_for_mail, order_view
from checkout.question_form import QuestionsForm
from events import facts
from events.actions import questions
from events.actions.questions import Asking, Wording
from events.models import Event, Question, QuestionKind
from tests.buyers import ADA, COMMITTED, make_complete_order, race, take_hold
from tests.makers import make_event
from tests.questions import answers_of, make_png, make_question

pytestmark = pytest.mark.django_db


def complete(event: Event, quantity: int = 1) -> Order:
    return make_complete_order(event, quantity=quantity, now=now())


def page(order: Order, query: str = "") -> str:
    return Client().get(f"{order.get_absolute_url()}answers/{query}").content.decode()


def send(order: Order, form: dict[str, Any], query: str = "") -> tuple[int, str]:
    response = Client().post(f"{order.get_absolute_url()}answers/{query}", form)
    return response.status_code, response.content.decode()


def said(text: str) -> str:
    return " ".join(re.sub("<.*?>", " ", text).split())


def test_confirmation_and_mail_lead_to_what_is_missing() -> None:
    event = make_event()
    for label in ("Diet", "T-shirt"):
        make_question(event, label=label, is_required=True)
    order = complete(event)

    done = said(Client().get(order.get_absolute_url()).content.decode())
    letter = compose(order.mail.get(), order_for_mail(order.pk, now=now()), get_connection())

    assert "still needs something from you. Answer 2 questions" in done
    assert f"Answer 2 questions:\nhttp://testserver/orders/{order.token}/answers/\n" in str(letter.body).replace(
        "http://127.0.0.1:8000", "http://testserver"
    )
    assert "Answer 2 questions" in str(letter.alternatives[0][0])


def test_some_answers_can_be_saved_now_and_the_rest_later() -> None:
    event = make_event()
    diet = make_question(event, label="Diet", is_required=True)
    order = complete(event, 2)

    first = send(order, {f"q{diet.pk}t1": "Vegan", f"q{diet.pk}t2": ""})
    left = said(page(order, "?saved"))
    emptied = send(order, {f"q{diet.pk}t1": "", f"q{diet.pk}t2": ""})
    second = send(order, {f"q{diet.pk}t1": "Vegan", f"q{diet.pk}t2": "Any"})

    assert (first[0], emptied[0], second[0]) == (303, 422, 303)
    assert "1 answer is missing." in left
    assert answers_of(order) == {("diet", 1): ["Vegan"], ("diet", 2): ["Any"]}
    assert "Nothing is missing." in said(page(order, "?saved"))
    assert [event.note for event in order.history.filter(kind="answered")] == ["Diet (ticket 1)", "Diet (ticket 2)"]


def test_order_that_is_asked_nothing_or_is_not_complete_has_no_such_page() -> None:
    asked = make_event()
    make_question(asked)
    held = complete(asked)
    Order.objects.filter(pk=held.pk).update(state="cancelled", closed_at=now())

    found = [Client().get(f"{order.get_absolute_url()}answers/") for order in (complete(make_event()), held)]

    assert [(answer.status_code, answer.headers["Location"].count("/")) for answer in found] == [(303, 3)] * 2


def test_answer_is_closed_at_its_date_and_a_late_form_changes_nothing() -> None:
    event = make_event()
    diet = make_question(event, label="Diet", answers_editable_until=now() + timedelta(hours=1))
    room = make_question(event, label="Room")
    order = complete(event)
    send(order, {f"q{diet.pk}t1": "Vegan", f"q{room.pk}t1": "Twin"})
    Question.objects.filter(pk=diet.pk).update(answers_editable_until=now() - timedelta(hours=1))
    forget()

    text = page(order)
    late = send(order, {f"q{diet.pk}t1": "Fish", f"q{room.pk}t1": "Single"})

    assert (f'name="q{diet.pk}t1"' in text, "Answers that are closed" in text, "Vegan" in text) == (False, True, True)
    assert late[0] == 303
    assert answers_of(order) == {("diet", 1): ["Vegan"], ("room", 1): ["Single"]}


def forget() -> None:
    facts.forget()
    cache.clear()


def test_answers_keep_the_wording_they_answered_until_they_change() -> None:
    event = make_event()
    size = make_question(event, QuestionKind.CHOICE, label="Size", choices=("S", "M"))
    order, other = complete(event), complete(event)
    for one in (order, other):
        send(one, {f"q{size.pk}t1": "M"})
    questions.change(
        question=size, wording=Wording(QuestionKind.CHOICE, "Shirt size", choices=("Small", "Large")),
        asking=Asking(), now=now(),
    )  # fmt: skip
    forget()

    text = page(order)
    unchanged, changed = send(order, {f"q{size.pk}t1": "M"}), send(other, {f"q{size.pk}t1": "Large"})

    assert "M (your answer so far)" in text
    assert (unchanged[0], changed[0]) == (303, 303)
    kept = {row.order_id: (row.texts, row.version.label) for row in Answer.objects.select_related("version")}
    assert kept == {order.pk: (["M"], "Size"), other.pk: (["Large"], "Shirt size")}
    assert [column.label for column in reads.columns(event)] == ["Shirt size"]
    assert sorted(reads.values([order.pk, other.pk]).values()) == ["Large", "M"]


def test_answer_to_another_kind_of_question_stays_until_it_is_answered_anew() -> None:
    event = make_event()
    when = make_question(event, label="When", is_required=True)
    order = complete(event)
    send(order, {f"q{when.pk}t1": "In the morning"})
    questions.change(
        question=when, wording=Wording(QuestionKind.DATE, "When"), asking=Asking(is_required=True), now=now()
    )
    forget()

    text = said(page(order))
    left = send(order, {f"q{when.pk}t1": ""})[0], answers_of(order)
    anew = send(order, {f"q{when.pk}t1": "2030-01-02"})[0], answers_of(order)

    assert "before it was changed: In the morning." in text
    assert left == (303, {("when", 1): ["In the morning"]})
    assert anew == (303, {("when", 1): ["2030-01-02"]})


@COMMITTED
def test_of_two_tabs_at_once_the_last_counts_and_history_has_both() -> None:
    event = make_event()
    diet = make_question(event, label="Diet")
    order = complete(event)
    texts = [f"Diet {number}" for number in range(4)]

    results = race(*[lambda text=text: send(order, {f"q{diet.pk}t1": text})[0] for text in texts])

    assert results == [303] * 4
    assert answers_of(order)["diet", 1][0] in texts
    assert Answer.objects.count() == 1
    assert [row.note for row in order.history.filter(kind="answered")] == ["Diet (ticket 1)"] * 4


@COMMITTED
def test_question_goes_or_is_answered_but_never_both() -> None:
    event = make_event()
    diet = make_question(event, label="Diet")
    all_orders = [complete(event) for _ in range(4)]
    forms = [form_of(order, {f"q{diet.pk}t1": "Vegan"}) for order in all_orders]

    def answer(place: int) -> int:
        return acts.change(order=all_orders[place], given=forms[place].given(), now=now())

    results = race(
        lambda: answer(0), lambda: answer(1), lambda: questions.delete(question=diet), lambda: answer(2),
        lambda: answer(3),
    )  # fmt: skip

    is_gone = not Question.objects.filter(pk=diet.pk).exists()
    kept = [result for result in results if result == 1]
    assert (results[2] is None) == is_gone
    assert (len(kept) == 0) == is_gone
    assert Answer.objects.count() == len(kept)


def form_of(order: Order, data: dict[str, Any]) -> QuestionsForm:
    view = order_view(order.token, now=now())
    assert view is not None
    form = QuestionsForm(view.questions.asked, view.questions.kept, data, is_partial=True)
    assert form.is_valid()
    return form


def test_large_order_is_asked_some_tickets_at_a_time() -> None:
    event = make_event()
    diet, firm = make_question(event, label="Diet"), make_question(event, label="Firm", is_per_ticket=False)
    ticket_type = complete(event).tickets.get().ticket_type
    type(ticket_type).objects.filter(pk=ticket_type.pk).update(max_per_order=50)
    order = take_hold((ticket_type, 25), now=now())
    orders.complete_free(order=order, details=ADA, now=now())

    first, second = page(order), page(order, "?part=2")
    saved = send(order, {f"q{diet.pk}t25": "Vegan"}, "?part=2")[0]

    assert (f'name="q{firm.pk}"' in first, f'name="q{firm.pk}"' in second) == (True, False)
    assert [first.count(f'name="q{diet.pk}t'), second.count(f'name="q{diet.pk}t')] == [20, 5]
    assert (saved, answers_of(order)) == (303, {("diet", 25): ["Vegan"]})


# Files


def make_file_order(**over: Any) -> tuple[Order, str]:
    event = make_event()
    proof = make_question(event, QuestionKind.FILE, label="Proof", **over)
    return complete(event), f"q{proof.pk}t1"


def exif_jpeg() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "Taken at home"
    exif[0x0112] = 6  # lies on its side
    body = BytesIO()
    Image.new("RGB", (30, 10), "red").save(body, "JPEG", exif=exif)
    return body.getvalue()


def test_picture_is_drawn_anew_without_what_came_along() -> None:
    order, field = make_file_order()

    status, _ = send(order, {field: SimpleUploadedFile("../../a<b>\u202e home.HTML", exif_jpeg(), "text/html")})

    kept = AnswerFile.objects.get()
    picture = Image.open(BytesIO(bytes(kept.content)))
    assert (status, kept.name, kept.content_type) == (303, "a-b- home.jpg", "image/jpeg")
    assert (picture.size, dict(picture.getexif()), b"Taken at home" in bytes(kept.content)) == ((10, 30), {}, False)


def test_file_is_a_download_in_a_sandbox_behind_the_orders_link_only() -> None:
    order, field = make_file_order()
    body = b"%PDF-1.7\n<script>alert(1)</script>\n%%EOF\n"
    send(order, {field: SimpleUploadedFile("Über mich.pdf", body)})
    answer = Answer.objects.get()

    mine = Client().get(f"{order.get_absolute_url()}files/{answer.pk}/")
    others = Client().get(f"{complete(make_event()).get_absolute_url()}files/{answer.pk}/")

    assert (mine.status_code, mine.content, others.status_code) == (200, body, 404)
    assert mine.headers["Content-Disposition"] == "attachment; filename*=utf-8''%C3%9Cber%20mich.pdf"
    assert mine.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert mine.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in mine.headers["Cache-Control"]


def bomb() -> bytes:
    """A PNG of a few kilobytes that says of itself to be 50,000 by 50,000."""
    body = bytearray(make_png(10, 10).read())
    body[16:24] = (50_000).to_bytes(4, "big") * 2
    body[29:33] = zlib.crc32(bytes(body[12:29])).to_bytes(4, "big")
    return bytes(body)


DISGUISED = {
    "html": (b"<html><script>alert(1)</script>", "photo.png"), "svg": (b"<svg xmlns='x' onload='a()'/>", "a.svg"),
    "gif": (b"GIF89a" + bytes(40), "a.gif"), "half a jpeg": (exif_jpeg()[:200], "a.jpg"),
    "zip": (b"PK\x03\x04", "a.pdf"),
    "no end": (b"%PDF-1.7 and no more", "a.pdf"),
}  # fmt: skip


@pytest.mark.parametrize("which", DISGUISED)
def test_file_that_is_not_what_it_may_be_is_refused_whatever_its_name(which: str) -> None:
    order, field = make_file_order()
    content, name = DISGUISED[which]

    status, text = send(order, {field: SimpleUploadedFile(name, content, "image/png")})

    assert (status, AnswerFile.objects.count()) == (422, 0)
    assert "Choose a PDF, a JPEG or a PNG. This file is none of them" in text


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"%PDF-" + bytes(5 * 1024 * 1024) + b"%%EOF", "Choose a file of at most 5 MB."),
     (bomb(), "Choose a picture of at most 25 megapixels."), (b"", "This file is empty.")],
)  # fmt: skip
def test_file_that_is_too_large_or_empty_is_refused(content: bytes, words: str) -> None:
    order, field = make_file_order()

    status, text = send(order, {field: SimpleUploadedFile("a.pdf", content)})

    assert (status, words in text, AnswerFile.objects.count()) == (422, True, 0)


def test_request_of_more_than_two_files_is_cut_off() -> None:
    order, field = make_file_order()

    response = Client().post(
        f"{order.get_absolute_url()}answers/", {field: SimpleUploadedFile("a.pdf", bytes(12 * 1024 * 1024))}
    )

    assert (response.status_code, AnswerFile.objects.count()) == (400, 0)


def test_file_has_to_be_chosen_again_when_something_else_is_wrong() -> None:
    event = make_event()
    proof, when = make_question(event, QuestionKind.FILE, label="Proof"), make_question(event, QuestionKind.DATE)
    order = complete(event)

    status, text = send(order, {f"q{proof.pk}t1": make_png(), f"q{when.pk}t1": "tomorrow"})

    assert (status, 'value="tomorrow"' in text) == (422, True)
    assert "Choose your file again: “Proof”." in text


def test_file_stays_when_none_is_sent_is_replaced_and_is_taken_away() -> None:
    order, field = make_file_order()
    send(order, {field: make_png(name="one.png")})

    kept = send(order, {})[0], [str(row) for row in AnswerFile.objects.all()]
    replaced = send(order, {field: make_png(name="two.png")})[0], [str(row) for row in AnswerFile.objects.all()]
    removed = send(order, {f"{field}-remove": "on"})[0], [str(row) for row in AnswerFile.objects.all()]

    assert [kept, replaced, removed] == [(303, ["one.png"]), (303, ["two.png"]), (303, [])]
    assert [row.note for row in order.history.filter(kind="answered")] == [
        "Proof (ticket 1)", "Proof (ticket 1)", "Proof (ticket 1), taken away",
    ]  # fmt: skip


def test_files_of_one_order_have_a_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    order, field = make_file_order()
    monkeypatch.setattr(acts, "MOST_BYTES_PER_ORDER", 50)

    status, text = send(order, {field: make_png()})

    assert (status, "The files of this order are too large together." in text) == (422, True)
    assert AnswerFile.objects.count() == 0


def ask_before_payment() -> None:
    Question.objects.update(is_before_payment=True)
    connection.check_constraints()


def test_database_keeps_no_large_file_nor_one_before_payment() -> None:
    order, field = make_file_order()
    send(order, {field: make_png()})

    with pytest.raises(IntegrityError), transaction.atomic():
        AnswerFile.objects.update(content=bytes(5 * 1024 * 1024 + 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        ask_before_payment()

    assert AnswerFile.objects.count() == 1
