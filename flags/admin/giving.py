"""Giving and withdrawing grants on pages of our own: the form, and the acts with their refusals in words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse

from flags import gates, recipients
from flags.actions import grants
from flags.models import Flag, Grant
from flags.models.grants import Recipient
from flags.rules import RESTING
from kit.moments import utc_text


class Act(StrEnum):
    """What the pressed button asks for."""

    ON = "on"
    OFF = "off"
    WITHDRAW = "withdrawal"


WORDS = {Act.ON: "granted on", Act.OFF: "granted off", Act.WITHDRAW: "withdrawn"}


class UntilField(forms.DateTimeField):
    """A moment in UTC, by the browser's own control."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def reason_field() -> forms.CharField:
    """Why, as the audit will keep it."""
    return forms.CharField(
        max_length=300, help_text="Why. It goes into the audit.", error_messages={"required": "Give a reason."}
    )


class GivingForm(forms.Form):
    """Why, until when, and which button was pressed; what it is about is added by each page."""

    reason = reason_field()
    until = UntilField(required=False, label="Until, in UTC", help_text="Without it, for 14 days.")
    act = forms.ChoiceField(
        choices=[(act.value, act.value) for act in Act],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Press one of the buttons."),
    )

    asked_at = ""  # after a gate has refused

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def refuse(self, field: str, outcome: "Outcome") -> None:
        """Say beside this field why the act was refused."""
        self.asked_at = outcome.asked_at
        for words in outcome.words:
            self.add_error(field, words)

    def clean_until(self) -> datetime | None:
        until: datetime | None = self.cleaned_data["until"]
        if until and until <= self.now and self.data.get("act") != Act.WITHDRAW:
            raise forms.ValidationError("This is over already. To end a grant now, withdraw it.")
        return until

    @property
    def asked(self) -> "Asked":
        given = self.cleaned_data
        return Asked(act=Act(given["act"]), reason=given["reason"], until=given["until"])

    @property
    def errors_for_summary(self) -> list[tuple[str, str]]:
        """Each fault with the field that it belongs to, in the order of the form."""
        places = {name: self[name].id_for_label for name in self.fields if name != "act"}
        return [
            (places.get(name, ""), str(message))
            for name in [*self.fields, "__all__"] for message in self.errors.get(name, ())
        ]  # fmt: skip


def flag_field() -> "forms.ModelChoiceField[Any]":
    """One of the flags, by name."""
    faults = dict.fromkeys(("required", "invalid_choice"), "Choose a flag.")
    flags: Any = Flag.objects.order_by("name")
    return forms.ModelChoiceField(flags, empty_label="Choose one", to_field_name="name", error_messages=faults)


class GrantForm(GivingForm):
    """On a flag's page: to whom. `named` is who that is."""

    to = forms.CharField(
        max_length=200, help_text="organiser/event, or organiser for all of its events.",
        error_messages={"required": "Say to whom."},
    )  # fmt: skip
    field_order = ["to"]

    def clean_to(self) -> str:
        address = recipients.plain(self.cleaned_data["to"])
        found = recipients.find([address]).get(address)
        if found is None:
            raise forms.ValidationError("There is no event and no organiser with this address.")
        self.named = found
        return address


class EventGrantForm(GivingForm):
    """On an event's page: which flag."""

    flag = flag_field()
    field_order = ["flag"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants done to a grant, and why."""

    act: Act
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether it was done, and what to say about it; refusals are a sentence each. Where a gate has refused, `asked_at`
    is the form at which another member of staff can be asked to decide."""

    is_done: bool
    words: tuple[str, ...]
    asked_at: str = ""


def do(*, flag: Any, to: Recipient, asked: Asked, by: Any, now: datetime) -> Outcome:
    """Grant or withdraw through the acts; never raises for what they refuse. Doing it again is harmless."""
    try:
        if asked.act == Act.WITHDRAW:
            return _withdraw(flag, to, asked, by, now)
        terms = grants.Terms(is_on=asked.act == Act.ON, reason=asked.reason, expires_at=asked.until)
        given = grants.give(flag=flag, to=to, terms=terms, by=by, now=now)
    except grants.FlagIsKilled:
        return Outcome(False, ("This flag is killed. Revive it first.",))
    except grants.IsOver:
        return Outcome(False, ("The end is over already.",))
    except gates.Refused as refused:
        return Outcome(False, tuple(refused.refusals), asked_at=_form_of(flag, to))
    resting = f" But it is {flag.stage}, so off everywhere, whatever is granted." if flag.stage in RESTING else ""
    until = f"until {utc_text(given.expires_at)}" if given.expires_at else "until somebody turns it on"
    return Outcome(True, (f"{WORDS[asked.act]} {until}.{resting}",))


def _withdraw(flag: Any, to: Recipient, asked: Asked, by: Any, now: datetime) -> Outcome:
    grant = Grant.objects.filter(flag=flag, event=to.event_id, organiser=to.organiser_id).first()
    try:
        if grant:
            grants.withdraw(grant=grant, reason=asked.reason, by=by, now=now)
            return Outcome(True, ("withdrawn.",))
    except grants.NotGranted:
        pass  # a second click, or somebody else's
    return Outcome(True, ("not granted, so nothing has changed.",))


def _form_of(flag: Any, to: Recipient) -> str:
    """The grant's own form: that of the one there is, or a new one with flag and recipient filled in."""
    there = Grant.objects.filter(flag=flag, event=to.event_id, organiser=to.organiser_id).first()
    if there:
        return reverse("admin:flags_grant_change", args=[there.pk])
    whom = {"event": to.event_id} if to.event_id else {"organiser": to.organiser_id}
    return f"{reverse('admin:flags_grant_add')}?{urlencode({'flag': flag.pk, **whom})}"
