"""Taking, renewing and re-taking a hold."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from checkout import choice, refusals
from checkout.actions import holds
from checkout.choice import Choice
from checkout.forms import DetailsForm
from checkout.views import codes
from checkout.views.orders import details_page, over
from checkout.views.shared import by_post, find, too_late
from events import facts
from events.facts import EventFacts
from kit.http import private, same_origin


@same_origin
@private
@require_http_methods(["GET", "HEAD", "POST"])
def orders(request: HttpRequest, organiser_slug: str, event_slug: str) -> HttpResponse:
    """Hold what was chosen on the event page, and go to its details: an address of their own, for Back to lead to."""
    if request.method != "POST":
        return HttpResponseRedirect(f"/{organiser_slug}/{event_slug}/", status=303)
    event = facts.find(organiser_slug, event_slug, now=now())
    if event is None:
        raise Http404
    chosen = choice.read(request.POST, event.currency)
    if chosen.code and not chosen.asked:  # Enter in the field of the code
        return codes.codes(request, organiser_slug, event_slug)
    if chosen.faults or not chosen.lines:
        return _refused(request, event, chosen, chosen.faults)
    try:
        token = holds.take(
            event_id=event.id, lines=chosen.lines, secret=chosen.secret, code=chosen.code, key=chosen.key, now=now()
        )  # fmt: skip
    except holds.Refused as refused:
        return _refused(request, event, chosen, refused.faults)
    except holds.NotSelling:
        return _refused(request, event, chosen, [choice.Fault(line.slug, "closed") for line in chosen.lines])
    return HttpResponseRedirect(f"/orders/{token}/details/", status=303)


def _refused(request: HttpRequest, event: EventFacts, chosen: Choice, faults: list[choice.Fault]) -> HttpResponse:
    """The choice again, as it was typed, with what is wrong beside each line."""
    context = refusals.explain(event, chosen, faults, now=now())
    return render(request, "checkout/hold_refused.html", context, status=409 if context["is_short"] else 422)


@same_origin
@private
@by_post
def renewals(request: HttpRequest, token: str) -> HttpResponse:
    """Start the hold's time again."""
    view = find(token)
    try:
        holds.renew(order=view.order, now=now())
    except holds.CannotRenew:
        if request.accepts("text/html"):
            return too_late(request, view)
        return JsonResponse({"problem": "This hold cannot be renewed any more."}, status=409)
    hold = view.hold
    if not request.accepts("text/html") and hold is not None:
        return JsonResponse({"seconds_left": hold.seconds_left, "renewals_left": hold.renewals_left})
    if "full_name" in request.POST:  # pressed inside the details form: what was typed there must not be lost
        return details_page(request, view, DetailsForm(view, typed=request.POST))
    return HttpResponseRedirect(view.order.get_absolute_url(), status=303)


@same_origin
@private
@by_post
def retakes(request: HttpRequest, token: str) -> HttpResponse:
    """Hold the same tickets again after the first hold has lapsed."""
    view = find(token)
    if view.order.is_open or view.order.is_complete:
        return HttpResponseRedirect(view.order.get_absolute_url(), status=303)
    try:
        new = holds.take_again(order=view.order, now=now())
    except holds.Refused as refused:
        return over(request, view, errors=refusals.errors(view.event, refused.faults, view.order.code_text), status=409)
    except holds.NotSelling:
        return over(request, view, errors=[("", "Sales for this event have closed.")], status=409)
    return HttpResponseRedirect(f"/orders/{new}/", status=303)
