"""The form field of a question, by its kind, and what is kept of its answer."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

from babel import Locale
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator

from checkout import uploads
from checkout.asking import Asked, Texts
from events.models import QuestionKind
from events.models.questions import AGREED
from events.questions import QuestionFacts
from kit.fields import NOT_ONE_LINE

TEXT_LENGTH: Final = 300
LONG_LENGTH: Final = 4000
MOST_RADIOS: Final = 6  # more choices than these are a list to unfold
NOT_LINES: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]"
FIRST_DATE, LAST_DATE = date(1900, 1, 1), date(2199, 12, 31)
HIDDEN: Final = "Use letters, digits and signs only: there is a hidden character in it."


class FileField(forms.FileField):
    """A file, checked by its content."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        sent = super().clean(data, initial)
        return uploads.read(sent) if isinstance(sent, UploadedFile) else None


@lru_cache(maxsize=4)
def countries(language: str = settings.LANGUAGE_CODE) -> tuple[tuple[str, str], ...]:
    """Codes and names of all countries, by name."""
    names = Locale.parse(language, sep="-").territories
    left_out = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
    found = [(code, name) for code, name in names.items() if re.fullmatch(r"[A-Z]{2}", code) and code not in left_out]
    return tuple(sorted(found, key=lambda pair: unicodedata.normalize("NFD", pair[1])))


def field_of(asked: Asked, *, earlier: Texts = ()) -> forms.Field:
    """A field for the answer; `earlier` is what was answered and may no longer be among the choices: it can stay."""
    question = asked.question
    field = MAKERS[QuestionKind(question.kind)](asked, [text for text in earlier if text not in question.choices])
    field.label, field.help_text, field.required = question.label, question.help_text, question.is_required
    field.error_messages["required"] = REQUIRED[QuestionKind(question.kind)].format(label=question.label)
    field.widget.is_required = question.is_required
    return field


def _text(asked: Asked, earlier: Sequence[str]) -> forms.Field:
    return forms.CharField(
        max_length=TEXT_LENGTH, validators=[RegexValidator(NOT_ONE_LINE, HIDDEN, inverse_match=True)],
        error_messages={"max_length": "Use at most %(limit_value)d characters."},
    )  # fmt: skip


def _long(asked: Asked, earlier: Sequence[str]) -> forms.Field:
    return forms.CharField(
        max_length=LONG_LENGTH, widget=forms.Textarea(attrs={"rows": 4}),
        validators=[RegexValidator(NOT_LINES, HIDDEN, inverse_match=True)],
        error_messages={"max_length": "Use at most %(limit_value)d characters."},
    )  # fmt: skip


def _choice(asked: Asked, earlier: Sequence[str]) -> forms.Field:
    choices = [(text, text) for text in asked.question.choices]
    choices += [(text, f"{text} (your answer so far)") for text in earlier]
    words = {"invalid_choice": "Choose one of the answers. The organiser may have just changed them."}
    if len(choices) > MOST_RADIOS:
        return forms.ChoiceField(choices=[("", "Choose one"), *choices], error_messages=words)
    none = [] if asked.question.is_required else [("", "No answer")]
    return forms.ChoiceField(choices=[*choices, *none], widget=forms.RadioSelect, error_messages=words)


def _several(asked: Asked, earlier: Sequence[str]) -> forms.Field:
    choices = [(text, text) for text in asked.question.choices]
    choices += [(text, f"{text} (your answer so far)") for text in earlier]
    words = {
        "invalid_choice": "Choose among the answers. The organiser may have just changed them.",
        "invalid_list": "Choose among the answers.",
    }
    return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, error_messages=words)


def _country(asked: Asked, earlier: Sequence[str]) -> forms.Field:
    return forms.ChoiceField(
        choices=[("", "Choose a country"), *countries()], error_messages={"invalid_choice": "Choose a country."}
    )


def _date(asked: Asked, earlier: Sequence[str]) -> forms.Field:
    return forms.DateField(
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "placeholder": "YYYY-MM-DD"}),
        input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"],
        error_messages={"invalid": "Enter a date such as 2030-05-31."},
        validators=[
            MinValueValidator(FIRST_DATE, "Enter a date from 1900 on."),
            MaxValueValidator(LAST_DATE, "Enter a date before 2200."),
        ],
    )


def _file(asked: Asked, earlier: Sequence[str]) -> forms.Field:
    accept = {"accept": ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"}
    words = {"invalid": "Choose a file.", "empty": "This file is empty.", "missing": "Choose a file."}
    return FileField(widget=forms.FileInput(attrs=accept), max_length=1000, error_messages=words)


def _terms(asked: Asked, earlier: Sequence[str]) -> forms.Field:
    return forms.BooleanField()


MAKERS: Final[dict[QuestionKind, Callable[[Asked, Sequence[str]], forms.Field]]] = {
    QuestionKind.TEXT: _text, QuestionKind.LONG: _long, QuestionKind.CHOICE: _choice, QuestionKind.SEVERAL: _several,
    QuestionKind.COUNTRY: _country, QuestionKind.DATE: _date, QuestionKind.FILE: _file, QuestionKind.TERMS: _terms,
}  # fmt: skip
REQUIRED: Final = {
    QuestionKind.TEXT: "Answer “{label}”.", QuestionKind.LONG: "Answer “{label}”.",
    QuestionKind.CHOICE: "Choose an answer to “{label}”.", QuestionKind.SEVERAL: "Choose at least one: “{label}”.",
    QuestionKind.COUNTRY: "Choose a country: “{label}”.", QuestionKind.DATE: "Enter a date: “{label}”.",
    QuestionKind.FILE: "Choose a file: “{label}”.", QuestionKind.TERMS: "Tick “{label}” to go on.",
}  # fmt: skip


def is_group(question: QuestionFacts) -> bool:
    """Whether its field is several boxes or buttons."""
    few = question.kind == QuestionKind.CHOICE and len(question.choices) <= MOST_RADIOS
    return few or question.kind == QuestionKind.SEVERAL


def texts_of(cleaned: Any) -> Texts:
    """What is kept of a field's value; nothing where there is no answer."""
    if isinstance(cleaned, uploads.Upload):
        return (cleaned.name,)
    if isinstance(cleaned, bool):
        return (AGREED,) if cleaned else ()
    if isinstance(cleaned, date):
        return (cleaned.isoformat(),)
    if isinstance(cleaned, list):
        return tuple(cleaned)
    return (cleaned.replace("\r\n", "\n").replace("\r", "\n"),) if cleaned else ()


def initial_of(kind: str, texts: Texts) -> Any:
    """A kept answer as its field shows it."""
    if kind == QuestionKind.SEVERAL:
        return list(texts)
    if kind == QuestionKind.TERMS:
        return bool(texts)
    return texts[0] if texts else None


def shown_text(kind: str, texts: Texts) -> str:
    """A kept answer as people read it."""
    if kind == QuestionKind.COUNTRY:
        return ", ".join(dict(countries()).get(text, text) for text in texts)
    if kind == QuestionKind.TERMS:
        return "Agreed"
    return ", ".join(texts)
