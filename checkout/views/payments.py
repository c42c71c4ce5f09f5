"""Reviewing, paying, and coming back from the payment page."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from checkout.actions import orders, payments
from checkout.models import Order, PaymentState, State
from checkout.providers.protocol import ProviderRefused, ProviderUnavailable
from checkout.queries import OrderView
from checkout.views.shared import STEP_REVIEW, by_post, find, page, typo_hint
from kit.http import private, same_origin

UNAVAILABLE = "The payment page cannot be reached just now. Your tickets stay held; please try again in a moment."
ASK_AGAIN_SECONDS = 2
LONGEST_WAIT_SECONDS = 10


def review(request: HttpRequest, view: OrderView, *, status: int = 200, problem: str = "") -> HttpResponse:
    """All of it once more before paying."""
    latest = view.order.payments.last() if view.order.state == State.PAYING else None
    problem = problem or (latest.last_error if latest else "")
    return page(
        request, "checkout/review.html", view, status=status, step=STEP_REVIEW, payment_problem=problem,
        is_paying=latest is not None and latest.state == PaymentState.OPEN,
        typo_hint=typo_hint(view.order.email), terms=view.terms, answered=view.questions.answered,
    )  # fmt: skip


def asks_more(view: OrderView) -> bool:
    """Whether the organiser has asked something since the buyer was on the details page, or it got lost on the way.

    Who has gone to the payment page is not called back."""
    return view.order.state == State.HELD and view.questions.missing_before_payment


@same_origin
@private
@by_post
def payment(request: HttpRequest, token: str) -> HttpResponse:
    """Go to the payment page; a second press finds the same one."""
    view = find(token)
    if asks_more(view):
        return HttpResponseRedirect(f"{view.order.get_absolute_url()}details/", status=303)
    try:
        opened = payments.begin(order=view.order, now=now())
    except (orders.NotOpen, payments.NothingToPay):
        return HttpResponseRedirect(view.order.get_absolute_url(), status=303)
    except ProviderUnavailable:
        return review(request, view, status=503, problem=UNAVAILABLE)
    except ProviderRefused as refused:
        return review(request, view, status=422, problem=str(refused))
    return HttpResponseRedirect(opened.session_url, status=303)


@private
@require_safe
def returned(request: HttpRequest, token: str) -> HttpResponse:
    """Back from the payment page: asks the provider rather than waiting for its webhook, also when the hold is over."""
    view = find(token)
    if not view.order.is_complete:
        try:
            payments.look(order=view.order, now=now())
        except (ProviderUnavailable, ProviderRefused):
            return _confirming(request, view)
        view.order.refresh_from_db(fields=["state"])
        if _is_waiting(view.order):
            return _confirming(request, view)
    return HttpResponseRedirect(view.order.get_absolute_url(), status=303)


def _is_waiting(order: Order) -> bool:
    """Whether a payment page is open of which we have heard neither that it was paid nor that it failed."""
    latest = order.payments.last() if order.state == State.PAYING else None
    return latest is not None and latest.state == PaymentState.OPEN and not latest.last_error


def _confirming(request: HttpRequest, view: OrderView) -> HttpResponse:
    """We have not heard yet: the page asks again by itself, with or without JavaScript, and explains after a while."""
    waited = int(request.GET.get("waited", "0")[:4]) if request.GET.get("waited", "0").isdecimal() else 0
    too_long = waited >= LONGEST_WAIT_SECONDS
    response = page(request, "checkout/confirming.html", view, step=STEP_REVIEW, too_long=too_long)
    pause = ASK_AGAIN_SECONDS * (5 if too_long else 1)
    address = f"{view.order.get_absolute_url()}return/?waited={waited + pause}"
    response.headers["Refresh"] = f"{pause};url={address}"
    return response
