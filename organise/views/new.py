"""Making an organiser: one form, for everybody who is signed in."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actions import organisers
from organise.forms.organisers import OrganiserForm


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organiser(request: HttpRequest) -> HttpResponse:
    """Who makes it is its first owner. Only addresses that were confirmed can sign in, so there is nothing to ask."""
    user: Any = request.user
    form = OrganiserForm(request.POST or None, initial={"contact_email": user.email})
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in ("name", "slug", "contact_email")}
        try:
            made = organisers.create(**facts, by=user, now=now())
        except organisers.SlugTaken:
            form.refuse_slug(facts["slug"])
        else:
            messages.success(request, f"{made.name} is there. Next is your first event.")
            return redirect("organise-organiser", made.slug)
    sent = request.method == "POST"
    context = {"form": form, "errors": form.faults() if sent else []}
    return render(request, "organise/new_organiser.html", context, status=422 if sent else 200)
