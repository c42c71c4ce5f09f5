"""From the chosen tickets to the confirmation: hold, details, payment page and back. Forms are known by their words."""

import uuid
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from loadtests.browser import Answer
from loadtests.choosing import choose, choose_instead
from loadtests.pages import Form, NotThere, Page, Row
from loadtests.tally import HOLD
from loadtests.visitor import ANSWERS, CONFIRMATION, PAY, PAYMENT_PAGE, RETURN, REVIEW, SoldOut, Visitor
from loadtests.waiting import look

READS = (1.0, 3.0)
FIRST_NAMES = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Radia", "Donald", "Frances", "Ken", "Margaret")
LAST_NAMES = ("Archer", "Baker", "Cooper", "Dyer", "Fletcher", "Glover", "Mason", "Potter", "Smith", "Turner")


def hold(visitor: Visitor, page: Page) -> Answer:
    """Take tickets; when they are gone look once more and take another type, or fewer. Raises SoldOut."""
    weights = visitor.scene.weights
    wanted = choose(page.rows, weights, visitor.draw)
    answer = _ask_for(visitor, page, wanted)
    if not answer.location:
        page = look(visitor)
        answer = _ask_for(visitor, page, choose_instead(page.rows, wanted, weights, visitor.draw))
    if not answer.location:
        raise SoldOut
    visitor.scene.tally.count("holds", visitor.browser.now())
    return answer


def _ask_for(visitor: Visitor, page: Page, wanted: Mapping[Row, int]) -> Answer:
    form = page.choice
    if form is None or not wanted:
        raise SoldOut
    fields = form.fields | form.pressed("") | {row.field: str(count) for row, count in wanted.items()}
    fields |= {row.price_field: fields[row.price_field] or "5" for row in wanted if row.price_field}
    if visitor.arrival.has_javascript and "key" in fields:  # one key for one choice, as order-form.js does
        fields["key"] = str(uuid.uuid4())  # never from the seed: the same plan played again is not the same click
    answer = visitor.press(HOLD, form.action, fields, follow=False)
    if not answer.location and answer.status != 409:
        raise NotThere(f"tickets are neither held nor gone: {answer.page.title}")
    return answer


def details_form(page: Page) -> Form:
    """The form that asks who buys. Raises NotThere."""
    return page.form(lambda form: form.asks_for("email"), "that asks who buys")


def confirms_at_once(form: Form) -> bool:
    """Whether the button below the details already is the last, as for a free order."""
    return any("confirm" in button.text.lower() for button in form.buttons)


def fill(visitor: Visitor, form: Form) -> Answer:
    """Say who buys: the confirmation of a free order, the review of any other."""
    name = f"{visitor.draw.choice(FIRST_NAMES)} {visitor.draw.choice(LAST_NAMES)}"
    email = f"{name.lower().replace(' ', '.')}.{visitor.arrival.number}.{visitor.arrival.seed:x}@example.com"
    is_free = confirms_at_once(form)
    fields = form.filled(name=name, email=email) | form.pressed("")
    answer = visitor.press(CONFIRMATION if is_free else REVIEW, form.action, fields)
    if answer.status != 200:
        raise NotThere(f"the details were refused: {answer.page.title}")
    visitor.buyer = {"order": urlsplit(answer.url).path, "email": email, "paid": not is_free}
    return answer


def answer_questions(visitor: Visitor, confirmation: Page) -> None:
    """Answer what the organiser still asks, if anything has to be answered."""
    links = [link for link in confirmation.links("answer") if "optional" not in link]
    if not links or not confirmation.still_asks:
        return
    page = visitor.open(ANSWERS, links[0]).page
    form = page.form_with_button("save answers")
    fields = form.filled(name="As it comes", email="nobody@example.com") | form.pressed("save answers")
    answer = visitor.press(ANSWERS, form.action, fields)
    if answer.status != 200:
        raise NotThere(f"the answers were refused: {answer.page.title}")


def reach_payment(visitor: Visitor, review: Answer) -> Answer:
    """From the review to the payment page."""
    form = review.page.form_with_button("pay")
    return visitor.press(PAYMENT_PAGE, form.action, form.fields | form.pressed("pay"))


def be_declined(visitor: Visitor, payment_page: Page) -> None:
    """The card is refused, and the buyer goes back to the shop without paying."""
    form = payment_page.form_with_button("decline")
    told = visitor.send(PAY, form.action, form.fields | form.pressed("decline"))
    if not told.page.has_alert:
        raise NotThere("nothing says that the card was declined")
    visitor.think(READS)
    form = told.page.form_with_button("close")
    visitor.send(REVIEW, form.action, form.fields | form.pressed("close"))


def pay(visitor: Visitor, payment_page: Page) -> Answer:
    """Pay, and go back to the shop until it confirms."""
    form = payment_page.form_with_button("pay")
    visitor.has_paid = True
    pressed = visitor.send(PAY, form.action, form.fields | form.pressed("pay"), follow=False)
    if not pressed.location:
        raise NotThere(f"the payment page does not lead back: {pressed.page.title}")
    back = visitor.open(RETURN, pressed.location, follow=False)
    while not back.location and (refresh := back.headers.get("refresh")):
        seconds, _, address = refresh.partition(";url=")
        visitor.browser.pause(float(seconds))
        back = visitor.open(RETURN, urljoin(back.url, address), follow=False)
    if not back.location:
        raise NotThere(f"the way back ends at {back.page.title}")
    return visitor.open(CONFIRMATION, back.location)
