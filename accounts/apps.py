"""Names the room for Django, and takes django-allauth's accounts in on our terms."""

from allauth.account.apps import AccountConfig
from django.apps import AppConfig


class AccountsConfig(AppConfig):
    default = True
    name = "accounts"

    def ready(self) -> None:
        from accounts import limits

        limits.install()


class AllauthConfig(AccountConfig):  # type: ignore[misc]  # allauth tells no types
    """Without its check that its middleware is installed by name: ours stands aside on the public pages."""

    def ready(self) -> None:
        from allauth.account import checks  # noqa: F401  -- registers itself
