"""What mails about flags say, and who gets them."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Model
from django.template.loader import render_to_string
from django.urls import reverse


def text(name: str, context: Mapping[str, Any]) -> str:
    """The text of `templates/flags/mail/<name>.txt`."""
    return render_to_string(f"flags/mail/{name}.txt", dict(context))


def page_of(row: Model) -> str:
    """The whole address of staff's page of it."""
    meta = row._meta  # noqa: SLF001  -- Django's way to a model's names
    return f"{settings.SITE_URL}{reverse(f'admin:{meta.app_label}_{meta.model_name}_change', args=[row.pk])}"


def staff(*, but: Any = None) -> list[str]:
    """The addresses of all active staff, without this person."""
    users: Any = get_user_model()
    active = users.objects.filter(is_staff=True, is_active=True)
    return [user.email for user in active.only("email") if user != but]
