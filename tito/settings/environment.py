"""Every environment variable that Tito reads, with its type and default.

One table, so that `docs/operators/environment.md` can be held against it by a test. A value may
also come from a file: NAME_FILE=/run/secrets/name.
"""

from typing import Any, Final

import environ

VARIABLES: Final[dict[str, tuple[Any, Any]]] = {
    "SECRET_KEY": (str, ""),
    "ENCRYPTION_KEYS": (list, []),
    "DATABASE_URL": (str, ""),
    "BROWSE_DATABASE_URL": (str, ""),
    "STATEMENT_TIMEOUT_MS": (int, 0),
    "REDIS_URL": (str, ""),
    "SITE_URL": (str, ""),
    "ALLOWED_HOSTS": (list, []),
    "EMAIL_URL": (str, ""),
    "EMAIL_FROM": (str, ""),
    "EMAIL_DKIM_SELECTOR": (str, ""),
    "STRIPE_SECRET_KEY": (str, ""),
    "STRIPE_WEBHOOK_SECRET": (str, ""),
    "STRIPE_API_BASE": (str, ""),
    "WALLET_PASS_TYPE_ID": (str, ""),
    "WALLET_TEAM_ID": (str, ""),
    "WALLET_CERTIFICATE": (str, ""),
    "WALLET_KEY": (str, ""),
    "WALLET_INTERMEDIATE": (str, ""),
    "WEB_WORKERS": (int, 0),
    "WEB_THREADS": (int, 8),
    "LOG_LEVEL": (str, "INFO"),
    "TRUST_PROXY": (bool, False),
}

env = environ.FileAwareEnv(**VARIABLES)
