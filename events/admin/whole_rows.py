"""Forms that judge the whole row, not just the fields they show."""

from typing import Any

from django import forms


class WholeRowForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """On a change page the event is shown and not typed. Django would then skip every rule that names it, such as
    "this slug once per event", and leave those to the database.
    """

    def _get_validation_exclusions(self) -> set[str]:
        excluded: Any = super()._get_validation_exclusions()  # type: ignore[misc]  # the stubs leave it out
        return set(excluded) - {"event"}
