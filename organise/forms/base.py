"""What the organiser's forms have in common."""

from typing import Any

from django import forms


class PageForm(forms.Form):
    """A form whose errors stand together at the top of the page, each leading to its field."""

    @property
    def errors_for_summary(self) -> list[tuple[str, str]]:
        return [
            (self._id_of(name), str(message))
            for name, messages in self.errors.items()
            for message in messages
        ]  # fmt: skip

    def _id_of(self, name: str) -> str:
        """Of a choice between boxes it is the first box that has the focus."""
        if name not in self.fields:
            return ""
        bound = self[name]
        return str(bound.id_for_label or f"{bound.auto_id}_0")


def text(label: str, *, required: bool = True, most: int = 200, **more: Any) -> forms.CharField:
    """One line."""
    return forms.CharField(
        label=label, max_length=most, required=required,
        error_messages={"required": f"Enter the {label.lower()}."}, **more,
    )  # fmt: skip


def lines(label: str, *, most: int, rows: int, help_text: str = "") -> forms.CharField:
    """Several lines; may be empty."""
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=most, required=False, widget=area, help_text=help_text)


def whole(label: str, *, least: int, most: int, required: bool = True, help_text: str = "") -> forms.IntegerField:
    """A whole number."""
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, required=required, help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "organise-number"}),
        error_messages={
            "required": f"Enter a whole number from {least} to {most}.",
            "invalid": "Enter a whole number, such as 100.",
            "min_value": f"Enter {least} or more.", "max_value": f"Enter {most} or fewer.",
        },
    )  # fmt: skip
