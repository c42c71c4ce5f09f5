"""Every page of the organiser's room is visited too, as the owner of the event of this round, and held to the same."""

from django.test import Client

from accounts.models import Membership, Role, User
from events.models import Event
from tests.organise.places import Place, places
from tests.plans.guide import Guide


def owner_of(event: Event) -> Client:
    """A browser of somebody who may read everything of this event's organiser."""
    user = User.objects.get(is_superuser=True)
    Membership.objects.get_or_create(organiser=event.organiser, user=user, defaults={"role": Role.OWNER})
    client = Client()
    client.force_login(user)
    return client


def visit_organisers_pages(guide: Guide) -> None:
    """All that can be read, one after the other; what a page needs is made without being watched."""
    with guide.watch.at(""):
        event = Event.objects.select_related("organiser").get(pk=guide.event_id)
        client, listed = owner_of(event), [place for place in places(event) if may_be_read(place)]
    for place in listed:
        with guide.watch.at(f"organiser's page: {place.name}"):
            answer = client.get(place.path)
            b"".join(answer)  # to its end: a file is made as it is read
            assert answer.status_code in {200, 302}, place.path


def may_be_read(place: Place) -> bool:
    return place.door is None or place.door.read is not None
