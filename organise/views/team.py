"""The team of an organiser: its members, whom it has invited, and what each role may do."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from accounts import letters
from accounts.actions import invitations
from accounts.actions import team as acts
from accounts.models import Invitation, Membership, Role
from organise.doors import Desk, organiser_door
from organise.forms.team import InvitationForm, ReachForm, reach_of
from organise.policy import Act

REFUSED: Final = {
    invitations.AlreadyMember: "Somebody of the team has this address.",
    invitations.AlreadyInvited: "This address is invited already. You can send the mail again, below.",
    invitations.TooMany: "So many invitations are open that no more can be sent. Withdraw some.",
}
LAST: Final = "{name} is the last owner. Make somebody else an owner first."


@organiser_door(read=Act.RUN_TEAM, write=Act.RUN_TEAM)
def team(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Shows it; a POST invites somebody."""
    if request.method != "POST":
        return _page(request, desk, InvitationForm(organiser=desk.organiser))
    form = InvitationForm(request.POST, organiser=desk.organiser)
    if not form.is_valid():
        return _page(request, desk, form)
    data = form.cleaned_data
    try:
        issued = invitations.invite(
            organiser=desk.organiser,
            email=data["email"],
            role=data["role"],
            events=form.chosen,
            by=desk.user,
            now=now(),
        )
    except tuple(REFUSED) as refusal:
        form.add_error("email", REFUSED[type(refusal)])
        return _page(request, desk, form)
    _post(request, issued)
    return redirect("organise-team", desk.organiser.slug)


@organiser_door(read=Act.RUN_TEAM, write=Act.RUN_TEAM)
def member(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """One member's role and events. An owner who gives up being one is asked first."""
    found = _member_or_404(desk, member_id)
    sent = request.method == "POST"
    form = ReachForm(request.POST if sent else None, initial=reach_of(found), organiser=desk.organiser, member=found)
    context = {"desk": desk, "found": found, "form": form}
    if sent and form.is_valid():
        role = form.cleaned_data["role"]
        gives_up = found.user_id == desk.user.pk and found.role == Role.OWNER and role != Role.OWNER
        if gives_up and not request.POST.get("sure"):
            return render(request, "organise/member_sure.html", {**context, "role": Role(role).label})
        try:
            acts.change(member=found, role=role, events=form.chosen, by=desk.user, now=now())
        except acts.LastOwner:
            form.add_error("role", LAST.format(name=found.user.get_full_name()))
        except acts.NotOfTheTeam:
            return redirect("organise-team", desk.organiser.slug)
        else:
            messages.success(request, f"{found.user.get_full_name()} is changed.")
            return redirect("organise-organiser" if gives_up else "organise-team", desk.organiser.slug)
    return render(request, "organise/member.html", {**context, "errors": form.faults()}, status=422 if sent else 200)


@organiser_door(read=Act.RUN_TEAM, write=Act.RUN_TEAM)
def removal(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Asks, then takes a member out of the team."""
    found = _member_or_404(desk, member_id)
    context: dict[str, Any] = {"desk": desk, "found": found, "errors": []}
    if request.method != "POST" or not request.POST.get("sure"):
        return render(request, "organise/member_removal.html", context)
    name, is_self = found.user.get_full_name(), found.user_id == desk.user.pk
    try:
        acts.remove(member=found, by=desk.user, now=now())
    except acts.LastOwner:
        context["errors"] = [("", LAST.format(name=name))]
        return render(request, "organise/member_removal.html", context, status=422)
    except acts.NotOfTheTeam:
        pass  # somebody else has just done it
    messages.success(request, f"{name} is no longer of the team.")
    return redirect("organise") if is_self else redirect("organise-team", desk.organiser.slug)


@organiser_door(read=None, write=Act.RUN_TEAM)
def mail(request: HttpRequest, desk: Desk, invitation_id: int) -> HttpResponse:
    """Sends an invitation again, with a new link."""
    found = get_object_or_404(Invitation, organiser=desk.organiser, pk=invitation_id)
    try:
        _post(request, invitations.send_again(invitation=found, by=desk.user, now=now()))
    except invitations.TooSoon:
        messages.error(request, f"The last mail to {found.email} is less than a minute old.")
    except invitations.Gone:
        messages.error(request, f"The invitation of {found.email} is no longer there.")
    return redirect("organise-team", desk.organiser.slug)


@organiser_door(read=None, write=Act.RUN_TEAM)
def withdrawal(request: HttpRequest, desk: Desk, invitation_id: int) -> HttpResponse:
    """The link in the mail does not work any more."""
    found = get_object_or_404(Invitation, organiser=desk.organiser, pk=invitation_id)
    try:
        invitations.withdraw(invitation=found, by=desk.user, now=now())
        messages.success(request, f"The invitation of {found.email} is withdrawn.")
    except invitations.Gone:
        messages.error(request, f"The invitation of {found.email} is no longer there.")
    return redirect("organise-team", desk.organiser.slug)


def _page(request: HttpRequest, desk: Desk, form: InvitationForm) -> HttpResponse:
    at = now()
    members = desk.organiser.memberships.select_related("user").prefetch_related("events")
    asked = desk.organiser.invitations.prefetch_related("events")
    context = {
        "desk": desk,
        "members": members.order_by("user__full_name", "user__email"),
        "invitations": [(invitation, invitation.is_open(at=at)) for invitation in asked],
        "form": form,
        "errors": form.faults(),
    }
    return render(request, "organise/team.html", context, status=422 if form.errors else 200)


def _post(request: HttpRequest, issued: invitations.Issued) -> None:
    """Once it is committed: the mail server is not spoken to inside a transaction."""
    address = issued.invitation.email
    if letters.invite(issued):
        messages.success(request, f"The invitation is on its way to {address}.")
    else:
        messages.error(request, f"The mail to {address} could not be sent. Send it again in a minute.")


def _member_or_404(desk: Desk, member_id: int) -> Membership:
    return get_object_or_404(desk.organiser.memberships.select_related("user"), pk=member_id)
