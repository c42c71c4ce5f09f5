"""The form for an event's picture."""

from typing import Any

from django import forms

from events.actions.pictures import MOST_BYTES
from organise.forms.base import PageForm, text


class PictureForm(PageForm):
    """A file, and what is to be seen on it. Without a file only the words change, where there is a picture already."""

    file = forms.FileField(
        label="Picture", required=False, help_text="JPEG, PNG or WebP, up to 10 MB. Wide pictures look best.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )  # fmt: skip
    alt = text(
        "What is to be seen", required=False, most=300,
        help_text="For those who cannot see it. Leave it empty if it is only there to look nice.",
    )  # fmt: skip

    def __init__(self, *args: Any, is_needed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_needed = is_needed

    def clean_file(self) -> Any:
        file = self.cleaned_data.get("file")
        if file is None and self.is_needed:
            raise forms.ValidationError("Choose a file.")
        if file is not None and file.size > MOST_BYTES:
            raise forms.ValidationError("The picture is larger than 10 MB. Choose a smaller one.")
        return file
