"""Production: refuses to start with anything that is only safe on a desk."""

from django.core.exceptions import ImproperlyConfigured

from checkout import wallet_signing
from kit import secrets
from tito.settings.base import *  # noqa: F403  -- settings modules extend each other this way in Django
from tito.settings.base import ALLOWED_HOSTS, ENCRYPTION_KEYS, SECRET_KEY, SITE_URL, WALLET
from tito.settings.environment import env

REQUIRED = (
    "SECRET_KEY", "ENCRYPTION_KEYS", "DATABASE_URL", "REDIS_URL", "SITE_URL", "EMAIL_URL", "EMAIL_FROM",
    "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET",
)  # fmt: skip


def unsafe() -> list[str]:
    """Each fault in the environment, in words for the person who will mend it."""
    faults = [f"{name} is not set." for name in REQUIRED if not env(name)]
    if len(SECRET_KEY) < 50 or "development" in SECRET_KEY:
        faults.append("SECRET_KEY must be at least 50 characters, made at random.")
    if secrets.key_from(SECRET_KEY) in ENCRYPTION_KEYS:
        faults.append("ENCRYPTION_KEYS must be made at random, and not follow from SECRET_KEY.")
    if not SITE_URL.startswith("https://"):
        faults.append("SITE_URL must start with https://.")
    if "*" in ALLOWED_HOSTS:
        faults.append("ALLOWED_HOSTS must name the hosts; '*' is not safe.")
    if env("STRIPE_API_BASE"):
        faults.append("STRIPE_API_BASE is for the fake Stripe of development and tests.")
    if env("EMAIL_URL").split(":")[0] in {"consolemail", "filemail", "memorymail", "dummymail"}:
        faults.append("EMAIL_URL must name a mail server; with this one no buyer gets a ticket.")
    return [*faults, *secrets.faults(ENCRYPTION_KEYS), *wallet_signing.faults(WALLET)]


if faults := unsafe():
    raise ImproperlyConfigured("Tito does not start with unsafe settings:\n- " + "\n- ".join(faults))

SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
if env("TRUST_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
