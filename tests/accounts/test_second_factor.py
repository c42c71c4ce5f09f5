"""The second factor: apps and recovery codes at the log-in, and staff's pages that open with one only."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core import mail
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from kit.secrets import key_from
from tests.accounts.visitors import code_of, log_in, set_up_app, summary
from tests.makers import make_user

pytestmark = pytest.mark.django_db
STEP = "/accounts/2fa/authenticate/"


@pytest.fixture
def staff() -> User:
    return make_user(is_staff=True, is_superuser=True)


@pytest.fixture
def strict(settings: Any) -> None:
    """Production's rule for staff."""
    settings.STAFF_SECOND_FACTOR = True


def browser_of(user: User) -> Client:
    client = Client()
    log_in(client, user.email)
    return client


def where(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("Location", "")


def test_app_is_set_up_after_the_password_and_comes_with_recovery_codes(
    django_capture_on_commit_callbacks: Any,
) -> None:
    user = make_user()
    client = browser_of(user)

    asked = client.get("/accounts/2fa/totp/activate/")
    client.post("/accounts/reauthenticate/", {"password": "password"})
    client.get("/accounts/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    with django_capture_on_commit_callbacks(execute=True):
        right = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    codes = client.get("/accounts/2fa/recovery-codes/").content.decode()

    assert where(asked) == (302, "/accounts/reauthenticate/?next=%2Faccounts%2F2fa%2Ftotp%2Factivate%2F")
    assert (wrong.status_code, secret in wrong.content.decode()) == (422, True)
    assert where(right) == (302, "/accounts/2fa/recovery-codes/")
    assert codes.count("<li><code>") == 10
    assert mail.outbox[-1].subject == "An authenticator app is set up"


def test_log_in_asks_for_the_code_and_takes_each_once() -> None:
    user = make_user()
    set_up_app(user)
    client, code = Client(), code_of()

    first = log_in(client, user.email)
    before = client.get("/organise/").status_code
    wrong = client.post(STEP, {"code": "000000"})
    right = client.post(STEP, {"code": code})
    again = Client()
    log_in(again, user.email)
    used = again.post(STEP, {"code": code})

    assert where(first) == (302, STEP)
    assert before == 302
    assert (wrong.status_code, summary(wrong)[0]) == (
        422, "This code is wrong, or its time is over. Type the one that is shown now.",
    )  # fmt: skip
    assert where(right) == (302, "/organise/")
    assert used.status_code == 422


def test_recovery_code_lets_in_once() -> None:
    user = make_user()
    set_up_app(user)
    code = RecoveryCodes.activate(user).generate_codes()[0]

    statuses = []
    for _ in range(2):
        client = Client()
        log_in(client, user.email)
        statuses.append(client.post(STEP, {"code": code}).status_code)

    assert statuses == [302, 422]


def test_codes_are_guessed_five_times_and_no_more() -> None:
    user = make_user()
    set_up_app(user)
    client = Client()
    log_in(client, user.email)

    guessed = [client.post(STEP, {"code": f"00000{number}"}) for number in range(6)]
    right = client.post(STEP, {"code": code_of()})

    assert summary(guessed[-1])[0].startswith("There were too many wrong tries")
    assert right.status_code == 422


def test_secret_of_an_app_is_not_in_the_database_in_the_clear() -> None:
    user = make_user()
    set_up_app(user)

    data = Authenticator.objects.get(user=user).data

    assert "JBSWY3DP" not in str(data)


def test_factor_that_no_key_opens_lets_no_code_in_and_breaks_no_page(settings: Any) -> None:
    user = make_user()
    set_up_app(user)
    code = RecoveryCodes.activate(user).generate_codes()[0]
    settings.ENCRYPTION_KEYS = [key_from("another")]
    client = Client()
    log_in(client, user.email)

    assert [client.post(STEP, {"code": typed}).status_code for typed in (code_of(), code)] == [422, 422]


def test_factors_are_sealed_under_a_new_key_and_then_the_old_one_can_go(settings: Any) -> None:
    user, old, new = make_user(), settings.ENCRYPTION_KEYS, [key_from("new")]
    set_up_app(user)
    RecoveryCodes.activate(user)
    settings.ENCRYPTION_KEYS = [*new, *old]

    call_command("rotate_secrets")
    settings.ENCRYPTION_KEYS = new

    client = Client()
    log_in(client, user.email)
    assert client.post(STEP, {"code": code_of()}).status_code == 302


@pytest.mark.usefixtures("strict")
def test_staff_without_a_second_factor_are_led_to_set_one_up(staff: User) -> None:
    client = browser_of(staff)

    answer = client.get("/admin/accounts/user/")

    assert where(answer) == (302, "/accounts/2fa/?staff=1")
    assert "You are staff" in client.get("/accounts/2fa/?staff=1").content.decode()
    assert client.post("/admin/logout/").status_code != 403


@pytest.mark.usefixtures("strict")
def test_staff_who_set_one_up_show_it_before_the_pages_open(staff: User) -> None:
    client = browser_of(staff)
    set_up_app(staff)

    asked = client.get("/admin/accounts/user/")
    shown = client.post(asked.headers["Location"], {"code": code_of()})

    assert where(asked) == (302, "/accounts/2fa/reauthenticate/?next=%2Fadmin%2Faccounts%2Fuser%2F")
    assert where(shown) == (302, "/admin/accounts/user/")
    assert client.get("/admin/accounts/user/").status_code == 200


@pytest.mark.usefixtures("strict")
def test_staff_who_log_in_with_it_go_straight_in_until_it_is_removed(staff: User) -> None:
    set_up_app(staff)
    client = Client()
    log_in(client, staff.email, next="/admin/")

    came = client.post(STEP, {"code": code_of()})
    before = client.get("/admin/").status_code
    Authenticator.objects.filter(user=staff).delete()

    assert (where(came), before) == ((302, "/admin/"), 200)
    assert where(client.get("/admin/")) == (302, "/accounts/2fa/?staff=1")


@pytest.mark.usefixtures("strict")
def test_organisers_need_none() -> None:
    assert browser_of(make_user()).get("/organise/").status_code == 200


def test_production_and_base_demand_it_and_tests_do_not() -> None:
    from tito.settings import base, test

    assert (base.STAFF_SECOND_FACTOR, test.STAFF_SECOND_FACTOR) == (True, False)


def test_staffs_own_log_in_is_everybodys() -> None:
    stranger, member, staff = Client(), browser_of(make_user()), browser_of(make_user(is_staff=True))
    path = "/admin/login/?next=/admin/flags/"

    assert where(stranger.get(path)) == (302, "/login/?next=%2Fadmin%2Fflags%2F")
    assert member.get(path).status_code == 403
    assert where(staff.get(path)) == (302, "/admin/flags/")
    assert where(staff.get("/admin/login/?next=//elsewhere.test/admin/")) == (302, "/admin/")
    assert stranger.post(path, {"username": "x", "password": "y"}).status_code == 302
