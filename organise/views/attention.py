"""What needs a person, each with the button that mends it."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.timezone import now

from checkout.actions import desk as acts
from checkout.actions import mail as mail_acts
from checkout.actions import orders, payments
from checkout.actions import refunds as refund_acts
from checkout.models import Mail, Refund, State
from checkout.providers.protocol import ProviderRefused, ProviderUnavailable
from organise import order_words as words
from organise.doors import EventDesk, event_door
from organise.forms.orders import ResendForm
from organise.policy import Act
from organise.queries import attention as queries
from organise.queries import order as one

MOST: Final = queries.MOST
GONE: Final = "Somebody has dealt with this meanwhile."


@event_door(read=Act.READ_ORDERS)
def attention(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """All of it on one page, the most urgent first."""
    return _page(request, desk)


def _page(request: HttpRequest, desk: EventDesk, *, status: int = 200, problem: str = "") -> HttpResponse:
    event, at = desk.event, now()
    zone, currency = event.zone, event.currency
    hanging, late = queries.hanging(event, now=at)[:MOST], queries.late(event)[:MOST]
    refused, slow = queries.refused(event)[:MOST], queries.slow(event, now=at)[:MOST]
    context = {
        "desk": desk, "here": "attention", "errors": [("", problem)] if problem else [],
        "hanging": [(order, words.moment(order.expires_at, zone)) for order in hanging],
        "late": [
            (row, words.amount(row.amount_minor, currency), words.moment(row.created_at, zone), words.refund(row))
            for row in late
        ],
        "refused": [(row, words.amount(row.amount_minor, currency)) for row in refused],
        "slow": [(row, words.amount(row.amount_minor, currency), words.refund(row)) for row in slow],
        "unsent": [(row, words.mail(row)) for row in queries.unsent(event)[:MOST]],
        "books": [
            (row.reference, *(words.amount(minor, currency) for minor in row.amounts))
            for row in queries.disagreeing(event)
        ],
    }  # fmt: skip
    context["is_empty"] = not any(context[name] for name in ("hanging", "late", "refused", "slow", "unsent", "books"))
    return render(request, "organise/attention.html", context, status=status)


@event_door(read=None, write=Act.MOVE_MONEY)
def payment(request: HttpRequest, desk: EventDesk, reference: str) -> HttpResponse:
    """Ask the provider once more how a payment ended, and act on it."""
    order = one.order_or_404(desk.event, reference)
    try:
        payments.settle(order=order, to=State.EXPIRED, by=desk.user.get_full_name()[:80], now=now())
    except (ProviderUnavailable, ProviderRefused) as fault:
        return _page(request, desk, status=503, problem=f"The payment provider cannot say yet: {fault}")
    except payments.AlreadyPaid:
        return _back(request, desk, f"The money had come: order {order.reference} is settled.")
    except orders.NotOpen:
        return _back(request, desk, GONE)
    return _back(request, desk, f"Nobody paid: order {order.reference} is over, and its tickets are back on sale.")


@event_door(read=None, write=Act.MOVE_MONEY)
def late(request: HttpRequest, desk: EventDesk, reference: str) -> HttpResponse:
    """Take a late payment, which went back by itself, off the list."""
    acts.mark_seen(order=one.order_or_404(desk.event, reference), by=desk.user, now=now())
    return _back(request, desk, "It is off the list; the order's history keeps it.")


@event_door(read=None, write=Act.MOVE_MONEY)
def refund(request: HttpRequest, desk: EventDesk, refund_id: int) -> HttpResponse:
    """Ask for a refused refund again, or note that it was paid back by hand."""
    rows = Refund.objects.filter(payment__order__event=desk.event).select_related("payment__order__event__organiser")
    found = one.one_or_404(rows, pk=refund_id)
    act = refund_acts.paid_by_hand if request.POST.get("how") == "hand" else refund_acts.ask_again
    try:
        act(refund=found, by=desk.user, now=now())
    except refund_acts.NotFailed:
        return _back(request, desk, GONE)
    said = "It is noted as paid back by hand." if request.POST.get("how") == "hand" else "The provider is asked again."
    return _back(request, desk, said)


@event_door(read=None, write=Act.EDIT_ORDERS)
def mail(request: HttpRequest, desk: EventDesk, mail_id: int) -> HttpResponse:
    """Send a mail that failed again, perhaps to a corrected address."""
    rows = Mail.objects.filter(order__event=desk.event).select_related("order__event__organiser")
    found = one.one_or_404(rows, pk=mail_id)
    form = ResendForm({"email": request.POST.get("email", ""), "key": "0" * 32})
    if not form.is_valid():
        return _page(request, desk, status=422, problem=" ".join(map(str, form.errors["email"])))
    try:
        acts.retry_mail(message=found, to=form.cleaned_data["email"], by=desk.user, now=now())
    except (mail_acts.NotFailed, acts.ChangedMeanwhile):
        return _back(request, desk, GONE)
    return _back(request, desk, f"The mail is on its way to {form.cleaned_data['email']}.")


def _back(request: HttpRequest, desk: EventDesk, said: str) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(f"{desk.url}attention/", status=303)
