"""Staff's page over second factors: what somebody has lost is taken away, and no secret is shown."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from tests.accounts.visitors import set_up_app
from tests.makers import make_user

pytestmark = pytest.mark.django_db


def factor_of(user: User) -> str:
    set_up_app(user)
    return f"/admin/mfa/authenticator/{Authenticator.objects.get(user=user).pk}/"


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_lost_factor_is_taken_away_by_staff_who_may_and_a_colleagues_by_superusers_only() -> None:
    helper = make_user(is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename__in=["view_authenticator", "delete_authenticator"]))
    members, colleagues = factor_of(make_user()), factor_of(make_user(is_staff=True))
    client, root = browser_of(helper), browser_of(make_user(is_staff=True, is_superuser=True))

    statuses = [client.post(f"{path}delete/", {"post": "yes"}).status_code for path in (members, colleagues)]
    left = Authenticator.objects.count()
    root.post(f"{colleagues}delete/", {"post": "yes"})

    assert (statuses, left, Authenticator.objects.count()) == ([302, 403], 1, 0)


def test_factor_is_shown_without_its_secret() -> None:
    path = factor_of(make_user())
    sealed = Authenticator.objects.get().data["secret"]

    text = browser_of(make_user(is_staff=True, is_superuser=True)).get(path).content.decode()

    assert sealed not in text
