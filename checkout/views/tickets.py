"""A ticket's own page, and the worker that keeps it readable without a connection."""

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from checkout.calendar import event_calendar
from checkout.models import State
from checkout.qr import svg
from checkout.queries import OrderView, ticket_page
from checkout.views.shared import page
from kit.http import private
from kit.tokens import normalise_code


def _find(code: str) -> OrderView:
    """The order with this one ticket; a ticket of an order that is not complete admits nobody."""
    view = ticket_page(normalise_code(code), now=now())
    if view is None or view.order.state not in {State.COMPLETE, State.CANCELLED}:
        raise Http404
    return view


@private
@require_safe
def ticket(request: HttpRequest, code: str) -> HttpResponse:
    view = _find(code)
    shown = view.tickets[0]
    return page(
        request, "checkout/ticket.html", view, ticket=shown, qr_svg=svg(shown.code),
        is_void=view.order.state == State.CANCELLED, calendar_url=f"{shown.url}calendar.ics",
    )  # fmt: skip


@require_safe
def worker(request: HttpRequest) -> FileResponse:
    """The service worker, from here because its scope is the path it comes from."""
    path = finders.find("js/ticket-worker.js")
    if not path:
        raise Http404
    response = FileResponse(open(str(path), "rb"), content_type="text/javascript")  # noqa: SIM115, PTH123  -- FileResponse closes it
    response.headers["Cache-Control"] = "no-cache"
    return response


@private
@require_safe
def calendar(request: HttpRequest, code: str) -> HttpResponse:
    """The event as a calendar file, leading back to this ticket."""
    view = _find(code)
    shown = view.tickets[0]
    body = event_calendar(
        view.event, order_url=f"{settings.SITE_URL}{shown.url}", uid=f"{shown.number}-{view.calendar_uid}", now=view.now
    )
    return HttpResponse(body, content_type="text/calendar; charset=utf-8")
