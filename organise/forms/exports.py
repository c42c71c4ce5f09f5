"""Which table somebody wants, and how often."""

from typing import Any

from django import forms

from checkout.exports.tables import Wanted
from checkout.models import Every, ExportKind, Sold


def day(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class ExportForm(forms.Form):
    """The table and its filters. `key` makes two presses one request."""

    kind = forms.ChoiceField(label="Table", choices=ExportKind.choices)
    state = forms.ChoiceField(label="Orders", choices=Sold.choices, required=False)
    from_date = day("From")
    to_date = day("To")
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("from_date"), cleaned.get("to_date")
        if first and last and last < first:
            self.add_error("to_date", "The last day must not come before the first.")
        return cleaned

    @property
    def errors_for_summary(self) -> list[tuple[str, str]]:
        """The faults, each with the field that it is of; none of a form that was not sent."""
        found = self.errors.items() if self.is_bound else ()
        return [(f"id_{name}" if name in self.fields else "", str(said)) for name, all_ in found for said in all_]

    def wanted(self) -> Wanted:
        asked = self.cleaned_data
        return Wanted(asked["kind"], asked["state"] or Sold.SOLD, asked["from_date"], asked["to_date"])


class ScheduleForm(forms.Form):
    """An export that is made by itself."""

    kind = forms.ChoiceField(label="Table", choices=ExportKind.choices)
    every = forms.ChoiceField(label="How often", choices=Every.choices)
