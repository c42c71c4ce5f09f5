"""A code that was typed on the event page: its page opens again with the code applied, and the choice as it was."""

from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from checkout import choice
from checkout.choice import Choice
from events import facts, pages
from events.facts import EventFacts
from events.given import Given, by_code
from kit.http import private, same_origin

LONGEST_QUERY: Final = 4000  # what every browser and server takes in an address


@same_origin
@private
@require_http_methods(["GET", "HEAD", "POST"])
def codes(request: HttpRequest, organiser_slug: str, event_slug: str) -> HttpResponse:
    """Apply the code that was typed, or take it off. The address it leads to has the code and what was chosen, so it
    can be loaded again; a code that cannot be used says why, beside its field."""
    event = facts.find(organiser_slug, event_slug, now=now())
    if event is None:
        raise Http404
    event, form = event.at(now()), request.POST if request.method == "POST" else request.GET
    given = _given(event, choice.read(form, event.currency), with_code="without_code" not in form)
    if request.method != "POST":
        return _shown(event, given)
    if not given.code_text and "without_code" not in form:
        given = replace(given, problem="Enter a code, or go on without one.")
    if given.problem:
        return _shown(event, given, status=422)
    return _led_on(event, given)


def _given(event: EventFacts, chosen: Choice, *, with_code: bool) -> Given:
    quantities = {f"quantity-{line.slug}": line.quantity_text for line in chosen.asked}
    typed = quantities | {f"price-{line.slug}": line.price_text for line in chosen.asked if line.price_text}
    if not chosen.code or not with_code:
        return Given(secret=chosen.secret, typed=typed)
    return by_code(event, chosen.code, now=now(), secret=chosen.secret, typed=typed)


def _led_on(event: EventFacts, given: Given) -> HttpResponse:
    """To the page that is the same for everybody, where that will do; else to one with what was typed."""
    if not given.typed and not (given.secret and given.code):
        return HttpResponseRedirect(f"{event.url}{given.path}#tickets", status=303)
    fields = {"code": given.code_text, "secret": given.secret}
    query = urlencode({name: text for name, text in fields.items() if text} | dict(given.typed))
    if len(query) > LONGEST_QUERY:
        return _shown(event, given)
    return HttpResponseRedirect(f"{event.url}code/?{query}#tickets", status=303)


def _shown(event: EventFacts, given: Given, *, status: int = 200) -> HttpResponse:
    page = pages.one_buyers_page(event, now=now(), given=given)
    if page is None:  # a key that opens nothing, or no more
        page = pages.one_buyers_page(event, now=now(), given=replace(given, secret=""))
    return HttpResponse(page, status=status)
