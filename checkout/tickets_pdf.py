"""The tickets of an order as one PDF: tagged, a page a ticket, to print or to keep on a telephone."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, Protocol

import typst

from checkout import qr

TEMPLATE: Final = Path(__file__).parent / "typst" / "ticket.typ"


class PrintedEvent(Protocol):
    """What a ticket says of its event. `accent` is a colour such as #4338ca."""

    @property
    def title(self) -> str: ...
    @property
    def organiser_name(self) -> str: ...
    @property
    def when_text(self) -> str: ...
    @property
    def zone_text(self) -> str: ...
    @property
    def venue(self) -> str: ...
    @property
    def accent(self) -> str: ...
    @property
    def is_test(self) -> bool: ...


class PrintedTicket(Protocol):
    """One page. `code` is printed as it is and is also what the QR code holds."""

    @property
    def number(self) -> int: ...
    @property
    def type_name(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def attendee_name(self) -> str: ...
    @property
    def price_text(self) -> str: ...


def render(event: PrintedEvent, reference: str, tickets: Sequence[PrintedTicket], *, of: int | None = None) -> bytes:
    """A PDF with one A5 page for each of `tickets`, in their order.

    `of` is how many tickets the order has ("ticket 2 of 3"), when that is not all that are printed. The
    file is PDF/UA-1 unless a name has a letter that no font here can show: then that letter is an empty
    box, the file is merely tagged, and code and QR code still admit. Raises ValueError without tickets.
    """
    if not tickets:
        raise ValueError("an order without tickets has nothing to print")
    order = json.dumps(_order(event, reference, tickets, of or len(tickets)))
    try:
        return _compiled(order, standard="ua-1")
    except typst.TypstError:
        return _compiled(order, standard="1.7")


def _order(event: PrintedEvent, reference: str, tickets: Sequence[PrintedTicket], of: int) -> dict[str, object]:
    """The data as the template reads it."""
    return {
        "reference": reference,
        "of": of,
        "event": {
            "title": event.title,
            "organiser": event.organiser_name,
            "when": event.when_text,
            "zone": event.zone_text,
            "venue": event.venue,
            "accent": event.accent,
            "is_test": event.is_test,
        },
        "tickets": [
            {
                "number": ticket.number,
                "type_name": ticket.type_name,
                "code": ticket.code,
                "attendee_name": ticket.attendee_name,
                "price_text": ticket.price_text,
                "qr": qr.svg(ticket.code),
            }
            for ticket in tickets
        ],
    }


def _compiled(order: str, *, standard: "typst.PDFStandard") -> bytes:
    """The template with `order` (JSON) as its only input. Raises `typst.TypstError` with what is wrong."""
    pdf = typst.compile(
        TEMPLATE,
        format="pdf",
        root=TEMPLATE.parent,
        font_paths=_fonts(),
        sys_inputs={"order": order},
        pdf_standards=standard,
    )
    if not isinstance(pdf, bytes):
        raise TypeError("a PDF is one file")
    return pdf


@cache
def _fonts() -> typst.Fonts:
    """Typst's own fonts, which the template names, and the machine's for scripts that those do not have."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True)
