"""A ticket's own page, and the worker that keeps it readable without a connection."""

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from checkout import wallet_pass, wallet_signing
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
        is_void=shown.is_void, calendar_url=f"{shown.url}calendar.ics",
        has_wallet=wallet_signing.signer(settings.WALLET, at=view.now) is not None,
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


@private
@require_safe
def wallet(request: HttpRequest, code: str) -> HttpResponse:
    """The ticket as a pass for Apple Wallet; there is none where no operator has set up who signs it."""
    view = _find(code)
    signer = wallet_signing.signer(settings.WALLET, at=view.now)
    if signer is None:
        raise Http404
    admission = wallet_pass.Admission.of(view)
    response = HttpResponse(wallet_pass.render(admission, signer), content_type=wallet_pass.CONTENT_TYPE)
    name = f"ticket-{admission.reference}-{admission.ticket.number}.pkpass"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
