"""What the organiser asks, answered and changed after the order is complete; and the files among the answers."""

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import content_disposition_header
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from checkout.actions import answers as acts
from checkout.answers import AnsweredQuestion
from checkout.asking import Asked
from checkout.models import AnswerFile
from checkout.queries import OrderView
from checkout.question_form import QuestionsForm
from checkout.uploads import SmallFilesHandler
from checkout.views.shared import find, page, too_late
from kit import moments
from kit.http import private, same_origin

TICKETS_A_PAGE: Final = 20
# A stranger's file: never shown by a browser as a page of ours, whatever is in it.
SANDBOX: Final = "default-src 'none'; sandbox"


@same_origin
@private
@require_http_methods(["GET", "HEAD", "POST"])
def answers(request: HttpRequest, token: str) -> HttpResponse:
    """The questions of a complete order, some tickets at a time. What is missing can be answered later."""
    request.upload_handlers = [SmallFilesHandler(request)]
    view = find(token)
    if not view.order.is_complete or not view.questions.asked:
        return HttpResponseRedirect(view.order.get_absolute_url(), status=303)
    part = _part(request, view)
    if request.method != "POST":
        return _answers_page(request, view, part, _form(view, part))
    form = _form(view, part, request.POST, request.FILES)
    if not form.is_valid():
        return _answers_page(request, view, part, form, status=422)
    try:
        acts.change(order=view.order, given=form.given(), now=now())
    except acts.NotOpen:
        return too_late(request, view)
    except acts.TooMuch:
        form.add_error(None, "The files of this order are too large together. Send smaller ones, please.")
        return _answers_page(request, view, part, form, status=422)
    return HttpResponseRedirect(f"{view.order.get_absolute_url()}answers/?part={part}&saved", status=303)


@private
@require_safe
def file(request: HttpRequest, token: str, answer_id: int) -> HttpResponse:
    """A file that is one of the order's answers, for whoever has its link."""
    view = find(token)
    found = AnswerFile.objects.filter(answer=answer_id, answer__order=view.order).first()
    if found is None:
        raise Http404
    return download(found)


def download(found: AnswerFile) -> HttpResponse:
    """The file, to be saved and not to be looked at in place."""
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=found.name) or ""
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _part(request: HttpRequest, view: OrderView) -> int:
    """Which tickets, counted from 1; the order's own questions are on the first part."""
    text = request.GET.get("part", "1")[:4]
    return min(max(1, int(text)), _parts(view)) if text.isdecimal() else 1


def _parts(view: OrderView) -> int:
    return max(1, -(-len({one.ticket for one in view.questions.asked} - {None}) // TICKETS_A_PAGE))


def _in_part(view: OrderView, part: int) -> list[Asked]:
    tickets = list(dict.fromkeys(one.ticket for one in view.questions.asked if one.ticket))
    here = tickets[(part - 1) * TICKETS_A_PAGE : part * TICKETS_A_PAGE]
    return [one for one in view.questions.asked if (one.ticket in here if one.ticket else part == 1)]


def _is_open(view: OrderView, one: Asked) -> bool:
    return view.now < one.question.closes_at(view.event.starts_at)


def _form(view: OrderView, part: int, data: Any = None, files: Any = None) -> QuestionsForm:
    asked = [one for one in _in_part(view, part) if _is_open(view, one)]
    return QuestionsForm(asked, view.questions.kept, data, files, is_partial=True)


def _answers_page(
    request: HttpRequest, view: OrderView, part: int, form: QuestionsForm, *, status: int = 200
) -> HttpResponse:
    closed = {one.name for one in _in_part(view, part) if not _is_open(view, one)}
    fixed: list[AnsweredQuestion] = [one for one in view.questions.answered if one.field_name in closed]
    closing = [one.question.closes_at(view.event.starts_at).astimezone(view.event.zone) for one in form.asked]
    errors = [("", str(message)) for message in form.non_field_errors()] if form.is_bound else []
    return page(
        request, "checkout/answers.html", view, status=status, form=form, fixed=fixed,
        errors=errors + (form.errors_for_summary if form.is_bound else []), saved="saved" in request.GET,
        missing=view.questions.missing, closes_text=moments.moment_text(min(closing)) if closing else "",
        part=part, parts=range(1, _parts(view) + 1), tickets_a_page=TICKETS_A_PAGE,
    )  # fmt: skip
