"""The form of what an order is asked: judged with its conditions, so a hidden question's answer is dropped."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms

from checkout.asking import Asked, Kept, Key, Texts
from checkout.question_fields import field_of, initial_of, shown_text, texts_of
from checkout.uploads import Upload
from events.models import QuestionKind

VERSIONS: Final = "questions"  # which wording of each question the page has shown
CHANGED: Final = "The organiser has just changed “{label}”. Read it again, please, and check your answer."
AGAIN: Final = "Choose your file again: “{label}”. A browser does not keep it when a form is sent back."


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to keep, in place of the one before; without texts: to take away."""

    asked: Asked
    texts: Texts
    upload: Upload | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A question in a form, as its template shows it."""

    asked: Asked
    field: forms.BoundField
    kept: Kept | None
    remove: forms.BoundField | None

    @property
    def is_group(self) -> bool:
        """Whether its field is several boxes or buttons, which need a legend and not a label."""
        return isinstance(self.field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)

    @property
    def kept_text(self) -> str:
        """What was answered, where the field itself cannot show it."""
        if self.kept is None:
            return ""
        if self.asked.question.kind == QuestionKind.FILE and self.kept.kind == QuestionKind.FILE:
            return "Your file so far, which another takes the place of:"
        if self.kept.is_of_other_kind(self.asked.question):
            text = shown_text(self.kept.kind, self.kept.texts)
            return f"You have answered this question before it was changed: {text}. That stays unless you answer anew."
        return ""

    @property
    def file_id(self) -> int | None:
        """What opens the file that is the answer so far."""
        return self.kept.id if self.kept and self.kept.kind == QuestionKind.FILE else None

    @property
    def only_if_json(self) -> str:
        return json.dumps(self.asked.question.only_if_values, ensure_ascii=False)

    @property
    def parent_name(self) -> str:
        """The name of the field that it depends on, for the script that shows and hides it."""
        if self.asked.parent is None:
            return ""
        ticket = self.asked.ticket if self.asked.parent[1] is not None else None
        return f"q{self.asked.parent[0]}t{ticket.number}" if ticket else f"q{self.asked.parent[0]}"


@dataclass(frozen=True, slots=True)
class Section:
    """The questions of the order, or of one ticket."""

    title: str
    number: int
    questions: Sequence[Shown]


class QuestionsForm(forms.Form):
    """One field a question. With `is_partial`, what was never answered may be left for later, required or not."""

    def __init__(
        self, asked: Sequence[Asked], kept: Mapping[Key, Kept], data: Any = None, files: Any = None, *,
        typed: Any = None, is_partial: bool = False,
    ) -> None:  # fmt: skip
        """`data` is judged; `typed` is only shown again."""
        self.asked, self.kept, self.is_partial = asked, kept, is_partial
        super().__init__(data, files)
        for one in asked:
            self._add(one, kept.get(one.key))
        self.fields[VERSIONS] = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)
        self.initial[VERSIONS] = ",".join(dict.fromkeys(f"{one.question.id}-{one.question.number}" for one in asked))
        if typed is not None:
            self._show_again(typed)

    def _add(self, one: Asked, kept: Kept | None) -> None:
        fits = kept is not None and not kept.is_of_other_kind(one.question)
        self.fields[one.name] = field_of(one, earlier=kept.texts if kept and fits else ())
        if kept and fits and one.question.kind == QuestionKind.FILE:
            self.fields[one.name].required = False  # there is one
            if not one.question.is_required:
                self.fields[f"{one.name}-remove"] = forms.BooleanField(label="Remove this file", required=False)
        elif kept and fits:
            self.initial[one.name] = initial_of(one.question.kind, kept.texts)
        elif kept:
            self.fields[one.name].required = False  # what was answered then stays

    def _show_again(self, typed: Any) -> None:
        for one in self.asked:
            widget = self.fields[one.name].widget
            self.initial[one.name] = widget.value_from_datadict(typed, {}, one.name)

    def clean(self) -> None:
        """Judge place by place, as one answer decides whether the next question is asked."""
        answers = {key: kept.texts for key, kept in self.kept.items()}
        for one in self.asked:
            if not one.is_shown(answers):
                self.errors.pop(one.name, None)
                answers.pop(one.key, None)
                continue
            if self.is_partial and one.key not in self.kept and self._lacks_only_an_answer(one):
                del self.errors[one.name]
            answers[one.key] = self._texts(one)
        self._refuse_old_wording()
        if self.errors:
            self._ask_for_files_again()

    def _lacks_only_an_answer(self, one: Asked) -> bool:
        return [error.code for error in self.errors.as_data().get(one.name, ())] == ["required"]

    def _texts(self, one: Asked) -> Texts:
        """What counts as the answer: what was sent, or what is kept where the form had nothing of it to send."""
        sent, kept = texts_of(self.cleaned_data.get(one.name)), self.kept.get(one.key)
        if sent or kept is None:
            return sent
        is_file = one.question.kind == QuestionKind.FILE and not self.cleaned_data.get(f"{one.name}-remove")
        return kept.texts if is_file or kept.is_of_other_kind(one.question) else ()

    def _refuse_old_wording(self) -> None:
        """A page that was opened before the question was changed asked something else."""
        seen = dict(pair.split("-", 1) for pair in self.cleaned_data.get(VERSIONS, "").split(",") if "-" in pair)
        for one in self.asked:
            if seen.get(str(one.question.id), str(one.question.number)) != str(one.question.number):
                self.add_error(one.name, CHANGED.format(label=one.question.label))
        if self.is_bound and self.errors:  # what is shown now is the latest wording
            data: Any = self.data
            self.data = data.copy()
            self.data[VERSIONS] = self.initial[VERSIONS]  # type: ignore[index]  # a copy of what was sent can be changed

    def _ask_for_files_again(self) -> None:
        for one in self.asked:
            if one.name in self.files and one.name not in self.errors:
                self.add_error(one.name, AGAIN.format(label=one.question.label))

    def given(self) -> list[Given]:
        """What differs from what is kept, once valid. What is no longer asked is taken away."""
        answers = {key: kept.texts for key, kept in self.kept.items()}
        found = []
        for one in self.asked:
            is_shown, kept = one.is_shown(answers), self.kept.get(one.key)
            texts = self._texts(one) if is_shown else ()
            sent = self.cleaned_data.get(one.name) if is_shown else None
            upload = sent if isinstance(sent, Upload) else None
            answers[one.key] = texts
            if upload or texts != (kept.texts if kept else ()):
                found.append(Given(one, texts, upload))
        return found

    @property
    def has_files(self) -> bool:
        return any(one.question.kind == QuestionKind.FILE for one in self.asked)

    @property
    def sections(self) -> Iterator[Section]:
        """The questions as the page groups them: the order's, then each ticket's."""
        tickets = list(dict.fromkeys(one.ticket for one in self.asked))
        for ticket in tickets:
            shown = [self._shown(one) for one in self.asked if one.ticket == ticket]
            yield Section(ticket.title if ticket else "", ticket.number if ticket else 0, shown)

    def _shown(self, one: Asked) -> Shown:
        remove = f"{one.name}-remove"
        return Shown(one, self[one.name], self.kept.get(one.key), self[remove] if remove in self.fields else None)

    @property
    def errors_for_summary(self) -> list[tuple[str, str]]:
        """(id of what to go to, message), in the order of the page."""
        found = []
        for one in self.asked:
            bound = self[one.name]
            is_group = isinstance(bound.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
            where = f"id_{one.name}_0" if is_group else f"id_{one.name}"
            found += [(where, self._where(one, str(message))) for message in bound.errors]
        return found

    @staticmethod
    def _where(one: Asked, message: str) -> str:
        return f"Ticket {one.ticket.number}: {message}" if one.ticket else message
