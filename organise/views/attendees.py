"""An event's attendees: everyone who has a ticket, and who has not been named yet."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from organise import order_words as words
from organise.doors import EventDesk, event_door
from organise.forms.orders import ListForm
from organise.policy import Act
from organise.queries import orders as many
from organise.views.lists import query_without_place


@event_door(read=Act.READ_ORDERS)
def listing(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """All valid tickets of complete orders, the newest order first; searched, filtered, a page at a time."""
    form = ListForm(desk.event, request.GET, is_of_tickets=True)
    wanted = form.wanted()
    found = many.attendees(desk.event, wanted)
    page = many.attendee_page(found, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    rows = [(ticket, words.amount(ticket.price_minor, desk.event.currency)) for ticket in page.rows]
    context = {
        "desk": desk, "here": "attendees", "form": form, "wanted": wanted, "rows": rows, "page": page,
        "query": query_without_place(request.GET),
    }  # fmt: skip
    return render(request, "organise/attendees.html", context)
