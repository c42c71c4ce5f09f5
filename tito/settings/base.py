"""What is the same wherever Tito runs. Values that differ come from `environment.py`."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from csp.constants import NONE, SELF
from redis.backoff import NoBackoff
from redis.retry import Retry

from kit.cache import BUILDERS
from kit.patient_connection import patient
from kit.private_logs import hide_secrets
from tito.settings.accounts import *  # noqa: F403  -- settings modules extend each other this way in Django
from tito.settings.environment import VARIABLES, env

ROOT = Path(__file__).resolve().parents[2]

SECRET_KEY = env("SECRET_KEY")
# What seals the keys of organisers' payment accounts (kit/secrets.py): the first seals, all open.
ENCRYPTION_KEYS = [key.strip() for key in env("ENCRYPTION_KEYS")]
SITE_URL = (env("SITE_URL") or "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = [*env("ALLOWED_HOSTS"), urlsplit(SITE_URL).hostname or "localhost"]
DEBUG = False

INSTALLED_APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "kit",
    "flags",
    "accounts",
    "events",
    "checkout",
    "organise",
    "surge",
    "waffle",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

# Sessions, log-in, messages and CSRF tokens exist for staff and organisers only: on every other path these
# middlewares stand aside, so no public page can set a cookie or vary on one.
MIDDLEWARE = [
    "kit.request_log.RequestLogMiddleware",
    "kit.plain_requests.utf8_middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kit.content_security.ContentSecurityMiddleware",
    "kit.staff_paths.SessionMiddleware",
    "kit.staff_paths.CsrfViewMiddleware",
    "kit.staff_paths.AuthenticationMiddleware",
    "kit.staff_paths.MessageMiddleware",
    "accounts.middleware.AllauthMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "kit.faults.BusyMiddleware",
    "flags.regions.tally_middleware",
    "surge.page_costs.middleware",
]
STAFF_PATHS = ("/admin/", "/organise/", "/accounts/", "/signup/", "/login/", "/logout/")

ROOT_URLCONF = "tito.urls"
WSGI_APPLICATION = "tito.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                ),
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["kit.templatetags.kit"],
        },
    },
]


def database(url: str, *, pool_size: int, statement_ms: int = 0, **session: str) -> dict[str, Any]:
    """Django's settings for one Postgres. `pool_size` connections are shared by a process's threads; a statement, or a
    wait for a lock, may take `statement_ms`. `session` are further settings of Postgres' own."""
    settings: dict[str, Any] = env.db_url_config(url)
    # Statements are bound and prepared by the server, so the few that run on every order are
    # planned once per connection and not once per request.
    settings["OPTIONS"] = {
        "connect_timeout": 2,
        **settings.get("OPTIONS", {}),
        "server_side_binding": True,
        "prepare_threshold": 2,
    }
    limits = {"statement_timeout": str(statement_ms), "lock_timeout": str(statement_ms)} if statement_ms else {}
    if given := {**limits, **session}:
        own = settings["OPTIONS"].get("options", "")
        settings["OPTIONS"]["options"] = " ".join(
            [own, *(f"-c {name}={value}" for name, value in given.items())]
        ).strip()
    if pool_size:
        # A pool that cannot connect tries again later and later. After two seconds it gives up and begins anew with the
        # next visitor: when Postgres is back, so is the site.
        settings["OPTIONS"]["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 1, "reconnect_timeout": 2}
        settings["CONN_HEALTH_CHECKS"] = True  # a look at the socket: kit/patient_connection.py
        if statement_ms:  # a little longer than Postgres itself waits
            settings["OPTIONS"]["pool"]["connection_class"] = patient(statement_ms / 1000 + 0.5)
    return settings


_DATABASE_URL = env("DATABASE_URL") or "postgres://tito@127.0.0.1/tito"
# Buying and browsing have a pool each (kit/bulkheads.py). A page's statement may take half a second, a buyer's three
# (tito/gunicorn.conf.py), the worker's thirty (manage.py); other commands take what they need.
DATABASES = {
    "default": database(_DATABASE_URL, pool_size=env("WEB_THREADS"), statement_ms=env("STATEMENT_TIMEOUT_MS")),
    "browse": database(
        env("BROWSE_DATABASE_URL") or _DATABASE_URL,
        pool_size=BUILDERS,
        statement_ms=500,
        default_transaction_read_only="on",
    ),
}
DATABASE_ROUTERS = ["kit.bulkheads.BrowseRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": env("REDIS_URL") or "redis://127.0.0.1:6379/0",
        "KEY_PREFIX": "tito",
        "OPTIONS": {
            "CONNECTION_POOL_CLASS": "redis.connection.BlockingConnectionPool",
            # No retries: by default redis-py goes on trying for many seconds, and a visitor would wait for them all.
            "CONNECTION_POOL_KWARGS": {
                "max_connections": env("WEB_THREADS"),
                "timeout": 0.2,
                "retry": Retry(NoBackoff(), 0),
            },
            "SOCKET_CONNECT_TIMEOUT": 0.2,
            "SOCKET_TIMEOUT": 0.2,
        },
    },
}

# How long an event's facts count as fresh. kit/hot_answers.py may show a page made of them for half a second more.
EVENT_FACTS_SECONDS = 1.0
# A page may list a thousand ticket types, and its form sends a field for each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2500

WAFFLE_FLAG_MODEL = "flags.Flag"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "staticfiles"
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "kit.static_files.StaticFilesStorage"},
}

EMAIL = env.email_url_config(env("EMAIL_URL") or "consolemail://")
EMAIL_BACKEND = EMAIL["EMAIL_BACKEND"]
EMAIL_HOST = EMAIL.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = EMAIL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = EMAIL.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = EMAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = f"/{str(EMAIL.get('EMAIL_FILE_PATH') or '').lstrip('/')}"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("EMAIL_FROM") or f"tickets@{urlsplit(SITE_URL).hostname}"

EMAIL_DKIM_SELECTOR = env("EMAIL_DKIM_SELECTOR")

STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRET = env("STRIPE_WEBHOOK_SECRET")
STRIPE_API_BASE = env("STRIPE_API_BASE")

# Who signs passes for Apple Wallet; all empty where there are none (checkout/wallet_signing.py).
WALLET = {name: env(name) for name in VARIABLES if name.startswith("WALLET_")}

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # A form's answer may redirect to the payment page, and browsers check that against this list.
        "form-action": [SELF, STRIPE_API_BASE or "https://checkout.stripe.com"],
    },
}

SHOW_DEVELOPMENT_MAIL = False

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
            ],
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                hide_secrets,
                structlog.processors.JSONRenderer(),
            ],
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL")},
    "loggers": {"django.server": {"level": "WARNING"}, "stripe": {"level": "WARNING"}},
}
