"""The environment that the site, its worker and its commands run in under `make run`.

What the person has set is kept; the rest points at what runs here.
"""

import os
from pathlib import Path
from urllib.parse import quote

from embedded import ports, private
from embedded.servers import Addresses, given


def for_site(*, port: int, addresses: Addresses, local: Path) -> dict[str, str]:
    """Every variable for the site on `port`, whose secrets and mail are kept in the folder `local`."""
    own = {
        "SITE_URL": f"http://{ports.HOST}:{port}",
        "SECRET_KEY": private.secret(local / "secret_key"),
        "EMAIL_URL": f"filemail://{quote(str(local / 'mail'))}",
        **(_fake_stripe(local) if uses_fake_stripe() else {}),
        **({} if given("DATABASE_URL") else {"BROWSE_DATABASE_URL": _for_browsing(addresses.database_url, local)}),
    }
    return {
        **os.environ,
        **{name: value for name, value in own.items() if not given(name)},
        **addresses.environment(),
        "DJANGO_SETTINGS_MODULE": "tito.settings.development",
        "PYTHONUNBUFFERED": "1",  # logs are read while they are written
    }


def _for_browsing(database_url: str, local: Path) -> str:
    """Our own Postgres under the role of the public pages, which `manage.py make_browse_role` makes of this."""
    _, _, server = database_url.rpartition("@")
    return f"postgres://tito_browse:{private.secret(local / 'browse_password')}@{server}"


def uses_fake_stripe() -> bool:
    """Whether payments go to the fake Stripe, as they do unless told where else."""
    return not (given("STRIPE_SECRET_KEY") or given("STRIPE_API_BASE"))


def shows_mail() -> bool:
    """Whether mail goes to files that a page of the site shows."""
    return not given("EMAIL_URL")


def fake_stripe_arguments(*, port: int, local: Path, remembers: bool = True) -> list[str]:
    """What follows `python` to start the fake Stripe that tells the site on `port` of payments.

    One that `remembers` writes all it knows into a file at each change, which a crowd of payers would wait for.
    """
    where = _fake_stripe(local)
    return [
        "-m", "fakestripe",
        "--port", where["STRIPE_API_BASE"].rpartition(":")[2],
        "--webhook-url", f"http://{ports.HOST}:{port}/webhooks/stripe/",
        "--webhook-secret", given("STRIPE_WEBHOOK_SECRET") or where["STRIPE_WEBHOOK_SECRET"],
        *(["--state", str(local / "fakestripe")] if remembers else []),
    ]  # fmt: skip


def _fake_stripe(local: Path) -> dict[str, str]:
    return {
        "STRIPE_SECRET_KEY": f"sk_test_{private.secret(local / 'stripe_secret_key')}",
        "STRIPE_WEBHOOK_SECRET": f"whsec_{private.secret(local / 'stripe_webhook_secret')}",
        "STRIPE_API_BASE": f"http://{ports.HOST}:{ports.remembered(local / 'fakestripe.port')}",
    }
