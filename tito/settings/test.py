"""Tests: the same real servers as everywhere, cheap passwords, mail kept in memory."""

from kit import secrets
from tito.settings.base import *  # noqa: F403  -- settings modules extend each other this way in Django
from tito.settings.base import INSTALLED_APPS, MIDDLEWARE, STORAGES, database
from tito.settings.environment import env

SECRET_KEY = "tests-only"  # noqa: S105  -- not a secret
ENCRYPTION_KEYS = [secrets.key_from(SECRET_KEY)]
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STAFF_SECOND_FACTOR = False  # its own tests turn it on
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# One connection, so that a test's transaction is seen by what browses, too.
DATABASE_ROUTERS = []
# No pool: races open a connection a thread and the runner must be able to drop the database.
DATABASES = {"default": database(env("DATABASE_URL") or "postgres://tito@127.0.0.1/tito", pool_size=0)}
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# Static files straight from where they are written: nothing is collected for tests.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
# A request that asks for each of many rows in turn fails its test; tests/conftest.py does the same for commands.
INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]
ZEAL_RAISE = True
ZEAL_ALLOWLIST = [
    {"model": "accounts.User", "field": "get()"},  # who is signed in, and whose page it is: two, however many there are
    # allauth, of the one who is signed in or confirms an address: each of their addresses, sessions and factors.
    {"model": "account.EmailAddress", "field": "get()"},
    {"model": "account.EmailAddress", "field": "user"},
    {"model": "mfa.Authenticator", "field": "user"},
    {"model": "sessions.Session", "field": "get()"},  # logging out: it is read, and read again to be deleted
    # Django reads each row that a formset was sent for, and each changed one's stock is written: fifty at most.
    {"model": "events.Quota", "field": "get()"},
    {"model": "events.Stock", "field": "get()"},
    {"model": "flags.Grant", "field": "get()"},  # granting to many: each is an act of its own, signed by itself
    {"model": "flags.Flag", "field": "get()"},  # each act locks the flag it is about: staff do a few at once
]
