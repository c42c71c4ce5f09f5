"""A buyer's order, from held to over, behind its link."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

import flags
from checkout import wallet_signing
from checkout.actions import mail, orders, payments
from checkout.calendar import event_calendar
from checkout.forms import DetailsForm, MailForm
from checkout.live_tickets import live
from checkout.models import State
from checkout.providers.protocol import ProviderRefused, ProviderUnavailable
from checkout.queries import OrderView
from checkout.tickets_pdf import render as tickets_pdf
from checkout.views.payments import asks_more, review
from checkout.views.shared import STEP_DETAILS, STEP_DONE, by_post, find, page, too_late, typo_hint
from kit.http import private, same_origin


@private
@require_safe
def order(request: HttpRequest, token: str) -> HttpResponse:
    """The page that the order is at; its address can be kept and opened again."""
    view = find(token)
    if view.order.is_complete:
        return done(request, view)
    if not view.order.is_open:
        return over(request, view)
    if view.order.has_buyer and not view.order.is_free and not asks_more(view):
        return review(request, view)
    return details_page(request, view, DetailsForm(view))


@same_origin
@private
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest, token: str) -> HttpResponse:
    """Who buys. For a free order this is also what completes it."""
    view = find(token)
    if request.method != "POST":
        return details_page(request, view, DetailsForm(view)) if view.order.is_open else _next(request, view)
    form = DetailsForm(view, request.POST)
    if form.is_valid():
        _take_details(view, form)
    elif view.order.is_open:
        return details_page(request, view, form, status=422)
    return _next(request, view)


def _next(request: HttpRequest, view: OrderView) -> HttpResponse:
    """To where the order is by now. In express a complete one is shown in place, also as the answer to the form, which
    spares a request; sent again, or opened as an address, it answers the same and does nothing."""
    is_answer = request.method == "POST"
    if view.is_express:
        latest = _looked_at_again(view) if is_answer else view
        if latest.order.is_complete:
            return done(request, latest, is_answer=is_answer)
    return HttpResponseRedirect(view.order.get_absolute_url(), status=303)


def _looked_at_again(view: OrderView) -> OrderView:
    """As it is now, whoever completed it: this request, or another one meanwhile."""
    with flags.region("express-checkout", view.event):
        return find(view.order.token)


def _take_details(view: OrderView, form: DetailsForm) -> None:
    """Complete a free order, keep the answers for any other; one that has just ended says so on its own page."""
    answers = form.details()
    with suppress(orders.NotOpen):
        if view.order.is_free and view.order.is_open:
            orders.complete_free(order=view.order, details=answers, now=now())
            flags.used("express-checkout", view.event)
            return
    with suppress(orders.NotOpen):
        orders.record_details(order=view.order, details=answers)


def details_page(request: HttpRequest, view: OrderView, form: DetailsForm, *, status: int = 200) -> HttpResponse:
    template = "checkout/express.html" if view.is_express else "checkout/details.html"
    return page(
        request, template, view, status=status, form=form, step=STEP_DETAILS,
        errors=form.errors_for_summary if form.is_bound else [], typo_hint=typo_hint(str(form["email"].value() or "")),
    )  # fmt: skip


def done(request: HttpRequest, view: OrderView, *, status: int = 200, **more: Any) -> HttpResponse:
    """The order is complete: what it is, what happens next, and how to get it all again."""
    here = view.order.get_absolute_url()
    context = {
        "mail_form": MailForm(initial={"email": view.order.email}), "calendar_url": f"{here}calendar.ics",
        "pdf_url": f"{here}tickets.pdf", "step": STEP_DONE, "sent_again": "sent" in request.GET,
        "found_late": view.order.closed_at is not None, "typo_hint": typo_hint(view.order.email),
        "has_wallet": wallet_signing.signer(settings.WALLET, at=view.now) is not None,
        "invitation": view.questions.invitation, "has_missing": bool(view.questions.missing), **more,
    }  # fmt: skip
    return page(request, "checkout/done.html", view, status=status, **context)


def over(request: HttpRequest, view: OrderView, *, errors: Any = (), status: int = 200) -> HttpResponse:
    """The order has expired or was cancelled: what became of the tickets and the money."""
    begun = list(view.order.payments.prefetch_related("refunds"))
    refunded = [refund for payment in begun for refund in payment.refunds.all()]
    return page(
        request, "checkout/over.html", view, status=status, errors=list(errors), refunds=refunded,
        payment_begun=bool(begun),
    )  # fmt: skip


@same_origin
@private
@require_http_methods(["GET", "HEAD", "POST"])
def cancellation(request: HttpRequest, token: str) -> HttpResponse:
    """Let the hold go, after asking once."""
    view = find(token)
    if not view.order.is_open:
        return HttpResponseRedirect(view.order.get_absolute_url(), status=303)
    if request.method != "POST":
        return page(request, "checkout/cancellation.html", view)
    try:
        payments.settle(order=view.order, to=State.CANCELLED, by="buyer", now=now())
    except (payments.AlreadyPaid, orders.NotOpen):
        return too_late(request, view)
    except (ProviderUnavailable, ProviderRefused):
        return page(request, "checkout/cancellation.html", view, status=503, problem=True)
    return HttpResponseRedirect(view.order.get_absolute_url(), status=303)


@same_origin
@private
@by_post
def messages(request: HttpRequest, token: str) -> HttpResponse:
    """Send the tickets once more, to the same address or a corrected one."""
    view = find(token)
    if not view.order.is_complete:
        return too_late(request, view)
    form = MailForm(request.POST)
    if not form.is_valid():
        errors = [("id_email", str(error)) for error in form.errors.get("email", ())]
        return done(request, view, status=422, mail_form=form, errors=errors)
    try:
        orders.change_email(order=view.order, email=form.cleaned_data["email"], now=now())
    except mail.TooOften:
        often = [("id_email", "These tickets have been sent many times already. Please ask the organiser for help.")]
        return done(request, view, status=429, mail_form=form, errors=often)
    return HttpResponseRedirect(f"{view.order.get_absolute_url()}?sent", status=303)


@private
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The event as a calendar file."""
    view = find(token)
    order_url = f"{settings.SITE_URL}{view.order.get_absolute_url()}"
    body = event_calendar(view.event, order_url=order_url, uid=view.calendar_uid, now=view.now)
    return HttpResponse(body, content_type="text/calendar; charset=utf-8")


@private
@require_safe
def pdf(request: HttpRequest, token: str) -> HttpResponse:
    """All tickets on paper."""
    view = find(token)
    if not view.order.is_complete:
        return too_late(request, view)
    response = HttpResponse(
        tickets_pdf(view.event, view.order.reference, live(view.tickets)), content_type="application/pdf"
    )
    response.headers["Content-Disposition"] = f'inline; filename="tickets-{view.order.reference}.pdf"'
    return response
