"""Keeps out of the log what is somebody's authority.

The addresses of orders, tickets, secret links, codes, leaving a list, confirming an e-mail address, setting a password,
an invitation; and keys of payment accounts, wherever a line says one.
"""

import re
from typing import Any, Final

SECRET: Final = re.compile(
    r"(/orders|/tickets|/webhooks/stripe|/secret|/code|/waiting-list|/confirm-email|/reset/key|/invitations)/[^/'\"\s?]+"
)
KEY: Final = re.compile(r"\b((?:sk|rk|pk)_(?:live|test)_|whsec_)[A-Za-z0-9_+/=-]+")
SAYS: Final = ("event", "path", "request", "key", "fault")


def hide_secrets(_logger: Any, _name: str, said: Any) -> Any:
    """A structlog processor: `/orders/PnP17f…/details/` becomes `/orders/…/details/`, wherever a line says it."""
    for name in SAYS:
        if name in said:
            said[name] = SECRET.sub(r"\1/…", str(said[name]))
    for name, value in said.items():
        if isinstance(value, str) and "_" in value:
            said[name] = KEY.sub(r"\1…", value)
    return said
