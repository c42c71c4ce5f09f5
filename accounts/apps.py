"""Names the room for Django, and takes django-allauth's accounts in on our terms."""

from typing import Any

from allauth.account import apps as allauth
from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import limits

        limits.install()


def _ready(_: Any) -> None:
    from allauth.account import checks  # noqa: F401  -- registers itself


# Else it refuses to start, because its middleware is not installed by name: ours stands aside on the public pages.
allauth.AccountConfig.ready = _ready
