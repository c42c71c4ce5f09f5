"""Coming in and going out; what allauth's own views do not do as we do it. The edge limits how often somebody posts."""

from typing import Any

from allauth.account import views
from allauth.account.internal.flows import email_verification
from allauth.account.internal.stagekit import get_pending_stage
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from accounts.adapters import AccountAdapter


class LogOutView(views.LogoutView):  # type: ignore[misc]  # allauth tells no types
    """By POST only: no picture on another's page signs anybody out."""

    http_method_names = ["post", "options"]


class ConfirmationSentView(views.EmailVerificationSentView):  # type: ignore[misc]  # allauth tells no types
    """Says that a link is on its way; a POST has it sent again, to whoever began to sign up or to log in here."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stage = get_pending_stage(self.request)
        address = stage.login.email or getattr(stage.login.user, "email", "") if stage else ""
        return {**super().get_context_data(**kwargs), "address": address}

    def post(self, request: HttpRequest) -> HttpResponse:
        """Says the same whether the address has an account or not."""
        stage = get_pending_stage(request)
        if stage is None:
            return redirect("account_login")
        email_verification.send_verification_email_at_login(request, stage.login)
        words = "If no mail has come a minute after the last one, it is sent again now."
        messages.info(request, words)
        return redirect("account_email_verification_sent")


@login_not_required
def staff_log_in(request: HttpRequest) -> HttpResponse:
    """Staff come in by the same door as everybody: Django's own would ask for a password and nothing else."""
    onward = request.GET.get("next", "")
    onward = onward if AccountAdapter(request).is_safe_url(onward) and onward.startswith("/admin/") else "/admin/"
    user: Any = request.user
    if not user.is_authenticated:
        return redirect(f"/login/?{urlencode({'next': onward})}")
    if not user.is_staff:
        raise PermissionDenied
    return redirect(onward)
