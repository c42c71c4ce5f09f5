"""The settings: what production refuses to start with, that each starts, and that their table is true."""

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured
from environ import FileAwareEnv
from environ.fileaware_mapping import FileAwareMapping

from kit.secrets import key_from
from tests.checkout.wallets import wallet_settings
from tito.settings.environment import VARIABLES

ROOT = Path(__file__).resolve().parents[1]
SAFE = {
    "SECRET_KEY": "k3-" + "Zq8vN1xW4r" * 6,
    "ENCRYPTION_KEYS": "3v1Q0mG0Jt1s8n0yqv0d3nq0g7bYcJ1e5zQ4m1kX9hI=",
    "DATABASE_URL": "postgres://tito:secret@db.example:5432/tito",
    "REDIS_URL": "redis://cache.example:6379/0",
    "SITE_URL": "https://tickets.example.org",
    "EMAIL_URL": "smtp+tls://user:secret@mail.example:587",
    "EMAIL_FROM": "tickets@example.org",
    "STRIPE_SECRET_KEY": "sk_live_x",
    "STRIPE_WEBHOOK_SECRET": "whsec_x",
}

Load = Callable[..., ModuleType]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """`load("production", SECRET_KEY=…)` imports settings anew, with these variables and no others."""
    before = {name: module for name, module in sys.modules.items() if name.startswith("tito.settings.")}

    def load(name: str, **variables: str) -> ModuleType:
        for variable in VARIABLES:
            monkeypatch.delenv(variable, raising=False)
            monkeypatch.delenv(f"{variable}_FILE", raising=False)
        for variable, value in variables.items():
            monkeypatch.setenv(variable, value)
        monkeypatch.setattr(FileAwareEnv, "ENVIRON", FileAwareMapping())  # it remembers what it read from files
        for module in ("base", name):
            sys.modules.pop(f"tito.settings.{module}", None)
        return importlib.import_module(f"tito.settings.{name}")

    yield load
    for name in [name for name in sys.modules if name.startswith("tito.settings.")]:
        del sys.modules[name]
    sys.modules.update(before)


def refusal(load: Load, **changed: str) -> list[str]:
    """What production says against this environment, line by line."""
    with pytest.raises(ImproperlyConfigured) as refused:
        load("production", **{name: value for name, value in {**SAFE, **changed}.items() if value})
    first, *lines = str(refused.value).splitlines()
    assert first == "Tito does not start with unsafe settings:"
    return lines


def test_production_starts_with_what_is_safe(load: Load) -> None:
    settings = load("production", **SAFE)

    assert settings.DEBUG is False
    assert settings.ALLOWED_HOSTS == ["tickets.example.org"]
    assert (settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS) == (True, 31_536_000)
    assert (settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE) == (True, True)
    assert settings.SHOW_DEVELOPMENT_MAIL is False
    assert (settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS) == ("mail.example", 587, True)
    assert not hasattr(settings, "SECURE_PROXY_SSL_HEADER")
    assert "https://checkout.stripe.com" in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"]


@pytest.mark.parametrize("name", SAFE)
def test_production_refuses_to_start_without(load: Load, name: str) -> None:
    assert f"- {name} is not set." in refusal(load, **{name: ""})


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"SECRET_KEY": "short"}, "- SECRET_KEY must be at least 50 characters, made at random."),
        (
            {"SECRET_KEY": "development-only-and-refused-in-production-however-long-it-is"},
            "- SECRET_KEY must be at least 50 characters, made at random.",
        ),
        (
            {"ENCRYPTION_KEYS": "short"},
            "- ENCRYPTION_KEYS: number 1 is no key; one is 32 random bytes in URL-safe base64.",
        ),
        (
            {"ENCRYPTION_KEYS": key_from(SAFE["SECRET_KEY"])},
            "- ENCRYPTION_KEYS must be made at random, and not follow from SECRET_KEY.",
        ),
        ({"SITE_URL": "http://tickets.example.org"}, "- SITE_URL must start with https://."),
        ({"ALLOWED_HOSTS": "a.example,*"}, "- ALLOWED_HOSTS must name the hosts; '*' is not safe."),
        (
            {"STRIPE_API_BASE": "http://127.0.0.1:12111"},
            "- STRIPE_API_BASE is for the fake Stripe of development and tests.",
        ),
        *(
            (
                {"EMAIL_URL": f"{scheme}://x"},
                "- EMAIL_URL must name a mail server; with this one no buyer gets a ticket.",
            )
            for scheme in ("consolemail", "filemail", "memorymail", "dummymail")
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_production_refuses_what_is_only_safe_on_a_desk(load: Load, changed: dict[str, str], line: str) -> None:
    assert refusal(load, **changed) == [line]


def test_production_refuses_wallet_passes_that_nobody_can_sign(load: Load) -> None:
    whole = wallet_settings()

    half = refusal(load, **whole | {"WALLET_KEY": ""})
    unreadable = refusal(load, **whole | {"WALLET_CERTIFICATE": "nonsense"})

    assert [line.partition(":")[0] for line in half] == ["- WALLET_KEY is not set"]
    assert unreadable == ["- WALLET_CERTIFICATE cannot be read: it must be one certificate as PEM text."]


def test_production_takes_who_signs_wallet_passes_from_files(load: Load, tmp_path: Path) -> None:
    whole = wallet_settings()
    for name, text in whole.items():
        (tmp_path / name).write_text(text)

    settings = load("production", **SAFE, **{f"{name}_FILE": str(tmp_path / name) for name in whole})

    assert whole == settings.WALLET


def test_production_names_every_fault_at_once(load: Load) -> None:
    lines = refusal(load, **dict.fromkeys(SAFE, ""))

    assert [line for line in lines if line.endswith("is not set.")] == [f"- {name} is not set." for name in SAFE]
    assert len(lines) == len(SAFE) + 2


def test_production_takes_a_secret_from_a_file(load: Load, tmp_path: Path) -> None:
    file = tmp_path / "secret_key"
    file.write_text(SAFE["SECRET_KEY"])
    variables = {**SAFE, "SECRET_KEY_FILE": str(file)}
    del variables["SECRET_KEY"]

    settings = load("production", **variables)

    assert file.read_text() == settings.SECRET_KEY


def test_production_believes_a_proxy_only_when_told(load: Load) -> None:
    settings = load("production", **SAFE, TRUST_PROXY="true")

    assert settings.SECURE_PROXY_SSL_HEADER == ("HTTP_X_FORWARDED_PROTO", "https")


def test_production_answers_to_further_hosts(load: Load) -> None:
    settings = load("production", **SAFE, ALLOWED_HOSTS="a.example,b.example")

    assert settings.ALLOWED_HOSTS == ["a.example", "b.example", "tickets.example.org"]


def test_development_starts_with_nothing_set(load: Load) -> None:
    settings = load("development")

    assert settings.SECRET_KEY == "development-only-and-refused-in-production"
    assert settings.SITE_URL == "http://127.0.0.1:8000"
    assert set(settings.ALLOWED_HOSTS) == {"127.0.0.1", "localhost", "[::1]"}
    assert settings.EMAIL_BACKEND == "django.core.mail.backends.console.EmailBackend"
    assert settings.SHOW_DEVELOPMENT_MAIL is False


def test_development_shows_the_mail_that_goes_to_files(load: Load) -> None:
    settings = load("development", EMAIL_URL="filemail:///somewhere/mail")

    assert (settings.SHOW_DEVELOPMENT_MAIL, settings.EMAIL_FILE_PATH) == (True, "/somewhere/mail")


def test_tests_start_with_nothing_set(load: Load) -> None:
    settings = load("test")

    assert settings.EMAIL_BACKEND == "django.core.mail.backends.locmem.EmailBackend"
    assert "pool" not in settings.DATABASES["default"]["OPTIONS"]


def test_threads_decide_how_many_connections_a_process_keeps(load: Load) -> None:
    settings = load("production", **SAFE, WEB_THREADS="3")

    assert settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"] == 3
    assert settings.CACHES["default"]["OPTIONS"]["CONNECTION_POOL_KWARGS"]["max_connections"] == 3


@pytest.mark.parametrize(
    ("name", "variables", "warned"),
    [
        # CSRF protection is our own subclass of Django's (W003), and subdomains are not ours to bind (W005, W021).
        ("production", SAFE, {"security.W003", "security.W005", "security.W021"}),
        ("development", {}, set()),
        ("test", {}, set()),
    ],
    ids=["production", "development", "test"],
)
def test_django_finds_nothing_wrong(name: str, variables: dict[str, str], warned: set[str]) -> None:
    command = [sys.executable, "manage.py", "check", *(["--deploy"] if name == "production" else [])]
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": f"tito.settings.{name}", **variables}

    checked = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  -- our own

    assert checked.returncode == 0, checked.stderr
    assert set(re.findall(r"\((\w+\.[WE]\d+)\)", checked.stderr)) == warned


def test_table_of_variables_is_that_of_the_settings() -> None:
    text = (ROOT / "docs" / "operators" / "environment.md").read_text()
    head, _, *rows = [line for line in text.splitlines() if line.startswith("|")]

    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]

    assert [cell.strip() for cell in head.strip("|").split("|")] == ["Name", "Meaning", "Default", "Who needs it"]
    assert [row[0] for row in cells] == [f"`{name}`" for name in VARIABLES]
    assert {len(row) for row in cells} == {4}
    assert all(all(row) for row in cells)
    assert [row[2].split(":")[0] for row in cells] == [_default_text(value) for _, value in VARIABLES.values()]


def _default_text(value: object) -> str:
    """A default as the table writes it."""
    if value in ("", []):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
