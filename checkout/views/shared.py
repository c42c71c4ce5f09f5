"""What the checkout's views have in common: finding the order behind a link, and the page it is at."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from checkout import typos
from checkout.queries import OrderView, order_view

OrderAct = Callable[[HttpRequest, str], HttpResponse]

STEP_DETAILS, STEP_REVIEW, STEP_DONE = 2, 3, 4


def find(token: str) -> OrderView:
    """The order behind a buyer's link; raises Http404."""
    found = order_view(token, now=now())
    if found is None:
        raise Http404
    return found


def by_post(view: OrderAct) -> OrderAct:
    """For an address that only acts. Whoever opens it, as when a page that it answered with is loaded again, gets to
    the order in place of a refusal."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def posted(request: HttpRequest, token: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseRedirect(f"/orders/{token}/", status=303)
        return view(request, token)

    return posted


def page(request: HttpRequest, template: str, view: OrderView, *, status: int = 200, **more: Any) -> HttpResponse:
    """A page of the checkout with what all of them show."""
    context = {
        "order": view.order, "event": view.event, "lines": view.lines, "tickets": view.tickets,
        "total_text": view.total_text, "saving_text": view.saving_text, "hold": view.hold,
        "organiser_contact": view.event.contact_email, **more,
    }  # fmt: skip
    return render(request, template, context, status=status)


def typo_hint(email: str) -> str:
    """A question about an address that looks mistyped, or nothing. It never stands in the way."""
    meant = typos.suggest(email)
    return f"Did you mean {meant}?" if meant else ""


def too_late(request: HttpRequest, view: OrderView) -> HttpResponse:
    """What was asked for cannot be done any more; says what became of the order."""
    view.order.refresh_from_db()
    return page(request, "checkout/too_late.html", view, status=409)
