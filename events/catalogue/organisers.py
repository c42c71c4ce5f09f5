"""Whose event a catalogue becomes when nobody says so."""

from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError

from accounts.models import Organiser
from events.catalogue.faults import Faulty
from events.catalogue.format import Catalogue


def organiser_for(catalogue: Catalogue, *, asked: str = "") -> Organiser:
    """The organiser with the slug `asked`, else the file's own, else the only one, else one named after the event.

    The last, and the file's own where it does not exist, may come unsaved, to be saved with the event.
    Raises Faulty when there is none called `asked`, or when the event's slug cannot be an organiser's.
    """
    if asked:
        found = Organiser.objects.filter(slug=asked).first()
        if found is None:
            raise Faulty([f'there is no organiser with the slug "{asked}"'])
        return found
    if catalogue.organiser:
        return _named(catalogue.organiser, catalogue.organiser)
    some = Organiser.objects.order_by("id")[:2]
    return some[0] if len(some) == 1 else _named(catalogue.event.slug, catalogue.event.title)


def _named(slug: str, name: str) -> Organiser:
    found = Organiser.objects.filter(slug=slug).first()
    if found is not None:
        return found
    organiser = Organiser(slug=slug, name=name, contact_email=parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    try:
        organiser.full_clean(exclude=["contact_email"])
    except ValidationError as refusal:
        reasons = " ".join(refusal.messages)
        raise Faulty([f'no organiser can be called "{slug}": {reasons} Name one that exists.']) from None
    return organiser
