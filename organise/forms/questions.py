"""The form of a question: what is asked, how it is answered, of whom, and when."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.core.validators import RegexValidator

from events.actions.questions import Asking, Wording
from events.models import Event, QuestionKind
from events.models.questions import CHOICE_LENGTH, HELP_LENGTH, LABEL_LENGTH, MOST_CHOICES, WITH_CHOICES
from events.questions import CONDITIONAL_ON, QuestionFacts
from kit.fields import NOT_ONE_LINE

ONE_LINE: Final = RegexValidator(NOT_ONE_LINE, "Use one line, without hidden characters.", inverse_match=True)
OF: Final = [("ticket", "Each ticket"), ("order", "The order, once")]
WHEN: Final = [
    ("after", "After payment, by a link on the order's page and in the mail"),
    ("before", "Before payment, with name and e-mail"),
]


class QuestionForm(forms.Form):
    """One question. `earlier` are those that its condition may ask about."""

    label = forms.CharField(
        label="Question", max_length=LABEL_LENGTH, validators=[ONE_LINE],
        error_messages={"required": "Enter the question."},
    )  # fmt: skip
    kind = forms.ChoiceField(label="How it is answered", choices=QuestionKind.choices)
    choices = forms.CharField(
        label="Choices", required=False, max_length=MOST_CHOICES * (CHOICE_LENGTH + 2),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One a line. For “one of several choices” and “any number of choices” only.",
    )  # fmt: skip
    help_text = forms.CharField(
        label="Help", required=False, max_length=HELP_LENGTH, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Shown below the question. Web addresses become links, as to your terms.",
    )  # fmt: skip
    is_required = forms.BooleanField(label="It has to be answered", required=False)
    asked_of = forms.ChoiceField(label="Asked of", choices=OF, widget=forms.RadioSelect)
    asked_when = forms.ChoiceField(label="When", choices=WHEN, widget=forms.RadioSelect)
    ticket_types = forms.MultipleChoiceField(
        label="Only for these ticket types", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: for all.",
    )  # fmt: skip
    only_if = forms.ChoiceField(
        label="Only after a certain answer", required=False,
        help_text="To an earlier question, of choices or of terms.",
    )  # fmt: skip
    only_if_values = forms.MultipleChoiceField(
        label="To one of these answers", required=False, widget=forms.CheckboxSelectMultiple
    )
    editable_until = forms.DateTimeField(
        label="Answers can be changed until", required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": "Enter a date and a time, such as 2030-05-31 18:00."},
    )  # fmt: skip

    def __init__(
        self, event: Event, earlier: Sequence[QuestionFacts], data: Any = None, *, now: QuestionFacts | None = None
    ) -> None:
        """`now` is the question as it stands, if it is one already."""
        self.event = event
        self.conditions = {str(one.id): one for one in earlier if one.kind in CONDITIONAL_ON}
        super().__init__(data, initial=initial_of(now, event) if now else {"asked_of": "ticket", "asked_when": "after"})
        fields: Any = self.fields
        fields["ticket_types"].choices = [(str(row.pk), row.name) for row in event.ticket_types.all()]
        fields["only_if"].choices = [("", "Always asked"), *((key, one.label) for key, one in self.conditions.items())]
        fields["only_if_values"].choices = [
            (f"{key}:{answer}", f"{answer.capitalize() if answer == 'yes' else answer} ({one.label})")
            for key, one in self.conditions.items() for answer in one.answers
        ]  # fmt: skip
        fields["editable_until"].help_text = f"As clocks show it in {event.timezone}. Empty: until the event starts."

    def clean_choices(self) -> tuple[str, ...]:
        """Each line that has something in it, once."""
        lines = [" ".join(line.split()) for line in self.cleaned_data["choices"].splitlines()]
        choices = tuple(dict.fromkeys(line for line in lines if line))
        if len(choices) > MOST_CHOICES or any(len(choice) > CHOICE_LENGTH for choice in choices):
            raise forms.ValidationError(
                f"Use at most {MOST_CHOICES} choices of at most {CHOICE_LENGTH} characters each."
            )  # fmt: skip
        for choice in choices:
            ONE_LINE(choice)
        return choices

    def clean(self) -> None:
        typed = self.cleaned_data
        if typed.get("kind") in WITH_CHOICES and not typed.get("choices") and "choices" not in self.errors:
            self.add_error("choices", "Enter the choices, one a line.")
        if typed.get("kind") == QuestionKind.FILE and typed.get("asked_when") == "before":
            self.add_error("asked_when", "A file can be asked for after payment only.")
        if typed.get("only_if") and not self._values():
            self.add_error("only_if_values", "Tick at least one answer of the question that you have chosen above it.")

    def _values(self) -> tuple[str, ...]:
        """Those of the ticked answers that belong to the chosen question."""
        chosen = f"{self.cleaned_data.get('only_if', '')}:"
        ticked = self.cleaned_data.get("only_if_values", ())
        return tuple(text.removeprefix(chosen) for text in ticked if text.startswith(chosen))

    def wording(self) -> Wording:
        """What people read, once valid."""
        typed = self.cleaned_data
        choices = typed["choices"] if typed["kind"] in WITH_CHOICES else ()
        return Wording(typed["kind"], typed["label"], typed["help_text"].replace("\r\n", "\n"), choices)

    def asking(self) -> Asking:
        """Of whom it is asked, and when, once valid."""
        typed = self.cleaned_data
        only_if = int(typed["only_if"]) if typed["only_if"] else None
        return Asking(
            is_per_ticket=typed["asked_of"] == "ticket", is_required=typed["is_required"],
            is_before_payment=typed["asked_when"] == "before",
            ticket_types=[int(pk) for pk in typed["ticket_types"]] or None, only_if=only_if,
            only_if_values=self._values() if only_if else (), answers_editable_until=self._editable_until(),
        )  # fmt: skip

    def _editable_until(self) -> datetime | None:
        typed: datetime | None = self.cleaned_data["editable_until"]
        return typed.replace(tzinfo=self.event.zone).astimezone(UTC) if typed else None

    @property
    def errors_for_summary(self) -> list[tuple[str, str]]:
        """(id of what to go to, message)."""
        groups = ("asked_of", "asked_when", "ticket_types", "only_if_values")
        return [
            (f"id_{name}_0" if name in groups else "" if name == "__all__" else f"id_{name}", str(message))
            for name, messages in self.errors.items() for message in messages
        ]  # fmt: skip


def initial_of(now: QuestionFacts, event: Event) -> dict[str, Any]:
    """A question as its form shows it."""
    until = now.answers_editable_until
    return {
        "label": now.label, "kind": now.kind, "choices": "\n".join(now.choices), "help_text": now.help_text,
        "is_required": now.is_required, "asked_of": "ticket" if now.is_per_ticket else "order",
        "asked_when": "before" if now.is_before_payment else "after",
        "ticket_types": [str(pk) for pk in now.ticket_type_ids or ()], "only_if": str(now.only_if or ""),
        "only_if_values": [f"{now.only_if}:{text}" for text in now.only_if_values],
        "editable_until": until.astimezone(event.zone).replace(tzinfo=None) if until else None,
    }  # fmt: skip
