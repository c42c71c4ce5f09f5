"""One ticket as a pass for Apple Wallet: a signed archive that a telephone keeps beside its cards.

The format is Apple's (developer.apple.com/documentation/walletpasses): pass.json, pictures, a manifest with the
SHA-1 of each file, and a signature over the manifest.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from checkout.queries import OrderView, TicketView
from checkout.wallet_signing import Signer
from events.facts import EventFacts
from kit import colour

CONTENT_TYPE: Final = "application/vnd.apple.pkpass"
PICTURES: Final = Path(__file__).parent / "wallet"
INK: Final = "rgb(255, 255, 255)"

Field = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Admission:
    """What a pass says. `serial` must be the same each time a ticket's pass is made: a telephone then replaces it."""

    event: EventFacts
    ticket: TicketView
    reference: str
    serial: str

    @classmethod
    def of(cls, view: OrderView) -> "Admission":
        """The first ticket of `view`, as `queries.ticket_page` finds it."""
        shown = view.tickets[0]
        return cls(view.event, shown, view.order.reference, f"{shown.number}-{view.calendar_uid}")


def render(admission: Admission, signer: Signer) -> bytes:
    """The archive, complete and signed."""
    content = json.dumps(_content(admission, signer), ensure_ascii=False).encode()
    files = {"pass.json": content, **_pictures()}
    # SHA-1 because the format asks for it; what is trusted is the signature, and that is SHA-256.
    sums = {name: hashlib.sha1(body, usedforsecurity=False).hexdigest() for name, body in files.items()}
    manifest = json.dumps(sums).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in {**files, "manifest.json": manifest, "signature": signer.sign(manifest)}.items():
            archive.writestr(name, body)
    return packed.getvalue()


@cache
def _pictures() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(PICTURES.glob("*.png"))}


def _content(admission: Admission, signer: Signer) -> dict[str, Any]:
    event, ticket = admission.event, admission.ticket
    return {
        "formatVersion": 1,
        "passTypeIdentifier": signer.pass_type_id,
        "teamIdentifier": signer.team_id,
        "serialNumber": admission.serial,
        "organizationName": event.organiser_name,
        "description": f"{_mark(event)}Ticket to {event.title}",
        "logoText": f"{_mark(event)}{event.organiser_name}",
        "relevantDate": event.starts_at.isoformat(timespec="seconds"),
        "voided": ticket.is_void,
        "backgroundColor": _background(event.accent_hex),
        "foregroundColor": INK,
        "labelColor": INK,
        "barcodes": [
            {
                "format": "PKBarcodeFormatQR",
                "message": ticket.code,
                "messageEncoding": "iso-8859-1",
                "altText": ticket.code,
            }
        ],
        "eventTicket": _fields(admission),
    }


def _fields(admission: Admission) -> dict[str, list[Field]]:
    """Front and back. The front's time is written out by the telephone, as its owner reads times, for the venue."""
    event, ticket = admission.event, admission.ticket
    starts_at = event.starts_at.isoformat(timespec="seconds")
    at_the_venue = {"dateStyle": "PKDateStyleMedium", "timeStyle": "PKDateStyleShort", "ignoresTimeZone": True}
    front = {
        "primaryFields": [_field("event", "Event", f"{_mark(event)}{event.title}")],
        "secondaryFields": [_field("when", "When", starts_at, **at_the_venue), _field("where", "Where", event.venue)],
        "auxiliaryFields": [
            _field("attendee", "Attendee", ticket.attendee_name),
            _field("ticket", "Ticket", ticket.type_name),
        ],
    }
    back = [
        _field("whole-event", "Event", event.title),
        _field("whole-time", "When", f"{event.when_text}, {event.zone_text}"),
        _field("whole-place", "Where", event.venue),
        _field("order", "Order", admission.reference),
        _field("code", "Ticket code", ticket.code),
        _field("page", "Page of this ticket", f"{settings.SITE_URL}{ticket.url}"),
        _field("contact", "Questions", event.contact_email),
    ]
    return {
        place: [field for field in fields if field["value"]] for place, fields in {**front, "backFields": back}.items()
    }


def _mark(event: EventFacts) -> str:
    """Before what is read first on a pass that admits nobody."""
    return "TEST: " if event.is_test else ""


def _field(key: str, label: str, value: str, **more: Any) -> Field:
    return {"key": key, "label": label, "value": value, **more}


def _background(accent_hex: str) -> str:
    """The event's colour, as dark as white letters need it."""
    channels = (round(channel * 255) for channel in colour.readable_on(colour.parse(accent_hex), colour.WHITE))
    return f"rgb({', '.join(map(str, channels))})"
