"""`make run` on one machine: embedded servers, mail to files, the fake Stripe."""

from kit import secrets
from tito.settings.base import *  # noqa: F403  -- settings modules extend each other this way in Django
from tito.settings.base import ALLOWED_HOSTS, ENCRYPTION_KEYS, SECRET_KEY
from tito.settings.environment import env

SECRET_KEY = SECRET_KEY or "development-only-and-refused-in-production"
ENCRYPTION_KEYS = ENCRYPTION_KEYS or [secrets.key_from(SECRET_KEY)]
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "localhost", "127.0.0.1", "[::1]"]
SHOW_DEVELOPMENT_MAIL = env("EMAIL_URL").startswith("filemail:")
# The demo's staff have a password only, and browsers do passkeys over plain http on http://localhost alone.
STAFF_SECOND_FACTOR = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
