"""One act on many orders: chosen in the list, confirmed, watched, stopped."""

import uuid
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now

from checkout.actions import jobs as acts
from checkout.models import Job, Order, State
from organise import order_words as words
from organise.doors import EventDesk, event_door
from organise.forms.orders import ListForm
from organise.forms.reversals import CancelJobForm, ResendJobForm
from organise.policy import Act
from organise.queries import orders as many

SHOWN: Final = 20
A_PAGE: Final = 50
ASK_AGAIN_SECONDS: Final = 3
FILTERS: Final = ("q", "state", "type", "money", "since", "until")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The complete orders that were ticked, or all that the list was narrowed to; `typed` says it again in a form."""

    orders: "QuerySet[Order]"
    typed: list[tuple[str, str]]


def chosen(desk: EventDesk, data: QueryDict) -> Chosen:
    if data.get("all"):
        found = many.orders(desk.event, ListForm(desk.event, data).wanted())
        typed = [("all", "1"), *[(name, str(data[name])) for name in FILTERS if data.get(name)]]
    else:
        ids = [pk for pk in data.getlist("order") if pk.isdecimal() and len(pk) < 19]
        found, typed = Order.objects.filter(event=desk.event, pk__in=ids), [("order", pk) for pk in ids]
    return Chosen(found.filter(state=State.COMPLETE), typed)


@event_door(read=Act.EDIT_ORDERS, write=Act.EDIT_ORDERS)
def resends(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """Send the tickets of the chosen orders again."""
    selection = chosen(desk, request.POST if request.method == "POST" else request.GET)
    form = ResendJobForm(request.POST if request.method == "POST" else None, initial={"key": uuid.uuid4()})
    return _confirm(request, desk, selection, form, selection.orders.count())


@event_door(read=Act.MOVE_MONEY, write=Act.MOVE_MONEY)
def cancellations(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """Cancel the chosen orders, once their number was typed."""
    selection = chosen(desk, request.POST if request.method == "POST" else request.GET)
    count = selection.orders.count()
    form = CancelJobForm(count, request.POST if request.method == "POST" else None, initial={"key": uuid.uuid4()})
    return _confirm(request, desk, selection, form, count)


def _confirm(request: HttpRequest, desk: EventDesk, selection: Chosen, form: Any, count: int) -> HttpResponse:
    """How many, how much, and the button; then the job."""
    known = _known(desk, form)
    if known is None and not count:
        messages.warning(request, "Choose complete orders first.")
        return HttpResponseRedirect(f"{desk.url}orders/", status=303 if request.method == "POST" else 302)
    if known or (request.method == "POST" and form.is_valid()):
        job = known or _start(desk, selection, form)
        return HttpResponseRedirect(f"{desk.url}jobs/{job.pk}/", status=303)
    is_cancelling = isinstance(form, CancelJobForm)
    left = words.amount(many.left_of(selection.orders), desk.event.currency) if is_cancelling else ""
    context = {
        "desk": desk, "here": "orders", "form": form, "count": count, "left": left, "typed": selection.typed,
        "is_cancelling": is_cancelling, "some": list(selection.orders.order_by("-pk")[:SHOWN]),
    }  # fmt: skip
    return render(request, "organise/job_confirmation.html", context, status=422 if form.is_bound else 200)


def _known(desk: EventDesk, form: Any) -> Job | None:
    """The job of this very form, sent a second time: by then its orders may be cancelled."""
    form.is_valid()
    key = form.cleaned_data.get("key") if form.is_bound else None
    return Job.objects.filter(event=desk.event, key=key).first() if key else None


def _start(desk: EventDesk, selection: Chosen, form: Any) -> Job:
    kept, is_cancelling = form.cleaned_data, isinstance(form, CancelJobForm)
    plan = acts.Plan(
        kind=Job.Kind.CANCEL if is_cancelling else Job.Kind.RESEND, key=kept["key"],
        orders=selection.orders.order_by("pk").values_list("pk", flat=True).iterator(),
        sends_money_back=kept.get("sends_money_back", False), is_back_on_sale=kept.get("back_on_sale", False),
        reason=kept.get("reason", ""),
    )  # fmt: skip
    return acts.start(event=desk.event, plan=plan, by=desk.user, now=now())


@event_door(read=Act.READ_ORDERS)
def listing(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """The event's jobs, the last one first."""
    zone = desk.event.zone
    rows = [(job, words.moment(job.created_at, zone)) for job in Job.objects.filter(event=desk.event)[:A_PAGE]]
    return render(request, "organise/jobs.html", {"desk": desk, "here": "orders", "rows": rows})


@event_door(read=Act.READ_ORDERS)
def job(request: HttpRequest, desk: EventDesk, job_id: int) -> HttpResponse:
    """How far it is. The page asks again by itself until it is over: by htmx, or without scripts once asked to."""
    found = get_object_or_404(Job, event=desk.event, pk=job_id)
    failed = found.orders.filter(failed_at__isnull=False).select_related("order").order_by("pk")
    is_watched = "watch" in request.GET and found.is_running
    context = {
        "desk": desk, "here": "orders", "job": found, "failed": list(failed[:A_PAGE]),
        "at": words.moment(found.created_at, desk.event.zone),
        "finished": words.moment(found.finished_at, desk.event.zone) if found.finished_at else "",
        "is_watched": is_watched, "percent": 100 * (found.done + found.failed) // max(found.total, 1),
    }  # fmt: skip
    response = render(request, "organise/job.html", context)
    if is_watched:
        response.headers["Refresh"] = str(ASK_AGAIN_SECONDS)
    return response


@event_door(read=None, write=Act.MOVE_MONEY)
def stop(request: HttpRequest, desk: EventDesk, job_id: int) -> HttpResponse:
    """Leave what is not done yet."""
    found = get_object_or_404(Job.objects.select_related("event__organiser"), event=desk.event, pk=job_id)
    acts.stop(job=found, by=desk.user, now=now())
    messages.success(request, "The job stops: orders that are not done yet stay as they are.")
    return HttpResponseRedirect(f"{desk.url}jobs/{found.pk}/", status=303)
