"""Whom one invites, as what, and for which events."""

from typing import Any, Final

from django import forms
from django.db.models import Q

from accounts.models import Membership, Organiser, Role
from events.models import Event
from organise.policy import told

ALL, CHOSEN = "all", "chosen"
MOST_LISTED: Final = 200


class ReachForm(forms.Form):
    """A role, and all events or chosen ones. `chosen` is None for all."""

    role = forms.ChoiceField(
        choices=Role.choices, widget=forms.RadioSelect, label="Role", error_messages={"required": "Choose a role."}
    )
    reach = forms.ChoiceField(
        choices=[(ALL, "All events, also later ones"), (CHOSEN, "Only chosen events")],
        widget=forms.RadioSelect, label="For which events", initial=ALL,
        error_messages={"required": "Choose all events or some."},
    )  # fmt: skip
    events = forms.ModelMultipleChoiceField(
        Event.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Chosen events"
    )

    def __init__(self, *args: Any, organiser: Organiser, member: Membership | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = Event.objects.filter(organiser=organiser)
        latest = shown.order_by("-starts_at", "-pk").values("pk")[:MOST_LISTED]
        mine = Q(limited_memberships=member) if member else Q()
        field: Any = self.fields["events"]
        field.queryset = shown.filter(Q(pk__in=latest) | mine).order_by("-starts_at", "-pk").distinct()
        field.label_from_instance = lambda event: f"{event.title}, {event.local_starts_at:%-d %b %Y}"

    @property
    def roles(self) -> list[tuple[Any, str]]:
        """Each radio with what its role may do."""
        return [(radio, told(str(value))) for radio, value in zip(self["role"], Role.values, strict=True)]

    @property
    def chosen(self) -> list[Event] | None:
        return list(self.cleaned_data["events"]) if self.cleaned_data["reach"] == CHOSEN else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("reach") == CHOSEN:
            if data.get("role") == Role.OWNER:
                self.add_error("reach", "An owner has all events.")
            elif "events" in data and not data["events"]:
                self.add_error("events", "Choose an event, or all events.")
        return data

    def faults(self) -> list[tuple[str, str]]:
        """For components/error_summary.html: the first control of each field that is wrong."""
        many = ("role", "reach", "events")
        return [
            (f"id_{name}_0" if name in many else f"id_{name}" if name != "__all__" else "", str(fault))
            for name, found in self.errors.items()
            for fault in found
        ]


class InvitationForm(ReachForm):
    """The same, and where to write."""

    email = forms.EmailField(
        label="E-mail address", max_length=254, error_messages={"required": "E-mail address is missing."},
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    field_order = ("email", "role", "reach", "events")


def reach_of(member: Membership) -> dict[str, Any]:
    """A member's role and events, as the form shows them."""
    return {
        "role": member.role,
        "reach": CHOSEN if member.is_limited else ALL,
        "events": list(member.events.values_list("pk", flat=True)),
    }
