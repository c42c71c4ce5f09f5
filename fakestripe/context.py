"""What every part of one running fake shares."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fakestripe.clock import Clock
from fakestripe.faults import Faults
from fakestripe.store import Store


@dataclass(frozen=True)
class Identity:
    """Whose account this is, by Stripe's id and by name, and whether it has been let charge by now."""

    id: str = "acct_1FakeStripe"
    name: str = "Fake Stripe"
    may_charge: bool = True


@dataclass
class Context:
    """One fake Stripe account: memory, clock, trouble, API key (None: any `sk_test_…`) and address."""

    store: Store
    key: str | None
    base_url: str = ""
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    identity: Identity = Identity()


def is_loopback(url: str) -> bool:
    """Whether an http address is on this machine."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and parts.port != 0 and is_loopback_host(parts.hostname or "")
    except ValueError:
        return False


def is_loopback_host(host: str) -> bool:
    """Whether a host name or IPv4 address is this machine's own."""
    octets = host.split(".")
    numeric = len(octets) == 4 and all(octet.isdecimal() and int(octet) < 256 for octet in octets)
    return host == "localhost" or (numeric and octets[0] == "127")
