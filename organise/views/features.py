"""An event's features that not everyone has yet."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now

from organise import words
from organise.doors import EventDesk, event_door
from organise.policy import Act
from organise.queries import features


@event_door(read=Act.READ_EVENTS)
def event_flags(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """What is on for an event, until when, what was switched off and why, and what the next on-sale will check."""
    at = now()
    event = desk.event
    found, zone = features.features(event, now=at), event.zone
    context = {
        "desk": desk,
        "shown": event,
        "here": "flags",
        "tried": [words.tried(one, zone=zone) for one in found.tried],
        "for_everyone": [words.for_everyone(one, zone=zone) for one in found.for_everyone],
        "switched_off": [words.switched_off(one, zone=zone) for one in found.switched_off],
        "not_on": [words.not_on(one, zone=zone) for one in found.not_on],
        "review": words.review(features.next_on_sale_at(event, now=at), zone=zone, now=at),
        "hours": int(words.REVIEWED_AHEAD.total_seconds() // 3600),
    }
    return render(request, "organise/event_flags.html", context)
