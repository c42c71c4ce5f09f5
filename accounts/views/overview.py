"""One's own account: the name, and ways to all the rest."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts import second_factor
from accounts.forms import NameForm


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Shows it all on one page; a POST changes the name."""
    user: Any = request.user
    form = NameForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your name is changed.")
        return redirect("account")
    if form.errors:
        user.refresh_from_db(fields=["full_name"])
    errors = [(form[name].id_for_label, str(fault)) for name, faults in form.errors.items() for fault in faults]
    context = {
        "form": form,
        "errors": errors,
        "has_factor": second_factor.has_one(user),
        "passkeys": Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).count(),
        "sessions": UserSession.objects.filter(user=user).count(),
    }
    return render(request, "accounts/account.html", context, status=422 if errors else 200)
