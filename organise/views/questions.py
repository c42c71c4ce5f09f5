"""An event's questions: the list, one question with its answers counted, and each thing that is done to one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now

from accounts.actions import log
from checkout.models import AnswerFile
from checkout.views.answers import download
from events import questions as facts
from events.actions import questions
from events.models import Question
from events.models.questions import MOST_QUESTIONS
from organise.doors import EventDesk, event_door
from organise.forms.questions import QuestionForm
from organise.policy import Act
from organise.queries import questions as queries

LOOKS_BACK: Final = (
    "A question can depend only on one that comes before it, is asked by then, and is answered by the choices named."
)
TOO_MANY: Final = f"An event asks at most {MOST_QUESTIONS} questions. Archive one first."
ANSWERED: Final = "It has been answered, so it stays asked of what it was asked of. Archive it and add another."


@event_door(read=Act.READ_EVENTS, write=Act.EDIT_EVENTS)
def listing(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """All questions, and by POST one more."""
    if request.method != "POST":
        return render(request, "organise/questions.html", {"desk": desk, "here": "questions", **_listed(desk)})
    form = QuestionForm(desk.event, facts.of_event(desk.event.pk), request.POST)
    if form.is_valid():
        said = f"Added the question “{form.cleaned_data['label']}”."
        if _done(desk, form, said, "question-added", lambda at: _add(desk, form, at)):
            return _back(request, desk, said)
    return _form_page(request, desk, form, None, status=422)


@event_door(read=Act.EDIT_EVENTS)
def new(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """The empty form."""
    return _form_page(request, desk, QuestionForm(desk.event, facts.of_event(desk.event.pk)), None)


@event_door(read=Act.READ_EVENTS, write=Act.EDIT_EVENTS)
def question(request: HttpRequest, desk: EventDesk, question_id: int) -> HttpResponse:
    """One question: its answers counted, and its form."""
    row, one, earlier = _find(desk, question_id)
    if request.method != "POST":
        return _form_page(request, desk, QuestionForm(desk.event, earlier, now=one), row)
    form = QuestionForm(desk.event, earlier, request.POST, now=one)
    if form.is_valid():
        label = form.cleaned_data["label"]
        said = f"Changed the question “{one.label}”{f' to “{label}”' if label != one.label else ''}."

        def change(at: datetime) -> object:
            return questions.change(question=row, wording=form.wording(), asking=form.asking(), now=at)

        if _done(desk, form, said, "question-changed", change):
            return _back(request, desk, said)
    return _form_page(request, desk, form, row, status=422)


@event_door(read=None, write=Act.EDIT_EVENTS)
def move(request: HttpRequest, desk: EventDesk, question_id: int) -> HttpResponse:
    """One place up or down."""
    row, one, _ = _find(desk, question_id)
    direction = request.POST.get("direction", "")
    if direction not in questions.STEPS:
        return _back(request, desk, "Nothing was moved.", level=messages.WARNING)
    said = f"Moved the question “{one.label}” {direction}."
    return _do(request, desk, said, "question-moved", lambda _: questions.move(question=row, direction=direction))


@event_door(read=None, write=Act.EDIT_EVENTS)
def archiving(request: HttpRequest, desk: EventDesk, question_id: int) -> HttpResponse:
    """Ask it no more, or again."""
    row, one, _ = _find(desk, question_id)
    if row.archived_at:
        said = f"The question “{one.label}” is asked again."
        return _do(request, desk, said, "question-unarchived", lambda _: questions.unarchive(question=row))
    said = f"The question “{one.label}” is asked no more. Its answers stay."
    return _do(request, desk, said, "question-archived", lambda at: questions.archive(question=row, now=at))


@event_door(read=None, write=Act.EDIT_EVENTS)
def deletion(request: HttpRequest, desk: EventDesk, question_id: int) -> HttpResponse:
    """Remove one that nobody has answered."""
    row, one, _ = _find(desk, question_id)
    said = f"Deleted the question “{one.label}”."
    return _do(request, desk, said, "question-deleted", lambda _: questions.delete(question=row))


@event_door(read=Act.READ_ORDERS)
def answer_file(request: HttpRequest, desk: EventDesk, answer_id: int) -> HttpResponse:
    """A file that somebody has answered with, to be saved."""
    return download(get_object_or_404(AnswerFile, answer=answer_id, answer__order__event=desk.event))


def _listed(desk: EventDesk) -> dict[str, Any]:
    rows = queries.listed(desk.event)
    return {
        "asked": [row for row in rows if not row.is_archived], "archived": [row for row in rows if row.is_archived],
    }  # fmt: skip


def _find(desk: EventDesk, question_id: int) -> Any:
    """The row, what it asks now, and what comes before it. Raises Http404."""
    row = get_object_or_404(Question, event=desk.event, pk=question_id)
    row.event = desk.event
    found = facts.of_event(desk.event.pk, archived=None)
    one = next(one for one in found if one.id == row.pk)
    before = {other.id for other in found[: found.index(one)]}
    return row, one, [other for other in facts.of_event(desk.event.pk) if other.id in before]


def _add(desk: EventDesk, form: QuestionForm, at: datetime) -> object:
    return questions.add(event=desk.event, wording=form.wording(), asking=form.asking(), now=at)


def _done(desk: EventDesk, form: QuestionForm, said: str, kind: str, act: Callable[[datetime], object]) -> bool:
    """Do it and write it into the log; what stands in the way becomes an error of the form."""
    problem = _tried(desk, said, kind, act)
    if problem:
        form.add_error("only_if" if problem == LOOKS_BACK else None, problem)
    return not problem


def _do(request: HttpRequest, desk: EventDesk, said: str, kind: str, act: Callable[[datetime], object]) -> HttpResponse:
    """Do it, write it into the log, and go back to the list, which says what was done or why not."""
    problem = _tried(desk, said, kind, act)
    return _back(request, desk, problem or said, level=messages.WARNING if problem else messages.SUCCESS)


def _tried(desk: EventDesk, said: str, kind: str, act: Callable[[datetime], object]) -> str:
    """Why it could not be done, or nothing."""
    at = now()
    try:
        with transaction.atomic():
            act(at)
            log.record(organiser=desk.organiser, event=desk.event, by=desk.user, kind=kind, said=said, now=at)
    except questions.TooMany:
        return TOO_MANY
    except questions.IsAnswered:
        return ANSWERED if kind == "question-changed" else "It has been answered. Archive it: its answers stay."
    except questions.HasDependents as dependents:
        return f"Other questions depend on its answers: {', '.join(dependents.labels)}. Change those first."
    except (questions.DoesNotLookBack, questions.FileBeforePayment):
        return LOOKS_BACK
    return ""


def _back(request: HttpRequest, desk: EventDesk, said: str, *, level: int = messages.SUCCESS) -> HttpResponse:
    messages.add_message(request, level, said)
    return HttpResponseRedirect(f"{desk.url}questions/", status=303)


def _form_page(
    request: HttpRequest, desk: EventDesk, form: QuestionForm, row: Question | None, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "desk": desk, "here": "questions", "form": form, "question": row,
        "errors": form.errors_for_summary if form.is_bound else [],
    }  # fmt: skip
    if row:
        wordings = queries.wordings(row)
        context |= {
            "answered": queries.answered_by(row), "wordings": wordings, "latest": wordings[0],
            "summary": queries.summary_of(row),
        }  # fmt: skip
    return render(request, "organise/question.html", context, status=status)
