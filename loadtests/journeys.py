"""What one visitor does, from the event page to the ticket or to wherever its journey ends."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from loadtests import buying, waiting
from loadtests.browser import Answer, GaveUp
from loadtests.crowd import Ending
from loadtests.pages import NotThere
from loadtests.tally import EVENT_PAGE
from loadtests.visitor import BOT, CONFIRMATION, DETAILS, REVIEW, TICKET, SoldOut, Visitor

LOOKS, TYPES, READS, PAYS, RESTS = (1.0, 4.0), (2.0, 6.0), (1.0, 3.0), (2.0, 5.0), (1.0, 3.0)  # seconds of a person
BOT_ROUNDS = 5


def play(visitor: Visitor) -> None:
    """The whole journey; how it ended is in the tally, and a payment without a confirmation among the receipts."""
    tally, ending = visitor.scene.tally, ""
    tally.count("arrived", visitor.browser.now())
    try:
        ending = _grab(visitor) if visitor.means(Ending.IS_BOT) else _visit(visitor)
    except SoldOut:
        ending = "sold_out"
        tally.count("sold_out", visitor.browser.now())
    except GaveUp:
        ending = "failed"
    except NotThere as missing:
        _fail(visitor, "wrong answer", str(missing))
        ending = "failed"
    except Exception as fault:  # a fault of ours must be seen, and must not pass for the site's
        _fail(visitor, "fault of the generator", repr(fault))
        ending = "failed"
    finally:  # also when it is stopped on its way
        if visitor.has_paid:
            visitor.scene.receive({**visitor.buyer, "confirmed": False, "at": _now()})
        if ending:
            tally.journeys[ending] += 1


def _visit(visitor: Visitor) -> str:
    """A person; returns how it ended."""
    page = waiting.arrive(visitor)
    leaves_at = visitor.draw.choice((EVENT_PAGE, DETAILS, REVIEW)) if visitor.means(Ending.ABANDONS) else ""
    visitor.think(LOOKS)
    if leaves_at == EVENT_PAGE:
        return "abandoned"
    held = buying.hold(visitor, page)
    form = buying.details_form(visitor.open(DETAILS, held.location).page)
    visitor.think(TYPES)
    if leaves_at == DETAILS or (leaves_at and buying.confirms_at_once(form)):
        return "abandoned"
    answer = buying.fill(visitor, form)
    if not answer.page.reference:
        visitor.think(READS)
        if leaves_at:
            return "abandoned"
        reached = buying.reach_payment(visitor, answer).page
        visitor.think(PAYS)
        if visitor.means(Ending.IS_DECLINED):
            buying.be_declined(visitor, reached)
            return "declined"
        answer = buying.pay(visitor, reached)
    _enjoy(visitor, answer)
    return "bought"


def _enjoy(visitor: Visitor, confirmation: Answer) -> None:
    """The order is complete: keep its receipt, open a ticket, and perhaps come back to the link later."""
    page = confirmation.page
    reference, tickets = page.reference, page.links("show")
    if not reference or not tickets:
        raise NotThere(f"the order is not complete: {page.title}")
    visitor.has_paid = False
    visitor.scene.tally.count("sold", visitor.browser.now())
    visitor.scene.receive({
        **visitor.buyer, "order": urlsplit(confirmation.url).path, "reference": reference, "tickets": len(tickets),
        "total_text": page.total_text, "confirmed": True, "at": _now(),
    })  # fmt: skip
    visitor.think(RESTS)
    buying.answer_questions(visitor, page)
    visitor.open(TICKET, tickets[0])
    if visitor.arrival.comes_back:
        visitor.think(RESTS)
        again = visitor.open(CONFIRMATION, confirmation.url).page
        if again.reference != reference:
            raise NotThere(f"the confirmation's link leads to {again.title}")


def _grab(visitor: Visitor) -> str:
    """A bot: as many of the first type as there may be, again and again, without a pause and without paying."""
    visitor.browser.is_patient, visitor.step = False, BOT
    for _ in range(BOT_ROUNDS):
        page = visitor.open(BOT, visitor.scene.url).shared_page
        form, rows = page.choice, page.rows
        if form and rows:
            taken = visitor.send(BOT, form.action, {**form.fields, rows[0].field: str(rows[0].most)}, follow=False)
            if taken.location:
                visitor.scene.tally.count("holds", visitor.browser.now())
    return "bot"


def _fail(visitor: Visitor, kind: str, why: str) -> None:
    visitor.browser.fail(visitor.step, kind, visitor.came or Answer(0, visitor.scene.url), why)


def _now() -> str:
    return datetime.now(UTC).isoformat()
