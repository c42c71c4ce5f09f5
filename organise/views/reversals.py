"""Taking tickets and money back of one order, with a look at it first; and orders that are given away."""

import uuid
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.timezone import now

from checkout.actions import complimentary, holds, refunds
from checkout.actions import reversals as acts
from kit import money
from organise import order_words as words
from organise.doors import EventDesk, event_door
from organise.forms.reversals import GiftForm, ReversalForm
from organise.policy import Act
from organise.queries import order as one

FAULTS: Final[dict[type[Exception], str]] = {
    acts.NotComplete: "This order was never completed, so there is nothing to take back.",
    acts.TicketsGone: "Somebody else has cancelled one of these tickets meanwhile.",
    refunds.TooMuch: "Somebody else has sent money back meanwhile, and less than this is left.",
    acts.NothingAsked: "Choose tickets, or say how much money goes back.",
}
DONE: Final = "It is done."
DONE_WITH_MONEY: Final = "It is done. Whether the money has gone back stands under payments and refunds."
SHORT: Final = "There is no room for so many: {} left."


@event_door(read=Act.MOVE_MONEY, write=Act.MOVE_MONEY)
def reversals(request: HttpRequest, desk: EventDesk, reference: str) -> HttpResponse:
    """Say what, see what it would do, do it. Nothing happens before the second button."""
    shown = one.order_or_404(desk.event, reference)
    whole = one.whole(shown)
    if request.method != "POST":
        chosen = [number for number in request.GET.getlist("ticket") if number.isdecimal()]
        return _form(request, desk, whole, ReversalForm(whole, initial={"key": uuid.uuid4(), "tickets": chosen}))
    form = ReversalForm(whole, request.POST)
    is_confirmed = "confirmed" in request.POST
    if is_confirmed and _was_done(form, shown):  # the second click of two
        return HttpResponseRedirect(f"{desk.url}orders/{shown.reference}/", status=303)
    if not form.is_valid() or "again" in request.POST:
        return _form(request, desk, whole, form, status=422 if form.errors else 200)
    if not is_confirmed:
        return _preview(request, desk, whole, form)
    try:
        acts.take_back(order=shown, wanted=form.wanted(), by=desk.user, now=now())
    except tuple(FAULTS) as fault:
        form.add_error(None, FAULTS[type(fault)])
        return _form(request, desk, one.whole(shown), form, status=422)
    messages.success(request, DONE_WITH_MONEY if form.wanted().amount_minor else DONE)
    return HttpResponseRedirect(f"{desk.url}orders/{shown.reference}/", status=303)


def _was_done(form: ReversalForm, shown: Any) -> bool:
    """Whether this very form was sent before: then its tickets are gone, and it is none to complain of."""
    form.is_valid()
    key = form.cleaned_data.get("key")
    return bool(key and shown.reversals.filter(key=f"form-{shown.pk}-{key}").exists())


def _form(
    request: HttpRequest, desk: EventDesk, whole: one.Whole, form: ReversalForm, *, status: int = 200
) -> HttpResponse:
    currency, kept = desk.event.currency, whole.money
    context = {
        "desk": desk, "here": "orders", "order": whole.order, "form": form,
        "paid": words.amount(kept.paid_minor, currency), "left": words.amount(kept.left_minor, currency),
        "refunded": words.amount(kept.refunded_minor, currency),
    }  # fmt: skip
    return render(request, "organise/reversal.html", context, status=status)


def _preview(request: HttpRequest, desk: EventDesk, whole: one.Whole, form: ReversalForm) -> HttpResponse:
    """Money and stock as they would be."""
    wanted, currency = form.wanted(), desk.event.currency
    kept_minor = form.price_minor - wanted.amount_minor
    context = {
        "desk": desk, "here": "orders", "order": whole.order, "form": form, "wanted": wanted,
        "chosen": [ticket for ticket in whole.live if ticket.number in wanted.tickets],
        "is_all": len(wanted.tickets) == len(whole.live) > 0,
        "back": words.amount(wanted.amount_minor, currency),
        "left": words.amount(whole.money.left_minor - wanted.amount_minor, currency),
        "kept": words.amount(kept_minor, currency) if kept_minor > 0 else "",
        "goodwill": words.amount(-kept_minor, currency) if kept_minor < 0 else "",
        "typed": _typed(form, wanted),
    }  # fmt: skip
    return render(request, "organise/reversal_preview.html", context)


def _typed(form: ReversalForm, wanted: acts.Wanted) -> list[tuple[str, str]]:
    """The form once more, hidden, with the amount said outright."""
    kept = form.cleaned_data
    fields = [("tickets", str(number)) for number in wanted.tickets]
    fields += [("amount", money.input_text(wanted.amount_minor, form.currency)), ("how", kept["how"])]
    fields += [("reason", kept["reason"]), ("key", str(kept["key"]))]
    return fields + [(name, "on") for name in ("back_on_sale", "tells_buyer") if kept[name]]


@event_door(read=Act.EDIT_ORDERS, write=Act.EDIT_ORDERS)
def gifts(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """Make an order by hand, at no price."""
    form = GiftForm(desk.event, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = complimentary.give(event=desk.event, gift=form.gift(), by=desk.user, now=now())
        except holds.Refused as refused:
            for fault in refused.faults:
                said = SHORT.format(fault.limit) if fault.code == "short" else "This cannot be given just now."
                form.refuse(fault.slug, said)
            if not refused.faults:
                form.add_error(None, "Others took the last places at this moment. Try again.")
        else:
            messages.success(request, f"Order {made.reference} is made, and its tickets are on their way.")
            return HttpResponseRedirect(f"{desk.url}orders/{made.reference}/", status=303)
    context = {"desk": desk, "here": "orders", "form": form}
    return render(request, "organise/gift.html", context, status=422 if form.is_bound else 200)
