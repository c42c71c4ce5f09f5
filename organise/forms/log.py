"""What is looked for in the log."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from organise.forms.exports import day
from organise.queries.log import FEATURES, Asked


class LogForm(forms.Form):
    """Filters, all in the address. What is no choice any more is left out, not refused: old links still lead here."""

    kind = forms.ChoiceField(label="What", required=False)
    by = forms.ChoiceField(label="Who", required=False)
    from_date = day("From")
    to_date = day("To")

    def __init__(self, data: Any, *, kinds: list[str], people: list[tuple[str, str]]) -> None:
        super().__init__(data)
        names = [(kind, kind.replace("-", " ").capitalize()) for kind in kinds]
        self.fields["kind"].choices = [("", "Everything"), *names, (FEATURES, "Features")]  # type: ignore[attr-defined]  # of a ChoiceField
        who = [("", "Everybody"), *people, ("system", "The system"), ("tito", "Tito's staff")]
        self.fields["by"].choices = who  # type: ignore[attr-defined]  # of a ChoiceField

    def asked(self, zone: ZoneInfo) -> Asked:
        """The days from one to another, both in it, in this zone."""
        self.is_valid()
        chosen = self.cleaned_data
        first, last = chosen.get("from_date"), chosen.get("to_date")
        start = datetime.combine(first, time(), tzinfo=zone) if first else None
        end = datetime.combine(last + timedelta(days=1), time(), tzinfo=zone) if last and last.year < 9999 else None
        return Asked(chosen.get("kind") or "", chosen.get("by") or "", start, end, self._before())

    def _before(self) -> tuple[int, int] | None:
        entry, _, change = str(self.data.get("before", "")).partition("-")
        if not (entry.isdecimal() and change.isdecimal() and len(entry + change) < 40):
            return None
        return min(int(entry), 2**62), min(int(change), 2**62)
