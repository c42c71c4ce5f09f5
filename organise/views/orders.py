"""An event's orders: the list, one order's page, and what is done there without moving money."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.timezone import now

from checkout.actions import desk as acts
from checkout.actions.desk import Buyer
from organise import order_words as words
from organise.doors import EventDesk, event_door
from organise.forms.orders import AttendeeForm, BuyerForm, ListForm, NoteForm, ResendForm
from organise.policy import Act
from organise.queries import answers
from organise.queries import order as one
from organise.queries import orders as many
from organise.views.lists import query_without_place

CHANGED = "Somebody else has changed this meanwhile. Look at it as it is now, and try again."


@event_door(read=Act.READ_ORDERS)
def listing(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """All orders that have a buyer, the newest first; searched, filtered, a page at a time."""
    form = ListForm(desk.event, request.GET)
    wanted = form.wanted()
    found = many.orders(desk.event, wanted)
    page = many.order_page(found, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    tickets, refunded = many.tickets_of(page.rows), many.refunded_of(page.rows)
    currency, zone = desk.event.currency, desk.event.zone
    rows = [
        {
            "order": order, "state": words.state(order), "at": words.moment(order.created_at, zone),
            "tickets": tickets.get(order.pk, (0, 0)), "total": words.amount(order.total_minor, currency),
            "refunded": words.amount(refunded[order.pk], currency) if order.pk in refunded else "",
        }
        for order in page.rows
    ]  # fmt: skip
    context = {
        "desk": desk, "here": "orders", "form": form, "wanted": wanted, "rows": rows, "page": page,
        "query": query_without_place(request.GET),
    }  # fmt: skip
    return render(request, "organise/orders.html", context)


@event_door(read=Act.READ_ORDERS)
def order(request: HttpRequest, desk: EventDesk, reference: str) -> HttpResponse:
    """One order: buyer, tickets, money, mail, history."""
    return show(request, desk, one.order_or_404(desk.event, reference))


def show(request: HttpRequest, desk: EventDesk, shown: Any, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The order's page, with these forms as they were typed."""
    whole = one.whole(shown)
    zone, currency, money = desk.event.zone, desk.event.currency, whole.money
    resend = ResendForm(initial={"email": shown.email, "key": uuid.uuid4()}, auto_id="id_resend_%s")
    context = {
        "desk": desk, "here": "orders", "order": shown, "whole": whole, "state": words.state(shown),
        "made_at": words.moment(shown.created_at, zone),
        "total": words.amount(shown.total_minor, currency),
        "paid": words.amount(money.paid_minor, currency),
        "refunded": words.amount(money.refunded_minor, currency),
        "left": words.amount(money.left_minor, currency),
        "tickets": [(ticket, words.amount(ticket.price_minor, currency)) for ticket in whole.tickets],
        "payments": [(row, words.payment(row), words.amount(row.amount_minor, currency)) for row in whole.payments],
        "refunds": [(row, words.refund(row), words.amount(row.amount_minor, currency)) for row in whole.refunds],
        "mail": [(row, words.mail(row), words.moment(row.created_at, zone)) for row in whole.mail],
        "history": [words.happened(row, zone=zone) for row in reversed(whole.history)],
        "answered": answers.of_order(shown) if desk.event.question_count else [],
        "note_form": NoteForm(), "resend_form": resend, "errors": [], **forms,
    }  # fmt: skip
    return render(request, "organise/order.html", context, status=status)


@event_door(read=None, write=Act.EDIT_ORDERS)
def notes(request: HttpRequest, desk: EventDesk, reference: str) -> HttpResponse:
    """Write an internal note."""
    shown = one.order_or_404(desk.event, reference)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return show(request, desk, shown, status=422, note_form=form, errors=form.errors_for_summary)
    acts.note(order=shown, text=form.cleaned_data["text"], by=desk.user, now=now())
    return _back(request, desk, shown, "The note is kept.")


@event_door(read=None, write=Act.EDIT_ORDERS)
def mail(request: HttpRequest, desk: EventDesk, reference: str) -> HttpResponse:
    """Send the tickets again, perhaps to a corrected address."""
    shown = one.order_or_404(desk.event, reference)
    form = ResendForm(request.POST, auto_id="id_resend_%s")
    if not form.is_valid():
        errors = [(name.replace("id_", "id_resend_"), text) for name, text in form.errors_for_summary]
        return show(request, desk, shown, status=422, resend_form=form, errors=errors)
    to, key = form.cleaned_data["email"], str(form.cleaned_data["key"])
    try:
        acts.resend(order=shown, to=to, key=key, by=desk.user, now=now())
    except acts.NotComplete:
        return show(request, desk, shown, status=422, errors=[("", "Only a complete order has tickets to send.")])
    except acts.ChangedMeanwhile:
        return show(request, desk, one.order_or_404(desk.event, reference), status=422, errors=[("", CHANGED)])
    return _back(request, desk, shown, f"The tickets are on their way to {to}.")


@event_door(read=Act.EDIT_ORDERS, write=Act.EDIT_ORDERS)
def buyer(request: HttpRequest, desk: EventDesk, reference: str) -> HttpResponse:
    """Correct whose order it is."""
    shown = one.order_or_404(desk.event, reference)
    if not shown.has_buyer:
        raise Http404
    now_is = {"full_name": shown.full_name, "email": shown.email}
    form = BuyerForm(
        request.POST if request.method == "POST" else None,
        initial={**now_is, "was_name": shown.full_name, "was_email": shown.email},
    )

    def save(kept: dict[str, Any]) -> str:
        was, to = Buyer(kept["was_name"], kept["was_email"]), Buyer(kept["full_name"], kept["email"])
        acts.change_buyer(order=shown, was=was, to=to, by=desk.user, now=now())
        return "The buyer is corrected."

    return _corrected(request, desk, shown, form, save)


@event_door(read=Act.EDIT_ORDERS, write=Act.EDIT_ORDERS)
def attendee(request: HttpRequest, desk: EventDesk, reference: str, number: int) -> HttpResponse:
    """Correct who comes with a ticket."""
    shown = one.order_or_404(desk.event, reference)
    ticket = one.one_or_404(shown.tickets.live().select_related("ticket_type"), number=number)
    ticket.order = shown
    form = AttendeeForm(
        request.POST if request.method == "POST" else None,
        initial={"attendee_name": ticket.attendee_name, "was_name": ticket.attendee_name},
    )

    def save(kept: dict[str, Any]) -> str:
        acts.change_attendee(
            ticket=ticket, was=kept["was_name"], to=kept["attendee_name"], by=desk.user, now=now()
        )  # fmt: skip
        return f"Ticket {number} is corrected."

    return _corrected(request, desk, shown, form, save, ticket=ticket)


def _corrected(
    request: HttpRequest,
    desk: EventDesk,
    shown: Any,
    form: django_forms.Form,
    save: Callable[[dict[str, Any]], str],
    **more: Any,
) -> HttpResponse:
    """A form for one correction: shown, saved, or shown again with what is wrong."""
    if request.method == "POST" and form.is_valid():
        try:
            return _back(request, desk, shown, save(form.cleaned_data))
        except acts.ChangedMeanwhile:
            form.add_error(None, CHANGED)
    context = {"desk": desk, "here": "orders", "order": shown, "form": form, **more}
    return render(request, "organise/order_correction.html", context, status=422 if form.is_bound else 200)


def _back(request: HttpRequest, desk: EventDesk, shown: Any, said: str) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(f"{desk.url}orders/{shown.reference}/", status=303)
