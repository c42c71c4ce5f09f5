"""The form that makes an organiser."""

from typing import Any

from django import forms

from accounts.actions.organisers import free_slug
from accounts.models import Organiser


class OrganiserForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Three fields; the address follows from the name if it is left empty."""

    class Meta:
        model = Organiser
        fields = ["name", "slug", "contact_email"]
        labels = {"name": "Name", "slug": "Address on this site", "contact_email": "Contact e-mail"}
        help_texts = {
            "name": "As buyers know you.",
            "slug": "Small letters, digits and hyphens. Your events stand under it. Empty: made from the name.",
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "slug": forms.TextInput(
                attrs={
                    "autocomplete": "off",
                    "autocapitalize": "none",
                    "spellcheck": "false",
                    "data-slug-of": "id_name",
                }
            ),
            "contact_email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False
        for name in ("name", "contact_email"):
            self.fields[name].error_messages["required"] = f"{self.fields[name].label} is missing."

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "slug" in data and not data["slug"] and data.get("name"):
            data["slug"] = free_slug(data["name"])
            if not data["slug"]:
                self.add_error("slug", "Type an address: the name has no letter or digit for one.")
        return data

    def refuse_slug(self, slug: str) -> None:
        """Somebody has it: says which one is free."""
        self.add_error("slug", f"This address is taken. {free_slug(slug)} is free.")

    def validate_unique(self) -> None:
        """The same words whether it was taken before or is taken at this moment."""
        slug = self.cleaned_data.get("slug")
        if slug and Organiser.objects.filter(slug=slug).exists():
            self.refuse_slug(slug)

    def faults(self) -> list[tuple[str, str]]:
        """For components/error_summary.html."""
        return [(self[name].id_for_label, str(fault)) for name, found in self.errors.items() for fault in found]
