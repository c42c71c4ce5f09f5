"""Keeps out of the log what is somebody's authority: the addresses of orders, tickets, secret links, leaving a list,
confirming an e-mail address, setting a password, an invitation."""

import re
from typing import Any, Final

SECRET: Final = re.compile(
    r"(/orders|/tickets|/secret|/waiting-list|/confirm-email|/reset/key|/invitations)/[^/'\"\s?]+"
)
SAYS: Final = ("event", "path", "request", "key", "fault")


def hide_secrets(_logger: Any, _name: str, said: Any) -> Any:
    """A structlog processor: `/orders/PnP17f…/details/` becomes `/orders/…/details/`, wherever a line says it."""
    for name in SAYS:
        if name in said:
            said[name] = SECRET.sub(r"\1/…", str(said[name]))
    return said
