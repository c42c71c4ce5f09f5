"""Signing in and out. How often somebody may guess is the edge's business (deploy/nginx/tito.conf.template)."""

from typing import Any

from django.contrib.auth import views
from django.http import HttpResponse


class LogInView(views.LoginView):
    """Leads on to `next`, if that is an address of ours."""

    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str:
        """Nothing for this page itself: who is signed in already would be led round in a circle."""
        url = super().get_redirect_url(*args, **kwargs)
        return "" if url.partition("?")[0] == self.request.path else url

    def form_invalid(self, form: Any) -> HttpResponse:
        """As it was typed, but for the password, and with every fault at its field."""
        places = {"username": "id_username", "password": "id_password"}
        errors = [(places.get(name, ""), str(fault)) for name, faults in form.errors.items() for fault in faults]
        return self.render_to_response(self.get_context_data(form=form, errors=errors), status=422)


class LogOutView(views.LogoutView):
    """By POST only: no picture on another's page signs anybody out."""
