"""The page that the link in an invitation leads to."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from accounts.actions import invitations
from accounts.actions.team import described
from accounts.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Shows who invites, to whom; a POST joins. Who has no account signs up from here, and their address is confirmed
    by that, for the link was nowhere but in their mail."""
    at, user = now(), request.user
    try:
        if request.method == "POST" and isinstance(user, User):
            member = invitations.accept(token=token, user=user, now=at)
            messages.success(request, f"You are of the team of {member.organiser.name} now.")
            return redirect("/organise/")
        found = invitations.open_one(token=token, now=at)
    except invitations.Gone:
        return render(request, "accounts/invitation_gone.html", status=404)
    except invitations.NotYours:
        found = invitations.open_one(token=token, now=at)
    if not user.is_authenticated:
        get_adapter().stash_verified_email(request, found.email)
    return render(request, "accounts/invitation.html", {"found": found, "path": request.path, **_facts(found, user)})


def _facts(found: Any, user: Any) -> dict[str, Any]:
    events = list(found.events.all()) if found.is_limited else None
    return {
        "as_what": described(found.role, events),
        "is_theirs": user.is_authenticated and user.email.lower() == found.email,
        "has_account": User.objects.filter(email__iexact=found.email).exists(),
    }
