"""E-mail addresses that people log in with; in all that visitors do about them django-allauth acts."""

from allauth.account.models import EmailAddress

from accounts.models import User


def confirm(*, user: User) -> None:
    """Take it as confirmed, because we know that it is theirs: no mail asks them. Doing it again is nothing."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )
