"""Discount and access codes on the organiser's pages: the list with their use, one code, and what makes many."""

from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.utils.timezone import now

from events.actions import codes
from events.actions.codes import Terms
from events.models import Code
from kit.csv_text import NotCsv
from organise import code_files, words_of_codes
from organise.doors import EventDesk, event_door
from organise.forms.codes import BatchForm, CodeForm
from organise.policy import Act
from organise.queries import codes as queries

A_PAGE: Final = 50
LONGEST_SEARCH: Final = 100


@event_door(read=Act.READ_EVENTS)
def listing(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """All codes of the event, or those that have what is searched for."""
    search = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    page = Paginator(queries.listed(desk.event, search), A_PAGE).get_page(request.GET.get("page"))
    some = list(page)
    usage = queries.usage_of(some)
    rows = [words_of_codes.row(code, usage.get(code.pk, queries.Usage()), desk.event, now=now()) for code in some]
    query = f"{urlencode({'q': search})}&" if search else ""
    return _page(request, desk, "codes", {"rows": rows, "page": page, "search": search, "query": query})


@event_door(read=Act.EDIT_EVENTS, write=Act.EDIT_EVENTS)
def new(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """Make one code."""
    form = CodeForm(desk.event, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _form(request, desk, "code_form", form)
    try:
        code = codes.make(event=desk.event, terms=form.terms(), by=desk.user, now=now())
    except codes.TextTaken:
        form.add_error("text", "There is a code with this text already.")
        return _form(request, desk, "code_form", form)
    messages.success(request, f"The code {code.text} can be used now.")
    return HttpResponseRedirect(f"{desk.url}codes/{code.pk}/", status=303)


@event_door(read=Act.READ_EVENTS)
def one(request: HttpRequest, desk: EventDesk, code_id: int) -> HttpResponse:
    """What a code does, its link, and the orders that have it."""
    code = _find(desk, code_id)
    page = Paginator(queries.orders_of(code), A_PAGE).get_page(request.GET.get("page"))
    usage = queries.usage_of([code]).get(code.pk, queries.Usage())
    context = {
        "row": words_of_codes.row(code, usage, desk.event, now=now()), "page": page,
        "orders": [words_of_codes.order(order, desk.event) for order in page],
        "terms": words_of_codes.terms(code, desk.event), "link": f"{settings.SITE_URL}{code.get_absolute_url()}",
        "may_go": not code.use.used and page.paginator.count == 0,
    }  # fmt: skip
    return _page(request, desk, "code", context)


@event_door(read=Act.EDIT_EVENTS, write=Act.EDIT_EVENTS)
def terms(request: HttpRequest, desk: EventDesk, code_id: int) -> HttpResponse:
    """Change what a code does."""
    code = _find(desk, code_id)
    data = request.POST if request.method == "POST" else None
    form = CodeForm(desk.event, data, terms=Terms.of(code, code.use))
    if data is None or not form.is_valid():
        return _form(request, desk, "code_form", form, code=code)
    try:
        codes.change(code=code, terms=form.terms(is_on=code.is_on), by=desk.user, now=now())
    except codes.TextTaken:
        form.add_error("text", "There is a code with this text already.")
        return _form(request, desk, "code_form", form, code=_find(desk, code_id))
    except codes.FewerThanUsed as fault:
        form.add_error("capacity", f"{fault.used} uses are taken already, so it cannot have fewer.")
        return _form(request, desk, "code_form", form, code=code)
    messages.success(request, "Saved. Orders that have the code keep their prices.")
    return HttpResponseRedirect(f"{desk.url}codes/{code.pk}/", status=303)


@event_door(read=None, write=Act.EDIT_EVENTS)
def switch(request: HttpRequest, desk: EventDesk, code_id: int) -> HttpResponse:
    """On or off, as the form says."""
    code, is_on = _find(desk, code_id), request.POST.get("is_on") == "yes"
    codes.switch(code=code, is_on=is_on, by=desk.user, now=now())
    said = "can be used again" if is_on else "cannot be used any more. Orders that have it keep their prices"
    messages.success(request, f"The code {code.text} {said}.")
    return HttpResponseRedirect(f"{desk.url}codes/{code.pk}/", status=303)


@event_door(read=None, write=Act.EDIT_EVENTS)
def deletion(request: HttpRequest, desk: EventDesk, code_id: int) -> HttpResponse:
    """Of a code that no order ever had."""
    code = _find(desk, code_id)
    try:
        codes.delete(code=code, by=desk.user, now=now())
    except codes.InUse:
        messages.error(request, f"An order has the code {code.text}, so it stays. You can switch it off.")
        return HttpResponseRedirect(f"{desk.url}codes/{code.pk}/", status=303)
    messages.success(request, f"The code {code.text} is deleted.")
    return HttpResponseRedirect(f"{desk.url}codes/", status=303)


@event_door(read=Act.EDIT_EVENTS, write=Act.EDIT_EVENTS)
def batch(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """Make many codes on the same terms."""
    data = request.POST if request.method == "POST" else None
    form = BatchForm(desk.event, data, terms=Terms(text="", capacity=1))
    if data is None or not form.is_valid():
        return _form(request, desk, "code_batch", form)
    prefix, count = form.cleaned_data["begins"], form.cleaned_data["count"]
    made = codes.make_many(
        event=desk.event, terms=form.terms(), prefix=prefix, count=count, by=desk.user, now=now()
    )  # fmt: skip
    messages.success(request, f"{len(made):,} codes are made. The CSV file has them all.")
    search = f"?{urlencode({'q': prefix})}" if prefix else ""
    return HttpResponseRedirect(f"{desk.url}codes/{search}", status=303)


@event_door(read=Act.READ_EVENTS)
def file(request: HttpRequest, desk: EventDesk) -> StreamingHttpResponse:
    """All codes as CSV, with how each was used."""
    lines = code_files.written(desk.event, site_url=settings.SITE_URL)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="codes-{desk.event.slug}.csv"'
    return response


@event_door(read=Act.EDIT_EVENTS, write=Act.EDIT_EVENTS)
def imports(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """Make the codes of a CSV file."""
    if request.method != "POST":
        return _page(request, desk, "code_import", {"columns": code_files.COLUMNS})
    try:
        wanted = code_files.read(_sent(request), desk.event)
    except NotCsv as fault:
        return _refused(request, desk, [str(fault)])
    except code_files.Faulty as fault:
        return _refused(request, desk, fault.faults)
    made = codes.add(event=desk.event, wanted=wanted, by=desk.user, now=now())
    messages.success(
        request, f"{made:,} codes are made; {len(wanted) - made:,} were there already and stay as they are."
    )
    return HttpResponseRedirect(f"{desk.url}codes/", status=303)


def _sent(request: HttpRequest) -> bytes:
    sent: Any = request.FILES.get("file")
    if sent is None:
        raise NotCsv("Choose a file.")
    if sent.size > code_files.MOST_BYTES:
        raise NotCsv("The file is larger than 2 MB. Import it in parts.")
    return bytes(sent.read())


def _refused(request: HttpRequest, desk: EventDesk, faults: list[str]) -> HttpResponse:
    errors = [("id_file", fault) for fault in faults]
    context = {"columns": code_files.COLUMNS, "errors": errors}
    return _page(request, desk, "code_import", context, status=422)


def _find(desk: EventDesk, code_id: int) -> Code:
    code = get_object_or_404(Code.objects.select_related("use"), event=desk.event, pk=code_id)
    code.event = desk.event
    return code


def _form(request: HttpRequest, desk: EventDesk, template: str, form: Any, **more: Any) -> HttpResponse:
    errors = form.errors_for_summary if form.is_bound else []
    return _page(request, desk, template, {"form": form, "errors": errors, **more}, status=422 if errors else 200)


def _page(
    request: HttpRequest, desk: EventDesk, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:  # fmt: skip
    base = {"desk": desk, "here": "codes", "shown": desk.event}
    return render(request, f"organise/{template}.html", base | context, status=status)
