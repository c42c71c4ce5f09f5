"""The doors of the organiser's pages: who is let in, and to what. Every view of the room stands behind one.

Nobody is told what is there: to a stranger every address is a 404. A member whose role may not do it is told so (403).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache

from accounts.models import Membership, Organiser, User
from events.models import Event
from organise import tabs
from organise.policy import WORDS, Act, acts_of
from organise.queries import attention
from organise.queries.events import events_of

P = ParamSpec("P")
READ: Final = frozenset({"GET", "HEAD"})
Answer = HttpResponseBase


@dataclass(frozen=True, slots=True)
class Desk:
    """Who sits at it, for which organiser, and what they may do there."""

    user: User
    member: Membership
    organiser: Organiser
    acts: frozenset[Act]

    @property
    def can(self) -> Mapping[str, bool]:
        """By the acts' names, for templates."""
        return {act.value: act in self.acts for act in Act}

    @property
    def organiser_url(self) -> str:
        return f"/organise/{self.organiser.slug}/"

    @property
    def url(self) -> str:
        """Where this desk's pages begin."""
        return self.organiser_url

    @property
    def tabs(self) -> list[tabs.Tab]:
        """The organiser's pages that its member may see."""
        return tabs.shown(tabs.OF_ORGANISER, self.url, self.acts)


@dataclass(frozen=True, slots=True)
class EventDesk(Desk):
    """A desk at which one event lies."""

    event: Event

    @property
    def url(self) -> str:
        return f"{self.organiser_url}{self.event.slug}/"

    @property
    def tabs(self) -> list[tabs.Tab]:
        """The event's pages that its member may see."""
        return tabs.shown(tabs.OF_EVENT, self.url, self.acts)

    @property
    def needs_attention(self) -> int:
        """How many things at this event wait for a person, for the tab. One query."""
        return attention.count(self.event, now=now()) if Act.READ_ORDERS in self.acts else 0


@dataclass(frozen=True, slots=True)
class Door:
    """What stands on it: the acts that reading and writing there are. None where there is nothing to read or write."""

    read: Act | None
    write: Act | None
    is_of_event: bool

    @property
    def methods(self) -> list[str]:
        return [*(["GET", "HEAD"] if self.read else []), *(["POST"] if self.write else [])]

    def act(self, method: str) -> Act | None:
        """What this method would do here; None where it is none."""
        return self.read if method in READ else self.write if method == "POST" else None


def event_door(
    *, read: Act | None, write: Act | None = None
) -> Callable[[Callable[Concatenate[HttpRequest, EventDesk, P], Answer]], Callable[..., Answer]]:
    """For a view of one event: `view(request, desk, …)` where the address has `organiser_slug` and `event_slug`."""
    door = Door(read, write, is_of_event=True)

    def stand_before(view: Callable[Concatenate[HttpRequest, EventDesk, P], Answer]) -> Callable[..., Answer]:
        @wraps(view)
        def inner(request: HttpRequest, organiser_slug: str, event_slug: str, **rest: Any) -> Answer:
            member = _member_or_404(request, organiser_slug)
            event = events_of(member).filter(slug=event_slug).first()
            if event is None:
                raise Http404
            event.organiser = member.organiser  # so that its address asks nothing again
            desk = EventDesk(member.user, member, member.organiser, acts_of(member), event)
            return _through(door, request, desk, lambda: view(request, desk, **rest))  # type: ignore[call-arg]  # from the address

        return _guarded(inner, door)

    return stand_before


def organiser_door(
    *, read: Act | None, write: Act | None = None
) -> Callable[[Callable[Concatenate[HttpRequest, Desk, P], Answer]], Callable[..., Answer]]:
    """For a view of one organiser: `view(request, desk, …)` where the address has `organiser_slug`."""
    door = Door(read, write, is_of_event=False)

    def stand_before(view: Callable[Concatenate[HttpRequest, Desk, P], Answer]) -> Callable[..., Answer]:
        @wraps(view)
        def inner(request: HttpRequest, organiser_slug: str, **rest: Any) -> Answer:
            member = _member_or_404(request, organiser_slug)
            desk = Desk(member.user, member, member.organiser, acts_of(member))
            return _through(door, request, desk, lambda: view(request, desk, **rest))  # type: ignore[call-arg]  # from the address

        return _guarded(inner, door)

    return stand_before


def _member_or_404(request: HttpRequest, organiser_slug: str) -> Membership:
    member = (
        Membership.objects.filter(user=request.user.pk, organiser__slug=organiser_slug)
        .select_related("organiser")
        .first()
    )
    if member is None:
        raise Http404
    member.user = request.user  # type: ignore[assignment]  # signed in, so it is one of ours
    return member


def _through(door: Door, request: HttpRequest, desk: Desk, go_in: Callable[[], Answer]) -> Answer:
    act = door.act(str(request.method))
    if act is None:
        return HttpResponseNotAllowed(door.methods)
    if act not in desk.acts:
        return forbidden(request, desk, act)
    return go_in()


def forbidden(request: HttpRequest, desk: Desk, act: Act) -> HttpResponse:
    """A page that says what their role is, and who can help."""
    context = {"desk": desk, "act": act, "what": WORDS[act]}
    return render(request, "organise/forbidden.html", context, status=403)


def require(desk: Desk, act: Act) -> None:
    """For what only part of a page may do. Raises PermissionDenied."""
    if act not in desk.acts:
        raise PermissionDenied


def _guarded(inner: Callable[..., Answer], door: Door) -> Callable[..., Answer]:
    guarded: Callable[..., Answer] = never_cache(login_required(inner))
    guarded.door = door  # type: ignore[attr-defined]  # for the walk of the tests
    return guarded
